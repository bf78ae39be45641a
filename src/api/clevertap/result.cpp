// POST /1/targets/result.json: the numbers of a campaign that has ended. Before that the documented
// answer is 409 (contract 4.2).
#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/errors.h"
#include "api/native/run_reading.h"

namespace belay::api::clevertap {
namespace {

std::string result_json(const Tally& t) {
  return fmt::format(
      R"({{"result":{{"clicked":0,"sent":{},"audience":{},"handed_over":{},"failed":{},"skipped":{},)"
      R"("withheld":{},"in_doubt":{},"in_flight":{}}},"status":"success"}})",
      t.accepted, t.audience, t.handed_over, t.failed, t.skipped_total(), t.withheld, t.in_doubt,
      t.in_flight);
}

net::HttpReply result(Call& call) {
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  const auto id = campaign_id(*request);
  if (!id) return clevertap_fail(400, id.error());
  const auto campaign = call.worker.control->campaign(call.account, *id);
  if (!campaign && campaign.error().code == store::Code::not_found)
    return clevertap_fail(400, "Invalid campaign id");
  if (!campaign) return clevertap_from(campaign.error());
  if (!is_final(campaign->state)) return clevertap_fail(409, "This target hasn't been completed");
  const auto numbers = numbers_of(call.services, call.worker, *campaign);
  if (!numbers) return clevertap_from(numbers.error());
  // Stopped or missed before anybody was chosen: there is nothing to report. Completed: nobody matched.
  if (!numbers->planned && campaign->state != State::completed)
    return clevertap_fail(409, "This target has no result as of yet");
  return json_reply(200, result_json(numbers->tally));
}

}  // namespace

void campaign_result(Call call, Answer answer) {
  answer.send(result(call));
}

}  // namespace belay::api::clevertap
