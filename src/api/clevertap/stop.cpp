// POST /1/targets/stop.json. The answer is CleverTap's and nothing else; the receipt's id goes into a header.
#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

net::HttpReply reply_to(const Result<StopRecord, dispatch::StopError>& stopped) {
  if (!stopped) return clevertap_from(stopped.error());
  net::HttpReply reply = json_reply(200, R"({"status":"success"})");
  reply.headers.emplace_back("Belay-Stop", fmt::format("stop-{}", stopped->id));
  return reply;
}

Read<CampaignId> campaign_named_in(std::string_view body) {
  TRY_ASSIGN(const json::object object, parse_object(body));
  return campaign_id(object);
}

}  // namespace

void stop_campaign(Call call, Answer answer) {
  const auto id = campaign_named_in(call.request.body);
  if (!id) return answer.send(clevertap_fail(400, id.error()));
  dispatch::StopRequest request;
  request.scope.kind = Scope::Kind::campaign;
  request.scope.account = call.account;
  request.scope.campaign = *id;
  request.actor = call.actor;
  if (!call.services.engine)
    return answer.send(
        reply_to(dispatch::stop_offline(call.services.store, call.services.clock, std::move(request))));
  auto held = std::make_shared<Answer>(std::move(answer));
  call.services.engine->stop(
      std::move(request),
      [held](const Result<StopRecord, dispatch::StopError>& stopped) { held->send(reply_to(stopped)); });
}

}  // namespace belay::api::clevertap
