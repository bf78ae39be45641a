// Recurring campaigns in the engine as a whole: each occurrence once, at its local time, whatever crashes,
// and none after a stop of the series (S16, S42, S53, S56, S60).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "campaign/schedule.h"
#include "dispatch/testing_world.h"

namespace belay::dispatch {
namespace {

using testing::World;
constexpr Micros a_day = std::chrono::hours{24};

// Its first run is `in` from now.
CampaignId daily(World& w, Micros in = Seconds{10}, const char* zone_name = "UTC",
                 std::optional<std::int64_t> occurrences = std::nullopt) {
  const TimeZone zone = *TimeZone::named(zone_name);
  const std::int64_t stamp = zone.minute_stamp(w.clock.wall() + in);
  Recurrence r{.zone = zone_name,
               .day = *calendar_day(stamp / 10'000),
               .minute = static_cast<std::int32_t>(stamp % 10'000 / 100 * 60 + stamp % 100)};
  r.occurrences = occurrences;
  Definition d = World::push("hi");
  d.recurrence = r;
  return w.campaign(d, occurrence(r, zone, 1)->at);
}

std::vector<Campaign> runs_of(World& w, CampaignId series) {  // the oldest first
  auto control = std::move(*w.store->control(store::Lane::ordinary));
  store::CampaignFilter filter;
  filter.series = series;
  auto found = *control->campaigns(filter);
  return {found.rbegin(), found.rend()};
}

Campaign campaign_of(World& w, CampaignId id) {
  return *(*w.store->control(store::Lane::ordinary))->campaign(AccountId{}, id);
}

bool over(World& w, CampaignId series) {
  for (const Campaign& run : runs_of(w, series))
    if (!is_final(run.state)) return false;
  return true;
}

// On to `by` after the next occurrence, without the seconds in between.
void to_next(World& w, CampaignId series, Micros by = Seconds{1}) {
  const WallTime due = campaign_of(w, series).due;
  if (due + by > w.clock.wall()) w.clock.advance(due + by - w.clock.wall());
}

void run_next(World& w, CampaignId series) {
  const std::size_t before = runs_of(w, series).size();
  to_next(w, series);
  ASSERT_TRUE(w.run_until([&] { return runs_of(w, series).size() > before && over(w, series); }));
}

// What the log is told while this lives.
class Heard {
 public:
  Heard() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("heard", std::make_shared<spdlog::sinks::ostream_sink_st>(out_)));
  }
  ~Heard() { spdlog::set_default_logger(before_); }
  std::size_t times(std::string_view what) const {
    const std::string text = out_.str();
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; ++at) ++n;
    return n;
  }

 private:
  std::ostringstream out_;
  std::shared_ptr<spdlog::logger> before_;
};

// A zone that this machine has lost: tried again at every look, told once, and stopped like any other.
TEST(Recurring, a_run_that_cannot_be_made_is_told_once_and_holds_up_nobody) {
  const Heard heard;
  World w(3);
  w.start_with(2);
  const CampaignId good = daily(w, Seconds{60});
  Definition d = World::push("hi");
  d.recurrence = Recurrence{.zone = "Lost/Zone", .day = 16'866, .minute = 0};
  const CampaignId lost = w.campaign(d, w.clock.wall() + Seconds{1});
  w.clock.advance(Seconds{5});
  for (int i = 0; i < 20; ++i) {
    w.run_dry();
    w.clock.advance(Seconds{1});
  }
  EXPECT_EQ(heard.times("series.not_fired"), 1u);
  run_next(w, good);
  EXPECT_EQ(heard.times("series.not_fired"), 1u);
  ASSERT_TRUE(w.stop(lost));
  EXPECT_EQ(w.state(lost), State::stopped);
}

TEST(Recurring, each_occurrence_is_a_run_and_the_last_one_completes_the_series) {
  World w(1);
  w.people(30);
  w.start();
  const CampaignId series = daily(w, Seconds{90}, "UTC", 3);
  for (int day = 1; day <= 3; ++day) {
    EXPECT_EQ(w.state(series), State::scheduled);
    run_next(w, series);
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, day) << token;
    EXPECT_EQ(w.provider.got.size(), 30u);
  }
  EXPECT_EQ(w.state(series), State::completed);
  const auto runs = runs_of(w, series);
  ASSERT_EQ(runs.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(runs[i].state, State::completed);
    EXPECT_EQ(runs[i].occurrence, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(runs[i].due - runs[0].due, static_cast<std::int64_t>(i) * a_day);
    EXPECT_EQ(w.account(runs[i].id).accepted, 30u);
  }
  w.clock.advance(5 * a_day);
  w.run_dry();
  EXPECT_EQ(runs_of(w, series).size(), 3u);
}

// The world's clock begins in March 2016: Berlin's clocks go forward on the 27th, back on 30 October.
TEST(Recurring, S60_keeps_its_local_time_over_a_change_of_the_clocks) {
  const struct {
    int days;
    std::int64_t wanted[3];
  } cases[] = {{18, {203, 300, 203}}, {235, {203, 203, 203}}};
  for (const auto& [days, wanted] : cases) {
    World w(2);
    w.people(3);
    const TimeZone berlin = *TimeZone::named("Europe/Berlin");
    const std::int64_t first_day = berlin.day_stamp(w.clock.wall() + days * a_day);
    const WallTime first = berlin.instant({*calendar_day(first_day), 123});
    w.clock.advance(first - Seconds{5} - w.clock.wall());
    w.start();
    const CampaignId series = daily(w, Seconds{5}, "Europe/Berlin", 3);
    for (const std::int64_t local : wanted) {
      run_next(w, series);
      EXPECT_EQ(berlin.minute_stamp(*runs_of(w, series).back().started) % 10'000, local);
    }
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 3) << token;
  }
}

TEST(Recurring, S42_an_occurrence_runs_once_whatever_crashes_and_whatever_the_clock_says) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World w(seed);
    w.people(20);
    w.start();
    const CampaignId series = daily(w, Seconds{60}, "UTC", 3);
    for (int day = 1; day <= 3; ++day) {
      to_next(w, series, Seconds{0});
      for (int crashes = 0; crashes < 3; ++crashes) {
        w.run(w.random.below(40));
        if (seed % 2 == 0) w.clock.step_wall(Seconds{static_cast<int>(w.random.below(3600)) - 1800});
        w.crash();
        w.start();
      }
      ASSERT_TRUE(w.run_until([&] {
        const auto runs = runs_of(w, series);
        return runs.size() == static_cast<std::size_t>(day) && over(w, series);
      })) << seed;
    }
    EXPECT_EQ(w.state(series), State::completed) << seed;
    const auto runs = runs_of(w, series);
    for (std::size_t i = 0; i < runs.size(); ++i)
      EXPECT_EQ(runs[i].occurrence, static_cast<std::int64_t>(i) + 1) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_LE(times, 3) << seed << " " << token;
  }
}

TEST(Recurring, S16_a_stop_of_the_series_stops_its_run_and_what_would_come) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 7)};
    w.people(200);
    w.start();
    const CampaignId series = daily(w, Seconds{60});
    to_next(w, series, Seconds{0});
    w.run(w.random.below(900));
    const auto record = w.stop(series);
    ASSERT_TRUE(record) << seed;
    const auto got = w.provider.got;
    EXPECT_TRUE(record->total().balances()) << seed;
    if (!runs_of(w, series).empty() && runs_of(w, series)[0].state == State::stopped)
      EXPECT_EQ(record->total().handed_over, got.size()) << seed;
    EXPECT_EQ(w.state(series), State::stopped) << seed;
    for (const Campaign& run : runs_of(w, series)) EXPECT_TRUE(is_final(run.state)) << seed;
    const std::size_t runs = runs_of(w, series).size();
    if (seed % 3 == 0) w.crash(), w.start();
    for (int day = 0; day < 3; ++day) {
      w.clock.advance(a_day);
      w.run_dry();
    }
    EXPECT_EQ(runs_of(w, series).size(), runs) << seed;
    EXPECT_EQ(w.provider.got, got) << seed;
    const auto again = w.stop(series);
    ASSERT_TRUE(again) << seed;
    EXPECT_EQ(again->id, record->id) << seed;
    EXPECT_EQ(w.engine->metrics().settle_mismatches, 0u);
  }
}

