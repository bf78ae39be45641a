// POST /1/targets/result.json: the numbers of a campaign that has ended, and what came of its messages.
// Before that the documented answer is 409 (contract 4.2); other answers that were observed can be
// configured.
#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/clevertap/jobs.h"
#include "api/clevertap/lookup.h"
#include "api/effects.h"
#include "api/errors.h"
#include "api/native/run_reading.h"

namespace belay::api::clevertap {
namespace {

// "clicked" and "sent" come first, as documented.
std::string result_json(const Tally& t, const Effects& effects, bool has_goal) {
  std::string out = fmt::format(
      R"({{"result":{{"clicked":{},"sent":{},"viewed":{},"audience":{},"handed_over":{},"failed":{},)"
      R"("skipped":{},"withheld":{},"in_doubt":{},"in_flight":{})",
      effects.clicked, t.accepted, effects.viewed, t.audience, t.handed_over, t.failed, t.skipped_total(),
      t.withheld, t.in_doubt, t.in_flight);
  if (has_goal && effects.converted)
    out += fmt::format(R"(,"conversions":{},"revenue":{})", effects.converted->people,
                       number_text(effects.converted->revenue));
  else if (has_goal)
    out += R"(,"conversions":null,"revenue":null)";
  return out + R"(},"status":"success"})";
}

constexpr std::string_view not_completed = "This target hasn't been completed",
                           no_result_yet = "This target has no result as of yet";

net::HttpReply without_result(NoResult answer, std::string_view documented) {
  switch (answer) {
    case NoResult::conflict:
      return clevertap_fail(409, documented);
    case NoResult::error:
      return clevertap_fail(500, no_result_yet);
    case NoResult::success:
      return json_reply(200, fmt::format(R"({{"status":"success","error":"{}","code":200}})", documented));
  }
  return clevertap_fail(409, documented);
}

class ResultWork final : public Work {
 public:
  ResultWork(Services& services, const Campaign& campaign, TimeZone zone, const Tally& tally)
      : effects_(services, campaign, std::move(zone), tally.accepted),
        tally_(tally),
        has_goal_(!campaign.definition.conversion_goal.empty()) {}
  store::Result<bool> step(Worker& worker) override { return effects_.step(worker); }
  net::HttpReply answer() override {
    return json_reply(200, result_json(tally_, effects_.effects(), has_goal_));
  }

 private:
  EffectsReader effects_;
  const Tally tally_;
  const bool has_goal_;
};

Answered<std::shared_ptr<Work>> result_work(Call& call) {
  const auto refuse = [](net::HttpReply reply) { return std::unexpected(std::move(reply)); };
  const auto request = parse_object(call.request.body);
  if (!request) return refuse(clevertap_fail(400, request.error()));
  const auto id = campaign_id(*request);
  if (!id) return refuse(clevertap_fail(400, id.error()));
  const auto campaign = call.worker.control->campaign(call.account, *id);
  if (!campaign && campaign.error().code == store::Code::not_found)
    return refuse(clevertap_fail(400, "Invalid campaign id"));
  if (!campaign) return refuse(clevertap_from(campaign.error()));
  const NoResult otherwise = call.services.compatibility.no_result;
  if (!is_final(campaign->state)) return refuse(without_result(otherwise, not_completed));
  const auto numbers = numbers_of(call.services, call.worker, *campaign);
  if (!numbers) return refuse(clevertap_from(numbers.error()));
  // Stopped or missed before anybody was chosen: there is nothing to report. Completed: nobody matched.
  if (!numbers->planned && campaign->state != State::completed)
    return refuse(without_result(otherwise, no_result_yet));
  auto home = home_of(call.worker, campaign->account);
  if (!home) return refuse(std::move(home.error()));
  return std::make_shared<ResultWork>(call.services, *campaign, std::move(home->zone), numbers->tally);
}

}  // namespace

void campaign_result(Call call, Answer answer) {
  auto work = result_work(call);
  if (!work) return answer.send(std::move(work.error()));
  // The answer waits for the work, which lets other calls in between its steps.
  Jobs(Jobs::no_end).begin(std::move(call), std::move(answer), std::move(*work));
}

}  // namespace belay::api::clevertap
