// Guardrails in the whole engine, one thread, virtual time, random interleavings: what they stop, how
// exactly, and what becomes of everybody else.
#include <gtest/gtest.h>

#include "dispatch/engine.h"
#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using testing::World;

Definition with(Guardrails rules) {
  Definition d = World::push("hi {{Profile.Name}}");
  d.guardrails = std::move(rules);
  return d;
}

StopRecord the_stop(World& w, CampaignId id) {
  auto control = std::move(*w.store->control(store::Lane::ordinary));
  const auto stop = *control->stop_of(id);
  CHECK(stop.has_value());
  return w.record(*stop);
}

const Receipt& receipt_of(const StopRecord& record, CampaignId id) {
  for (const Receipt& r : record.receipts)
    if (r.campaign == id) return r;
  CHECK(false);
}

void expect_nobody_twice(const World& w, std::uint64_t seed) {
  for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
}

// S33: the reason is in the record. S36: who had not been reached is withheld, listed, and not lost.
TEST(Guardrails, S33_S36_an_error_rate_stops_soon_after_its_sample) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.provider.behaviour.dead_of_100 = 25;
    w.provider.behaviour.delay = Millis{2};
    w.start_with(600);
    Guardrails g;
    g.error_rate = {10, 100};
    const CampaignId id = w.campaign(with(g));
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::stopped; })) << seed;
    const std::size_t total = w.provider.total;
    w.run_dry();
    EXPECT_EQ(w.provider.total, total) << seed;
    EXPECT_GE(total, 100u);
    EXPECT_LE(total, 100u + 3 * World::small().window) << seed;
    const StopRecord record = the_stop(w, id);
    EXPECT_EQ(record.actor, "guardrail");
    EXPECT_NE(record.reason.find("error rate"), std::string::npos) << record.reason;
    EXPECT_NE(record.reason.find("is above 10 %"), std::string::npos) << record.reason;
    const Receipt& r = receipt_of(record, id);
    EXPECT_TRUE(r.settled);
    EXPECT_TRUE(r.tally.balances());
    EXPECT_EQ(r.tally.handed_over, total) << seed;
    EXPECT_EQ(r.tally.withheld, 600u - total) << seed;
    EXPECT_EQ(w.engine->metrics().guardrail_stops[static_cast<std::size_t>(Rule::error_rate)], 1u);
  }
}

TEST(Guardrails, errors_below_the_limit_stop_nothing) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World w(seed);
    w.provider.behaviour.dead_of_100 = 5;
    w.start_with(400);
    Guardrails g;
    g.error_rate = {25, 50};
    g.in_doubt_rate = {5, 50};
    g.max_per_run = 400;
    g.max_total = 400;
    g.canary = 400;
    g.expect_audience_max = 400;
    g.max_hand_overs_per_minute = 400;
    const CampaignId id = w.campaign(with(g));
    ASSERT_TRUE(w.run_until([&] { return is_final(w.state(id)); })) << seed;
    EXPECT_EQ(w.state(id), State::completed) << seed;
    EXPECT_EQ(w.provider.total, 400u);
  }
}

TEST(Guardrails, doubt_stops_too) {
  World w(3);
  w.provider.behaviour.lose_of_100 = 10;
  w.start_with(600);
  Guardrails g;
  g.in_doubt_rate = {5, 50};
  const CampaignId id = w.campaign(with(g));
  ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::stopped; }));
  w.run_dry();
  EXPECT_NE(the_stop(w, id).reason.find("in-doubt rate"), std::string::npos);
  EXPECT_LT(w.provider.total, 400u);
}

