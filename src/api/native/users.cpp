// The users of an account: for its Admins, and for the operator over the Unix socket.
#include "api/errors.h"
#include "api/native/session_handlers.h"
#include "api/native/time_text.h"
#include "api/sign_in.h"
#include "base/password.h"

namespace belay::api {
namespace {

json::object user_json(const store::User& u, const AccountKeys& accounts) {
  const auto account = accounts.find(u.account);
  return {{"id", fmt::format("user-{}", u.id)},
          {"account", account == accounts.end() ? json::value(nullptr) : json::value(account->second)},
          {"name", u.name},
          {"role", store::name_of(u.role)},
          {"has_password", !u.password.empty()},
          {"created", iso_time(u.created)}};
}

Asked<UserId> id_at(const Call& call) {
  if (const auto id = numbered("user", call.params.at(0))) return UserId{*id};
  return invalid(fmt::format("\"{}\" is no user id", call.params.at(0)));
}

Asked<store::User> user_at(const Call& call) {
  auto id = id_at(call);
  if (!id) return std::unexpected(std::move(id.error()));
  auto user = call.worker.users->user(call.account, *id);
  if (!user && user.error().code == store::Code::not_found)
    return not_found(fmt::format("There is no user-{}", *id));
  if (!user) return refused(user.error());
  return std::move(*user);
}

Asked<store::Role> role_from(const json::object& body, std::string otherwise) {
  auto text = text_of(body, "role", 16, std::move(otherwise));
  if (!text) return std::unexpected(std::move(text.error()));
  if (const auto role = store::role_named(*text)) return *role;
  return invalid(fmt::format("\"role\" must be member, creator or admin, not \"{}\"", *text));
}

// Who is at the machine may set one. An Admin gives the user a link instead, and never knows it.
Asked<Secret> password_from(const Call& call, const json::object& body) {
  if (!body.contains("password")) return Secret();
  if (!call.request.over_unix_socket)
    return invalid("\"password\" is for the command line: give the user a one-time link instead");
  auto text = text_of(body, "password", most_password_bytes);
  if (!text) return std::unexpected(std::move(text.error()));
  return hashed_password(call, *text);
}

// Adds a one-time link to what is answered: shown this once.
Asked<json::object> with_link(const Call& call, const store::User& user, json::object out) {
  const std::string token = random_hex(call.services.random, 32);
  const WallTime expires = call.services.clock.wall() + link_life;
  const auto put = call.worker.users->put_link(
      {hash_of_link(call.services.hash_key, token), user.account, user.id, expires});
  if (!put) return refused(put.error());
  out["link"] = fmt::format("/sign-in#link={}", token);
  out["link_expires"] = iso_time(expires);
  return out;
}

net::HttpReply no_account() {
  return native_fail(400, "invalid", "Name the account in the header X-CleverTap-Account-Id");
}

}  // namespace

bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 0x80) || std::string_view("-_.@+").contains(static_cast<char>(c));
  });
}

std::unexpected<net::HttpReply> not_a_user_name() {
  return invalid("A user's name is 1 to 64 letters, digits, '-', '_', '.', '@' or '+'");
}

void list_users(Call call, Answer answer) {
  const auto users = call.worker.users->users(call.account);
  if (!users) return answer.send(native_from(users.error()));
  const AccountKeys accounts = account_keys(call);
  json::array out;
  for (const store::User& u : *users) out.push_back(user_json(u, accounts));
  answer.send(ok(json::object{{"users", std::move(out)}}));
}

void add_user(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"name", "role", "password"}), answer);
  if (!call.account) return answer.send(no_account());
  ASK(std::string name, text_of(body, "name", 64), answer);
  if (!is_user_name(name)) return answer.send(not_a_user_name().error());
  ASK(const store::Role role, role_from(body, "member"), answer);
  ASK(Secret password, password_from(call, body), answer);
  const bool needs_link = password.empty();
  const auto added = call.worker.users->add(
      {{}, call.account, std::move(name), role, std::move(password), call.services.clock.wall()});
  if (!added) return answer.send(native_from(added.error()));
  json::object out = user_json(*added, account_keys(call));
  if (needs_link) {
    ASK(json::object linked, with_link(call, *added, std::move(out)), answer);
    out = std::move(linked);
  }
  net::HttpReply reply = json_reply(201, to_text(out));
  reply.headers.emplace_back("Cache-Control", "no-store");
  answer.send(std::move(reply));
}

void change_user(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"role", "password"}), answer);
  ASK(store::User user, user_at(call), answer);
  ASK(const store::Role role, role_from(body, std::string(store::name_of(user.role))), answer);
  ASK(const Secret password, password_from(call, body), answer);
  const auto changed = call.worker.users->set_role(user.account, user.id, role);
  if (!changed) return answer.send(native_from(changed.error()));
  user = *changed;
  if (!password.empty()) {
    if (const auto set = call.worker.users->set_password(user.id, password); !set)
      return answer.send(native_from(set.error()));
    user.password = password;
  }
  answer.send(with_sessions_reloaded(call, ok(user_json(user, account_keys(call)))));
}

void remove_user(Call call, Answer answer) {
  ASK(const store::User user, user_at(call), answer);
  const auto removed = call.worker.users->remove(user.account, user.id, call.request.over_unix_socket);
  if (!removed) return answer.send(native_from(removed.error()));
  answer.send(with_sessions_reloaded(call, ok(json::object{{"removed", fmt::format("user-{}", user.id)}})));
}

void make_user_link(Call call, Answer answer) {
  ASK(const store::User user, user_at(call), answer);
  ASK(const json::object out, with_link(call, user, user_json(user, account_keys(call))), answer);
  net::HttpReply reply = ok(out);
  reply.headers.emplace_back("Cache-Control", "no-store");
  answer.send(std::move(reply));
}

}  // namespace belay::api
