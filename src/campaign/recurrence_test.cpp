#include "campaign/recurrence.h"

#include <date/tz.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual.h"
#include "campaign/schedule.h"

namespace belay {
namespace {

TimeZone zone(std::string_view name) {
  return TimeZone::named(name).value();
}

Recurrence rule(std::string_view start, std::string_view zone_name,
                Recurrence::Unit unit = Recurrence::Unit::day, std::int32_t every = 1,
                std::initializer_list<int> weekdays = {}) {
  const LocalTime local = local_time(start).value();
  Recurrence r{
      .zone = std::string(zone_name), .day = local.day, .minute = local.minute, .unit = unit, .every = every};
  for (const int d : weekdays) r.weekdays[static_cast<std::size_t>(d - 1)] = true;
  return r;
}

// Local stamps yyyyMMddHHmm of the first occurrences.
std::vector<std::int64_t> first(const Recurrence& r, std::size_t most = 6) {
  const TimeZone z = zone(r.zone);
  std::vector<std::int64_t> out;
  for (const Occurrence& o : occurrences_to_come(r, z, 1, WallTime{}, most))
    out.push_back(z.minute_stamp(o.at));
  return out;
}

using testing::ElementsAre;

TEST(Recurrence, every_few_days) {
  EXPECT_THAT(first(rule("20300130 18:30", "Asia/Kolkata"), 3),
              ElementsAre(203001301830, 203001311830, 203002011830));
  EXPECT_THAT(first(rule("20300130 00:00", "UTC", Recurrence::Unit::day, 30), 3),
              ElementsAre(203001300000, 203003010000, 203003310000));
}

// 2030-01-30 is a Wednesday. Weeks begin on Sunday; what lies before the start in its week does not count.
TEST(Recurrence, every_few_weeks_on_weekdays) {
  constexpr auto week = Recurrence::Unit::week;
  EXPECT_THAT(first(rule("20300130 09:00", "UTC", week, 1, {4}), 3),
              ElementsAre(203001300900, 203002060900, 203002130900));
  EXPECT_THAT(first(rule("20300130 09:00", "UTC", week, 2, {2, 4, 6}), 5),
              ElementsAre(203001300900, 203002010900, 203002110900, 203002130900, 203002150900));
  EXPECT_THAT(first(rule("20300130 09:00", "UTC", week, 1, {1, 7}), 3),
              ElementsAre(203002020900, 203002030900, 203002090900));
  EXPECT_THAT(first(rule("20300130 09:00", "UTC", week, 2, {1}), 2), ElementsAre(203002100900, 203002240900));
}

TEST(Recurrence, ends_by_date_or_after_so_many) {
  Recurrence r = rule("20300130 18:30", "UTC");
  r.last_day = calendar_day(20300201);
  EXPECT_THAT(first(r), ElementsAre(203001301830, 203001311830, 203002011830));
  r.last_day.reset();
  r.occurrences = 2;
  EXPECT_THAT(first(r), ElementsAre(203001301830, 203001311830));
  EXPECT_FALSE(occurrence_after(r, zone("UTC"), 2));
  EXPECT_FALSE(occurrence(r, zone("UTC"), 3));
  r.occurrences.reset();
  EXPECT_FALSE(occurrence(r, zone("UTC"), 3'000'000)) << "the calendar ends in the year 9999";
}

TEST(Recurrence, S60_keeps_its_local_time_over_a_change_of_the_clocks) {
  // Berlin 2026: 29 March 02:00 -> 03:00; 25 October 03:00 -> 02:00.
  EXPECT_THAT(first(rule("20260328 18:30", "Europe/Berlin"), 3),
              ElementsAre(202603281830, 202603291830, 202603301830));
  EXPECT_THAT(first(rule("20260328 02:30", "Europe/Berlin"), 3),
              ElementsAre(202603280230, 202603290300, 202603300230));
  const TimeZone berlin = zone("Europe/Berlin");
  const auto autumn = occurrences_to_come(rule("20261024 02:30", "Europe/Berlin"), berlin, 1, WallTime{}, 3);
  ASSERT_EQ(autumn.size(), 3u);
  EXPECT_EQ(autumn[1].at - autumn[0].at, std::chrono::hours(24)) << "the first of the two 02:30s";
  EXPECT_EQ(autumn[2].at - autumn[1].at, std::chrono::hours(25));
}

// Samoa had no 30 December 2011: that day's midnight is the next day's.
TEST(Recurrence, two_occurrences_on_one_instant_are_one) {
  const Recurrence r = rule("20111229 00:00", "Pacific/Apia");
  EXPECT_THAT(first(r, 3), ElementsAre(201112290000, 201112310000, 201201010000));
  const TimeZone apia = zone("Pacific/Apia");
  EXPECT_EQ(occurrence_after(r, apia, 1)->number, 2);
  EXPECT_EQ(occurrence_after(r, apia, 2)->number, 4);
}

TEST(Recurrence, finds_the_newest_that_is_due) {
  const Recurrence r = rule("20300130 18:30", "UTC");
  const TimeZone utc = zone("UTC");
  const WallTime start = occurrence(r, utc, 1)->at;
  EXPECT_FALSE(newest_due(r, utc, 1, start - Micros{1}));
  for (std::int64_t days = 0; days < 400; ++days) {
    EXPECT_EQ(newest_due(r, utc, 1, start + std::chrono::days(days))->number, days + 1);
    EXPECT_EQ(newest_due(r, utc, 1, start + std::chrono::days(days + 1) - Micros{1})->number, days + 1);
  }
  Recurrence few = r;
  few.occurrences = 3;
  EXPECT_EQ(newest_due(few, utc, 2, start + std::chrono::days(5'000))->number, 3);
  EXPECT_FALSE(newest_due(few, utc, 4, start + std::chrono::days(5'000)));
  EXPECT_GT(newest_due(r, utc, 1, start + std::chrono::years(50'000))->number, 2'000'000)
      << "found by halving";
}

TEST(Recurrence, is_kept_as_it_is) {
  Recurrence r = rule("20300130 18:30", "Asia/Kolkata", Recurrence::Unit::week, 2, {2, 7});
  EXPECT_EQ(recurrence_from(to_json(r)), r);
  r.last_day = calendar_day(20310101);
  EXPECT_EQ(recurrence_from(to_json(r)), r);
  EXPECT_EQ(in_words(r), "every 2 weeks on Mon, Sat at 18:30 Asia/Kolkata, until 2031-01-01");
  r = rule("20300130 08:05", "UTC");
  r.occurrences = 10;
  EXPECT_EQ(recurrence_from(to_json(r)), r);
  EXPECT_EQ(in_words(r), "every day at 08:05 UTC, 10 times");
}

// ---- every zone and all its changes ------------------------------------------------------------------

using date::sys_seconds;

WallTime wall(sys_seconds t) {
  return WallTime{std::chrono::duration_cast<Micros>(t.time_since_epoch())};
}

// What the rule says of one local time, told from the zone's own table, the other way round: the first
// instant whose local time is that or later, looking at the offsets on both sides of a change.
sys_seconds first_instant_at(const date::time_zone& z, date::local_seconds local, sys_seconds change) {
  const auto before = z.get_info(change - std::chrono::seconds{1}).offset;
  const auto after = z.get_info(change).offset;
  const sys_seconds early{local.time_since_epoch() - before};
  if (early < change) return early;
  const sys_seconds late{local.time_since_epoch() - after};
  return late < change ? change : late;
}

void check_around(const date::time_zone& z, const TimeZone& ours, sys_seconds change, belay::Random& random) {
  using namespace std::chrono_literals;
  const auto offset = z.get_info(change).offset;
  const auto day = date::floor<date::days>(date::local_seconds{change.time_since_epoch() + offset});
  // Minutes of the day near the change, and one anywhere.
  const auto near = std::chrono::duration_cast<std::chrono::minutes>(
      date::local_seconds{change.time_since_epoch() + offset} - day);
  for (const int shift : {-61, -60, -30, -1, 0, 1, 29, 59, 60, static_cast<int>(random.below(1440))}) {
    const int minute = (static_cast<int>(near.count()) + shift + 1440) % 1440;
    Recurrence r{
        .zone = ours.name(), .day = (day - date::days{2}).time_since_epoch().count(), .minute = minute};
    std::optional<Occurrence> before;
    for (std::int64_t n = 1; n <= 5; ++n) {
      const auto o = occurrence(r, ours, n);
      ASSERT_TRUE(o);
      const date::local_seconds local =
          date::local_days{date::days{r.day + n - 1}} + std::chrono::minutes{minute};
      const std::int64_t day_stamp = ours.day_stamp(o->at), minute_stamp = ours.minute_stamp(o->at) % 10'000;
      const auto info = z.get_info(local);
      if (info.result != date::local_info::nonexistent) {
        ASSERT_EQ(minute_stamp, minute / 60 * 100 + minute % 60) << ours.name() << " " << day_stamp;
      }
      if (info.result == date::local_info::ambiguous) {
        ASSERT_EQ(o->at, wall(sys_seconds{local.time_since_epoch() - info.first.offset})) << ours.name();
      }
      const auto here =
          info.result == date::local_info::unique ? std::optional<sys_seconds>() : info.first.end;
      if (here) {
        ASSERT_EQ(o->at, wall(first_instant_at(z, local, *here))) << ours.name() << " " << day_stamp;
      }
      if (before) {
        ASSERT_GE(o->at, before->at) << ours.name();
      }
      if (before && o->at > before->at) {
        ASSERT_EQ(newest_due(r, ours, 1, o->at - Micros{1})->number, before->number) << ours.name();
      }
      before = o;
    }
    std::optional<Occurrence> last;
    for (const Occurrence& o : occurrences_to_come(r, ours, 1, WallTime{Micros::min()}, 5)) {
      if (last) {
        ASSERT_GT(o.at, last->at) << ours.name();
      }
      last = o;
    }
  }
}

TEST(Recurrence, S60_is_right_around_every_change_of_every_zone_until_2037) {
  using namespace date::literals;
  SeededRandom random(20'370'101);
  std::size_t zones = 0, changes = 0;
  const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const date::time_zone& z : date::get_tzdb().zones) all.emplace_back(z.name());
    return all;
  }();
  for (const std::string_view name : names) {
    const auto ours = TimeZone::named(name);
    if (!ours) continue;
    const date::time_zone& z = *date::locate_zone(name);
    ++zones;
    sys_seconds t = date::sys_days{date::January / 1 / 1970};
    const sys_seconds end = date::sys_days{date::January / 1 / 2038};
    for (auto info = z.get_info(t); info.end < end; info = z.get_info(info.end)) {
      ++changes;
      check_around(z, *ours, info.end, random);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  EXPECT_GT(zones, 300u);
  EXPECT_GT(changes, 10'000u);
}

// ---- "when" of type "recurring" ------------------------------------------------------------------------

constexpr WallTime now = wall_from_micros(1'457'432'766'000'000);  // 2016-03-08 15:56 Asia/Kolkata, a Tuesday

Result<Schedule, ScheduleError> when(std::string_view rest) {
  const json::value value = parse_json(fmt::format(R"({{"type":"recurring",{}}})", rest)).value();
  return parse_when(&value, zone("Asia/Kolkata"), now);
}
std::string error_of(std::string_view rest) {
  const auto schedule = when(rest);
  return schedule ? "accepted" : schedule.error().text;
}

TEST(RecurringWhen, is_read_whole) {
  const auto daily = when(R"("repeats_every":3,"repeat_type":"day","start_time":"20160309 10:00")");
  ASSERT_TRUE(daily) << daily.error().text;
  EXPECT_EQ(daily->kind, Schedule::Kind::recurring);
  EXPECT_EQ(zone("Asia/Kolkata").minute_stamp(daily->due), 201603091000);
  EXPECT_EQ(*daily->recurrence, rule("20160309 10:00", "Asia/Kolkata", Recurrence::Unit::day, 3));
  const auto weekly = when(
      R"("repeats_every":"2","repeat_type":"week","start_time":"20160309 10:00","delivery_timezone":"account",)"
      R"("repeat_on_days_of_week":[1,7],"end_by_occurrences":4)");
  ASSERT_TRUE(weekly) << weekly.error().text;
  EXPECT_THAT(first(*weekly->recurrence),
              ElementsAre(201603121000, 201603201000, 201603261000, 201604031000));
  EXPECT_EQ(zone("Asia/Kolkata").minute_stamp(weekly->due), 201603121000);
}

TEST(RecurringWhen, repeats_on_the_weekday_of_its_start_unless_told) {
  const auto weekly = when(R"("repeats_every":1,"repeat_type":"week","start_time":"20160309 10:00")");
  ASSERT_TRUE(weekly) << weekly.error().text;
  EXPECT_THAT(first(*weekly->recurrence, 2), ElementsAre(201603091000, 201603161000));
}

TEST(RecurringWhen, ends_on_the_day_that_is_named) {
  const auto until =
      when(R"("repeats_every":1,"repeat_type":"day","start_time":"20160309 10:00","end_by_date":"20160310")");
  ASSERT_TRUE(until) << until.error().text;
  EXPECT_THAT(first(*until->recurrence), ElementsAre(201603091000, 201603101000));
  EXPECT_TRUE(
      when(R"("repeats_every":1,"repeat_type":"day","start_time":"20160309 10:00","end_by_date":20160309)"));
}

TEST(RecurringWhen, S61_refuses_by_name_what_is_missing_wrong_or_contradictory) {
  const auto with = [](std::string_view more) {
    return error_of(
        fmt::format(R"("repeats_every":1,"repeat_type":"day","start_time":"20160309 10:00",{})", more));
  };
  const auto weekly = [](std::string_view days) {
    return error_of(fmt::format(R"("repeats_every":1,"repeat_type":"week","start_time":"20160309 10:00",)"
                                R"("repeat_on_days_of_week":{})",
                                days));
  };
  using testing::HasSubstr;
  EXPECT_THAT(error_of(R"("repeat_type":"day","start_time":"20160309 10:00")"),
              HasSubstr("\"repeats_every\" is missing"));
  EXPECT_THAT(error_of(R"("repeats_every":1,"start_time":"20160309 10:00")"), HasSubstr("\"repeat_type\""));
  EXPECT_THAT(error_of(R"("repeats_every":1,"repeat_type":"month","start_time":"20160309 10:00")"),
              HasSubstr("must be \"day\" or \"week\""));
  EXPECT_THAT(error_of(R"("repeats_every":1,"repeat_type":"day")"), HasSubstr("\"start_time\" is missing"));
  EXPECT_THAT(error_of(R"("repeats_every":1,"repeat_type":"day","start_time":"20160308 15:56")"),
              HasSubstr("\"start_time\" in \"when\" is in the past"));
  EXPECT_THAT(error_of(R"("repeats_every":1,"repeat_type":"day","start_time":"20160230 10:00")"),
              HasSubstr("no such time"));
  for (const std::string_view every : {"0", "-1", "367", "1.5", "\"x\"", "null"})
    EXPECT_THAT(error_of(fmt::format(
                    R"("repeats_every":{},"repeat_type":"day","start_time":"20160309 10:00")", every)),
                HasSubstr("\"repeats_every\" in \"when\" must be a whole number from 1 to 366"))
        << every;
  EXPECT_THAT(with(R"("repeat_on_days_of_week":[2])"), HasSubstr("goes with \"repeat_type\":\"week\" only"));
  EXPECT_THAT(with(R"("end_by_date":"20160301")"), HasSubstr("would never run"));
  EXPECT_THAT(with(R"("end_by_date":"20160230")"), HasSubstr("\"end_by_date\""));
  EXPECT_THAT(with(R"("end_by_occurrences":0)"), HasSubstr("\"end_by_occurrences\""));
  EXPECT_THAT(with(R"("end_by_occurrences":2,"end_by_date":"20160401")"), HasSubstr("exclude each other"));
  EXPECT_THAT(with(R"("delivery_date_time":"20160309 10:00")"), HasSubstr("does not go with"));
  EXPECT_THAT(with(R"("delivery_timezone":"mars")"), HasSubstr("must be \"account\" or \"user\""));
  EXPECT_THAT(with(R"("every":2)"), HasSubstr("Unknown key \"every\""));
  for (const std::string_view days : {"[]", "[0]", "[8]", "2", "[2,2]", "[\"mon\"]"})
    EXPECT_THAT(weekly(days), HasSubstr("\"repeat_on_days_of_week\"")) << days;
}

}  // namespace
}  // namespace belay
