// How other systems lost people, mailed them twice or stood still, as the reports tell it, played
// against the engine: one test a family of reports. The numbers S.. are listed in docs/proof.md.
#include <gtest/gtest.h>

#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using testing::World;

bool completes(World& w, CampaignId id) {
  return w.run_until([&] { return w.state(id) == State::completed; }, 1'000'000);
}

void expect_nobody_twice(const World& w) {
  for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << token;
}

// S28: half the list after three restarts, "finished". Here three restarts in good order cost nothing.
TEST(Scenario, S28_three_restarts_later_everybody_has_it_once) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{2};
    const CampaignId id = w.send_to(300);
    for (int restart = 0; restart < 3; ++restart) {
      w.run(w.random.below(400));
      w.drain();
      w.start();
    }
    ASSERT_TRUE(completes(w, id)) << seed;
    EXPECT_EQ(w.provider.got.size(), 300u) << seed;
    expect_nobody_twice(w);
    EXPECT_EQ(w.account(id).accepted, 300u) << seed;
  }
}

// S29: a batch of people who can't be reached looked like the end of the list. The end is where the
// cursors are, not an empty page.
TEST(Scenario, S29_a_long_stretch_of_unreachable_people_is_not_the_end) {
  World w(29);
  w.start_with(600);
  // The first campaign finds everybody's token dead but the last hundred.
  auto profiles = std::move(*w.store->profiles());
  std::vector<RecipientId> first;
  store::ScanQuery all;
  all.account = w.account_id;
  ASSERT_TRUE(profiles->scan(all, [&](const store::ScanRow& row) { first.push_back(row.recipient); }));
  ASSERT_EQ(first.size(), 600u);
  first.resize(500);
  const CampaignId id = w.campaign(World::push("x"), w.clock.wall() + Seconds{1});
  // They die between the freezing of the audience and their turn.
  ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::running; }));
  ASSERT_TRUE(profiles->mark_dead(w.account_id, first));
  ASSERT_TRUE(completes(w, id));
  const Tally t = w.account(id);
  EXPECT_TRUE(t.balances());
  EXPECT_EQ(t.accepted + t.skipped_total(), 600u);
  EXPECT_GE(t.skipped_total(), 400u);
  for (unsigned n = 500; n < 600; ++n) EXPECT_EQ(w.provider.got.count("t" + std::to_string(n)), 1u) << n;
}

// S25, S26: the limiter slept in the loop that also had to notice the stop. Here the pace is a number.
TEST(Scenario, S25_a_slow_pace_delays_no_stop) {
  World w(25);
  w.max_per_second = 1;
  const CampaignId id = w.send_to(100);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total >= 3; }));
  const SteadyTime asked = w.clock.steady();
  const auto record = w.stop(id);
  ASSERT_TRUE(record);
  EXPECT_LE(w.clock.steady() - asked, Millis{100});
  EXPECT_EQ(record->receipts[0].tally.handed_over, w.provider.total);
}

// S31, S24, S23: after a stop each person's state can be asked for, and the lists have the receipt's sizes.
TEST(Scenario, S31_who_got_it_and_who_did_not_is_known_by_name) {
  World w(31);
  w.provider.behaviour.delay = Millis{1};
  const CampaignId id = w.send_to(200);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total >= 70; }));
  ASSERT_TRUE(w.stop(id));
  w.run_dry();
  std::uint32_t withheld = 0;
  for (unsigned n = 0; n < 200; ++n) {
    const auto person = w.person(id, n);
    const bool got = w.provider.got.contains("t" + std::to_string(n));
    EXPECT_EQ(person.handed_over, got) << n;
    EXPECT_EQ(person.standing == Standing::withheld, !got) << n;
    withheld += person.standing == Standing::withheld ? 1 : 0;
  }
  EXPECT_EQ(w.account(id).withheld, withheld);
}

// S34: people who join while a campaign runs moved the pages of a list that was read by offset. A frozen
// audience has no pages to move.
TEST(Scenario, S34_people_who_join_during_a_run_displace_nobody) {
  World w(34);
  const CampaignId id = w.send_to(100);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total >= 20; }));
  w.people(200);  // the first hundred again, and a hundred new ones
  ASSERT_TRUE(completes(w, id));
  expect_nobody_twice(w);
  EXPECT_EQ(w.account(id).audience, 100u);
  EXPECT_EQ(w.provider.got.size(), 100u);
}

// S40, S42, S45, S47, S48, S68: two runners of one campaign. Told about it as often as you like, one
// campaign has one run and everybody one message.
TEST(Scenario, S42_however_often_it_is_woken_a_campaign_is_sent_once) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    const CampaignId id = w.send_to(150);
    for (int i = 0; i < 40; ++i) {
      w.engine->wake();
      w.run(w.random.below(40));
    }
    ASSERT_TRUE(completes(w, id));
    EXPECT_EQ(w.provider.total, 150u) << seed;
    expect_nobody_twice(w);
  }
}