// Exactly N, whatever happens; then nothing until somebody resumes it; then everybody else, once.
TEST(Guardrails, a_canary_lets_exactly_so_many_out_and_waits) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 5)};
    w.start_with(300);
    Guardrails g;
    g.canary = 70;
    const CampaignId id = w.campaign(with(g));
    const bool crashes = seed % 2 == 0;
    if (crashes) {
      w.run(w.random.below(900));
      w.crash();
      w.start();
    }
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::paused; })) << seed;
    w.run_dry();
    const Tally t = w.account(id);
    EXPECT_EQ(t.pending, 230u) << seed;
    EXPECT_EQ(t.accepted + t.in_doubt, 70u) << seed;
    EXPECT_LE(w.provider.total, 70u) << seed;
    EXPECT_TRUE(crashes || w.provider.total == 70) << seed;
    w.crash();
    w.start();
    w.run_dry();
    EXPECT_EQ(w.state(id), State::paused) << "nothing restarts by itself";
    ASSERT_TRUE(w.resume(id)) << seed;
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::completed; })) << seed;
    expect_nobody_twice(w, seed);
    const Tally end = w.account(id);
    EXPECT_EQ(end.accepted + end.in_doubt, 300u) << seed;
  }
}

// A pause before the canary is out is no release of it.
TEST(Guardrails, a_canary_that_was_paused_half_way_holds_all_the_same) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{3};
    w.max_per_second = 100;
    w.start_with(200);
    Guardrails g;
    g.canary = 60;
    const CampaignId id = w.campaign(with(g));
    ASSERT_TRUE(w.run_until([&] { return w.provider.total >= 10 + seed; }));
    ASSERT_TRUE(w.pause(id));
    ASSERT_TRUE(w.resume(id));
    w.run_dry();
    EXPECT_EQ(w.state(id), State::paused) << seed;
    EXPECT_EQ(w.provider.total, 60u) << seed;
  }
}

TEST(Guardrails, a_ramp_begins_slowly_and_doubles) {
  World w(5);
  w.start_with(1000);
  Guardrails g;
  g.ramp = {10, Seconds{10}};
  const CampaignId id = w.campaign(with(g));
  ASSERT_TRUE(w.run_until([&] { return w.provider.total > 0; }));
  const SteadyTime began = w.clock.steady();
  const auto gone = [&] { return static_cast<double>((w.clock.steady() - began).count()) / 1e6; };
  while (w.state(id) != State::completed) {
    double most = 3;
    for (double t = gone(), rate = 10; t > 0; t -= 10, rate *= 2) most += rate * 1.02 * std::min(t, 10.0) + 1;
    ASSERT_LE(static_cast<double>(w.provider.total), most) << gone();
    w.step();
  }
  EXPECT_EQ(w.provider.total, 1000u);
  EXPECT_GT(gone(), 32);  // 100, 200 and 400 in the first three steps, then 80 a second
  EXPECT_LT(gone(), 35);
}

TEST(Guardrails, nothing_leaves_after_the_cut_off) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.max_per_second = seed % 2 == 0 ? 100 : 0;
    w.provider.behaviour.delay = Millis{seed % 2 == 0 ? 1 : 200};
    w.provider.behaviour.stuck_of_100 = seed % 4 == 0 ? 5 : 0;
    w.provider.behaviour.later_of_100 = seed % 3 == 0 ? 30 : 0;
    w.start_with(800);
    Guardrails g;
    g.cut_off = w.clock.wall() + Seconds{2};
    const CampaignId id = w.campaign(with(g));
    ASSERT_TRUE(w.run_until([&] { return w.clock.wall() >= *g.cut_off; })) << seed;
    const std::size_t total = w.provider.total;
    w.run_dry();
    EXPECT_EQ(w.provider.total, total) << seed;
    EXPECT_GT(total, 100u);
    ASSERT_EQ(w.state(id), State::stopped) << seed;
    const StopRecord record = the_stop(w, id);
    EXPECT_NE(record.reason.find("cut-off"), std::string::npos);
    const Receipt& r = receipt_of(record, id);
    EXPECT_LT(r.span.last->at, *g.cut_off);
    EXPECT_EQ(r.tally.handed_over, w.provider.got.size()) << seed;
    EXPECT_TRUE(r.settled);
  }
}

