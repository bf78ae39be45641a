// A person's session: begun with a password, a one-time link or the demo's click; ended here or everywhere.
#include "api/cookie.h"
#include "api/errors.h"
#include "api/native/session_handlers.h"
#include "api/native/time_text.h"
#include "api/same_origin.h"
#include "api/sign_in.h"
#include "base/log.h"
#include "base/password.h"
#include "net/peer_address.h"

namespace belay::api {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::string_view demo_user = "demo";

// Checked where there is no user, too, so that the time does not tell.
const Secret& decoy() {
  static const Secret hash(
      "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  return hash;
}

// Behind a proxy that takes TLS off, the browser's Origin still says how it came.
bool came_by_tls(const net::HttpRequest& request) {
  return request.over_tls || request.header("Origin").starts_with("https://") ||
         request.header("X-Forwarded-Proto") == "https";
}

std::string cookie(const net::HttpRequest& request, std::string_view value, Seconds life) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", session_cookie, value,
                     life.count(), came_by_tls(request) ? "; Secure" : "");
}

std::string token_of(const Call& call) {
  return std::string(cookie_named(call.request.header("Cookie"), session_cookie).value_or(""));
}

net::HttpReply session_reply(const Call& call, const store::SignedIn& who, std::string_view token) {
  const WallTime ends = who.session.begun + call.sign_in.sessions.limits().life;
  net::HttpReply reply = ok(json::object{{"account", who.account_key},
                                         {"timezone", who.time_zone},
                                         {"user", who.user.name},
                                         {"role", store::name_of(who.user.role)},
                                         {"csrf", csrf_of(call.services.hash_key, token)},
                                         {"demo", !call.services.demo_account.empty()},
                                         {"expires", iso_time(ends)}});
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

net::HttpReply begin_session(const Call& call, const store::User& user, const store::Account& account) {
  const WallTime now = call.services.clock.wall();
  const SessionLimits& limits = call.sign_in.sessions.limits();
  const std::string token = random_hex(call.services.random, token_bytes);
  store::UserSession& users = *call.worker.users;
  users.as(fmt::format("user:{}", user.name), now);
  const store::SessionRow row{hash_of_session(call.services.hash_key, token), user.id, now, now};
  if (const auto begun = users.begin(row); !begun) return native_from(begun.error());
  if (const auto tidied = users.forget(now - limits.idle, now - limits.life, now); !tidied)
    log_warning("session.not_tidied", {{"error", tidied.error().text}});
  net::HttpReply reply = session_reply(call, {row, user, account.key, account.time_zone}, token);
  reply.headers.emplace_back("Set-Cookie", cookie(call.request, token, limits.life));
  return with_sessions_reloaded(call, std::move(reply));
}

std::optional<net::HttpReply> foreign(const Call& call) {
  if (from_own_pages(call.request)) return std::nullopt;
  return native_fail(403, "cross_site", "This request comes from another site's page");
}

net::HttpReply wait_first(Seconds wait) {
  net::HttpReply reply = native_fail(
      429, "locked_out", fmt::format("Too many failed sign-ins: try again in {} seconds", wait.count()));
  reply.headers.emplace_back("Retry-After", fmt::format("{}", wait.count()));
  return reply;
}

net::HttpReply wrong() {
  return native_fail(401, "unauthorized", "Account, user or password is wrong");
}

struct SignInAsked {
  std::string account, user;
  Secret password;
};

Asked<SignInAsked> sign_in_from(const Call& call) {
  auto body = body_object(call.request, {"account", "user", "password"});
  if (!body) return std::unexpected(std::move(body.error()));
  auto account = text_of(*body, "account", 64), user = text_of(*body, "user", 64),
       password = text_of(*body, "password", most_password_bytes);
  for (auto* part : {&account, &user, &password})
    if (!*part) return std::unexpected(std::move(part->error()));
  if (user->empty() || password->empty()) return invalid("\"user\" and \"password\" are needed");
  return SignInAsked{std::move(*account), std::move(*user), Secret(std::move(*password))};
}

// Where no account is named, the only one there is.
Asked<store::Account> account_asked(const Call& call, const std::string& key) {
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return refused(accounts.error());
  if (key.empty() && accounts->size() == 1) return accounts->front();
  if (key.empty()) return invalid("\"account\" is needed: there are several");
  for (const store::Account& a : *accounts)
    if (a.key == key) return a;
  return store::Account{};  // is answered as a wrong password is
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

// One attempt to sign in, with what it is counted under.
struct Attempt {
  const Call& call;
  std::string user_key, source;

  Attempt(const Call& c, const std::string& account, const std::string& user)
      : call(c), user_key(account + "/" + lower(user)), source(net::counted_address(c.request.peer)) {}

  Seconds wait() const {
    const SteadyTime now = call.services.clock.steady();
    const Seconds of_user = call.sign_in.users.wait(user_key, now);
    return source.empty() ? of_user : std::max(of_user, call.sign_in.addresses.wait(source, now));
  }
  // True when from now on the user has to wait.
  bool failed() const {
    const SteadyTime now = call.services.clock.steady();
    if (!source.empty()) call.sign_in.addresses.failed(source, now);
    return call.sign_in.users.failed(user_key, now);
  }
  void succeeded() const {
    call.sign_in.users.succeeded(user_key);
    if (!source.empty()) call.sign_in.addresses.succeeded(source);
  }
};

void record_lockout(const Call& call, const store::User& user) {
  call.worker.users->as(fmt::format("address:{}", call.request.peer), call.services.clock.wall());
  if (const auto done = call.worker.users->record_lockout(user.id); !done)
    log_error("session.lockout_not_recorded", {{"error", done.error().text}});
}

}  // namespace

Asked<Secret> hashed_password(const Call& call, const std::string& password) {
  if (password.size() < least_password_bytes)
    return invalid(fmt::format("A password must have at least {} characters", least_password_bytes));
  auto hash = hash_password(Secret(password), call.services.random);
  if (!hash) return std::unexpected(native_fail(503, "busy", "There is no memory for this now, retry later"));
  return std::move(*hash);
}

net::HttpReply with_sessions_reloaded(const Call& call, net::HttpReply reply) {
  if (const auto done = call.sign_in.sessions.reload(); !done) return native_from(done.error());
  return reply;
}

void show_session(Call call, Answer answer) {
  answer.send(session_reply(call, *call.session, token_of(call)));
}

void sign_in(Call call, Answer answer) {
  if (auto refusal = foreign(call)) return answer.send(std::move(*refusal));
  ASK(const SignInAsked asked, sign_in_from(call), answer);
  ASK(const store::Account account, account_asked(call, asked.account), answer);
  const Attempt attempt(call, account.key.empty() ? asked.account : account.key, asked.user);
  if (const Seconds wait = attempt.wait(); wait > Seconds{0}) return answer.send(wait_first(wait));
  const auto found = call.worker.users->find(account.id, asked.user);
  if (!found) return answer.send(native_from(found.error()));
  const bool can = *found && !(*found)->password.empty();
  const bool good = password_matches(can ? (*found)->password : decoy(), asked.password);
  if (!can || !good) {
    if (attempt.failed() && *found) record_lockout(call, **found);
    return answer.send(wrong());
  }
  attempt.succeeded();
  answer.send(begin_session(call, **found, account));
}

void sign_in_to_demo(Call call, Answer answer) {
  if (call.services.demo_account.empty())
    return answer.send(native_fail(404, "not_found", "This is not a demo: sign in with a password"));
  if (auto refusal = foreign(call)) return answer.send(std::move(*refusal));
  ASK(const store::Account account, account_asked(call, call.services.demo_account), answer);
  const WallTime now = call.services.clock.wall();
  auto found = call.worker.users->find(account.id, demo_user);
  if (!found) return answer.send(native_from(found.error()));
  if (!*found) {
    const auto added =
        call.worker.users->add({{}, account.id, std::string(demo_user), store::Role::admin, Secret(), now});
    if (!added) return answer.send(native_from(added.error()));
    *found = *added;
  }
  answer.send(begin_session(call, **found, account));
}

void redeem_link(Call call, Answer answer) {
  if (auto refusal = foreign(call)) return answer.send(std::move(*refusal));
  ASK(const json::object body, body_object(call.request, {"token", "user", "password"}), answer);
  ASK(const std::string token, text_of(body, "token", 128), answer);
  ASK(const std::string name, text_of(body, "user", 64), answer);
  ASK(const std::string password, text_of(body, "password", most_password_bytes), answer);
  const WallTime now = call.services.clock.wall();
  const std::string hash = hash_of_link(call.services.hash_key, token);
  const auto link = call.worker.users->link(hash, now);
  if (!link) return answer.send(native_from(link.error()));
  if (!*link)
    return answer.send(
        native_fail(404, "not_found", "The link has been used, or its hour is over: ask for another"));
  if (!(*link)->user && !is_user_name(name)) return answer.send(not_a_user_name().error());
  ASK(const Secret hashed, hashed_password(call, password), answer);
  call.worker.users->as("link", now);
  const auto user = call.worker.users->redeem(hash, name, hashed, now);
  if (!user) return answer.send(native_from(user.error()));
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return answer.send(native_from(accounts.error()));
  const auto account = std::ranges::find(*accounts, user->account, &store::Account::id);
  if (account == accounts->end()) return answer.send(wrong());
  answer.send(begin_session(call, *user, *account));
}

void change_own_password(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"password", "new_password"}), answer);
  ASK(const std::string password, text_of(body, "password", most_password_bytes), answer);
  ASK(const std::string wanted, text_of(body, "new_password", most_password_bytes), answer);
  const store::SignedIn& who = *call.session;
  const Attempt attempt(call, who.account_key, who.user.name);
  if (const Seconds wait = attempt.wait(); wait > Seconds{0}) return answer.send(wait_first(wait));
  const auto user = call.worker.users->user(who.user.account, who.user.id);
  if (!user) return answer.send(native_from(user.error()));
  if (user->password.empty() || !password_matches(user->password, Secret(password))) {
    if (attempt.failed()) record_lockout(call, *user);
    return answer.send(native_fail(403, "forbidden", "That is not the present password"));
  }
  ASK(const Secret hashed, hashed_password(call, wanted), answer);
  if (const auto set = call.worker.users->set_password(user->id, hashed); !set)
    return answer.send(native_from(set.error()));
  answer.send(begin_session(call, *user, {user->account, who.account_key, who.time_zone, ""}));
}

void sign_out(Call call, Answer answer) {
  if (const auto ended = call.worker.users->end(call.session->session.hash); !ended)
    return answer.send(native_from(ended.error()));
  net::HttpReply reply = ok(json::object{{"signed_out", call.session->user.name}});
  reply.headers.emplace_back("Set-Cookie", cookie(call.request, "", Seconds{0}));
  answer.send(with_sessions_reloaded(call, std::move(reply)));
}

void sign_out_everywhere(Call call, Answer answer) {
  if (const auto ended = call.worker.users->end_all(call.session->user.id); !ended)
    return answer.send(native_from(ended.error()));
  net::HttpReply reply = ok(json::object{{"signed_out", call.session->user.name}});
  reply.headers.emplace_back("Set-Cookie", cookie(call.request, "", Seconds{0}));
  answer.send(with_sessions_reloaded(call, std::move(reply)));
}

}  // namespace belay::api
