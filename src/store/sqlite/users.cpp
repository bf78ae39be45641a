#include "store/sqlite/users.h"

#include <algorithm>

#include "store/sqlite/trail.h"

namespace belay::store {

std::optional<Role> role_named(std::string_view name) {
  const auto found = std::ranges::find(role_names, name);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<Role>(found - role_names.begin());
}

namespace sqlite {
namespace {

User user_from(const Query& q, int first = 0) {
  return {UserId{q.i64(first)},        AccountId{q.i64(first + 1)},
          q.string(first + 2),         role_named(q.text(first + 3)).value_or(Role::member),
          Secret(q.string(first + 4)), q.time(first + 5)};
}

std::string subject_of(const User& user) {
  return "user-" + user.name;
}

}  // namespace

Result<void> Users::record(const User& user, std::string_view action, std::string_view before,
                           std::string_view after) {
  TRY(Trail(*db_).append({.at = at_,
                          .account = user.account,
                          .actor = actor_,
                          .action = std::string(action),
                          .subject = subject_of(user),
                          .before = std::string(before),
                          .after = std::string(after)}));
  return {};
}

Result<User> Users::insert(const User& wanted) {
  {
    Query q = db_->query("SELECT count(*) FROM user WHERE account = ?", wanted.account);
    TRY(q.next());
    if (q.i64(0) >= static_cast<std::int64_t>(most_users))
      return fail(Code::conflict,
                  fmt::format("the account has {} users already: remove one first", q.i64(0)));
  }
  TRY_ASSIGN(const auto there, find(wanted.account, wanted.name));
  if (there) return fail(Code::conflict, fmt::format("there is a user {} already", there->name));
  TRY(db_->run("INSERT INTO user (account, name, role, password, created) VALUES (?, ?, ?, ?, ?)",
               wanted.account, wanted.name, name_of(wanted.role), wanted.password.reveal(), wanted.created));
  User stored = wanted;
  stored.id = UserId{db_->last_id()};
  TRY(record(stored, "user.added", "", name_of(stored.role)));
  return stored;
}

Result<User> Users::add(const User& wanted) {
  return write([&] { return insert(wanted); });
}

Result<std::vector<User>> Users::users(AccountId account) {
  Query q = db_->query(
      "SELECT id, account, name, role, password, created FROM user WHERE ?1 = 0 OR account = ?1 ORDER BY id",
      account);
  std::vector<User> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(user_from(q));
  }
}

Result<User> Users::user(AccountId account, UserId id) {
  Query q = db_->query(
      "SELECT id, account, name, role, password, created FROM user"
      " WHERE id = ?2 AND (?1 = 0 OR account = ?1)",
      account, id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, "no such user");
  return user_from(q);
}

Result<std::optional<User>> Users::find(AccountId account, std::string_view name) {
  Query q =
      db_->query("SELECT id, account, name, role, password, created FROM user WHERE account = ? AND name = ?",
                 account, name);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(user_from(q)) : std::nullopt;
}

Result<void> Users::refuse_if_last_admin(const User& user) {
  if (user.role != Role::admin) return {};
  Query q = db_->query("SELECT 1 FROM user WHERE account = ? AND role = 'admin' AND id <> ? LIMIT 1",
                       user.account, user.id);
  TRY_ASSIGN(const bool another, q.next());
  if (another) return {};
  return fail(Code::conflict,
              fmt::format("{} is the account's last Admin: make another user an Admin first", user.name));
}

Result<User> Users::set_role(AccountId account, UserId id, Role role) {
  return write([&]() -> Result<User> {
    TRY_ASSIGN(User changed, user(account, id));
    if (changed.role == role) return changed;
    TRY(refuse_if_last_admin(changed));
    TRY(db_->run("UPDATE user SET role = ? WHERE id = ?", name_of(role), id));
    TRY(record(changed, "user.role", name_of(changed.role), name_of(role)));
    changed.role = role;
    return changed;
  });
}

Result<void> Users::remove(AccountId account, UserId id, bool last_too) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const User gone, user(account, id));
    if (!last_too) TRY(refuse_if_last_admin(gone));
    TRY(db_->run("DELETE FROM user_link WHERE user = ?", id));
    TRY(db_->run("DELETE FROM user WHERE id = ?", id));
    return record(gone, "user.removed", name_of(gone.role));
  });
}

Result<void> Users::change_password(const User& changed, const Secret& hash) {
  TRY(db_->run("UPDATE user SET password = ? WHERE id = ?", hash.reveal(), changed.id));
  TRY(db_->run("DELETE FROM session WHERE user = ?", changed.id));
  TRY(db_->run("DELETE FROM user_link WHERE user = ?", changed.id));
  return record(changed, "user.password");
}

Result<void> Users::set_password(UserId id, const Secret& hash) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const User changed, user({}, id));
    return change_password(changed, hash);
  });
}

