#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

constexpr std::int64_t max_id = std::numeric_limits<std::int64_t>::max();

Asked<store::CampaignFilter> filter_from(const Call& call) {
  store::CampaignFilter filter;
  filter.account = call.account;
  filter.label = call.request.query_value("label").value_or("");
  if (const auto word = call.request.query_value("state")) {
    filter.state = state_named(*word);
    if (!filter.state) return invalid(fmt::format("\"{}\" is no state of a campaign", *word));
  }
  auto limit = query_number(call.request, "limit", 1, 500, 50);
  if (!limit) return std::unexpected(std::move(limit.error()));
  filter.limit = static_cast<std::uint32_t>(*limit);
  auto before = query_number(call.request, "cursor", 1, max_id, max_id);
  if (!before) return std::unexpected(std::move(before.error()));
  if (*before != max_id) filter.before = CampaignId{*before};
  auto series = query_number(call.request, "series", 1, max_id, 0);
  if (!series) return std::unexpected(std::move(series.error()));
  filter.series = CampaignId{*series};
  return filter;
}

// A list may read the journals of this many recipients, about 50 ms of work. Campaigns beyond that are
// listed without counts: ask for them by their id.
constexpr std::uint32_t most_recipients_read = 2'000'000;

// The counts of one campaign in a list: live ones cost nothing, a stopped one has its receipt, any
// other is read from its journal while `budget` lasts. Null: not planned, or not read.
json::value listed_counts(const Call& call, const Campaign& campaign, std::uint32_t& budget) {
  if (call.services.engine != nullptr)
    if (const auto live = call.services.engine->live(campaign.id)) return counts_json(live->tally, true);
  if (campaign.state == State::stopped)
    if (const auto id = call.worker.control->stop_of(campaign.id); id && *id)
      if (const auto record = call.worker.control->stop(call.account, **id))
        for (const Receipt& r : record->receipts)
          if (r.campaign == campaign.id && r.planned) return counts_json(r.tally, true);
  if (campaign.state == State::scheduled || campaign.state == State::missed || campaign.definition.recurrence)
    return nullptr;
  const auto run = call.worker.journal->run_of(campaign.id);
  if (!run || !*run || (*run)->audience > budget) return nullptr;
  budget -= (*run)->audience;
  const auto numbers = numbers_of(call.services, call.worker, campaign);
  return numbers ? json::value(counts_json(numbers->tally, true)) : json::value(nullptr);
}

constexpr std::uint32_t most_runs_shown = 10;

// The newest runs of a series, without their counts.
store::Result<json::array> runs_json(const Call& call, CampaignId series) {
  store::CampaignFilter filter;
  filter.account = call.account;
  filter.series = series;
  filter.limit = most_runs_shown;
  TRY_ASSIGN(const auto runs, call.worker.control->campaigns(filter));
  json::array out;
  for (const Campaign& run : runs)
    out.push_back(json::object{{"id", run.id.value},
                               {"occurrence", run.occurrence},
                               {"due", iso_time(run.due)},
                               {"state", name_of(run.state)}});
  return out;
}

}  // namespace

CampaignNames names_for(const Call& call) {
  CampaignNames names{account_keys(call), {}};
  if (const auto providers = call.worker.control->providers(call.account))
    for (const store::Provider& p : *providers) names.providers.emplace(p.id, p.nick_name);
  return names;
}

void list_campaigns(Call call, Answer answer) {
  ASK(const store::CampaignFilter filter, filter_from(call), answer);
  const auto found = call.worker.control->campaigns(filter);
  if (!found) return answer.send(refused(found.error()).error());
  const CampaignNames names = names_for(call);
  json::array campaigns;
  std::uint32_t budget = most_recipients_read;
  for (const Campaign& c : *found) {
    json::object each = campaign_json(c, names, call.services.clock.wall());
    each["counts"] = listed_counts(call, c, budget);
    campaigns.push_back(std::move(each));
  }
  json::object body{{"campaigns", std::move(campaigns)}, {"next", nullptr}};
  if (found->size() == filter.limit) body["next"] = fmt::format("{}", found->back().id);
  answer.send(ok(body));
}

void show_campaign(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto numbers = numbers_of(call.services, call.worker, campaign);
  const bool too_many =
      !numbers && campaign.definition.recurrence && numbers.error().code == store::Code::conflict;
  if (!numbers && !too_many) return answer.send(refused(numbers.error()).error());
  const auto stop = call.worker.control->stop_of(campaign.id);
  if (!stop) return answer.send(refused(stop.error()).error());
  json::object body = campaign_json(campaign, names_for(call), call.services.clock.wall());
  add_numbers(body, numbers ? *numbers : CampaignNumbers{});
  if (campaign.definition.recurrence) {
    auto runs = runs_json(call, campaign.id);
    if (!runs) return answer.send(refused(runs.error()).error());
    body["runs"] = std::move(*runs);
  }
  body["stop"] = *stop ? json::value(fmt::format("stop-{}", **stop)) : json::value(nullptr);
  answer.send(ok(body));
}

}  // namespace belay::api
