#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

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

void show_campaign(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto numbers = numbers_of(call.services, call.worker, campaign);
  const bool too_many =
      !numbers && campaign.definition.recurrence && numbers.error().code == store::Code::conflict;
  if (!numbers && !too_many) return answer.send(refused(numbers.error()).error());
  const auto stop = call.worker.control->stop_of(campaign.id);
  if (!stop) return answer.send(refused(stop.error()).error());
  json::object body = campaign_json(campaign, names_for(call), call.services.clock.wall());
  add_definition(body, campaign.definition);
  add_numbers(body, numbers ? *numbers : CampaignNumbers{});
  if (campaign.definition.recurrence) {
    auto runs = runs_json(call, campaign.id);
    if (!runs) return answer.send(refused(runs.error()).error());
    body["runs"] = std::move(*runs);
  }
  if (!campaign.definition.timing.empty() && !campaign.definition.recurrence) {
    const auto run = call.worker.journal->run_of(campaign.id);
    if (!run) return answer.send(refused(run.error()).error());
    body["waves"] = *run ? waves_json(campaign, **run) : json::array();
  }
  body["stop"] = *stop ? json::value(fmt::format("stop-{}", **stop)) : json::value(nullptr);
  answer.send(ok(body));
}

}  // namespace belay::api