// The loops fall silent at the cut-off by themselves; the stop is written some milliseconds later, or, by a
// server that ends just then, at its next start. Nobody is in doubt for that.
TEST(Guardrails, an_orderly_end_at_the_cut_off_leaves_nobody_in_doubt) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World w(seed);
    w.provider.behaviour.streams = 4;  // most of those who are admitted wait in the loops
    w.provider.behaviour.delay = Millis{200};
    w.people(800);
    w.start();
    Guardrails g;
    g.cut_off = w.clock.wall() + Seconds{2};
    const CampaignId id = w.campaign(with(g));
    ASSERT_TRUE(w.run_until([&] { return w.clock.wall() >= *g.cut_off - Millis{100}; })) << seed;
    w.run(w.random.below(12));
    w.drain();
    const std::size_t total = w.provider.total;
    EXPECT_GT(total, 50u) << seed;
    w.start();
    w.run_dry();
    EXPECT_EQ(w.provider.total, total) << seed;
    ASSERT_EQ(w.state(id), State::stopped) << seed;
    const Tally t = w.account(id);
    EXPECT_EQ(t.in_doubt, 0u) << seed;
    EXPECT_EQ(t.accepted, total) << seed;
    EXPECT_EQ(t.withheld, 800u - total) << seed;
    EXPECT_EQ(receipt_of(the_stop(w, id), id).tally.withheld, 800u - total) << seed;
  }
}

TEST(Guardrails, a_campaign_that_is_due_after_its_cut_off_sends_nothing) {
  World w(2);
  w.start_with(20);
  Guardrails g;
  g.cut_off = w.clock.wall() + Seconds{2};
  const CampaignId id = w.campaign(with(g), w.clock.wall() + Seconds{3});
  w.run_dry();
  EXPECT_EQ(w.state(id), State::stopped);
  EXPECT_EQ(w.provider.total, 0u);
}

TEST(Guardrails, an_audience_larger_than_expected_gets_nothing_at_all) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World w(seed);
    w.start_with(101);
    Guardrails g;
    g.expect_audience_max = 100;
    const CampaignId id = w.campaign(with(g));
    w.run_dry();
    EXPECT_EQ(w.state(id), State::stopped);
    EXPECT_EQ(w.provider.total, 0u);
    EXPECT_EQ(the_stop(w, id).reason, "101 recipients match, expected were 100 at most");
  }
}

TEST(Guardrails, caps_are_exact) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.provider.behaviour.later_of_100 = seed % 2 == 0 ? 30 : 0;
    w.start_with(300);
    Guardrails people, messages;
    people.max_per_run = 90;
    messages.max_total = 120;
    const CampaignId first = w.campaign(with(people));
    ASSERT_TRUE(w.run_until([&] { return w.state(first) == State::stopped; })) << seed;
    EXPECT_EQ(w.provider.got.size(), 90u) << seed;
    w.run_dry();
    EXPECT_EQ(receipt_of(the_stop(w, first), first).tally.withheld, 210u) << seed;
    const std::size_t before = w.provider.total;
    const CampaignId second = w.campaign(with(messages));
    ASSERT_TRUE(w.run_until([&] { return w.state(second) == State::stopped; })) << seed;
    w.run_dry();
    EXPECT_EQ(w.provider.total - before, 120u) << seed;
  }
}

TEST(Guardrails, a_cap_of_messages_holds_over_a_crash) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{2};
    w.provider.behaviour.later_of_100 = 30;
    w.start_with(300);
    Guardrails g;
    g.max_total = 120;
    const CampaignId id = w.campaign(with(g));
    w.run(w.random.below(900));
    w.crash();
    w.start();
    w.run_dry();
    EXPECT_EQ(w.state(id), State::stopped) << seed;
    EXPECT_LE(w.provider.total, 120u) << seed;
  }
}