TEST(Recurring, a_stop_of_one_run_leaves_the_next_one) {
  World w(5);
  w.people(200);
  w.start();
  const CampaignId series = daily(w, Seconds{60});
  to_next(w, series);
  ASSERT_TRUE(w.run_until([&] { return w.provider.got.size() > 20; }));
  const CampaignId run = runs_of(w, series).at(0).id;
  ASSERT_TRUE(w.stop(run));
  EXPECT_EQ(w.state(run), State::stopped);
  EXPECT_EQ(w.state(series), State::scheduled);
  run_next(w, series);
  EXPECT_EQ(w.account(runs_of(w, series).at(1).id).accepted, 200u);
}

TEST(Recurring, a_stop_of_a_series_that_has_ended_still_stops_its_last_run) {
  World w(6);
  w.people(200);
  w.start();
  const CampaignId series = daily(w, Seconds{60}, "UTC", 1);
  to_next(w, series);
  ASSERT_TRUE(w.run_until([&] { return w.provider.got.size() > 20; }));
  EXPECT_EQ(w.state(series), State::completed);
  const auto record = w.stop(series);
  ASSERT_TRUE(record);
  EXPECT_EQ(w.state(runs_of(w, series).at(0).id), State::stopped);
  EXPECT_EQ(record->total().handed_over, w.provider.got.size());
  EXPECT_LT(w.provider.got.size(), 200u);
  EXPECT_EQ(w.stop(series)->id, record->id);
}

