#include "app/first_user.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "api/sessions.h"
#include "base/check.h"
#include "base/manual.h"
#include "store/sqlite/open.h"

namespace belay::app {
namespace {

class FirstUser : public ::testing::Test {
 protected:
  FirstUser() {
    std::string name = (std::filesystem::temp_directory_path() / "belay-first-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    folder = name;
    store = *store::open_sqlite(folder);
    control = *store->control(store::Lane::ordinary);
    users = *store->users();
  }
  ~FirstUser() override {
    users.reset(), control.reset(), store.reset();
    std::filesystem::remove_all(folder);
  }
  AccountId add_account(std::string key) {
    return control->put_account({{}, std::move(key), "UTC", "eu1"})->id;
  }
  std::vector<FirstLink> links() { return *first_links(*control, *users, key, random, clock.wall()); }
  std::optional<store::Link> counts(const FirstLink& link) {
    return *users->link(api::hash_of_link(key, link.token), clock.wall());
  }

  std::string folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::ControlSession> control;
  std::unique_ptr<store::UserSession> users;
  Secret key{"test key"};
  SeededRandom random{1};
  ManualClock clock;
};

TEST_F(FirstUser, is_invited_to_each_account_for_an_hour) {
  const AccountId a = add_account("A");
  add_account("B");
  const auto made = links();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].account, "A");
  ASSERT_TRUE(counts(made[0]));
  EXPECT_EQ(counts(made[0])->account, a);
  EXPECT_FALSE(counts(made[0])->user);
  clock.advance(Seconds{3600});
  EXPECT_FALSE(counts(made[0]));
}

TEST_F(FirstUser, link_of_a_later_start_takes_the_place_of_the_earlier) {
  add_account("A");
  const auto earlier = links(), later = links();
  EXPECT_FALSE(counts(earlier.at(0)));
  EXPECT_TRUE(counts(later.at(0)));
}

TEST_F(FirstUser, is_not_invited_where_there_is_a_user) {
  const AccountId a = add_account("A");
  add_account("B");
  ASSERT_TRUE(users->add({{}, a, "ann", store::Role::member, {}, clock.wall()}));
  EXPECT_TRUE(links().empty());
}

TEST_F(FirstUser, is_invited_to_a_few_accounts_only) {
  for (int i = 0; i < 20; ++i) add_account(fmt::format("A{}", i));
  EXPECT_EQ(links().size(), most_first_links);
}

}  // namespace
}  // namespace belay::app
