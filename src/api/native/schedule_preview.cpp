// POST /api/v1/schedule/preview: when a campaign would leave, and for whom, before it is made.
#include <map>

#include "api/clevertap/estimate.h"
#include "api/errors.h"
#include "api/native/audience_request.h"
#include "api/native/handlers.h"
#include "api/native/time_text.h"
#include "audience/planner_scan.h"
#include "audience/zone_sort.h"
#include "campaign/schedule.h"

namespace belay::api {
namespace {

constexpr std::size_t most_next_runs = 5;
// Of a larger audience this many are asked where they are, evenly spread, and stand for the others.
constexpr std::uint32_t most_asked = 200'000, asked_at_once = 500;

struct Preview {
  Schedule schedule;
  Definition definition;
  TimeZone zone;
  WallTime now{};
};

// The first run alone: the others leave in the same way.
Timing timing_of_first(const Schedule& schedule) {
  Timing timing = schedule.timing;
  if (timing.zone.empty()) timing.zone = "UTC";
  if (timing.per_person && schedule.recurrence) timing.local = local_time_of(*schedule.recurrence, 1);
  return timing;
}

json::array next_runs(const Preview& p) {
  json::array out;
  const auto run = [&](WallTime at, std::string words) {
    out.push_back(json::object{{"at", iso_time(at)}, {"in_words", std::move(words)}});
  };
  const Schedule& s = p.schedule;
  const auto theirs = [](LocalTime local) { return local_text(local) + " where each recipient is"; };
  if (!s.recurrence) {
    run(s.due, s.timing.local ? theirs(*s.timing.local) : p.zone.in_words(s.due));
    return out;
  }
  for (std::int64_t n = 1; out.size() < most_next_runs; ++n) {
    const auto each = occurrence(*s.recurrence, p.zone, n);
    if (!each) break;
    const WallTime at = std::max(each->at, s.due);
    run(at, s.recurrence->per_person ? theirs(*local_time_of(*s.recurrence, n)) : p.zone.in_words(at));
  }
  return out;
}

struct Crowd {
  TimeZone zone;
  std::uint64_t recipients;
};

json::object preview_json(const Preview& p, const std::vector<Crowd>& crowds, std::uint64_t recipients,
                          bool approximate) {
  const Timing timing = timing_of_first(p.schedule);
  const WallTime last = p.definition.ttl.until.value_or(WallTime::max());
  std::map<Reason, std::uint64_t> left_out;
  std::vector<std::pair<WallTime, json::object>> waves;
  for (const Crowd& crowd : crowds) {
    const Departure departure = departure_in(timing, crowd.zone, p.schedule.due);
    const Departure leaves = first_leave(timing, p.zone, crowd.zone, departure, last);
    if (leaves.left_out != Reason::none) {
      left_out[leaves.left_out] += crowd.recipients;
      continue;
    }
    waves.emplace_back(leaves.at, json::object{{"timezone", crowd.zone.name()},
                                               {"at", iso_time(leaves.at)},
                                               {"recipients", crowd.recipients},
                                               {"in_words", crowd.zone.in_words(leaves.at)}});
  }
  std::ranges::stable_sort(waves, {}, [](const auto& wave) { return wave.first; });
  json::array out_waves;
  for (auto& [at, wave] : waves) out_waves.push_back(std::move(wave));
  json::object reasons;
  for (const auto& [reason, n] : left_out) reasons[name_of(reason)] = n;
  return {{"recipients", recipients},      {"approximate", approximate},     {"next_runs", next_runs(p)},
          {"waves", std::move(out_waves)}, {"left_out", std::move(reasons)}, {"in_words", in_words(timing)}};
}

// Everybody, or so many of a large audience, evenly spread.
store::AudienceSet asked_of(const store::AudienceSet& all) {
  store::AudienceSet some;
  std::vector<RecipientId> ids;
  const std::uint64_t size = all.size(), parts = most_asked / asked_at_once;
  if (size <= most_asked) {
    all.range(0, all.size(), ids);
  } else {
    for (std::uint64_t part = 0; part < parts; ++part)
      all.range(static_cast<Ordinal>(part * size / parts), asked_at_once, ids);
  }
  for (const RecipientId id : ids) some.add(id);
  return some;
}

// By zones: the audience first, then where they are.
class ZonePreview {
 public:
  ZonePreview(Preview preview, AccountId account, audience::Query query, audience::ScanSpec spec)
      : preview_(std::move(preview)), account_(account), scan_(std::move(query), std::move(spec)) {}

