#include "store/conformance_test.h"
#include "store/users.h"

namespace belay::store {
namespace {

User named(AccountId account, const std::string& name, Role role = Role::admin) {
  return {{}, account, name, role, Secret("hash of " + name), at(1)};
}

std::vector<std::string> hashes(UserSession& users) {
  std::vector<std::string> out;
  for (const SignedIn& s : must(users.sessions())) out.push_back(s.session.hash);
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_P(StoreConformance, user_is_found_in_its_own_account_whatever_the_case) {
  const AccountId a = account(), b = account("B");
  auto users = must(store->users());
  const User ann = must(users->add(named(a, "Ann", Role::creator)));
  EXPECT_TRUE(ann.id);
  const auto found = must(users->find(a, "aNN"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, ann.id);
  EXPECT_EQ(found->name, "Ann");
  EXPECT_EQ(found->role, Role::creator);
  EXPECT_EQ(found->password.reveal(), "hash of Ann");
  EXPECT_FALSE(must(users->find(b, "Ann")));
  EXPECT_EQ(code_of(users->user(b, ann.id)), Code::not_found);
  EXPECT_EQ(must(users->user({}, ann.id)).name, "Ann");
  EXPECT_EQ(code_of(users->add(named(a, "ANN"))), Code::conflict);
  must(users->add(named(b, "Ann")));
  EXPECT_EQ(must(users->users(a)).size(), 1u);
  EXPECT_EQ(must(users->users({})).size(), 2u);
}

TEST_P(StoreConformance, last_admin_of_an_account_stays_one) {
  const AccountId a = account(), b = account("B");
  auto users = must(store->users());
  const User ann = must(users->add(named(a, "ann"))), bob = must(users->add(named(a, "bob", Role::member)));
  must(users->add(named(b, "eve")));
  EXPECT_EQ(code_of(users->set_role(a, ann.id, Role::creator)), Code::conflict);
  EXPECT_EQ(code_of(users->remove(a, ann.id, false)), Code::conflict);
  EXPECT_EQ(must(users->set_role(a, bob.id, Role::admin)).role, Role::admin);
  must(users->remove(a, ann.id, false));
  EXPECT_EQ(code_of(users->remove(a, bob.id, false)), Code::conflict);
  must(users->remove(a, bob.id, true));
  EXPECT_TRUE(must(users->users(a)).empty());
}

TEST_P(StoreConformance, session_ends_alone_with_all_others_and_with_its_user) {
  const AccountId a = account();
  auto users = must(store->users());
  const User ann = must(users->add(named(a, "ann"))), bob = must(users->add(named(a, "bob")));
  for (const char* hash : {"s1", "s2", "s3"}) must(users->begin({hash, ann.id, at(1), at(1)}));
  must(users->begin({"s4", bob.id, at(1), at(1)}));
  must(users->seen("s2", at(90)));
  must(users->seen("s2", at(50)));
  const auto all = must(users->sessions());
  const auto second = std::ranges::find(all, "s2", [](const SignedIn& s) { return s.session.hash; });
  ASSERT_NE(second, all.end());
  EXPECT_EQ(second->session.seen, at(90));
  EXPECT_EQ(second->user.name, "ann");
  EXPECT_EQ(second->account_key, "TEST-123-4567");
  EXPECT_TRUE(second->user.password.empty()) << "whoever reads sessions needs no password";
  must(users->end("s1"));
  must(users->end("s1"));
  EXPECT_EQ(hashes(*users), (std::vector<std::string>{"s2", "s3", "s4"}));
  must(users->end_all(ann.id));
  EXPECT_EQ(hashes(*users), std::vector<std::string>{"s4"});
  must(users->remove(a, bob.id, false));
  EXPECT_TRUE(hashes(*users).empty());
}

TEST_P(StoreConformance, sessions_of_a_user_are_bounded_and_old_ones_are_forgotten) {
  const AccountId a = account();
  auto users = must(store->users());
  const User ann = must(users->add(named(a, "ann")));
  for (std::size_t i = 0; i < most_sessions_a_user + 3; ++i)
    must(users->begin({fmt::format("s{:02}", i), ann.id, at(static_cast<int>(i)), at(static_cast<int>(i))}));
  const auto kept = hashes(*users);
  EXPECT_EQ(kept.size(), most_sessions_a_user);
  EXPECT_EQ(kept.front(), "s03");
  must(users->seen("s03", at(1000)));
  must(users->forget(at(500), at(0), at(1000)));
  EXPECT_EQ(hashes(*users), std::vector<std::string>{"s03"});
  must(users->forget(at(500), at(4), at(1000)));
  EXPECT_TRUE(hashes(*users).empty());
}

TEST_P(StoreConformance, new_password_ends_sessions_and_links) {
  const AccountId a = account();
  auto users = must(store->users());
  const User ann = must(users->add(named(a, "ann")));
  must(users->begin({"s1", ann.id, at(1), at(1)}));
  must(users->put_link({"l1", a, ann.id, at(100)}));
  must(users->set_password(ann.id, Secret("other")));
  EXPECT_TRUE(hashes(*users).empty());
  EXPECT_FALSE(must(users->link("l1", at(2))));
  EXPECT_EQ(must(users->user(a, ann.id)).password.reveal(), "other");
}

TEST_P(StoreConformance, link_counts_once_and_until_it_expires) {
  const AccountId a = account();
  auto users = must(store->users());
  const User ann = must(users->add(named(a, "ann", Role::member)));
  must(users->put_link({"l1", a, ann.id, at(100)}));
  must(users->put_link({"l2", a, ann.id, at(100)}));
  EXPECT_FALSE(must(users->link("l1", at(2)))) << "a newer one takes its place";
  EXPECT_EQ(must(users->link("l2", at(99)))->user, ann.id);
  EXPECT_FALSE(must(users->link("l2", at(100))));
  EXPECT_EQ(code_of(users->redeem("l2", "", Secret("new"), at(100))), Code::not_found);
  const User same = must(users->redeem("l2", "not-ann", Secret("new"), at(99)));
  EXPECT_EQ(same.name, "ann");
  EXPECT_EQ(same.role, Role::member);
  EXPECT_EQ(must(users->user(a, ann.id)).password.reveal(), "new");
  EXPECT_EQ(code_of(users->redeem("l2", "", Secret("new"), at(99))), Code::not_found);
}

TEST_P(StoreConformance, link_without_a_user_makes_the_first_and_only_the_first) {
  const AccountId a = account(), b = account("B");
  auto users = must(store->users());
  must(users->put_link({"l1", a, {}, at(100)}));
  must(users->put_link({"l2", b, {}, at(100)}));
  EXPECT_EQ(must(users->redeem("l1", "ann", Secret("p"), at(2))).role, Role::admin);
  must(users->remove(a, must(users->users(a)).at(0).id, true));
  EXPECT_EQ(code_of(users->redeem("l1", "mallory", Secret("p"), at(2))), Code::not_found);
  must(users->add(named(b, "eve")));
  EXPECT_EQ(code_of(users->redeem("l2", "mallory", Secret("p"), at(2))), Code::conflict);
  EXPECT_EQ(must(users->users(b)).size(), 1u);
}

TEST_P(StoreConformance, users_go_with_their_account_and_leave_their_rows_in_the_trail) {
  const AccountId a = account();
  auto users = must(store->users());
  users->as("user:ann", at(7));
  const User ann = must(users->add(named(a, "ann")));
  must(users->begin({"s1", ann.id, at(1), at(1)}));
  must(users->put_link({"l1", a, ann.id, at(100)}));
  must(users->record_lockout(ann.id));
  must(control->remove_account(a));
  EXPECT_TRUE(must(users->users({})).empty());
  EXPECT_TRUE(hashes(*users).empty());
  EXPECT_FALSE(must(users->link("l1", at(2))));
  std::vector<std::string> acts;
  for (const AuditEntry& e : must(control->audit({.subject = "user-ann"}))) {
    acts.push_back(e.action);
    EXPECT_EQ(e.actor, "user:ann");
    EXPECT_EQ(e.at, at(7));
    EXPECT_EQ(e.account, a);
  }
  EXPECT_EQ(acts,
            (std::vector<std::string>{"user.added", "session.begun", "user.link", "session.locked_out"}));
}

TEST_P(StoreConformance, settings_of_an_account_are_kept_by_itself_and_a_change_is_on_record) {
  const AccountId a = account(), b = account("B");
  auto users = must(store->users());
  EXPECT_EQ(must(users->settings(a)).confirm_from, 1000);
  users->as("user:ann", at(7));
  must(users->put_settings(a, {.confirm_from = 50}));
  must(users->put_settings(a, {.confirm_from = 50}));
  EXPECT_EQ(must(users->settings(a)).confirm_from, 50);
  EXPECT_EQ(must(users->settings(b)).confirm_from, 1000);
  EXPECT_EQ(account(), a);  // put again, as at every start
  EXPECT_EQ(must(users->settings(a)).confirm_from, 50);
  EXPECT_EQ(code_of(users->settings(AccountId{99})), Code::not_found);
  std::vector<AuditEntry> rows;
  for (const AuditEntry& row : must(control->audit({})))
    if (row.action == "settings.put") rows.push_back(row);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].actor, "user:ann");
  EXPECT_EQ(rows[0].before + " " + rows[0].after, "1000 50");
}

}  // namespace belay::store
