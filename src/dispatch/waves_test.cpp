// Campaigns that go by each recipient's clock, by a cut-off and by quiet hours, in the engine as a whole:
// everybody once, never before their time, whatever is stopped, paused or crashes in between (S53, S57, S59,
// S60, S61).
#include <gtest/gtest.h>

#include "campaign/schedule.h"
#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::World;

// Sets Timezone of p<first> … p<end-1>.
void live_in(World& w, unsigned first, unsigned end, const std::string& zone) {
  auto profiles = std::move(*w.store->profiles());
  const std::string value = "\"" + zone + "\"";
  const std::pair<std::string_view, std::string_view> property{"Timezone", value};
  for (unsigned i = first; i < end; ++i) {
    const std::string who = "p" + std::to_string(i);
    store::ProfileWrite write;
    write.who = {store::IdentityKind::identity, who};
    write.set = {&property, 1};
    const store::UploadRecord record = write;
    ASSERT_TRUE(profiles->apply(w.account_id, {&record, 1}));
  }
}

// 30 people: ten each in Tokyo, Berlin and New York. The world's clock begins on 2016-03-08 10:26 UTC.
constexpr unsigned people = 30;
struct Zones {
  explicit Zones(std::uint64_t seed, EngineOptions options = World::small()) : w(seed, options) {
    w.people(people);
    live_in(w, 0, 10, "Asia/Tokyo");
    live_in(w, 10, 20, "Europe/Berlin");
    live_in(w, 20, 30, "-05:00");
    w.start();
  }
  WallTime utc(std::string_view text) const { return TimeZone::named("UTC")->instant(text).value(); }
  CampaignId at(std::string_view local, Timing::Passed passed = Timing::Passed::dropped) {
    Definition d = World::push("hi");
    d.timing = {.zone = "Asia/Kolkata", .per_person = true, .local = *local_time(local), .passed = passed};
    return w.campaign(d, std::max(first_anywhere(*d.timing.local), w.clock.wall()));
  }
  // Steps the world until then; nothing that would leave before has been left undone.
  void on_to(std::string_view text) {
    const WallTime t = utc(text);
    while (t - w.clock.wall() > minutes{2}) {  // without most of the seconds, and never late for anything
      w.clock.advance(std::min<Micros>(t - w.clock.wall() - minutes{1}, minutes{10}));
      w.run(200);
    }
    ASSERT_TRUE(w.run_until([&] { return w.clock.wall() >= t; }, 2'000'000));
  }
  unsigned reached(unsigned first, unsigned end) const {
    unsigned n = 0;
    for (unsigned i = first; i < end; ++i) n += w.provider.got.contains("t" + std::to_string(i)) ? 1 : 0;
    return n;
  }
  void expect_nobody_twice() const {
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << token;
  }
  std::uint32_t skipped(CampaignId id, Reason reason) {
    return w.account(id).skipped[static_cast<std::size_t>(reason)];
  }
  World w;
};

TEST(Waves, S59_each_zone_at_its_own_local_time_and_never_before) {
  Zones z(1);
  const CampaignId id = z.at("20160309 09:00");
  z.on_to("20160308 23:59");
  EXPECT_EQ(z.w.state(id),
            State::running);  // planned where clocks show it first, and running through all zones
  EXPECT_EQ(z.w.provider.total, 0u);
  z.on_to("20160309 00:05");
  EXPECT_EQ(z.reached(0, 10), 10u);
  EXPECT_EQ(z.w.provider.total, 10u);
  z.on_to("20160309 07:59");
  EXPECT_EQ(z.w.provider.total, 10u);
  z.on_to("20160309 08:05");
  EXPECT_EQ(z.reached(10, 20), 10u);
  EXPECT_EQ(z.w.state(id), State::running);
  z.on_to("20160309 14:05");
  EXPECT_EQ(z.w.provider.total, people);
  EXPECT_EQ(z.w.state(id), State::completed);
  EXPECT_EQ(z.w.account(id).accepted, people);
  z.expect_nobody_twice();
}

TEST(Waves, whose_time_has_passed_is_dropped_or_gets_it_the_next_day) {
  {
    Zones z(2);
    const CampaignId id = z.at("20160308 11:00");  // over in Tokyo and Berlin
    z.on_to("20160308 16:30");
    EXPECT_EQ(z.w.state(id), State::completed);
    EXPECT_EQ(z.skipped(id, Reason::local_time_passed), 20u);
    EXPECT_EQ(z.reached(20, 30), 10u);
  }
  Zones z(3);
  const CampaignId id = z.at("20160308 11:00", Timing::Passed::next_day);
  z.on_to("20160308 16:30");
  EXPECT_EQ(z.reached(20, 30), 10u);
  EXPECT_EQ(z.w.provider.total, 10u);
  z.on_to("20160309 02:05");
  EXPECT_EQ(z.reached(0, 10), 10u);
  z.on_to("20160309 10:05");
  EXPECT_EQ(z.w.account(id).accepted, people);
  EXPECT_EQ(z.w.state(id), State::completed);
  z.expect_nobody_twice();
}