  // The answer, once it is there.
  store::Result<std::optional<json::object>> step(store::ProfileSession& session) {
    if (!sort_) {
      TRY_ASSIGN(const bool found, scan_.step(session));
      if (!found) return std::nullopt;
      const store::AudienceSet all = scan_.take();
      recipients_ = all.size();
      store::AudienceSet some = asked_of(all);
      asked_ = some.size();
      sort_.emplace(account_, recipient_kind(preview_.definition.channel), std::move(some), preview_.zone);
      return std::nullopt;
    }
    TRY_ASSIGN(const bool sorted, sort_->step(session));
    if (!sorted) return std::nullopt;
    std::vector<Crowd> crowds;
    for (const audience::ZonePart& part : sort_->take())
      crowds.push_back({part.zone, part.people.size() * recipients_ / std::max<std::uint64_t>(asked_, 1)});
    return preview_json(preview_, crowds, recipients_, asked_ < recipients_);
  }

 private:
  Preview preview_;
  AccountId account_;
  audience::Scan scan_;
  std::optional<audience::ZoneSort> sort_;
  std::uint64_t recipients_ = 0, asked_ = 0;
};

Asked<Preview> read_preview(const Call& call, const json::object& body, TimeZone zone) {
  auto definition = whom(body);
  if (!definition) return std::unexpected(std::move(definition.error()));
  Preview p{{}, std::move(*definition), std::move(zone), call.services.clock.wall()};
  auto schedule = parse_when(body.if_contains("when"), p.zone, p.now);
  if (!schedule) return invalid(schedule.error().text);
  p.schedule = std::move(*schedule);
  if (const json::value* dnd = body.if_contains("dnd"))
    if (auto quiet = add_quiet_hours(*dnd, p.zone, p.schedule.timing); !quiet)
      return invalid(quiet.error().text);
  if (const json::value* ttl = body.if_contains("ttl")) {
    const auto read = parse_ttl(*ttl, p.zone, p.schedule.last_departure());
    if (!read) return invalid(read.error().text);
    p.definition.ttl = *read;
  }
  return p;
}

}  // namespace

void preview_schedule(Call call, Answer answer) {
  ASK(const AccountId account, account_in(call), answer);
  ASK(const json::object body,
      body_object(call.request, {"where", "segment", "exclude_segments", "target_mode", "devices",
                                 "send_to_all_devices", "provider_nick_name", "when", "dnd", "ttl"}),
      answer);
  ASK(TimeZone zone, zone_of(call, account), answer);
  ASK(Preview preview, read_preview(call, body, zone), answer);
  ASK(audience::Query query, query_in(call, body), answer);
  auto spec = audience::scan_spec(account, preview.definition, zone, preview.now);
  Worker& worker = call.worker;
  if (!preview.schedule.timing.by_zone())
    return clevertap::estimate(
        worker, std::move(query), std::move(spec),
        [answer = std::move(answer),
         preview = std::move(preview)](const store::Result<audience::Reach>& reach) mutable {
          if (!reach) return answer.send(native_from(reach.error()));
          answer.send(ok(preview_json(preview, {{preview.zone, reach->total}}, reach->total, false)));
        });
  clevertap::in_steps(worker, [&worker, answer = std::move(answer),
                               steps = ZonePreview(std::move(preview), account, std::move(query),
                                                   std::move(spec))]() mutable {
    const auto ended = steps.step(*worker.profiles);
    if (!ended) return answer.send(native_from(ended.error())), true;
    if (!*ended) return false;
    answer.send(ok(**ended));
    return true;
  });
}

}  // namespace belay::api
