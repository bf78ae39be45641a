// Pausing and resuming, in the engine as a whole: many seeds, random moments, crashes in between. At the end
// everybody got the message exactly once (S18, S20-S24, S51).
#include <gtest/gtest.h>

#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using testing::World;

void make_troubled(World& w, std::uint64_t seed) {
  w.provider.behaviour.delay = Millis{static_cast<int>(seed % 7)};
  w.provider.behaviour.later_of_100 = seed % 3 == 0 ? 20 : 0;
  w.provider.behaviour.refuse_of_100 = seed % 6 == 0 ? 5 : 0;
}

// Messages that stay half in the socket until their connection is closed, which the next pause does.
void run_and_get_stuck(World& w, unsigned of_100, std::size_t steps) {
  w.provider.behaviour.stuck_of_100 = of_100;
  w.run(steps);
  w.provider.behaviour.stuck_of_100 = 0;
}

TEST(Pause, S18_nothing_leaves_until_resumed_and_then_everybody_is_reached_once) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 7)};
    const CampaignId id = w.send_to(200);
    for (int times = 0; times < 3; ++times) {
      run_and_get_stuck(w, seed % 4 == 0 ? 5 : 0, w.random.below(600));
      const auto paused = w.pause(id);
      if (!paused) break;
      const auto got = w.provider.got;
      EXPECT_TRUE(paused->tally.balances()) << seed;
      if (paused->planned) {
        EXPECT_EQ(paused->tally.handed_over, got.size()) << seed;
        EXPECT_EQ(paused->tally.withheld, 0u) << seed;
      }
      EXPECT_EQ(paused->campaign.state, State::paused);
      if (seed % 2 == 0) w.run_dry();
      EXPECT_EQ(w.provider.got, got) << seed;
      const auto resumed = w.resume(id);
      EXPECT_TRUE(resumed) << seed << " " << (resumed ? "" : resumed.error().text);
    }
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; }))
        << seed << " " << name_of(w.state(id)) << " " << w.engine->live(id)->tally.pending << " pending "
        << w.engine->live(id)->tally.in_flight << " in flight";
    const Tally t = w.account(id);
    EXPECT_EQ(t.accepted + t.in_doubt, 200u) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
    EXPECT_EQ(w.provider.got.size(), 200u) << seed;
    EXPECT_EQ(w.engine->metrics().settle_mismatches, 0u);
  }
}

// With retries: nobody has more hand-overs than attempts were permitted.
TEST(Pause, S23_pauses_among_retries_repeat_no_attempt) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World w(seed);
    make_troubled(w, seed);
    w.provider.behaviour.later_of_100 = 40;
    const CampaignId id = w.send_to(100);
    for (int times = 0; times < 4; ++times) {
      run_and_get_stuck(w, seed % 4 == 0 ? 5 : 0, w.random.below(500));
      if (!w.pause(id)) break;
      w.run(w.random.below(50));
      ASSERT_TRUE(w.resume(id)) << seed;
    }
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    EXPECT_EQ(w.provider.got.size(), 100u) << seed;
    for (unsigned n = 0; n < 100; ++n)
      EXPECT_LE(w.provider.got["t" + std::to_string(n)], w.person(id, n).attempts) << seed << " person " << n;
    EXPECT_EQ(w.account(id).in_doubt, 0u) << seed;
  }
}

