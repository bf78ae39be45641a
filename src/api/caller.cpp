#include "api/caller.h"

#include "api/cookie.h"
#include "api/observed_responder.h"
#include "api/same_origin.h"

namespace belay::api {
namespace {

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

std::expected<Caller, net::HttpReply> by_unix_socket(const Route& route, const net::HttpRequest& request,
                                                     const Doors& doors) {
  const std::string_view path = request.path;
  if (route.access == Access::session)
    return std::unexpected(fail_on(path, 401, "unauthorized", "Over the Unix socket nobody signs in"));
  const std::string_view key = request.header("X-CleverTap-Account-Id");
  Caller caller{{}, std::string(key), local_actor(request)};
  if (key.empty()) return caller;
  const auto found = doors.credentials.find(key);
  if (!found) return std::unexpected(fail_on(path, 401, "unauthorized", "Account ID is not valid"));
  caller.account = *found;
  return caller;
}

bool only_reads(const Route& route) {
  return route.method == "GET";
}

std::string too_little(store::Role has, store::Role needed) {
  static constexpr std::array<std::string_view, 3> may{"A Member may look, but not change anything",
                                                       "A Creator may not do this", ""};
  static constexpr std::array<std::string_view, 3> takes{"", "it takes a Creator or an Admin",
                                                         "it takes an Admin"};
  return fmt::format("{}: {}", may[static_cast<std::size_t>(has)], takes[static_cast<std::size_t>(needed)]);
}

// A page of another site can have a browser send our cookie, but it can't read the token that goes with it.
std::optional<net::HttpReply> forged(const net::HttpRequest& request, std::string_view token,
                                     const Doors& doors) {
  if (!from_own_pages(request))
    return fail_on(request.path, 403, "cross_site", "This request comes from another site's page");
  if (equal_in_constant_time(request.header("X-Belay-CSRF"), csrf_of(doors.hash_key, token)))
    return std::nullopt;
  return fail_on(request.path, 403, "csrf",
                 "With a session, a request that changes something needs the header X-Belay-CSRF: the "
                 "\"csrf\" of GET /api/v1/session");
}

// Who is shown the door is shown how to come in, too.
std::unexpected<net::HttpReply> not_signed_in(const Route& route, const net::HttpRequest& request,
                                              std::string_view text, const Doors& doors) {
  net::HttpReply reply = fail_on(request.path, 401, "unauthorized", text);
  if (route.access != Access::session) return std::unexpected(std::move(reply));
  reply.body.insert(reply.body.size() - 1, doors.demo ? R"(,"demo":true)" : R"(,"demo":false)");
  reply.headers.emplace_back("Cache-Control", "no-store");
  return std::unexpected(std::move(reply));
}

std::expected<Caller, net::HttpReply> by_session(const Route& route, const std::vector<std::string>& params,
                                                 const net::HttpRequest& request, std::string_view token,
                                                 const Doors& doors) {
  const std::string_view path = request.path;
  auto found = doors.sign_in.sessions.check(token, doors.clock.wall());
  if (!found) return not_signed_in(route, request, "The session is over: sign in again", doors);
  const store::SignedIn& who = *found->who;
  if (!only_reads(route))
    if (auto refused = forged(request, token, doors)) return std::unexpected(std::move(*refused));
  // Another's account is as absent as one that nobody has.
  if (route.pattern.find("/accounts/{account}") != route.pattern.npos && params.at(0) != who.account_key)
    return std::unexpected(
        fail_on(path, 404, "not_found", fmt::format("There is no account {}", params.at(0))));
  if (const store::Role needed = least_role(route); who.user.role < needed)
    return std::unexpected(fail_on(path, 403, "forbidden", too_little(who.user.role, needed)));
  return Caller{who.user.account, who.account_key, fmt::format("user:{}", who.user.name), found->who,
                found->note};
}

}  // namespace

store::Role least_role(const Route& route) {
  if (route.least) return *route.least;
  return only_reads(route) ? store::Role::member : store::Role::creator;
}

std::expected<Caller, net::HttpReply> identify(const Route& route, const std::vector<std::string>& params,
                                               const net::HttpRequest& request, const Doors& doors) {
  const std::string_view path = request.path;
  if (route.access == Access::open) return Caller{};
  if (request.over_unix_socket) return by_unix_socket(route, request, doors);
  if (route.access == Access::operator_)
    return std::unexpected(fail_on(path, 403, "forbidden", "Only over the Unix socket in the data folder"));
  const std::string_view key = request.header("X-CleverTap-Account-Id");
  const std::string_view passcode = request.header("X-CleverTap-Passcode");
  if (key.empty() && passcode.empty())
    if (const auto token = cookie_named(request.header("Cookie"), session_cookie))
      return by_session(route, params, request, *token, doors);
  if (route.access == Access::session) return not_signed_in(route, request, "Nobody is signed in", doors);
  if (route.access == Access::operator_or_session)
    return std::unexpected(
        fail_on(path, 403, "forbidden",
                "Only over the Unix socket in the data folder, or signed in to the dashboard"));
  const auto account = doors.credentials.check(key, passcode);
  if (!account) return std::unexpected(fail_on(path, 401, "unauthorized", account.error()));
  return Caller{*account, std::string(key), fmt::format("api:{}", key), nullptr, false};
}

}  // namespace belay::api
