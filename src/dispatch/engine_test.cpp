// The engine as a whole, one thread, virtual time, random interleavings. What a test says about one
// seed it says about many: see each loop's count.
#include "dispatch/engine.h"

#include <gtest/gtest.h>

#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using testing::World;

// Everybody exactly once, and the books agree with what the provider counted.
void expect_delivered_once(World& w, unsigned people) {
  EXPECT_EQ(w.provider.got.size(), people);
  for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << token;
}

TEST(Engine, delivers_a_campaign_to_everybody_once) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World w(seed);
    const CampaignId id = w.send_to(300);
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; }))
        << seed << " " << w.provider.total;
    expect_delivered_once(w, 300);
    const Tally t = w.account(id);
    EXPECT_EQ(t.accepted, 300u);
    EXPECT_EQ(t.attempts, 300u);
  }
}

// The promise, at every kind of moment: S01 S02 S05 S06 S07 S15 S16 S17 S19. After the answer the provider
// hears nothing more, and the receipt's number is the provider's.
TEST(Engine, after_an_answered_stop_not_one_more_message_leaves) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 7)};
    w.provider.behaviour.later_of_100 = seed % 3 == 0 ? 20 : 0;
    w.provider.behaviour.lose_of_100 = seed % 5 == 0 ? 2 : 0;
    w.provider.behaviour.stuck_of_100 = seed % 4 == 0 ? 5 : 0;
    w.provider.behaviour.refuse_of_100 = seed % 6 == 0 ? 5 : 0;
    w.provider.behaviour.hang = seed % 11 == 0;
    const CampaignId id = w.send_to(200);
    w.run(w.random.below(1500));
    const auto record = w.stop(id);
    ASSERT_TRUE(record) << seed;
    const auto got_at_answer = w.provider.got;
    ASSERT_EQ(record->receipts.size(), 1u);
    const Receipt& r = record->receipts[0];
    ASSERT_TRUE(r.tally.balances()) << seed;
    EXPECT_EQ(r.tally.pending, 0u);
    EXPECT_EQ(r.tally.handed_over, got_at_answer.size()) << seed;

    w.run_dry();
    EXPECT_EQ(w.provider.got, got_at_answer) << seed;
    const Receipt settled = w.record(record->id).receipts[0];
    EXPECT_TRUE(settled.settled) << seed;
    EXPECT_TRUE(settled.tally.balances()) << seed;
    EXPECT_EQ(settled.tally.handed_over, r.tally.handed_over) << seed;
    EXPECT_EQ(settled.tally.in_flight, 0u) << seed;
    EXPECT_EQ(w.engine->metrics().settle_mismatches, 0u) << seed;
  }
}

// What a crash can leave in doubt is what was admitted and unanswered, nothing else; the stop's word
// outlives the crash (S22, S39, S46).
TEST(Engine, a_crash_after_the_stop_changes_nothing_in_the_receipt) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{3};
    w.provider.behaviour.later_of_100 = 10;
    const CampaignId id = w.send_to(200);
    w.run(w.random.below(1200));
    const auto record = w.stop(id);
    ASSERT_TRUE(record);
    const auto got = w.provider.got;
    w.run(w.random.below(20));
    w.crash();
    w.start();
    w.run_dry();
    EXPECT_EQ(w.provider.got, got) << seed;
    const Receipt settled = w.record(record->id).receipts[0];
    EXPECT_TRUE(settled.settled) << seed;
    EXPECT_EQ(settled.tally.handed_over, got.size()) << seed;
    EXPECT_TRUE(is_final(w.state(id)));
  }
}

TEST(Engine, after_a_crash_nobody_is_sent_to_twice_and_the_doubtful_are_listed) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{2};
    const CampaignId id = w.send_to(300);
    w.run(w.random.below(1500));
    w.crash();
    w.start();
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
    const Tally t = w.account(id);
    EXPECT_TRUE(t.balances());
    EXPECT_EQ(t.accepted + t.in_doubt, 300u) << seed;
    EXPECT_GE(t.attempts, t.handed_over) << seed;
    EXPECT_LE(t.in_doubt, World::small().window) << seed;
    EXPECT_GE(w.provider.got.size() + t.in_doubt, 300u);
    EXPECT_LE(w.provider.got.size(), 300u);
  }
}

// Promise 2 with retries: nobody gets more hand-overs than the journal permitted attempts, whenever
// the server dies (S43, S49).
TEST(Engine, crashes_among_retries_repeat_no_attempt) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 4)};
    w.provider.behaviour.later_of_100 = 60;
    const CampaignId id = w.send_to(100);
    for (int crash = 0; crash < 4; ++crash) {
      w.run(w.random.below(1200));
      w.crash();
      w.start();
    }
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    for (unsigned n = 0; n < 100; ++n) {
      const auto it = w.provider.got.find("t" + std::to_string(n));
      const int times = it == w.provider.got.end() ? 0 : it->second;
      EXPECT_LE(times, w.person(id, n).attempts) << "seed " << seed << " person " << n;
    }
  }
}