// S43, S49: one refused recipient made the whole batch go out again. Marks are per recipient.
TEST(Scenario, S43_one_refused_recipient_repeats_nobody_else) {
  World w(43);
  w.provider.behaviour.dead_of_100 = 10;
  const CampaignId id = w.send_to(400);
  ASSERT_TRUE(completes(w, id));
  expect_nobody_twice(w);
  const Tally t = w.account(id);
  EXPECT_GT(t.failed, 0u);
  EXPECT_EQ(t.accepted + t.failed, 400u);
  EXPECT_EQ(t.attempts, 400u);
}

// S35, S66, S67: what was refused is not called sent, and completed says who failed.
TEST(Scenario, S66_refused_is_not_accepted_and_completed_is_computed) {
  World w(66);
  w.provider.behaviour.dead_of_100 = 100;
  const CampaignId id = w.send_to(60);
  ASSERT_TRUE(completes(w, id));
  const Tally t = w.account(id);
  EXPECT_EQ(t.accepted, 0u);
  EXPECT_EQ(t.failed, 60u);
  EXPECT_EQ(t.pending + t.in_flight, 0u);
}

// S38, S79: one campaign that stands still keeps no other from being sent.
TEST(Scenario, S38_a_campaign_that_waits_holds_up_no_other) {
  World w(38);
  w.start_with(100);
  w.max_per_second = 1;
  const CampaignId slow = w.campaign();
  ASSERT_TRUE(w.run_until([&] { return w.provider.total >= 2; }));
  const CampaignId later = w.campaign(World::push("later"), w.clock.wall() + Seconds{3600});
  EXPECT_TRUE(w.run_until([&] { return w.state(slow) == State::completed; }, 1'000'000));
  EXPECT_EQ(w.state(later), State::scheduled);
  EXPECT_EQ(w.account(slow).accepted, 100u);
}

// S50: the campaign lived in a browser tab. Here whoever asked for it may go: nobody holds a handle on it.
// S55, S62, S65: the state that is shown is the state of the run, and people's states follow it.
TEST(Scenario, S55_state_shown_is_state_run) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    const CampaignId id = w.send_to(120);
    std::size_t before = 0;
    bool over = false;
    for (int i = 0; i < 4000 && !over; ++i) {
      const State shown = w.state(id);
      if (is_final(shown)) {
        EXPECT_EQ(w.provider.total, before) << "sent after it was shown as over";
        over = true;
      }
      before = w.provider.total;
      w.step();
      if (shown == State::scheduled) {
        EXPECT_EQ(before, 0u);
      }
    }
    EXPECT_TRUE(over);
  }
}

// S27, S30, S37: running for hours and sending nothing. Who watches is told.
TEST(Scenario, S30_a_run_that_does_not_come_forward_is_alarmed) {
  World w(30);
  w.start_with(50);
  w.provider.behaviour.unreachable = true;
  const CampaignId id = w.campaign();
  ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::running; }));
  w.run(50);
  EXPECT_EQ(w.engine->metrics().stalled_runs, 0u);
  const SteadyTime later = w.clock.steady() + Seconds{125};
  ASSERT_TRUE(w.run_until([&] { return w.clock.steady() > later; }));
  EXPECT_EQ(w.engine->metrics().stalled_runs, 1u);
  w.provider.behaviour.unreachable = false;
  ASSERT_TRUE(w.run_until([&] { return w.provider.total > 0; }));
  ASSERT_TRUE(w.run_until([&] { return w.engine->metrics().stalled_runs == 0; }));
  ASSERT_TRUE(completes(w, id));
}

// S59, S57: not one message before its time, however the wall clock is set meanwhile; not twice after
// it was set back.
TEST(Scenario, S59_never_before_its_time_and_once_however_the_clock_is_set) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World w(seed);
    w.start_with(20);
    const WallTime due = w.clock.wall() + Seconds{600};
    const CampaignId id = w.campaign(World::push("x"), due);
    while (w.state(id) == State::scheduled) {
      ASSERT_EQ(w.provider.total, 0u);
      const bool early = w.clock.wall() < due;
      w.step();
      if (w.state(id) != State::scheduled) {
        EXPECT_GE(w.clock.wall(), due);
      }
      if (early && w.random.below(200) == 0)
        w.clock.step_wall(Seconds{static_cast<int>(w.random.below(120)) - 60});
    }
    w.clock.step_wall(Seconds{-300});
    w.run_dry();
    w.crash();
    w.start();
    w.run_dry();
    EXPECT_EQ(w.provider.total, 20u) << seed;
    EXPECT_EQ(w.state(id), State::completed);
  }
}

}  // namespace
}  // namespace belay::dispatch
