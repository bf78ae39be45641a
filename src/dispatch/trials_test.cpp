#include "dispatch/trials.h"

#include <gtest/gtest.h>

#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using testing::World;

Scope scope_of(Scope::Kind kind, AccountId account = {}, std::string name = "") {
  Scope s;
  s.kind = kind;
  s.account = account;
  s.name = std::move(name);
  return s;
}

TEST(Trials, are_withdrawn_by_the_stops_that_cover_them) {
  Trials trials;
  const AccountId mine{1}, theirs{2};
  int withdrawn = 0;
  auto ticket = trials.enter(mine, Channel::push, "fcm", [&] { ++withdrawn; });
  Scope one = scope_of(Scope::Kind::campaign, mine);
  one.campaign = CampaignId{7};
  for (const Scope& other :
       {one, scope_of(Scope::Kind::all, theirs), scope_of(Scope::Kind::channel, mine, "webhook"),
        scope_of(Scope::Kind::provider, mine, "other"), scope_of(Scope::Kind::label, mine, "sale")})
    trials.withdraw(other);
  EXPECT_EQ(withdrawn, 0);
  for (const Scope& covering :
       {scope_of(Scope::Kind::all), scope_of(Scope::Kind::all, mine),
        scope_of(Scope::Kind::channel, {}, "push"), scope_of(Scope::Kind::provider, mine, "fcm")})
    trials.withdraw(covering);
  EXPECT_EQ(withdrawn, 4);
  ticket.reset();
  trials.withdraw(scope_of(Scope::Kind::all));
  EXPECT_EQ(withdrawn, 4) << "it is over";
}

TEST(Trials, are_withdrawn_before_the_stop_is_answered_and_behind_its_latch) {
  World w(1);
  w.start_with(1);
  bool withdrawn = false, answered = false;
  std::size_t latches = 0;
  const auto ticket = w.engine->trials().enter(w.account_id, Channel::push, "any", [&] {
    EXPECT_FALSE(answered);
    withdrawn = true;
    latches = (*w.store->control(store::Lane::ordinary))->latches({})->size();
  });
  w.ask_stop({scope_of(Scope::Kind::all), "ops", "", true}, [&](const auto& record) {
    EXPECT_TRUE(record.has_value());
    answered = true;
  });
  ASSERT_TRUE(w.run_until([&] { return answered; }));
  EXPECT_TRUE(withdrawn);
  EXPECT_EQ(latches, 1u) << "whoever enters now finds it";
}

}  // namespace
}  // namespace belay::dispatch
