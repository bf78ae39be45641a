// POST /api/v1/stops/preview: what a stop of a scope would do this instant, without the brake's thread: a
// question that is asked often must never stand before a stop.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/row_numbers.h"
#include "api/native/scope_request.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

constexpr std::uint32_t most_begun = 5000;  // campaigns that are looked at one by one
constexpr std::uint32_t most_counted = 1'000'000;
constexpr std::size_t most_shown = 100;

struct Foreseen {
  Tally tally;  // sums, over those that have an audience
  std::uint32_t running = 0, paused = 0, planning = 0, scheduled = 0;
  json::array campaigns;
  bool more = false;

  std::uint32_t all() const { return running + paused + planning + scheduled; }
};

std::string grouped(std::uint64_t n) {
  std::string digits = fmt::format("{}", n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string in_words(const Foreseen& f) {
  if (f.all() == 0) return "Nothing of it is scheduled or running.";
  std::string text;
  if (f.running + f.paused > 0)
    text = fmt::format("{} are out, {} would be withheld, at most {} on the wire.",
                       grouped(f.tally.handed_over), grouped(f.tally.withheld), grouped(f.tally.in_flight));
  const std::uint32_t before = f.planning + f.scheduled;
  if (before > 0)
    text += fmt::format("{}{} {} not begun and would not begin.", text.empty() ? "" : " ", grouped(before),
                        before == 1 ? "campaign has" : "campaigns have");
  return text;
}

void add(Foreseen& f, const Call& call, NumbersReader& reader, const store::ListedCampaign& row) {
  const Campaign& c = row.campaign;
  (c.state == State::running    ? f.running
   : c.state == State::paused   ? f.paused
   : c.state == State::planning ? f.planning
                                : f.scheduled) += 1;
  std::optional<Tally> tally;
  const auto live = call.services.engine ? call.services.engine->if_stopped(c.id) : std::nullopt;
  if (live) {
    tally = live->tally;
  } else if (const auto numbers = reader.of(row)) {
    tally = numbers->tally;
    tally->withheld += std::exchange(tally->pending, 0);
  }
  json::object each{
      {"campaign", c.id.value}, {"campaign_name", c.definition.name}, {"found_in", name_of(c.state)}};
  each["audience"] = tally ? json::value(tally->audience) : json::value(nullptr);
  if (tally) {
    f.tally.audience += tally->audience;
    f.tally.handed_over += tally->handed_over;
    f.tally.withheld += tally->withheld;
    f.tally.in_flight += tally->in_flight;
  }
  each["out"] = tally ? tally->handed_over : 0;
  each["would_be_withheld"] = tally ? tally->withheld : 0;
  each["on_the_wire"] = tally ? tally->in_flight : 0;
  if (f.campaigns.size() < most_shown)
    f.campaigns.push_back(std::move(each));
  else
    f.more = true;
}

// Scopes that the lists' indexes answer.
store::Result<Foreseen> foresee_many(const Call& call, const Scope& scope) {
  store::CampaignSearch s{.account = scope.account};
  if (scope.kind == Scope::Kind::label) s.label = scope.name;
  if (scope.kind == Scope::Kind::channel) s.channel = channel_named(scope.name);
  s.states = {State::planning, State::running, State::paused};
  s.limit = most_begun;
  TRY_ASSIGN(const store::CampaignPage begun, call.worker.control->search(s));
  Foreseen f;
  NumbersReader reader(call.services, call.worker);
  for (const store::ListedCampaign& row : begun.rows) add(f, call, reader, row);
  s.states = {State::scheduled};
  s.limit = 1;
  s.count_to = most_counted;
  TRY_ASSIGN(const store::CampaignPage waiting, call.worker.control->search(s));
  f.scheduled = waiting.count;
  f.more = f.more || begun.more;
  return f;
}

store::Result<Foreseen> foresee(const Call& call, const Scope& scope) {
  if (scope.kind != Scope::Kind::campaign && scope.kind != Scope::Kind::provider)
    return foresee_many(call, scope);
  TRY_ASSIGN(const auto found, call.worker.control->in_scope(scope));
  Foreseen f;
  NumbersReader reader(call.services, call.worker);
  for (const Campaign& c : found) add(f, call, reader, {c, std::nullopt, std::nullopt});
  return f;
}

}  // namespace

void preview_stop(Call call, Answer answer) {
  const AccountKeys accounts = account_keys(call);
  ASK(const json::object body, body_object(call.request, {"scope"}), answer);
  const json::value* value = body.if_contains("scope");
  if (value == nullptr) return answer.send(invalid("\"scope\" is missing: what would be stopped").error());
  ASK(const Scope scope, scope_from(*value, call, accounts), answer);
  if (scope.kind == Scope::Kind::campaign) {
    ASK(const Campaign campaign, campaign_of(call, fmt::format("{}", scope.campaign)), answer);
  }
  const auto foreseen = foresee(call, scope);
  if (!foreseen) return answer.send(native_from(foreseen.error()));
  const Foreseen& f = *foreseen;
  answer.send(ok(json::object{{"scope", scope_json(scope, accounts)},
                              {"at", iso_time(call.services.clock.wall())},
                              {"in_words", in_words(f)},
                              {"running", f.running},
                              {"paused", f.paused},
                              {"planning", f.planning},
                              {"scheduled", f.scheduled},
                              {"audience", f.tally.audience},
                              {"out", f.tally.handed_over},
                              {"would_be_withheld", f.tally.withheld},
                              {"on_the_wire", f.tally.in_flight},
                              {"campaigns", f.campaigns},
                              {"more_campaigns", f.more}}));
}

}  // namespace belay::api
