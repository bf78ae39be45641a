// GET /api/v1/campaigns/{id}/recipients: everybody in the audience with what became of them. `json` is
// paged; `jsonl` and `csv` are streamed whole, in small steps so that other calls get their turn, and
// no faster than the reader takes it.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"

namespace belay::api {
namespace {

constexpr std::uint32_t step_size = 500;           // recipients read at once
constexpr std::size_t enough_unsent = 256 * 1024;  // bytes waiting for the reader
constexpr Micros reader_pause = Millis{10};

enum class Format { json, jsonl, csv };

struct Wanted {
  Format format = Format::json;
  std::optional<Standing> outcome;
  Ordinal from = 0;
  std::uint32_t limit = 100;  // json only
  std::string identity;       // only this person's; "": everybody
};

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// Walks one run's recipients.
struct Walk {
  Worker& worker;
  Campaign campaign;
  RunReading reading;
  store::AudienceSet audience;
  Wanted wanted;
  Ordinal next = 0;
  std::optional<std::vector<Ordinal>> only{};  // where somebody was asked for by name

  bool over() const { return only ? next >= only->size() : next >= reading.account.audience(); }

  using Visit = std::function<void(Ordinal, const RunAccount::Recipient&, const store::RecipientRow&)>;
  // Visits at most `most` recipients that match, and goes on behind them.
  store::Result<void> step(std::uint32_t most, const Visit& visit);
};

store::Result<void> Walk::step(std::uint32_t most, const Visit& visit) {
  const bool ended = is_final(campaign.state);
  std::vector<std::pair<Ordinal, RunAccount::Recipient>> matching;
  std::vector<RecipientId> ids;
  for (; !over() && matching.size() < most; ++next) {
    const Ordinal n = only ? (*only)[next] : next;
    const RunAccount::Recipient r = reading.account.recipient(n, ended);
    if (wanted.outcome && r.standing != *wanted.outcome) continue;
    matching.emplace_back(n, r);
    ids.push_back(audience.at(n));
  }
  std::size_t at = 0;
  return read_recipients(*worker.profiles, campaign.account, reading.run.kind, ids,
                         [&](const store::RecipientRow& row) {
                           visit(matching[at].first, matching[at].second, row);
                           ++at;
                         });
}

json::object recipient_json(Ordinal ordinal, const RunAccount::Recipient& r, const store::RecipientRow& row,
                            RecipientKind kind) {
  json::object who{{"identity", row.identity}, {"objectId", row.object_id}};
  if (kind == RecipientKind::address) who["token"] = row.token;
  return {{"ordinal", ordinal},
          {"recipient", std::move(who)},
          {"outcome", name_of(r.standing)},
          {"reason", r.reason == Reason::none ? json::value(nullptr) : json::value(name_of(r.reason))},
          {"attempts", r.attempts}};
}

std::string recipient_csv(Ordinal ordinal, const RunAccount::Recipient& r, const store::RecipientRow& row) {
  return fmt::format("{},{},{},{},{},{},{}\r\n", ordinal, csv_cell(row.identity), csv_cell(row.object_id),
                     csv_cell(row.token), name_of(r.standing),
                     r.reason == Reason::none ? "" : name_of(r.reason), r.attempts);
}

// A streamed answer under way. Lives in the task or timer that goes on with it.
struct Export {
  Walk walk;
  std::shared_ptr<net::HttpStream> stream;
  std::shared_ptr<void> slot;
  std::unique_ptr<Executor::Timer> pause;
};

void go_on(std::shared_ptr<Export> e) {
  Executor* executor = e->walk.worker.executor;
  if (e->walk.over()) return e->stream->end();
  if (e->stream->unsent() > enough_unsent && executor != nullptr) {
    Export& self = *e;
    self.pause = executor->after(reader_pause, [e] { go_on(e); });
    return;
  }
  std::string chunk;
  const RecipientKind kind = e->walk.reading.run.kind;
  const bool csv = e->walk.wanted.format == Format::csv;
  const auto done =
      e->walk.step(step_size, [&](Ordinal n, const RunAccount::Recipient& r, const store::RecipientRow& row) {
        chunk += csv ? recipient_csv(n, r, row) : to_text(recipient_json(n, r, row, kind)) + "\n";
      });
  // An answer that breaks off must not look whole: the stream is dropped without its end.
  if (!done) return;
  if (!chunk.empty() && !e->stream->write(std::move(chunk))) return;
  if (executor == nullptr) return go_on(std::move(e));
  executor->post([e = std::move(e)]() mutable { go_on(std::move(e)); });
}

void answer_page(Walk walk, Answer answer) {
  json::array recipients;
  const RecipientKind kind = walk.reading.run.kind;
  const auto done = walk.step(walk.wanted.limit,
                              [&](Ordinal n, const RunAccount::Recipient& r, const store::RecipientRow& row) {
                                recipients.push_back(recipient_json(n, r, row, kind));
                              });
  if (!done) return answer.send(native_from(done.error()));
  json::object body{{"recipients", std::move(recipients)}, {"next", nullptr}};
  if (!walk.over()) body["next"] = fmt::format("{}", walk.next);
  answer.send(ok(body));
}

Asked<Wanted> wanted_from(const Call& call) {
  Wanted wanted;
  const std::string format = call.request.query_value("format").value_or("json");
  if (format == "jsonl")
    wanted.format = Format::jsonl;
  else if (format == "csv")
    wanted.format = Format::csv;
  else if (format != "json")
    return invalid(fmt::format("\"{}\" is no format: json, jsonl or csv", format));
  if (const auto word = call.request.query_value("outcome")) {
    wanted.outcome = standing_named(*word);
    if (!wanted.outcome)
      return invalid(fmt::format("\"{}\" is no outcome: {}", *word, fmt::join(standing_names, ", ")));
  }
  auto from = query_number(call.request, "cursor", 0, std::numeric_limits<Ordinal>::max(), 0);
  if (!from) return std::unexpected(std::move(from.error()));
  wanted.from = static_cast<Ordinal>(*from);
  auto limit = query_number(call.request, "limit", 1, 1000, 100);
  if (!limit) return std::unexpected(std::move(limit.error()));
  wanted.limit = static_cast<std::uint32_t>(*limit);
  wanted.identity = call.request.query_value("identity").value_or("");
  if (wanted.identity.size() > 1024) return invalid("\"identity\" is longer than 1024 bytes");
  return wanted;
}

net::HttpReply head_of(Format format) {
  net::HttpReply head;
  head.content_type = format == Format::csv ? "text/csv;charset=utf-8" : "application/x-ndjson;charset=utf-8";
  if (format == Format::csv) head.body = "ordinal,identity,objectId,token,outcome,reason,attempts\r\n";
  return head;
}

// The places in the audience of a person known by an identity, or by a device.
store::Result<std::vector<Ordinal>> places_of(Worker& worker, const Campaign& campaign, RecipientKind kind,
                                              const store::AudienceSet& audience, std::string_view name) {
  std::vector<Ordinal> places;
  const auto keep = [&](RecipientId id) {
    if (const auto place = audience.ordinal_of(id)) places.push_back(*place);
  };
  for (const auto by : {store::IdentityKind::identity, store::IdentityKind::object_id}) {
    TRY_ASSIGN(const auto profile, worker.profiles->find(campaign.account, {by, name}));
    if (!profile) continue;
    if (kind == RecipientKind::profile) {
      keep(RecipientId{profile->id.value});
    } else {
      TRY_ASSIGN(const auto addresses, worker.profiles->addresses_of(campaign.account, profile->id));
      for (const store::Address& a : addresses) keep(a.id);
    }
    break;
  }
  std::ranges::sort(places);
  return places;
}

void answer_nobody(Format format, Answer answer) {
  if (format == Format::json)
    return answer.send(ok(json::object{{"recipients", json::array{}}, {"next", nullptr}}));
  answer.send(head_of(format));
}

}  // namespace

void list_recipients(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots) {
  ASK(Wanted wanted, wanted_from(call), answer);
  ASK(Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  auto slot = ExportSlots::take(slots);
  if (!slot) return answer.send(native_fail(503, "busy", "Too many exports are under way, retry later"));
  auto reading = read_run(*call.worker.journal, campaign.id);
  if (!reading) return answer.send(native_from(reading.error()));
  if (!*reading) return answer_nobody(wanted.format, std::move(answer));
  auto audience = call.worker.journal->audience((*reading)->run.id);
  if (!audience) return answer.send(native_from(audience.error()));
  const Format format = wanted.format;
  Walk walk{call.worker, std::move(campaign), std::move(**reading), std::move(*audience),
            wanted,      wanted.from};
  if (!wanted.identity.empty()) {
    auto places =
        places_of(call.worker, walk.campaign, walk.reading.run.kind, walk.audience, wanted.identity);
    if (!places) return answer.send(native_from(places.error()));
    walk.only = std::move(*places);
  }
  if (format == Format::json) return answer_page(std::move(walk), std::move(answer));
  auto stream = answer.stream(head_of(format));
  go_on(std::make_shared<Export>(Export{std::move(walk), std::move(stream), std::move(slot), nullptr}));
}

}  // namespace belay::api
