// What may still be said of a stop after it was answered: PATCH /api/v1/stops/{id}.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"

namespace belay::api {

void give_stop_reason(Call call, Answer answer) {
  const auto id = numbered("stop", call.params.at(0));
  if (!id) return answer.send(invalid(fmt::format("\"{}\" is no receipt id", call.params.at(0))).error());
  ASK(const json::object body, body_object(call.request, {"reason"}), answer);
  ASK(const std::string reason, text_of(body, "reason", 500), answer);
  if (!body.contains("reason")) return answer.send(invalid("\"reason\" is missing").error());
  const auto record = call.worker.control->give_reason(call.account, StopId{*id}, reason);
  if (!record && record.error().code == store::Code::not_found)
    return answer.send(not_found(fmt::format("There is no stop-{}", *id)).error());
  if (!record && record.error().code == store::Code::conflict)
    return answer.send(native_fail(409, "conflict", fmt::format("stop-{} is the operator's", *id)));
  if (!record) return answer.send(native_from(record.error()));
  answer.send(ok(receipt_json(*record, account_keys(call))));
}

}  // namespace belay::api