TEST(Waves, S60_a_change_of_the_clocks_between_waves) {
  Zones z(4);
  z.w.clock.advance(hours{17 * 24});  // Berlin's clocks go forward on 27 March at 02:00
  const CampaignId id = z.at("20160327 02:30");
  z.on_to("20160327 00:59");
  EXPECT_EQ(z.w.provider.total, 10u);  // Tokyo had it on the evening before, in UTC
  z.on_to("20160327 01:05");           // the first instant after the gap
  EXPECT_EQ(z.reached(10, 20), 10u);
  z.on_to("20160327 07:35");
  EXPECT_EQ(z.w.account(id).accepted, people);
}

TEST(Waves, a_stop_between_waves_withholds_those_that_have_not_left) {
  Zones z(5);
  const CampaignId id = z.at("20160309 09:00");
  z.on_to("20160309 00:30");
  const auto record = z.w.stop(id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->total().handed_over, 10u);
  EXPECT_EQ(record->total().withheld, 20u);
  z.w.clock.advance(hours{48});
  z.w.run_dry();
  EXPECT_EQ(z.w.provider.total, 10u);
  EXPECT_TRUE(z.w.record(record->id).receipts.front().settled);
  EXPECT_EQ(z.w.account(id).withheld, 20u);
}

TEST(Waves, a_crash_between_waves_forgets_no_time) {
  for (std::uint64_t seed = 10; seed < 15; ++seed) {
    Zones z(seed);
    const CampaignId id = z.at("20160309 09:00");
    z.on_to("20160309 00:00");
    z.w.run(seed * 3);  // in the middle of Tokyo's
    z.w.crash();
    z.w.clock.advance(minutes{5});
    z.w.start();
    z.on_to("20160309 07:59");
    const Tally before = z.w.account(id);
    EXPECT_EQ(before.accepted + before.in_doubt, 10u) << seed;
    EXPECT_EQ(z.reached(10, 30), 0u) << seed;
    z.on_to("20160309 14:05");
    const Tally t = z.w.account(id);
    EXPECT_EQ(t.accepted + t.in_doubt, people) << seed;
    EXPECT_EQ(z.reached(10, 30), 20u) << seed;
    z.expect_nobody_twice();
  }
}

TEST(Waves, S53_a_pause_over_a_departure) {
  Zones z(6);
  const CampaignId id = z.at("20160309 09:00");
  z.on_to("20160309 07:00");
  ASSERT_TRUE(z.w.pause(id));
  z.on_to("20160309 09:00");  // Berlin's time passes
  EXPECT_EQ(z.w.provider.total, 10u);
  ASSERT_TRUE(z.w.resume(id));
  z.on_to("20160309 09:05");
  EXPECT_EQ(z.reached(10, 20), 10u);  // what was due is made up for
  EXPECT_EQ(z.reached(20, 30), 0u);   // what is not yet due waits
  z.on_to("20160309 14:05");
  EXPECT_EQ(z.w.account(id).accepted, people);
  z.expect_nobody_twice();
}

TEST(Waves, S59_a_wall_clock_that_is_set_back_lets_nothing_leave_early_nor_twice) {
  Zones z(7);
  const CampaignId id = z.at("20160309 09:00");
  z.on_to("20160309 00:30");
  z.w.clock.step_wall(-hours{2});
  z.on_to("20160309 07:59");
  EXPECT_EQ(z.w.provider.total, 10u);
  z.w.clock.step_wall(hours{1});
  ASSERT_TRUE(z.w.run_until([&] { return z.w.provider.total == 20; }));
  z.on_to("20160309 14:05");
  EXPECT_EQ(z.w.account(id).accepted, people);
  z.expect_nobody_twice();
}

// ---- cut-off and quiet hours ----------------------------------------------------------------------

CampaignId send(Zones& z, const Timing& timing) {
  Definition d = World::push("hi");
  d.timing = timing;
  d.timing.zone = "UTC";
  return z.w.campaign(d);
}
// It is Tuesday, 10:26.
constexpr std::int32_t tuesday = 2 * 24 * 60;

TEST(Waves, who_is_not_admitted_by_the_cut_off_is_skipped_and_that_is_no_stop) {
  Zones z(8);
  z.w.max_per_second = 1;
  z.w.clock.advance(Seconds{40});  // 10:26:46
  const CampaignId id = send(z, {.cut_off = 10 * 60 + 26 + 1});
  ASSERT_TRUE(z.w.run_until([&] { return z.w.state(id) == State::completed; }));
  const Tally t = z.w.account(id);
  EXPECT_GT(t.accepted, 0u);
  EXPECT_GT(z.skipped(id, Reason::cut_off_passed), 0u);
  EXPECT_EQ(t.accepted + z.skipped(id, Reason::cut_off_passed), people);
  EXPECT_EQ(z.w.provider.total, t.accepted);
}

