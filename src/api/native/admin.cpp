// What is not about campaigns: health, metrics, accounts and their providers, the test clock.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

void health(Call, Answer answer) {
  answer.send(ok(json::object{{"status", "ok"}}));
}

std::string held_in_words(std::string_view why) {
  return fmt::format(
      "Nothing is sent from this data folder: {}. Stops and reads work. When its original is "
      "gone for good: belay adopt",
      why);
}

void readiness(Call call, Answer answer) {
  const std::string held = call.services.held ? call.services.held() : "";
  if (!held.empty()) return answer.send(native_fail(503, "held", held_in_words(held)));
  const std::string why_not = call.services.not_ready ? call.services.not_ready() : "";
  if (why_not.empty()) return answer.send(ok(json::object{{"status", "ready"}}));
  answer.send(native_fail(503, "not_ready", why_not));
}

void status(Call call, Answer answer) {
  const Services& s = call.services;
  const std::string held = s.held ? s.held() : "";
  const std::string not_ready = s.not_ready ? s.not_ready() : "";
  const std::string state = s.engine == nullptr ? "not running"
                            : !held.empty()     ? "held"
                            : not_ready.empty() ? "ready"
                                                : not_ready;
  json::object out{{"state", state}, {"version", s.version}};
  if (!held.empty()) out["held"] = held;
  answer.send(ok(std::move(out)));
}

void adopt(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"resume"}), answer);
  ASK(const bool resume, flag_of(body, "resume"), answer);
  if (!call.services.adopt) return answer.send(native_fail(404, "not_found", "Nothing can be adopted here"));
  const auto done = call.services.adopt(resume, call.actor);
  if (!done && done.error().code == AdoptCode::original_runs)
    return answer.send(native_fail(409, "conflict", done.error().text));
  if (!done) return answer.send(native_fail(500, "store_error", done.error().text));
  json::array stopped;
  for (const CampaignId id : done->stopped) stopped.push_back(json::value(id.value));
  answer.send(ok(
      json::object{{"adopted", !done->held.empty()}, {"was", done->held}, {"stopped", std::move(stopped)}}));
}

void metrics(Call call, Answer answer) {
  net::HttpReply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  if (call.services.metrics) reply.body = call.services.metrics();
  answer.send(std::move(reply));
}

void advance_clock(Call call, Answer answer) {
  if (!call.services.test_clock || !call.services.advance_test_clock)
    return answer.send(native_fail(404, "not_found", "The server was not started with --test-clock"));
  ASK(const json::object body, body_object(call.request, {"advance_ms"}), answer);
  ASK(const auto ms, number_of(body, "advance_ms", 0, std::int64_t{400} * 24 * 3'600'000, 0), answer);
  call.services.advance_test_clock(Millis{ms});
  answer.send(ok(json::object{{"now", iso_time(call.services.clock.wall())}}));
}

}  // namespace

std::vector<Route> admin_routes() {
  using enum Lane;
  const auto open = [](std::string_view pattern, Handler handler) {
    return Route{"GET", pattern, Access::open, inline_, Cap::none, std::move(handler)};
  };
  const auto admin = [](std::string_view method, std::string_view pattern, Handler handler) {
    return Route{method, pattern, Access::operator_, read, Cap::none, std::move(handler)};
  };
  const auto own = [](std::string_view method, std::string_view pattern, Handler handler, store::Role least) {
    return Route{method, pattern, Access::operator_or_session, read, Cap::none, std::move(handler), least};
  };
  const auto trials = std::make_shared<ExportSlots>(1);
  return {
      open("/healthz", health),
      open("/readyz", readiness),
      open("/metrics", metrics),
      own("GET", "/api/v1/audit", list_audit, store::Role::member),
      admin("GET", "/api/v1/audit/head", show_audit_head),
      admin("GET", "/api/v1/audit/verify", verify_audit),
      admin("GET", "/api/v1/accounts", list_accounts),
      admin("POST", "/api/v1/accounts", put_account),
      admin("DELETE", "/api/v1/accounts/{account}", remove_account),
      own("GET", "/api/v1/accounts/{account}/passcodes", list_passcodes, store::Role::admin),
      own("POST", "/api/v1/accounts/{account}/passcodes", add_passcode, store::Role::admin),
      own("DELETE", "/api/v1/accounts/{account}/passcodes/{passcode}", remove_passcode, store::Role::admin),
      own("GET", "/api/v1/accounts/{account}/providers", list_providers, store::Role::member),
      own("POST", "/api/v1/accounts/{account}/providers", put_provider, store::Role::admin),
      own("DELETE", "/api/v1/accounts/{account}/providers/{nick_name}", remove_provider, store::Role::admin),
      {"POST", "/api/v1/accounts/{account}/providers/{nick_name}/test", Access::operator_or_session, read,
       Cap::none,
       [trials](Call call, Answer answer) { test_provider(std::move(call), std::move(answer), trials); },
       store::Role::admin},
      admin("GET", "/api/v1/status", status),
      admin("POST", "/api/v1/adopt", adopt),
      own("GET", "/api/v1/accounts/{account}/guardrails", show_guardrails, store::Role::member),
      own("POST", "/api/v1/accounts/{account}/guardrails", put_guardrails, store::Role::admin),
      own("GET", "/api/v1/accounts/{account}/reach", show_reach_rules, store::Role::member),
      own("POST", "/api/v1/accounts/{account}/reach", put_reach_rules, store::Role::admin),
      admin("POST", "/api/v1/test/clock", advance_clock),
  };
}

}  // namespace belay::api
