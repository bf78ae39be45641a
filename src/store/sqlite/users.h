// UserSession on belay.db.
#pragma once
#include <memory>

#include "store/sqlite/owner.h"
#include "store/sqlite/write_turn.h"
#include "store/users.h"

namespace belay::store::sqlite {

class Users final : public UserSession {
 public:
  Users(std::unique_ptr<Db> db, WriteTurn& turn, const Tenure* tenure)
      : db_(std::move(db)), turn_(turn), tenure_(tenure) {}

  void as(std::string actor, WallTime at) override { actor_ = std::move(actor), at_ = at; }
  Result<User> add(const User& user) override;
  Result<std::vector<User>> users(AccountId account) override;
  Result<User> user(AccountId account, UserId id) override;
  Result<std::optional<User>> find(AccountId account, std::string_view name) override;
  Result<User> set_role(AccountId account, UserId id, Role role) override;
  Result<void> remove(AccountId account, UserId id, bool last_too) override;
  Result<void> set_password(UserId id, const Secret& hash) override;
  Result<void> begin(const SessionRow& session) override;
  Result<void> seen(std::string_view hash, WallTime at) override;
  Result<void> end(std::string_view hash) override;
  Result<void> end_all(UserId user) override;
  Result<std::vector<SignedIn>> sessions() override;
  Result<void> forget(WallTime seen_before, WallTime begun_before, WallTime now) override;
  Result<void> put_link(const Link& link) override;
  Result<std::optional<Link>> link(std::string_view hash, WallTime now) override;
  Result<User> redeem(std::string_view hash, std::string_view name, const Secret& password,
                      WallTime now) override;
  Result<AccountSettings> settings(AccountId account) override;
  Result<void> put_settings(AccountId account, const AccountSettings& wanted) override;
  Result<void> record_lockout(UserId user) override;

 private:
  template <class Body>
  auto write(Body&& body) {
    const auto turn = turn_.take(Lane::ordinary);
    return in_owned_transaction(*db_, tenure_, std::forward<Body>(body));
  }
  // Inside a transaction.
  Result<User> insert(const User& user);
  Result<void> change_password(const User& user, const Secret& hash);
  Result<void> refuse_if_last_admin(const User& user);
  Result<void> record(const User& user, std::string_view action, std::string_view before = "",
                      std::string_view after = "");

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  const Tenure* tenure_;
  std::string actor_ = "belay";
  WallTime at_{};
};

}  // namespace belay::store::sqlite