TEST(Engine, a_clean_end_leaves_nobody_in_doubt_and_the_next_start_goes_on) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{5};
    w.provider.behaviour.later_of_100 = 10;
    const CampaignId id = w.send_to(300);
    w.run(w.random.below(1500));
    w.drain();
    w.start();
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    const Tally t = w.account(id);
    EXPECT_EQ(t.in_doubt, 0u) << seed;
    EXPECT_EQ(t.accepted + t.failed, 300u) << seed;
    EXPECT_EQ(w.provider.got.size(), 300u) << seed;
  }
}

TEST(Engine, tries_again_what_the_provider_calls_temporary_and_gives_up_at_last) {
  World w(3);
  w.provider.behaviour.later_of_100 = 100;
  const CampaignId id = w.send_to(20);
  ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; }));
  const Tally t = w.account(id);
  EXPECT_EQ(t.failed, 20u);
  EXPECT_EQ(t.attempts, 100u);
  EXPECT_EQ(t.handed_over, 20u);
}

TEST(Engine, a_stop_between_retries_counts_the_refused_as_failed_and_sends_nothing_more) {
  World w(4);
  w.provider.behaviour.later_of_100 = 100;
  const CampaignId id = w.send_to(20);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total == 20; }));
  const auto record = w.stop(id);
  ASSERT_TRUE(record);
  w.run_dry();
  EXPECT_EQ(w.provider.total, 20u);
  const Tally t = w.record(record->id).receipts[0].tally;
  EXPECT_EQ(t.failed, 20u);
  EXPECT_EQ(t.withheld, 0u);
}

TEST(Engine, while_the_provider_hangs_a_stop_is_answered_and_settles_in_doubt) {
  World w(5);
  w.provider.behaviour.hang = true;
  const CampaignId id = w.send_to(100);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total >= 30; }));
  const auto record = w.stop(id);
  ASSERT_TRUE(record);
  EXPECT_GT(record->receipts[0].tally.in_flight, 0u);
  EXPECT_FALSE(record->receipts[0].settled);
  const auto live = w.engine->live(id);
  ASSERT_TRUE(live);
  EXPECT_EQ(live->tally.pending, 0u);  // shown as withheld at once, not when it has settled
  EXPECT_EQ(live->tally.withheld, record->receipts[0].tally.withheld);
  w.run_dry();
  const Receipt settled = w.record(record->id).receipts[0];
  EXPECT_TRUE(settled.settled);
  EXPECT_EQ(settled.tally.in_doubt, record->receipts[0].tally.in_flight);
}

// S10: a provider holds no more of ours ahead of its verdicts than its streams, so the exposure of a stop
// is a known number.
TEST(Engine, S10_what_is_on_the_wire_at_once_is_bounded) {
  World w(13);
  w.provider.behaviour.hang = true;
  const CampaignId id = w.send_to(400);
  const std::size_t most = 2 /* loops */ * World::small().links_per_route * w.provider.behaviour.streams;
  std::size_t seen = 0;
  for (int i = 0; i < 3000; ++i) {
    w.step();
    if (const auto live = w.engine->live(id)) seen = std::max<std::size_t>(seen, live->tally.in_flight);
  }
  EXPECT_EQ(seen, most);
}

TEST(Engine, two_stops_at_once_give_one_receipt) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World w(seed);
    const CampaignId id = w.send_to(100);
    w.run(w.random.below(600));
    std::vector<StopRecord> answers;
    Scope scope;
    scope.campaign = id;
    for (int i = 0; i < 2; ++i)
      w.ask_stop({scope, "test", "", false}, [&](auto r) {
        ASSERT_TRUE(r);
        answers.push_back(*r);
      });
    ASSERT_TRUE(w.run_until([&] { return answers.size() == 2; }));
    EXPECT_EQ(answers[0].id, answers[1].id) << seed;
    EXPECT_EQ(answers[0].receipts[0].tally.handed_over, answers[1].receipts[0].tally.handed_over);
  }
}

TEST(Engine, a_stop_of_a_completed_campaign_changes_nothing_and_repeats_itself) {
  World w(6);
  const CampaignId id = w.send_to(50);
  ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; }));
  const auto first = w.stop(id), second = w.stop(id);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(w.state(id), State::completed);
  EXPECT_EQ(first->receipts[0].tally.accepted, 50u);
  EXPECT_EQ(first->receipts[0].tally.withheld, 0u);
}

TEST(Engine, a_stop_of_a_scheduled_campaign_keeps_it_from_ever_starting) {
  World w(7);
  w.start_with(50);
  const CampaignId id = w.campaign(World::push("x"), w.clock.wall() + Seconds{30});
  w.run(50);
  ASSERT_TRUE(w.stop(id));
  w.run_dry();
  EXPECT_EQ(w.state(id), State::stopped);
  EXPECT_EQ(w.provider.total, 0u);
}

