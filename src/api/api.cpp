#include <exception>

#include "api/call_caps.h"
#include "api/caller.h"
#include "api/credentials.h"
#include "api/dashboard/dashboard.h"
#include "api/errors.h"
#include "api/lanes.h"
#include "api/observed_responder.h"
#include "api/route.h"
#include "api/route_table.h"
#include "api/sign_in.h"
#include "base/log.h"

namespace belay::api {
namespace {

constexpr std::uint32_t most_of(Cap cap) {
  return cap == Cap::upload ? 15 : 3;
}

std::vector<Route> all_routes() {
  std::vector<Route> routes = clevertap_routes();
  for (auto table : {native_routes(), admin_routes(), session_routes()})
    routes.insert(routes.end(), std::make_move_iterator(table.begin()), std::make_move_iterator(table.end()));
  return routes;
}

// A header that is absent passes: curl -d and form libraries always name a type, so nothing is
// misread by it, and hand-written clients often forget it.
bool is_json_or_silent(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ') || content_type.ends_with('\t')) content_type.remove_suffix(1);
  constexpr std::string_view json = "application/json";
  return content_type.empty() ||
         std::ranges::equal(content_type, json, [](char a, char b) { return (a | 0x20) == b || a == b; });
}

}  // namespace

struct Api::State {
  explicit State(Services& given)
      : services(given),
        table(all_routes()),
        credentials(given.store, given.hash_key),
        sign_in(std::make_shared<SignIn>(given.store, given.hash_key, given.sessions)),
        lanes(given) {}

  bool answer_page(const net::HttpRequest& request, ObservedResponder& responder) const;
  void note_session(const Caller& caller);
  void route(net::HttpRequest request, std::unique_ptr<ObservedResponder> responder);
  void run(const Route& route, Caller caller, std::vector<std::string> params, net::HttpRequest request,
           std::unique_ptr<ObservedResponder> responder);

  Services& services;
  const RouteTable table;
  CredentialBook credentials;
  const std::shared_ptr<SignIn> sign_in;  // a stream that goes on asks it, whatever becomes of us
  std::shared_ptr<CallCaps> caps = std::make_shared<CallCaps>();
  const std::shared_ptr<CallCounts> counts = std::make_shared<CallCounts>();
  Lanes lanes;
};

// What is no path of the API may be the dashboard's.
bool Api::State::answer_page(const net::HttpRequest& request, ObservedResponder& responder) const {
  if (services.dashboard == nullptr) return false;
  auto page = services.dashboard->answer(request);
  if (!page) return false;
  responder.set_route(CallCounts::dashboard);
  responder.reply(std::move(*page));
  return true;
}

// When a session was last used must survive a restart, if not to the minute.
void Api::State::note_session(const Caller& caller) {
  (void)lanes.give(Lane::read, 0,
                   [hash = caller.session->session.hash, now = services.clock.wall()](Worker& worker) {
                     if (const auto noted = worker.users->seen(hash, now); !noted)
                       log_warning("session.not_noted", {{"error", noted.error().text}});
                   });
}

void Api::State::route(net::HttpRequest request, std::unique_ptr<ObservedResponder> responder) {
  const std::string_view path = request.path;
  RouteTable::Match match = table.find(request.method, path);
  if (!match.route && match.allow.empty() && answer_page(request, *responder)) return;
  if (!match.route && match.allow.empty())
    return responder->reply(fail_on(path, 404, "not_found", fmt::format("No such resource: {}", path)));
  if (!match.route) {
    auto refused = fail_on(path, 405, "method_not_allowed", "Method Not Allowed");
    refused.headers.emplace_back("Allow", match.allow);
    return responder->reply(std::move(refused));
  }
  responder->set_route(match.route->pattern);
  auto caller =
      identify(*match.route, match.params, request,
               {credentials, *sign_in, services.hash_key, services.clock, !services.demo_account.empty()});
  if (!caller) return responder->reply(std::move(caller.error()));
  if (caller->note_session) note_session(*caller);
  if (caller->session)
    responder->let_go_unless([sign_in = sign_in, hash = caller->session->session.hash, &clock = services.clock] {
      return sign_in->sessions.lasts(hash, clock.wall());
    });
  responder->set_account(caller->account_key);
  const bool has_body =
      match.route->method == "POST" || match.route->method == "PUT" || match.route->method == "PATCH";
  if (has_body && !is_json_or_silent(request.header("Content-Type")))
    return responder->reply(
        fail_on(path, 415, "unsupported_media_type",
                "Unsupported Media Type: send JSON and the header Content-Type: application/json"));
  if (match.route->cap != Cap::none && !request.over_unix_socket) {
    auto slot = caps->take(caller->account, match.route->pattern, most_of(match.route->cap));
    if (!slot)
      return responder->reply(fail_on(path, 429, "too_many_requests", "Too many concurrent requests"));
    responder->hold(std::move(*slot));
  }
  run(*match.route, std::move(*caller), std::move(match.params), std::move(request), std::move(responder));
}

void Api::State::run(const Route& route, Caller caller, std::vector<std::string> params,
                     net::HttpRequest request, std::unique_ptr<ObservedResponder> responder) {
  const std::size_t bytes = request.body.size();
  // Shared with the refusal below: the work is dropped when the lane is full, and the answer must not be
  // the one for work that was dropped.
  auto held = std::make_shared<std::unique_ptr<ObservedResponder>>(std::move(responder));
  const std::string path = request.path;
  const bool taken =
      lanes.give(route.lane, bytes,
                 [this, &route, held, caller = std::move(caller), params = std::move(params),
                  request = std::move(request)](Worker& worker) mutable {
                   auto answer = std::move(*held);
                   answer->begun();
                   const WallTime now = services.clock.wall();
                   if (worker.control) worker.control->as(caller.actor, now);
                   if (worker.notices) worker.notices->as(caller.actor, now);
                   if (worker.users) worker.users->as(caller.actor, now);
                   try {
                     route.handler(Call{std::move(request), caller.account, std::move(caller.account_key),
                                        std::move(caller.actor), std::move(params), services, worker, *sign_in,
                                        std::move(caller.session)},
                                   Answer(std::move(answer)));
                   } catch (const std::exception& e) {
                     // The answer went down with the handler and has sent the 500.
                     log_error("api.exception", {{"route", route.pattern}, {"what", e.what()}});
                   }
                 });
  if (!taken && *held)
    (*held)->reply(fail_on(path, 503, "busy", "Too much is waiting to be done, retry later"));
}

Api::Api(Services& services) : state_(std::make_unique<State>(services)) {
  forget_credentials();
}
Api::~Api() = default;

void Api::handle(net::HttpRequest request, std::unique_ptr<net::Responder> responder) {
  auto observed = std::make_unique<ObservedResponder>(std::move(responder), request, state_->services.clock,
                                                      state_->counts,
                                                      state_->services.compatibility.recorded_blanks);
  state_->route(std::move(request), std::move(observed));
}

const std::vector<Route>& Api::routes() const {
  return state_->table.routes();
}

CallCounts::Rows Api::call_counts() const {
  return state_->counts->rows();
}

void Api::forget_credentials() {
  if (const auto done = state_->credentials.reload(); !done)
    log_error("api.credentials", {{"error", done.error().text}});
  if (const auto done = state_->sign_in->sessions.reload(); !done)
    log_error("api.credentials", {{"error", done.error().text}});
}

net::HttpReply Api::transport_error(int status, std::string_view text) {
  state_->counts->add(CallCounts::no_request, status);
  return clevertap_fail(status, text);
}

}  // namespace belay::api