TEST(Recurring, S56_a_server_that_was_away_for_days_sends_no_burst) {
  World w(7);
  w.people(10);
  w.start();
  const CampaignId series = daily(w, Seconds{60});
  run_next(w, series);
  w.crash();
  w.clock.advance(10 * a_day + std::chrono::hours{5});
  w.start();
  w.run_dry();
  const auto runs = runs_of(w, series);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].state, State::missed);
  EXPECT_EQ(runs[1].occurrence, 11);
  for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << token;
  run_next(w, series);
  for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 2) << token;
}

TEST(Recurring, S18_a_pause_of_the_series_pauses_its_run_and_resuming_it_goes_on) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    World w(seed);
    w.provider.behaviour.delay = Millis{static_cast<int>(seed % 7)};
    w.people(150);
    w.start();
    const CampaignId series = daily(w, Seconds{60}, "UTC", 2);
    to_next(w, series, Seconds{0});
    w.run(w.random.below(700));
    const auto paused = w.pause(series);
    ASSERT_TRUE(paused) << seed;
    EXPECT_EQ(paused->campaign.id, series) << seed;
    EXPECT_EQ(paused->campaign.state, State::paused) << seed;
    EXPECT_TRUE(paused->tally.balances()) << seed;
    const auto got = w.provider.got;
    for (const Campaign& run : runs_of(w, series))
      EXPECT_TRUE(is_final(run.state) || run.state == State::paused) << seed;
    if (seed % 3 == 0) w.crash(), w.start();
    w.run_dry();
    EXPECT_EQ(w.provider.got, got) << seed;
    ASSERT_TRUE(w.resume(series)) << seed;
    ASSERT_TRUE(w.run_until([&] { return runs_of(w, series).size() == 1 && over(w, series); })) << seed;
    for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << seed << " " << token;
    EXPECT_EQ(w.provider.got.size(), 150u) << seed;
    run_next(w, series);
    EXPECT_EQ(w.state(series), State::completed) << seed;
  }
}

TEST(Recurring, S53_a_series_that_was_paused_for_days_sends_no_burst_when_it_is_resumed) {
  World w(8);
  w.people(10);
  w.start();
  const CampaignId series = daily(w, Seconds{60});
  ASSERT_TRUE(w.pause(series));
  w.clock.advance(5 * a_day + std::chrono::hours{3});
  w.run_dry();
  EXPECT_TRUE(w.provider.got.empty());
  ASSERT_TRUE(w.resume(series, store::PastDue::send));
  ASSERT_TRUE(w.run_until([&] { return runs_of(w, series).size() == 1 && over(w, series); }));
  w.run_dry();
  for (const auto& [token, times] : w.provider.got) EXPECT_EQ(times, 1) << token;
  EXPECT_EQ(w.provider.got.size(), 10u);
  EXPECT_EQ(runs_of(w, series).at(0).occurrence, 6);
}

TEST(Recurring, a_stop_of_everything_or_a_label_covers_a_series) {
  World w(9);
  w.people(10);
  w.start();
  const CampaignId series = daily(w, Seconds{60});
  Scope all;
  all.kind = Scope::Kind::all;
  bool answered = false;
  w.ask_stop({all, "test", "", false}, [&](const auto& record) { answered = record.has_value(); });
  ASSERT_TRUE(w.run_until([&] { return answered; }));
  EXPECT_EQ(w.state(series), State::stopped);
}

TEST(Recurring, series_and_run_are_stopped_and_paused_without_a_server) {
  World w(10);
  w.people(200);
  w.start();
  const CampaignId series = daily(w, Seconds{60});
  to_next(w, series);
  ASSERT_TRUE(w.run_until([&] { return w.provider.got.size() > 20; }));
  w.crash();
  {
    auto opened = std::move(*store::open_sqlite(w.folder()));
    const auto paused = pause_offline(*opened, w.clock, {w.account_id, series, "test", ""});
    ASSERT_TRUE(paused) << paused.error().text;
    EXPECT_EQ(paused->campaign.id, series);
    EXPECT_TRUE(paused->tally.balances());
    EXPECT_EQ(paused->tally.audience, 200u);
    const auto resumed =
        resume_offline(*opened, w.clock, {w.account_id, series, "test", store::PastDue::grace});
    ASSERT_TRUE(resumed) << resumed.error().text;
    EXPECT_EQ(resumed->state, State::scheduled);
    Scope scope;
    scope.campaign = series;
    const auto record = stop_offline(*opened, w.clock, {scope, "test", "", false});
    ASSERT_TRUE(record) << record.error().text;
    EXPECT_EQ(record->receipts.size(), 2u);
  }
  w.start();
  EXPECT_EQ(w.state(series), State::stopped);
  EXPECT_EQ(w.state(runs_of(w, series).at(0).id), State::stopped);
}

}  // namespace
}  // namespace belay::dispatch
