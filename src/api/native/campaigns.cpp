#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"

namespace belay::api {

void show_campaign(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto numbers = numbers_of(call.services, call.worker, campaign);
  if (!numbers) return answer.send(refused(numbers.error()).error());
  const auto stop = call.worker.control->stop_of(campaign.id);
  if (!stop) return answer.send(refused(stop.error()).error());
  json::object body = campaign_json(campaign, names_for(call));
  add_definition(body, campaign.definition);
  add_numbers(body, *numbers);
  body["stop"] = *stop ? json::value(fmt::format("stop-{}", **stop)) : json::value(nullptr);
  answer.send(ok(body));
}

}  // namespace belay::api
