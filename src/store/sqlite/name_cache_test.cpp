#include "store/sqlite/name_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include <fmt/format.h>

#include "base/manual.h"

namespace belay::store::sqlite {
namespace {

constexpr std::size_t plenty = 1u << 20;
const AccountId a{1}, b{2};

IdentityRef named(std::string_view value) {
  return {IdentityKind::identity, value};
}
IdentityRef device(std::string_view value) {
  return {IdentityKind::object_id, value};
}

TEST(NameCache, a_name_is_an_account_a_kind_and_a_text) {
  NameCache names(plenty, {});
  names.learn(a, named("ann"), 7);
  names.learn(b, named("ann"), 8);
  names.learn(a, device("ann"), 9);
  names.learn(a, named(""), 10);
  names.commit();
  EXPECT_EQ(names.find(a, named("ann")), 7);
  EXPECT_EQ(names.find(b, named("ann")), 8);
  EXPECT_EQ(names.find(a, device("ann")), 9);
  EXPECT_EQ(names.find(a, named("")), 10);
  EXPECT_EQ(names.find(b, device("ann")), std::nullopt);
  EXPECT_EQ(names.find(a, named("ann ")), std::nullopt);
}

TEST(NameCache, what_is_learned_counts_once_it_is_committed) {
  NameCache names(plenty, {});
  names.learn(a, named("ann"), 7);
  EXPECT_EQ(names.find(a, named("ann")), std::nullopt);
  names.roll_back();
  names.commit();
  EXPECT_EQ(names.find(a, named("ann")), std::nullopt);
}

TEST(NameCache, what_is_forgotten_is_gone_at_once_and_stays_gone) {
  NameCache names(plenty, {});
  names.learn(a, named("ann"), 7);
  names.commit();
  names.forget(a, named("ann"));
  EXPECT_EQ(names.find(a, named("ann")), std::nullopt);
  names.roll_back();
  EXPECT_EQ(names.find(a, named("ann")), std::nullopt);

  names.learn(a, named("bob"), 8);
  names.forget(a, named("bob"));
  names.commit();
  EXPECT_EQ(names.find(a, named("bob")), std::nullopt) << "it was learned before it was forgotten";
  names.learn(a, named("bob"), 9);
  names.commit();
  EXPECT_EQ(names.find(a, named("bob")), 9);
}

TEST(NameCache, transactions_in_random_order_never_leave_a_wrong_name_and_lose_few) {
  NameCache names(plenty, {3, 4});
  SeededRandom random{11};
  std::map<std::string, std::int64_t> truth;
  std::size_t asked = 0, found = 0;
  for (int transaction = 0; transaction < 2000; ++transaction) {
    auto next = truth;
    for (int i = 0; i < 20; ++i) {
      const std::string name = fmt::format("person-{}", random.below(20'000));
      if (const auto known = names.find(a, named(name))) {
        EXPECT_EQ(*known, next.at(name)) << name;
      }
      if (random.below(4) == 0 && next.erase(name) != 0) {
        names.forget(a, named(name));
      } else if (!next.contains(name)) {
        next[name] = static_cast<std::int64_t>(random.below(4'000'000'000)) + 1;
        names.learn(a, named(name), next[name]);
      }
    }
    if (random.below(5) == 0) {
      names.roll_back();
    } else {
      names.commit();
      truth = std::move(next);
    }
  }
  for (const auto& [name, profile] : truth) {
    const auto known = names.find(a, named(name));
    ++asked;
    if (!known) continue;
    ++found;
    EXPECT_EQ(*known, profile) << name;
  }
  EXPECT_GT(asked, 10'000u);
  EXPECT_GT(found * 100, asked * 80) << found << " of " << asked;
}

// More of a name counts than where it is kept: with 38 bits some of so many strangers would be taken for friends.
TEST(NameCache, of_millions_of_strangers_none_is_known) {
  NameCache names(8u << 20, {});
  for (int i = 0; i < 250'000; ++i) names.learn(a, named(fmt::format("friend-{}", i)), 1);
  names.commit();
  int known = 0;
  for (int i = 0; i < 4'000'000; ++i) known += names.find(a, named(std::to_string(i))).has_value() ? 1 : 0;
  EXPECT_EQ(known, 0);
}

TEST(NameCache, a_full_one_takes_no_more_memory_and_lets_old_names_go) {
  NameCache names(100'000, {});
  EXPECT_LE(names.bytes(), 4096u) << "it begins small";
  for (std::int64_t i = 1; i <= 50'000; ++i) {
    names.learn(a, named(fmt::format("person-{}", i)), i);
    if (i % 1000 == 0) names.commit();
  }
  EXPECT_EQ(names.bytes(), 65'536u);
  std::size_t found = 0;
  for (std::int64_t i = 1; i <= 50'000; ++i)
    if (const auto known = names.find(a, named(fmt::format("person-{}", i)))) {
      EXPECT_EQ(*known, i);
      ++found;
    }
  EXPECT_GT(found, 4000u) << "of room for 4,096";
  EXPECT_EQ(names.find(a, named("person-50000")), 50'000);
}

TEST(NameCache, one_of_nearly_no_memory_still_works) {
  NameCache names(0, {});
  for (std::int64_t i = 1; i <= 1000; ++i) names.learn(a, named(std::to_string(i)), i);
  names.commit();
  EXPECT_EQ(names.bytes(), 4096u);
  EXPECT_EQ(names.find(a, named("1000")), 1000);
  names.clear();
  EXPECT_EQ(names.find(a, named("1000")), std::nullopt);
}

}  // namespace
}  // namespace belay::store::sqlite