TEST(Guardrails, a_days_cap_goes_on_the_next_day_by_the_accounts_clock) {
  World w(4);
  w.start_with(25);
  Guardrails g;
  g.max_per_day = 10;
  const CampaignId id = w.campaign(with(g));
  w.run_dry();
  EXPECT_EQ(w.provider.total, 10u);
  w.crash();
  w.start();
  w.run_dry();
  EXPECT_EQ(w.provider.total, 10u) << "a restart is no new day";
  EXPECT_EQ(w.state(id), State::running);
  w.clock.advance(Seconds{86'400});
  w.run_dry();
  EXPECT_EQ(w.provider.total, 20u);
  w.clock.advance(Seconds{86'400});
  w.run_dry();
  EXPECT_EQ(w.provider.total, 25u);
  EXPECT_EQ(w.state(id), State::completed);
}

TEST(Guardrails, more_messages_a_minute_than_planned_are_a_runaway) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World w(seed);
    w.start_with(300);
    Guardrails g;
    g.max_hand_overs_per_minute = 50;
    const CampaignId id = w.campaign(with(g));
    ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::stopped; })) << seed;
    w.run_dry();
    EXPECT_LE(w.provider.total, 50u) << seed;
    EXPECT_NE(the_stop(w, id).reason.find("50 messages within a minute"), std::string::npos);
  }
}

// Everything of that account, nothing of another's.
TEST(Guardrails, an_accounts_rule_stops_all_of_its_campaigns_and_no_others) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w(seed);
    w.provider.behaviour.dead_of_100 = 25;
    w.provider.behaviour.delay = Millis{2};
    w.people(300);
    auto control = std::move(*w.store->control(store::Lane::ordinary));
    Guardrails g;
    g.error_rate = {10, 100};
    ASSERT_TRUE(control->put_guardrails(w.account_id, g));
    const AccountId mine = w.account_id;
    const ProviderId through = w.provider_id;
    store::Provider p = *control->provider(through);
    w.account_id = p.account = control->put_account({{}, "TEST-OTHER", "UTC", "in1"})->id;
    p.id = ProviderId{};
    w.provider_id = control->put_provider(p)->id;
    w.start_with(150);
    const CampaignId other = w.campaign();
    w.account_id = mine;
    w.provider_id = through;
    const CampaignId first = w.campaign(), second = w.campaign();
    const CampaignId later = w.campaign(World::push("later"), w.clock.wall() + Seconds{30});
    ASSERT_TRUE(w.run_until([&] { return w.state(first) == State::stopped; })) << seed;
    w.run_dry();
    EXPECT_EQ(w.state(second), State::stopped) << seed;
    EXPECT_EQ(w.state(later), State::stopped) << seed;
    EXPECT_EQ(w.state(other), State::completed) << seed;
    EXPECT_EQ(w.account(other).accepted + w.account(other).failed, 150u) << seed;
    EXPECT_EQ(the_stop(w, first).id, the_stop(w, second).id);
    // It leaves no latch, and what is started later is judged anew.
    w.provider.behaviour.dead_of_100 = 0;
    const CampaignId again = w.campaign();
    ASSERT_TRUE(w.run_until([&] { return is_final(w.state(again)); })) << seed;
    EXPECT_EQ(w.state(again), State::completed) << seed;
  }
}

TEST(Guardrails, an_accounts_rule_can_be_set_while_it_sends) {
  World w(9);
  w.provider.behaviour.dead_of_100 = 30;
  w.max_per_second = 200;
  const CampaignId id = w.send_to(600);
  ASSERT_TRUE(w.run_until([&] { return w.provider.total > 100; }));
  Guardrails g;
  g.error_rate = {10, 50};
  ASSERT_TRUE((*w.store->control(store::Lane::ordinary))->put_guardrails(w.account_id, g));
  w.engine->guardrails_changed(w.account_id);
  ASSERT_TRUE(w.run_until([&] { return w.state(id) == State::stopped; }));
  EXPECT_LT(w.provider.total, 400u);
}

}  // namespace
}  // namespace belay::dispatch
