// The users of accounts, the sessions they are signed in with, and the one-time links that let somebody
// choose a password. A UserSession belongs to one thread at a time and blocks on the medium, as the
// other sessions of the store do. What changes something leaves its row in the audit trail.
//
// No secret is in here: passwords are argon2id hashes (base/password.h), tokens of sessions and links
// are keyed hashes whose key is not in the store.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"
#include "store/errors.h"

namespace belay {
using UserId = Id<struct UserTag>;
}

namespace belay::store {

// In the order of what they may do: each may what the one before it may.
enum class Role : std::uint8_t {
  member,   // sees
  creator,  // makes, starts, pauses and stops campaigns
  admin,    // users, passcodes, providers, webhooks and guardrails of the account
};
inline constexpr std::array<std::string_view, 3> role_names{"member", "creator", "admin"};
constexpr std::string_view name_of(Role role) {
  return role_names[static_cast<std::size_t>(role)];
}
std::optional<Role> role_named(std::string_view name);

struct User {
  UserId id;
  AccountId account;
  std::string name;  // unique in its account, whatever the case of its letters
  Role role = Role::member;
  Secret password;  // hashed; empty: none chosen yet, nobody can sign in with one
  WallTime created{};
};

struct SessionRow {
  std::string hash;  // of the cookie's token
  UserId user;
  WallTime begun{}, seen{};
};

// A session with what its requests are judged by.
struct SignedIn {
  SessionRow session;
  User user;
  std::string account_key, time_zone;
};

struct Link {
  std::string hash;  // of the link's token
  AccountId account;
  UserId user;  // none: the link makes the account's first user, an Admin
  WallTime expires{};
};

// What the people of an account have chosen for its pages.
struct AccountSettings {
  std::int64_t confirm_from = 1000;  // from so many people on, who starts a campaign types their number
};

inline constexpr std::size_t most_users = 500;           // of an account
inline constexpr std::size_t most_sessions_a_user = 20;  // one more ends the one that was seen longest ago

class UserSession {
 public:
  virtual ~UserSession() = default;

  // Who acts from now on, and when: for the audit trail.
  virtual void as(std::string actor, WallTime at) = 0;

  // Id assigned. Code::conflict if the account has a user of that name, or most_users.
  virtual Result<User> add(const User& user) = 0;
  virtual Result<std::vector<User>> users(AccountId account) = 0;  // by id; none: of every account
  virtual Result<User> user(AccountId account, UserId id) = 0;     // account none: any; Code::not_found
  virtual Result<std::optional<User>> find(AccountId account, std::string_view name) = 0;
  // Code::conflict for the account's last Admin, who can't become less.
  virtual Result<User> set_role(AccountId account, UserId id, Role role) = 0;
  // Its sessions and links go with it. Code::conflict for the last Admin, unless `last_too`.
  virtual Result<void> remove(AccountId account, UserId id, bool last_too) = 0;
  // Ends the user's sessions and links.
  virtual Result<void> set_password(UserId id, const Secret& hash) = 0;

  // Of the user's older sessions, those above most_sessions_a_user end.
  virtual Result<void> begin(const SessionRow& session) = 0;
  virtual Result<void> seen(std::string_view hash, WallTime at) = 0;  // not in the audit trail
  virtual Result<void> end(std::string_view hash) = 0;                // no such session: no change
  virtual Result<void> end_all(UserId user) = 0;
  virtual Result<std::vector<SignedIn>> sessions() = 0;
  // Deletes what has expired: sessions not seen or begun since, links.
  virtual Result<void> forget(WallTime seen_before, WallTime begun_before, WallTime now) = 0;

  // The user's (or, for a first user, the account's) earlier links go.
  virtual Result<void> put_link(const Link& link) = 0;
  virtual Result<std::optional<Link>> link(std::string_view hash, WallTime now) = 0;  // if it still counts
  // Uses the link up: its user gets the password, and every session of theirs ends; or the account's
  // first user is made, with that name. Code::not_found if the link does not count (any more),
  // Code::conflict for a first user where there is one by now.
  virtual Result<User> redeem(std::string_view hash, std::string_view name, const Secret& password,
                              WallTime now) = 0;

  // Code::not_found if there is no such account.
  virtual Result<AccountSettings> settings(AccountId account) = 0;
  virtual Result<void> put_settings(AccountId account, const AccountSettings& wanted) = 0;

  // For the record: signing in as this user has begun to take patience.
  virtual Result<void> record_lockout(UserId user) = 0;
};

}  // namespace belay::store
