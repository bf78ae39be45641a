#include <exception>

#include "api/call_caps.h"
#include "api/credentials.h"
#include "api/errors.h"
#include "api/lanes.h"
#include "api/observed_responder.h"
#include "api/route.h"
#include "api/route_table.h"
#include "base/log.h"

namespace belay::api {
namespace {

constexpr std::uint32_t most_of(Cap cap) {
  return cap == Cap::upload ? 15 : 3;
}

std::vector<Route> all_routes() {
  std::vector<Route> routes = clevertap_routes();
  for (auto table : {native_routes(), admin_routes()})
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

// Over the Unix socket a program may say for whom it acts ("cli:root"); it could write the store
// itself, so this is a courtesy to the reader of the record, not a claim to be checked.
std::string local_actor(const net::HttpRequest& request) {
  const std::string_view named = request.header("Belay-Actor");
  const bool printable = std::ranges::all_of(named, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!named.empty() && named.size() <= 64 && printable) return std::string(named);
  const std::string_view peer = request.peer;
  const std::size_t uid = peer.find("uid=");
  if (uid == std::string_view::npos) return "cli";
  const std::string_view number = peer.substr(uid + 4, peer.find(',', uid) - uid - 4);
  return number == "0" ? "cli:root" : fmt::format("cli:uid={}", number);
}

struct Caller {
  AccountId account;
  std::string account_key, actor;
};

}  // namespace

struct Api::State {
  explicit State(Services& given)
      : services(given), table(all_routes()), credentials(given.store, given.hash_key), lanes(given) {}

  std::expected<Caller, net::HttpReply> identify(const Route& route, const net::HttpRequest& request) const;
  void route(net::HttpRequest request, std::unique_ptr<ObservedResponder> responder);
  void run(const Route& route, Caller caller, std::vector<std::string> params, net::HttpRequest request,
           std::unique_ptr<ObservedResponder> responder);

  Services& services;
  const RouteTable table;
  CredentialBook credentials;
  std::shared_ptr<CallCaps> caps = std::make_shared<CallCaps>();
  const std::shared_ptr<CallCounts> counts = std::make_shared<CallCounts>();
  Lanes lanes;
};

std::expected<Caller, net::HttpReply> Api::State::identify(const Route& route,
                                                           const net::HttpRequest& request) const {
  const std::string_view path = request.path;
  if (route.access == Access::open) return Caller{};
  const std::string_view key = request.header("X-CleverTap-Account-Id");
  if (request.over_unix_socket) {
    Caller caller{{}, std::string(key), local_actor(request)};
    if (key.empty()) return caller;
    const auto found = credentials.find(key);
    if (!found) return std::unexpected(fail_on(path, 401, "unauthorized", "Account ID is not valid"));
    caller.account = *found;
    return caller;
  }
  if (route.access == Access::operator_)
    return std::unexpected(fail_on(path, 403, "forbidden", "Only over the Unix socket in the data folder"));
  const auto account = credentials.check(key, request.header("X-CleverTap-Passcode"));
  if (!account) return std::unexpected(fail_on(path, 401, "unauthorized", account.error()));
  return Caller{*account, std::string(key), fmt::format("api:{}", key)};
}

void Api::State::route(net::HttpRequest request, std::unique_ptr<ObservedResponder> responder) {
  const std::string_view path = request.path;
  RouteTable::Match match = table.find(request.method, path);
  if (!match.route && match.allow.empty())
    return responder->reply(fail_on(path, 404, "not_found", fmt::format("No such resource: {}", path)));
  if (!match.route) {
    auto refused = fail_on(path, 405, "method_not_allowed", "Method Not Allowed");
    refused.headers.emplace_back("Allow", match.allow);
    return responder->reply(std::move(refused));
  }
  responder->set_route(match.route->pattern);
  auto caller = identify(*match.route, request);
  if (!caller) return responder->reply(std::move(caller.error()));
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
                   try {
                     route.handler(Call{std::move(request), caller.account, std::move(caller.account_key),
                                        std::move(caller.actor), std::move(params), services, worker},
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
                                                      state_->counts);
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
}

net::HttpReply Api::transport_error(int status, std::string_view text) {
  state_->counts->add(CallCounts::no_request, status);
  return clevertap_fail(status, text);
}

}  // namespace belay::api