Result<void> Users::begin(const SessionRow& s) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const User who, user({}, s.user));
    TRY(db_->run("INSERT INTO session (hash, user, begun, seen) VALUES (?, ?, ?, ?)", s.hash, s.user, s.begun,
                 s.seen));
    TRY(
        db_->run("DELETE FROM session WHERE user = ?1 AND hash <> ?2 AND hash NOT IN"
                 " (SELECT hash FROM session WHERE user = ?1 ORDER BY seen DESC, begun DESC LIMIT ?3)",
                 s.user, s.hash, most_sessions_a_user));
    return record(who, "session.begun");
  });
}

Result<void> Users::seen(std::string_view hash, WallTime at) {
  return write([&]() -> Result<void> {
    TRY(db_->run("UPDATE session SET seen = max(seen, ?2) WHERE hash = ?1", hash, at));
    return {};
  });
}

Result<void> Users::end(std::string_view hash) {
  return write([&]() -> Result<void> {
    UserId id;
    {
      Query q = db_->query("SELECT user FROM session WHERE hash = ?", hash);
      TRY_ASSIGN(const bool row, q.next());
      if (!row) return {};
      id = UserId{q.i64(0)};
    }
    TRY_ASSIGN(const User who, user({}, id));
    TRY(db_->run("DELETE FROM session WHERE hash = ?", hash));
    return record(who, "session.ended");
  });
}

Result<void> Users::end_all(UserId id) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const User who, user({}, id));
    TRY(db_->run("DELETE FROM session WHERE user = ?", id));
    return record(who, "session.ended_everywhere");
  });
}

Result<std::vector<SignedIn>> Users::sessions() {
  Query q = db_->query(
      "SELECT u.id, u.account, u.name, u.role, '', u.created, s.hash, s.begun, s.seen, a.key, a.time_zone"
      " FROM session s JOIN user u ON u.id = s.user JOIN account a ON a.id = u.account");
  std::vector<SignedIn> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    SignedIn one{.user = user_from(q), .account_key = q.string(9), .time_zone = q.string(10)};
    one.session = {q.string(6), one.user.id, q.time(7), q.time(8)};
    all.push_back(std::move(one));
  }
}

Result<void> Users::forget(WallTime seen_before, WallTime begun_before, WallTime now) {
  return write([&]() -> Result<void> {
    TRY(db_->run("DELETE FROM session WHERE seen < ? OR begun < ?", seen_before, begun_before));
    TRY(db_->run("DELETE FROM user_link WHERE expires <= ?", now));
    return {};
  });
}

Result<void> Users::put_link(const Link& l) {
  return write([&]() -> Result<void> {
    TRY(db_->run("DELETE FROM user_link WHERE account = ? AND user = ?", l.account, l.user));
    TRY(db_->run("INSERT INTO user_link (hash, account, user, expires) VALUES (?, ?, ?, ?)", l.hash,
                 l.account, l.user, l.expires));
    if (!l.user) return {};
    TRY_ASSIGN(const User whose, user(l.account, l.user));
    return record(whose, "user.link");
  });
}

Result<std::optional<Link>> Users::link(std::string_view hash, WallTime now) {
  Query q = db_->query("SELECT hash, account, user, expires FROM user_link WHERE hash = ? AND expires > ?",
                       hash, now);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return std::nullopt;
  return Link{q.string(0), AccountId{q.i64(1)}, UserId{q.i64(2)}, q.time(3)};
}

Result<User> Users::redeem(std::string_view hash, std::string_view name, const Secret& password,
                           WallTime now) {
  return write([&]() -> Result<User> {
    TRY_ASSIGN(const auto found, link(hash, now));
    if (!found) return fail(Code::not_found, "the link has been used, or its hour is over");
    TRY(db_->run("DELETE FROM user_link WHERE hash = ?", hash));
    if (found->user) {
      TRY_ASSIGN(User whose, user(found->account, found->user));
      TRY(change_password(whose, password));
      return whose;
    }
    TRY_ASSIGN(const auto there, users(found->account));
    if (!there.empty()) return fail(Code::conflict, "the account has users by now");
    return insert({{}, found->account, std::string(name), Role::admin, password, now});
  });
}

Result<AccountSettings> Users::settings(AccountId account) {
  Query q = db_->query("SELECT confirm_from FROM account WHERE id = ?", account);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, "no such account");
  return AccountSettings{.confirm_from = q.i64(0)};
}

Result<void> Users::put_settings(AccountId account, const AccountSettings& wanted) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const AccountSettings before, settings(account));
    if (before.confirm_from == wanted.confirm_from) return {};
    TRY(db_->run("UPDATE account SET confirm_from = ? WHERE id = ?", wanted.confirm_from, account));
    TRY(Trail(*db_).append({.at = at_,
                            .account = account,
                            .actor = actor_,
                            .action = "settings.put",
                            .subject = "confirm_from",
                            .before = fmt::format("{}", before.confirm_from),
                            .after = fmt::format("{}", wanted.confirm_from)}));
    return {};
  });
}

Result<void> Users::record_lockout(UserId id) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const User who, user({}, id));
    return record(who, "session.locked_out");
  });
}

}  // namespace sqlite
}  // namespace belay::store