// S03: one action ends everything, whatever state it is in.
TEST(Engine, stop_all_with_a_latch_refuses_new_starts_until_it_is_released) {
  World w(8);
  w.start_with(200);
  const CampaignId first = w.campaign();
  const CampaignId later = w.campaign(World::push("later"), w.clock.wall() + Seconds{20});
  w.run(300);
  std::optional<StopRecord> record;
  Scope all;
  all.kind = Scope::Kind::all;
  w.ask_stop({all, "cli:root", "panic", true}, [&](auto r) { record = *r; });
  ASSERT_TRUE(w.run_until([&] { return record.has_value(); }));
  EXPECT_TRUE(record->latch);
  EXPECT_EQ(record->receipts.size(), 2u);
  const auto total = w.provider.total;
  w.run_dry();
  EXPECT_EQ(w.provider.total, total);
  EXPECT_EQ(w.state(first), State::stopped);
  EXPECT_EQ(w.state(later), State::stopped);
}

// Whoever has not been asked must not be in an answer: not even when asking has been going on for long.
TEST(Engine, a_stop_that_campaigns_outrun_is_refused_and_not_half_true) {
  World w(13);
  w.start_with(40);
  w.campaign();
  w.run(100);
  Scope all;
  all.kind = Scope::Kind::all;
  std::optional<Result<StopRecord, StopError>> answer;
  w.ask_stop({all, "cli:root", "", false}, [&](auto r) { answer = std::move(r); });
  for (int i = 0; i < 20'000 && !answer; ++i) {
    if (i < 400) w.campaign(World::push("another " + std::to_string(i)));
    w.step();
  }
  ASSERT_TRUE(answer);
  ASSERT_FALSE(answer->has_value());
  EXPECT_EQ(answer->error().code, StopCode::store);
  EXPECT_NE(answer->error().text.find("latch"), std::string::npos) << answer->error().text;
  answer.reset();
  w.ask_stop({all, "cli:root", "", true}, [&](auto r) { answer = std::move(r); });
  ASSERT_TRUE(w.run_until([&] { return answer.has_value(); }));
  ASSERT_TRUE(answer->has_value());
  const auto total = w.provider.total;
  w.run_dry();
  EXPECT_EQ(w.provider.total, total);
}

// S56: what was missed while nobody could start it is not sent late without asking.
TEST(Engine, a_campaign_too_long_past_due_is_marked_missed) {
  World w(9);
  w.people(10);
  const CampaignId soon = w.campaign(World::push("a"), w.clock.wall() + Seconds{10});
  w.clock.advance(Seconds{10 + 3601});
  w.start();
  w.run_dry();
  EXPECT_EQ(w.state(soon), State::missed);
  EXPECT_EQ(w.provider.total, 0u);
  const CampaignId grace = w.campaign(World::push("b"), w.clock.wall() - Seconds{3599});
  ASSERT_TRUE(w.run_until([&] { return w.state(grace) == State::completed; }));
  EXPECT_EQ(w.provider.total, 10u);
}

TEST(Engine, a_dead_token_is_skipped_the_next_time) {
  World w(10);
  w.provider.behaviour.dead_of_100 = 100;
  w.start_with(10);
  const CampaignId first = w.campaign();
  ASSERT_TRUE(w.run_until([&] { return w.state(first) == State::completed; }));
  EXPECT_EQ(w.account(first).failed, 10u);
  const CampaignId second = w.campaign();
  ASSERT_TRUE(w.run_until([&] { return w.state(second) == State::completed; }));
  EXPECT_EQ(w.account(second).audience, 0u);
  EXPECT_EQ(w.provider.total, 10u);
}

TEST(Engine, keeps_the_pace_exactly) {
  World w(11);
  w.max_per_second = 100;
  const CampaignId id = w.send_to(1000);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total > 0; }));
  const SteadyTime began = w.clock.steady();
  while (w.state(id) != State::completed) {
    const double seconds = static_cast<double>((w.clock.steady() - began).count()) / 1e6;
    ASSERT_LE(static_cast<double>(w.provider.total), 100 * seconds + 6) << "S02: throttle exact";
    w.step();
  }
  EXPECT_LE((w.clock.steady() - began).count(), 11'000'000);
}

TEST(Engine, an_unreachable_provider_costs_no_attempts_and_a_stop_withholds_everybody) {
  World w(12);
  w.provider.behaviour.unreachable = true;
  const CampaignId id = w.send_to(100);
  w.run(500);
  const auto record = w.stop(id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->receipts[0].tally.withheld, 100u);
  EXPECT_EQ(record->receipts[0].tally.handed_over, 0u);
  EXPECT_TRUE(record->settled());
}

}  // namespace
}  // namespace belay::dispatch