TEST(Waves, quiet_hours_delay_or_discard) {
  for (const auto then : {QuietHours::Then::delay, QuietHours::Then::discard}) {
    Zones z(9);
    const CampaignId id = send(z, {.quiet = QuietHours{then, false, {{tuesday + 600, tuesday + 660}}}});
    z.on_to("20160308 10:59");
    EXPECT_EQ(z.w.provider.total, 0u);
    z.on_to("20160308 11:05");
    EXPECT_EQ(z.w.state(id), State::completed);
    const bool delays = then == QuietHours::Then::delay;
    EXPECT_EQ(z.w.account(id).accepted, delays ? people : 0u);
    EXPECT_EQ(z.skipped(id, Reason::quiet_hours), delays ? 0u : people);
  }
}

TEST(Waves, quiet_hours_go_by_each_recipients_clock) {
  Zones z(10);  // it is 19:26 in Tokyo, 11:26 in Berlin, 05:26 in New York
  const CampaignId id =
      send(z, {.quiet = QuietHours{QuietHours::Then::delay, true, {{tuesday, tuesday + 8 * 60}}}});
  z.on_to("20160308 10:30");
  EXPECT_EQ(z.reached(0, 20), 20u);
  EXPECT_EQ(z.reached(20, 30), 0u);
  z.on_to("20160308 13:05");
  EXPECT_EQ(z.reached(20, 30), 10u);
  EXPECT_EQ(z.w.account(id).accepted, people);
}

TEST(Waves, no_further_attempt_leaves_inside_quiet_hours) {
  for (std::uint64_t seed = 30; seed < 40; ++seed) {
    EngineOptions options = World::small();
    options.retry_initial = Seconds{20};
    options.retry_most = Seconds{40};
    Zones z(seed, options);
    z.w.provider.behaviour.later_of_100 = 60;
    const CampaignId id =
        send(z, {.quiet = QuietHours{QuietHours::Then::delay, false, {{tuesday + 627, tuesday + 700}}}});
    z.on_to("20160308 10:27");
    const std::size_t before = z.w.provider.total;
    z.on_to("20160308 11:39");
    EXPECT_EQ(z.w.provider.total, before) << seed;
    z.w.provider.behaviour.later_of_100 = 0;
    z.on_to("20160308 11:50");
    EXPECT_EQ(z.w.state(id), State::completed) << seed;
    EXPECT_EQ(z.w.account(id).accepted + z.w.account(id).failed, people) << seed;
  }
}

TEST(Waves, what_waits_in_a_loop_does_not_leave_once_quiet_hours_begin) {
  for (std::uint64_t seed = 40; seed < 50; ++seed) {
    Zones z(seed);
    z.w.provider.behaviour.streams = 1;
    z.w.provider.behaviour.delay = Seconds{4};  // the loops' queues stay full
    const CampaignId id =
        send(z, {.quiet = QuietHours{QuietHours::Then::delay, false, {{tuesday + 627, tuesday + 700}}}});
    z.on_to("20160308 10:27");
    const std::size_t before = z.w.provider.total;
    EXPECT_LT(before, people);
    z.on_to("20160308 11:39");
    EXPECT_EQ(z.w.provider.total, before) << seed;
    z.w.provider.behaviour.delay = Micros{0};
    z.on_to("20160308 11:50");
    EXPECT_EQ(z.w.account(id).accepted, people) << seed;
    z.expect_nobody_twice();
  }
}

TEST(Waves, S16_random_moments_of_a_stop) {
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    Zones z(seed);
    const CampaignId id = z.at("20160308 19:27");  // Tokyo's comes in a moment; over nowhere else
    z.w.run(seed * 2);
    const auto record = z.w.stop(id);
    ASSERT_TRUE(record);
    const std::size_t left = z.w.provider.total;
    EXPECT_TRUE(record->total().balances());
    z.w.clock.advance(hours{30});
    z.w.run_dry();
    EXPECT_EQ(z.w.provider.total, left) << seed;
    EXPECT_TRUE(z.w.record(record->id).receipts.front().settled) << seed;
    EXPECT_EQ(z.w.record(record->id).total().handed_over, record->total().handed_over) << seed;
  }
}

// A stop that comes while people are being left out: its receipt is settled from the journal.
TEST(Waves, S41_random_moments_of_a_stop_while_some_are_left_out) {
  for (std::uint64_t seed = 200; seed < 230; ++seed) {
    Zones z(seed);
    const CampaignId id = z.at("20160308 11:00");
    z.w.run(seed % 60);
    const auto record = z.w.stop(id);
    ASSERT_TRUE(record);
    z.w.run_dry();
    const StopRecord settled = z.w.record(record->id);
    ASSERT_EQ(settled.receipts.size(), 1u);
    EXPECT_TRUE(settled.receipts.front().settled) << seed;
    if (!settled.receipts.front().planned) continue;
    Tally answered = settled.total();
    answered.attempts = z.w.account(id).attempts;
    EXPECT_EQ(answered, z.w.account(id)) << seed;
  }
}

}  // namespace
}  // namespace belay::dispatch