// S22 S24: a crash while it is paused, or just before or after: it stays paused, nobody is doubtful but who
// was on the wire, nobody is sent to twice.
TEST(Pause, S22_S24_crashes_around_a_pause_repeat_nobody_and_forget_nobody) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{3};
    const CampaignId id = w.send_to(200);
    w.run(w.random.below(900));
    const auto paused = w.pause(id);
    if (!paused) continue;
    const auto got = w.provider.got;
    w.run(w.random.below(30));
    w.crash();
    w.start();
    w.run_dry();
    EXPECT_EQ(w.provider.got, got) << seed;
    EXPECT_EQ(w.state(id), State::paused) << seed;
    if (seed % 3 == 0) {
      w.crash();
      w.start();
    }
    ASSERT_TRUE(w.resume(id)) << seed;
    if (seed % 2 == 0) {
      w.run(w.random.below(200));
      w.crash();
      w.start();
    }
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    const Tally t = w.account(id);
    EXPECT_EQ(t.accepted + t.in_doubt, 200u) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
    if (seed % 2 == 1) {  // no crash while sending: only who was on the wire at the pause is doubtful
      EXPECT_LE(t.in_doubt, paused->tally.in_flight) << seed;
      EXPECT_EQ(w.provider.got.size(), 200u) << seed;
    }
  }
}

// The resumption's question and a stop's race at every kind of moment: whatever comes first, after the stop's
// answer nothing leaves, and its receipt is exact (S20, S21).
TEST(Pause, S20_S21_a_stop_wins_against_pause_and_resume) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    World w(seed);
    make_troubled(w, seed);
    const CampaignId id = w.send_to(200);
    run_and_get_stuck(w, seed % 4 == 0 ? 5 : 0, w.random.below(900));
    if (!w.pause(id)) continue;
    w.run(w.random.below(seed % 2 == 0 ? 5 : 200));
    bool answered = false;
    w.engine->resume({w.account_id, id, "test"}, [&](auto) { answered = true; });
    w.run(w.random.below(60));
    if (seed % 5 == 0) w.engine->pause({w.account_id, id, "test", ""}, [](auto) {});
    w.run(w.random.below(10));
    const auto record = w.stop(id);
    ASSERT_TRUE(record) << seed;
    const auto got = w.provider.got;
    const Receipt& r = record->receipts.at(0);
    EXPECT_TRUE(r.tally.balances()) << seed;
    EXPECT_EQ(r.tally.pending, 0u) << seed;
    if (r.planned) EXPECT_EQ(r.tally.handed_over, got.size()) << seed;
    w.run_dry();
    EXPECT_TRUE(answered) << seed;
    EXPECT_EQ(w.provider.got, got) << seed;
    const Receipt settled = w.record(record->id).receipts[0];
    EXPECT_TRUE(settled.settled) << seed;
    EXPECT_EQ(settled.tally.handed_over, r.tally.handed_over) << seed;
    EXPECT_TRUE(is_final(w.state(id))) << seed;
    EXPECT_EQ(w.engine->metrics().settle_mismatches, 0u) << seed;
  }
}

TEST(Pause, pausing_twice_is_harmless_and_so_is_resuming_what_runs) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{4};
    const CampaignId id = w.send_to(200);
    ASSERT_TRUE(w.run_until([&] { return w.provider.total > 20; }));
    const auto first = w.pause(id);
    if (!first) continue;
    const auto second = w.pause(id);
    ASSERT_TRUE(second);
    EXPECT_EQ(first->tally.handed_over, second->tally.handed_over) << seed;
    EXPECT_EQ(first->tally.pending, second->tally.pending) << seed;
    EXPECT_EQ(first->campaign.epoch, second->campaign.epoch);
    w.run_dry();
    const auto third = w.pause(id);
    ASSERT_TRUE(third);
    EXPECT_EQ(third->tally.handed_over, first->tally.handed_over);
    EXPECT_EQ(third->tally.pending, first->tally.pending);
    EXPECT_EQ(third->tally.in_flight, 0u);
    ASSERT_TRUE(w.resume(id));
    ASSERT_TRUE(w.resume(id));
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; }));
    EXPECT_EQ(w.provider.got.size(), 200u);
    EXPECT_FALSE(w.pause(id)) << "it is over";
    EXPECT_FALSE(w.resume(id)) << "it is over";
  }
}

