// What the people of an account have chosen for its pages: GET and PUT /api/v1/settings.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "campaign/schedule.h"

namespace belay::api {
namespace {

constexpr std::int64_t most_people = 1'000'000'000;

Asked<AccountId> account_of(const Call& call) {
  if (call.account) return call.account;
  return invalid("Settings belong to an account: name it in X-CleverTap-Account-Id");
}

json::object settings_json(const store::AccountSettings& s) {
  return {{"confirm_from", s.confirm_from}};
}

}  // namespace

void show_settings(Call call, Answer answer) {
  ASK(const AccountId account, account_of(call), answer);
  const auto settings = call.worker.users->settings(account);
  if (!settings) return answer.send(native_from(settings.error()));
  answer.send(ok(settings_json(*settings)));
}

void put_settings(Call call, Answer answer) {
  ASK(const AccountId account, account_of(call), answer);
  ASK(const json::object body, body_object(call.request, {"confirm_from"}), answer);
  const json::value* from = body.if_contains("confirm_from");
  const auto n = whole_number(from);
  if (!n || *n < 1 || *n > most_people)
    return answer.send(
        invalid(fmt::format("\"confirm_from\" must be a whole number from 1 to {}", most_people)).error());
  const store::AccountSettings wanted{.confirm_from = *n};
  call.worker.users->as(call.actor, call.services.clock.wall());
  if (const auto put = call.worker.users->put_settings(account, wanted); !put)
    return answer.send(native_from(put.error()));
  answer.send(ok(settings_json(wanted)));
}

}  // namespace belay::api
