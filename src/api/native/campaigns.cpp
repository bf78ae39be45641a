#include "api/clevertap/jobs.h"
#include "api/effects.h"
#include "api/errors.h"
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

// The answer, once what came of the messages is counted.
class CampaignWork final : public clevertap::Work {
 public:
  CampaignWork(json::object body, EffectsReader effects)
      : body_(std::move(body)), effects_(std::move(effects)) {}
  store::Result<bool> step(Worker& worker) override {
    auto done = effects_.step(worker);
    if (!done) failed_ = native_from(done.error());
    return failed_ ? true : *done;
  }
  net::HttpReply answer() override {
    if (failed_) return std::move(*failed_);
    const Effects& e = effects_.effects();
    body_["engagement"] =
        json::object{{"viewed", e.viewed},
                     {"clicked", e.clicked},
                     {"conversions", e.converted ? json::value(e.converted->people) : json::value(nullptr)},
                     {"revenue", e.converted ? sum_json(e.converted->revenue) : json::value(nullptr)}};
    return ok(body_);
  }

 private:
  json::object body_;
  EffectsReader effects_;
  std::optional<net::HttpReply> failed_;
};

}  // namespace

void show_campaign(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto numbers = numbers_of(call.services, call.worker, campaign);
  const bool too_many = !numbers && numbers.error().code == store::Code::conflict;
  if (!numbers && !too_many) return answer.send(refused(numbers.error()).error());
  const auto stop = call.worker.control->stop_of(campaign.id);
  if (!stop) return answer.send(refused(stop.error()).error());
  const CampaignNames names = names_for(call);
  json::object body = campaign_json(campaign, names, call.services.clock.wall());
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
  const auto zone_name = names.zones.find(campaign.account);
  auto zone = TimeZone::named(zone_name == names.zones.end() ? "UTC" : zone_name->second);
  if (!zone) return answer.send(native_fail(500, "internal", zone.error()));
  auto work = std::make_shared<CampaignWork>(
      std::move(body),
      EffectsReader(call.services, campaign, std::move(*zone), numbers ? numbers->tally.accepted : 0));
  clevertap::Jobs(clevertap::Jobs::no_end).begin(std::move(call), std::move(answer), std::move(work));
}

}  // namespace belay::api