TEST(Pause, a_campaign_paused_before_its_time_waits_for_the_resumption_and_its_past_due_rule) {
  World w(3);
  w.start_with(10);
  const CampaignId early = w.campaign(World::push("a"), w.clock.wall() + Seconds{30});
  const CampaignId late = w.campaign(World::push("b"), w.clock.wall() + Seconds{30});
  const CampaignId asked = w.campaign(World::push("c"), w.clock.wall() + Seconds{30});
  for (CampaignId id : {early, late, asked}) ASSERT_TRUE(w.pause(id));
  ASSERT_TRUE(w.resume(early));
  EXPECT_EQ(w.state(early), State::scheduled);
  ASSERT_TRUE(w.run_until([&] { return w.state(early) == State::completed; }));
  EXPECT_EQ(w.provider.total, 10u);
  w.clock.advance(Seconds{3700});
  w.run_dry();
  EXPECT_EQ(w.state(late), State::paused);
  EXPECT_EQ(w.resume(late)->state, State::missed);
  EXPECT_EQ(w.resume(asked, store::PastDue::send)->state, State::scheduled);
  ASSERT_TRUE(w.run_until([&] { return w.state(asked) == State::completed; }));
  EXPECT_EQ(w.provider.total, 20u);
}

TEST(Pause, S51_a_pause_outlives_an_orderly_end_and_nobody_is_doubtful) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{3};
    const CampaignId id = w.send_to(150);
    w.run(w.random.below(800));
    if (!w.pause(id)) continue;
    w.run(w.random.below(20));
    w.drain();
    w.start();
    w.run_dry();
    EXPECT_EQ(w.state(id), State::paused) << seed;
    ASSERT_TRUE(w.resume(id));
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    EXPECT_EQ(w.account(id).in_doubt, 0u) << seed;
    EXPECT_EQ(w.provider.got.size(), 150u) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
  }
}

Definition following(CampaignId parent, Derivation::How how, std::vector<Standing> standings) {
  Definition d = World::push("on");
  d.derived = Derivation{how, parent, std::move(standings)};
  return d;
}

// S20 S52: who was withheld gets it from the continuation, whoever was sent to does not; stopped and
// continued again and again, whatever the moment, everybody is reached exactly once.
TEST(Pause, S20_S52_continuations_reach_exactly_who_was_withheld) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 5)};
    w.start_with(150);
    CampaignId id = w.campaign();
    std::uint32_t doubtful = 0;
    for (int times = 0; times < 3; ++times) {
      w.run(w.random.below(500));
      if (!w.stop(id) || w.state(id) != State::stopped) break;
      w.run_dry();
      if (seed % 3 == 0) {
        w.crash();
        w.start();
      }
      doubtful += w.account(id).in_doubt;
      w.people(150 + 10);  // who comes later is nobody's rest
      const bool planned = w.account(id).audience > 0;
      const std::uint32_t rest = w.account(id).withheld;
      id = w.campaign(following(id, Derivation::How::continues, {Standing::withheld}));
      if (!planned) break;
      ASSERT_TRUE(
          w.run_until([&] { return w.state(id) != State::scheduled && w.state(id) != State::planning; }));
      EXPECT_EQ(w.account(id).audience, rest) << seed;
    }
    ASSERT_TRUE(w.run_until([&] { return is_final(w.state(id)); })) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
    EXPECT_GE(w.provider.got.size() + doubtful, 150u) << seed;
  }
}

TEST(Pause, a_correction_goes_to_exactly_those_who_were_reached) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{2};
    const CampaignId id = w.send_to(150);
    w.run(w.random.below(700));
    w.stop(id);
    w.run_dry();
    const auto reached = w.provider.got;
    const CampaignId correction =
        w.campaign(following(id, Derivation::How::corrects, {Standing::accepted, Standing::in_doubt}));
    ASSERT_TRUE(w.run_until([&] { return is_final(w.state(correction)); })) << seed;
    EXPECT_EQ(w.provider.got.size(), reached.size()) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 2) << seed << " " << token;
  }
}

}  // namespace
}  // namespace belay::dispatch
