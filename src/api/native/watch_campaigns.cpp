// GET /api/v1/campaigns/events?ids=…: what changes of up to a hundred campaigns, and the latches, in one
// stream. Bounded: so many streams at once; who does not read is cut off. Every event carries a sequence
// number, and one comes at least every few seconds: a reader who hears nothing knows that it is stale.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/row_numbers.h"
#include "api/native/time_text.h"
#include "api/native/watching.h"

namespace belay::api {
namespace {

constexpr Micros period = Millis{500};
constexpr int quiet_periods = 10;
constexpr std::size_t most_ids = 100;
constexpr std::size_t too_much_unsent = 256 * 1024;  // bytes: the reader is too slow

struct Shown {
  State state = State::scheduled;
  Epoch epoch{0};
  bool whole = false;  // its numbers will not change before its state does
  std::string data;
};

struct WatchMany {
  Services& services;
  Worker& worker;
  AccountId account;
  AccountKeys accounts;
  std::vector<CampaignId> ids;
  std::shared_ptr<net::HttpStream> stream;
  std::shared_ptr<void> slot;
  CallCaps::Slot place;
  std::map<CampaignId, Shown> shown;
  std::string latches;
  std::uint64_t seq = 0;
  int quiet = 0;
  std::unique_ptr<Executor::Timer> timer;
  std::string event(std::string_view kind, json::object data) {
    data["seq"] = ++seq;
    data["at"] = iso_time(services.clock.wall());
    quiet = 0;
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", kind, seq, to_text(data));
  }
};

json::object row_json(const Campaign& c, const std::optional<RowNumbers>& numbers,
                      const std::optional<StopId>& stop) {
  json::object out{{"id", c.id.value}, {"state", name_of(c.state)}, {"state_reason", c.state_reason}};
  out["settled"] = is_final(c.state) && (!numbers || numbers->settled);
  add_row_numbers(out, numbers);
  out["stop"] = stop ? json::value(fmt::format("stop-{}", *stop)) : json::value(nullptr);
  return out;
}

// Which of them may have changed: those whose state or epoch is another, and those whose numbers move.
store::Result<std::vector<CampaignId>> moving(WatchMany& w) {
  TRY_ASSIGN(const auto facts, w.worker.control->facts(w.account, w.ids));
  std::vector<CampaignId> out;
  for (const store::CampaignFacts& f : facts) {
    const auto known = w.shown.find(f.id);
    if (known == w.shown.end() || known->second.state != f.state || known->second.epoch != f.epoch ||
        !known->second.whole)
      out.push_back(f.id);
  }
  return out;
}

store::Result<json::array> changes(WatchMany& w) {
  TRY_ASSIGN(const auto ids, moving(w));
  TRY_ASSIGN(const auto rows, w.worker.control->listed(w.account, ids));
  NumbersReader reader(w.services, w.worker);
  json::array out;
  for (const store::ListedCampaign& row : rows) {
    const auto numbers = reader.of(row);
    json::object each = row_json(row.campaign, numbers, row.stop);
    Shown now{row.campaign.state, row.campaign.epoch, false, to_text(each)};
    const bool idle = row.campaign.state == State::scheduled || row.campaign.state == State::missed;
    now.whole = idle || (numbers && !numbers->live && numbers->settled);
    Shown& before = w.shown[row.campaign.id];
    if (before.data != now.data) out.push_back(std::move(each));
    before = std::move(now);
  }
  reader.keep();
  return out;
}

store::Result<std::optional<json::array>> changed_latches(WatchMany& w) {
  TRY_ASSIGN(const auto latches, w.worker.control->latches(w.account));
  json::array out;
  for (const Latch& l : latches) out.push_back(latch_json(l, w.accounts));
  std::string text = to_text(out);
  if (text == w.latches) return std::nullopt;
  w.latches = std::move(text);
  return out;
}

store::Result<std::string> look(WatchMany& w) {
  std::string events;
  TRY_ASSIGN(auto latches, changed_latches(w));
  if (latches) events += w.event("latches", {{"latches", std::move(*latches)}});
  TRY_ASSIGN(auto rows, changes(w));
  if (!rows.empty()) events += w.event("campaigns", {{"campaigns", std::move(rows)}});
  if (events.empty() && ++w.quiet >= quiet_periods) events = w.event("beat", {});
  return events;
}

void go_on(const std::shared_ptr<WatchMany>& w) {
  auto events = look(*w);
  // Letting go of the stream cuts it: the reader comes back and sees everything anew.
  if (!events || w->stream->unsent() > too_much_unsent) return;
  if (!events->empty() && !w->stream->write(std::move(*events))) return;
  if (w->worker.executor == nullptr) return w->stream->end();
  w->timer = w->worker.executor->after(period, [w] { go_on(w); });
}

Asked<std::vector<CampaignId>> ids_in(const Call& call) {
  const std::string text = call.request.query_value("ids").value_or("");
  std::vector<CampaignId> ids;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const auto id = numbered("", rest.substr(0, comma));
    if (!id) return invalid(fmt::format("\"{}\" is no campaign id", rest.substr(0, comma)));
    if (std::ranges::find(ids, CampaignId{*id}) == ids.end()) ids.push_back(CampaignId{*id});
    if (ids.size() > most_ids) return invalid(fmt::format("\"ids\" names more than {} campaigns", most_ids));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  }
  return ids;
}

}  // namespace

void watch_campaigns(Call call, Answer answer, const Watching& watching) {
  ASK(std::vector<CampaignId> ids, ids_in(call), answer);
  auto slot = ExportSlots::take(watching.all);
  auto place = watching.of_account->take(call.account, "watch", most_watching_of_account);
  if (!slot || !place) return answer.send(native_fail(503, "busy", "Too many are watching, retry later"));
  net::HttpReply head;
  head.content_type = "text/event-stream;charset=utf-8";
  head.headers.emplace_back("Cache-Control", "no-store");
  auto stream = answer.stream(std::move(head));
  if (!stream) return;
  go_on(std::make_shared<WatchMany>(WatchMany{.services = call.services,
                                              .worker = call.worker,
                                              .account = call.account,
                                              .accounts = account_keys(call),
                                              .ids = std::move(ids),
                                              .stream = std::move(stream),
                                              .slot = std::move(slot),
                                              .place = std::move(*place)}));
}

}  // namespace belay::api
