// S57, S59, S60, S61: when a message may leave, over every zone and every change of its clocks to 2037.
#include "campaign/timing.h"

#include <gtest/gtest.h>

#include <date/tz.h>

#include "campaign/schedule.h"

namespace belay {
namespace {

using std::chrono::minutes;

WallTime utc(std::string_view local) {
  return TimeZone::named("UTC")->instant(local).value();
}

// What a clock shows, in minutes since 1970 of its own calendar.
std::int64_t shown(const TimeZone& zone, WallTime t) {
  const LocalTime local = zone.local(t);
  return local.day * 24 * 60 + local.minute;
}

// Every minute around a change of the clocks.
struct Around {
  Around(const TimeZone& z, WallTime change) : zone(z), begin(change - minutes{before}) {
    for (std::int64_t i = 0; i < before + after; ++i) reads.push_back(shown(zone, at(i)));
  }
  static constexpr std::int64_t before = 4 * 60, after = 30 * 60;
  WallTime at(std::int64_t i) const { return begin + minutes{i}; }
  // The first minute from `from` on that shows `wanted` or later, having shown less.
  std::optional<WallTime> first_showing(std::int64_t wanted, std::int64_t from) const {
    if (reads[static_cast<std::size_t>(from)] > wanted) return std::nullopt;  // it was before
    for (auto i = static_cast<std::size_t>(from); i < reads.size(); ++i)
      if (reads[i] >= wanted) return at(static_cast<std::int64_t>(i));
    return std::nullopt;
  }
  const TimeZone& zone;
  WallTime begin;
  std::vector<std::int64_t> reads;
};

template <class Each>
void each_change(Each&& each) {
  int changes = 0;
  for (const auto& known : date::get_tzdb().zones) {
    const TimeZone zone = TimeZone::named(known.name()).value();
    for (WallTime t = utc("20240101 00:00"); t < utc("20380101 00:00");) {
      const WallTime end = zone.steady_around(t).end;
      if (end >= utc("20380101 00:00")) break;
      each(zone, Around(zone, end));
      ++changes;
      t = end;
    }
  }
  EXPECT_GT(changes, 4000);
}

LocalTime local_of(std::int64_t read) {
  return {read / (24 * 60), static_cast<std::int32_t>(read % (24 * 60))};
}

TEST(Timing, S60_departures_over_every_change_of_the_clocks) {
  each_change([](const TimeZone& zone, const Around& around) {
    Timing timing{.zone = "UTC", .per_person = true};
    for (std::int64_t m = 0; m < 2 * Around::before; m += 7) {
      const std::int64_t wanted = around.reads[0] + m;
      timing.local = local_of(wanted);
      const auto first = around.first_showing(wanted, 0);
      ASSERT_TRUE(first) << zone.name();
      ASSERT_EQ(departure_in(timing, zone, around.begin), (Departure{*first, Reason::none}))
          << zone.name() << " " << local_text(*timing.local);
      // A minute later it is too late for it: dropped, or the same time of the next day.
      const WallTime due = *first + minutes{1};
      timing.passed = Timing::Passed::dropped;
      ASSERT_EQ(departure_in(timing, zone, due).left_out, Reason::local_time_passed);
      timing.passed = Timing::Passed::at_once;
      ASSERT_EQ(departure_in(timing, zone, due), (Departure{due, Reason::none}));
      timing.passed = Timing::Passed::next_day;
      const auto next = around.first_showing(wanted + 24 * 60, 0);
      ASSERT_TRUE(next) << zone.name();
      ASSERT_EQ(departure_in(timing, zone, due), (Departure{*next, Reason::none}))
          << zone.name() << " " << local_text(*timing.local);
      timing.passed = Timing::Passed::dropped;
    }
  });
}

TEST(Timing, S60_cut_offs_over_every_change_of_the_clocks) {
  each_change([](const TimeZone& zone, const Around& around) {
    for (std::int64_t i = 0; i < 2 * Around::before; i += 11) {
      const WallTime departs = around.at(i);
      const std::int64_t reads = around.reads[static_cast<std::size_t>(i)];
      const std::int64_t wanted = reads / (24 * 60) * 24 * 60 + (reads + 90) % (24 * 60);
      const WallTime end = cut_off_after(zone, departs, static_cast<std::int32_t>(wanted % (24 * 60)));
      ASSERT_GT(end, departs) << zone.name();
      ASSERT_LE(end - departs, minutes{26 * 60}) << zone.name();
      // The first pass of that time of day, on this day or the next.
      auto expected = around.first_showing(wanted, 0);
      if (!expected || *expected <= departs) expected = around.first_showing(wanted + 24 * 60, 0);
      ASSERT_EQ(end, expected) << zone.name() << " " << zone.in_words(departs);
    }
  });
}

TEST(Timing, S60_quiet_hours_over_every_change_of_the_clocks) {
  QuietHours hours;
  for (std::int32_t day = 0; day < 7; ++day) {
    hours.week.emplace_back(day * 1440 + 90, day * 1440 + 150);  // where most clocks are set
    hours.week.emplace_back(day * 1440 + 300, day * 1440 + 420);
  }
  const auto quiet = [&](std::int64_t read) {
    const std::int64_t of_day = read % 1440;
    return (of_day >= 90 && of_day < 150) || (of_day >= 300 && of_day < 420);
  };
  each_change([&](const TimeZone& zone, const Around& around) {
    std::int64_t next_change = -1;
    for (std::int64_t i = 2 * Around::before; i-- > 0;) {
      const bool now = quiet(around.reads[static_cast<std::size_t>(i)]);
      if (quiet(around.reads[static_cast<std::size_t>(i + 1)]) != now) next_change = i + 1;
      ASSERT_EQ(quiet_at(hours, zone, around.at(i)), now) << zone.name();
      if (next_change < 0) continue;
      const WallTime t = around.at(i), change = around.at(next_change);
      ASSERT_EQ(next_quiet(hours, zone, t), now ? t : change) << zone.name() << " " << zone.in_words(t);
      ASSERT_EQ(next_not_quiet(hours, zone, t), now ? change : t) << zone.name() << " " << zone.in_words(t);
    }
  });
}

TEST(Timing, quiet_hours_run_over_saturdays_midnight) {
  QuietHours hours{.week = {{0, 8 * 60}, {6 * 1440 + 22 * 60, minutes_a_week}}};
  const TimeZone utc_zone = *TimeZone::named("UTC");
  const WallTime saturday = utc("20300202 23:00");
  EXPECT_TRUE(quiet_at(hours, utc_zone, saturday));
  EXPECT_EQ(next_not_quiet(hours, utc_zone, saturday), utc("20300203 08:00"));
  EXPECT_EQ(next_quiet(hours, utc_zone, utc("20300203 08:00")), utc("20300209 22:00"));
}

TEST(Timing, what_may_leave_when) {
  const TimeZone zone = *TimeZone::named("UTC");
  Timing timing{.zone = "UTC", .cut_off = 21 * 60};
  timing.quiet = QuietHours{.week = {{4 * 1440 + 18 * 60, 4 * 1440 + 20 * 60}}};  // Thursday
  const Departure departs{utc("20300131 17:00"), Reason::none};
  const auto now = [&](std::string_view at) { return leave_at(timing, zone, zone, departs, utc(at)); };
  EXPECT_EQ(now("20300131 16:59").now, Leave::Now::waits);
  EXPECT_EQ(now("20300131 17:00").now, Leave::Now::may_leave);
  EXPECT_EQ(now("20300131 17:00").until, utc("20300131 18:00"));
  EXPECT_EQ(now("20300131 18:00").now, Leave::Now::waits);
  EXPECT_EQ(now("20300131 18:00").until, utc("20300131 20:00"));
  EXPECT_EQ(now("20300131 20:00").until, utc("20300131 21:00"));
  EXPECT_EQ(now("20300131 21:00").left_out, Reason::cut_off_passed);
  timing.quiet->then = QuietHours::Then::discard;
  EXPECT_EQ(now("20300131 18:30").left_out, Reason::quiet_hours);
  EXPECT_EQ(first_leave(timing, zone, zone, {utc("20300131 18:30"), Reason::none}).left_out,
            Reason::quiet_hours);
}

TEST(Timing, survives_the_store) {
  Timing timing{.zone = "Asia/Kolkata", .per_person = true, .local = LocalTime{20000, 1110}};
  timing.passed = Timing::Passed::next_day;
  timing.cut_off = 1260;
  timing.quiet = QuietHours{QuietHours::Then::discard, true, {{0, 60}, {1320, 1500}}};
  EXPECT_EQ(timing_from(to_json(timing)), timing);
  json::object damaged = to_json(timing);
  damaged["quiet"].as_object()["week"] = json::array{json::array{0, minutes_a_week}};
  EXPECT_ANY_THROW(timing_from(damaged));
}

TEST(Timing, where_a_person_is) {
  const auto zone = [](std::string_view text) {
    const auto found = TimeZone::of_person(text);
    return found ? found->name() : "none";
  };
  EXPECT_EQ(zone("Asia/Kolkata"), "Asia/Kolkata");
  for (const auto text : {"+05:30", "+0530", "UTC+05:30", "GMT+5:30"})
    EXPECT_EQ(zone(text), "+05:30") << text;
  EXPECT_EQ(zone("-3"), "-03:00");
  EXPECT_EQ(zone("Z"), "+00:00");
  for (const auto text : {"", "Mars/Base", "+15:00", "-13", "5:30", "+5:3", "+", "../etc/passwd", "+05:60"})
    EXPECT_EQ(zone(text), "none") << text;
}

// ---- what "when" and "dnd" say ------------------------------------------------------------------------

Result<Schedule, ScheduleError> when(std::string_view text) {
  const auto value = parse_json(text);
  return parse_when(&*value, *TimeZone::named("Asia/Kolkata"), utc("20300115 06:30"));
}
std::string refusal(std::string_view text) {
  const auto read = when(text);
  return read ? "accepted" : read.error().text;
}

TEST(When, a_local_time_where_each_recipient_is) {
  const auto s = when(R"({"type":"later","delivery_date_time":["20300131 18:30"],"delivery_timezone":"user",
      "user_timezone_wrap_around":true,"campaign_cutoff":"21:00"})");
  ASSERT_TRUE(s) << s.error().text;
  EXPECT_EQ(s->due, utc("20300131 04:30"));  // where clocks show it first
  EXPECT_EQ(s->timing.local, (LocalTime{*calendar_day(20300131), 1110}));
  EXPECT_EQ(s->timing.passed, Timing::Passed::next_day);
  EXPECT_EQ(s->timing.cut_off, 1260);
  EXPECT_TRUE(s->timing.per_person && s->timing.by_zone());
}

TEST(When, S57_what_has_passed_in_some_places_begins_now_and_everywhere_is_refused) {
  const auto begun =
      when(R"({"type":"later","delivery_date_time":"20300115 09:00","delivery_timezone":"user"})");
  ASSERT_TRUE(begun) << begun.error().text;
  EXPECT_EQ(begun->due, utc("20300115 06:30"));
  EXPECT_EQ(refusal(R"({"type":"later","delivery_date_time":"20300113 09:00","delivery_timezone":"user"})"),
            "The time in \"when\" has passed everywhere: 2030-01-13 09:00; now it is 2030-01-15 12:00 "
            "Asia/Kolkata");
}

TEST(When, several_times_are_a_series) {
  const auto s = when(R"({"type":"later","delivery_date_time":["20300201 09:00","20300131 18:30"]})");
  ASSERT_TRUE(s) << s.error().text;
  ASSERT_TRUE(s->recurrence);
  const TimeZone zone = *TimeZone::named("Asia/Kolkata");
  EXPECT_EQ(s->due, utc("20300131 13:00"));
  EXPECT_EQ(occurrence(*s->recurrence, zone, 2)->at, utc("20300201 03:30"));
  EXPECT_FALSE(occurrence(*s->recurrence, zone, 3));
  EXPECT_EQ(recurrence_from(to_json(*s->recurrence)), *s->recurrence);
  EXPECT_EQ(in_words(*s->recurrence), "at 2030-01-31 18:30, 2030-02-01 09:00 Asia/Kolkata");
}

TEST(When, quiet_hours) {
  const auto s = when(R"({"type":"now","dnd":{"message_state":"delay","dnd_timezone":"user_timezone",
      "dnd_info":{"7":[{"from":"22:00","to":"08:00"}],"1":[{"from":"07:00","to":"09:00"}]}}})");
  ASSERT_TRUE(s) << s.error().text;
  ASSERT_TRUE(s->timing.quiet);
  EXPECT_TRUE(s->timing.quiet->per_person);
  const std::vector<std::pair<std::int32_t, std::int32_t>> week{{0, 540}, {6 * 1440 + 1320, minutes_a_week}};
  EXPECT_EQ(s->timing.quiet->week, week);
}

TEST(When, every_refusal_names_key_and_value) {
  const auto dnd = [](std::string_view inside) {
    return refusal(fmt::format(R"({{"type":"now","dnd":{{{}}}}})", inside));
  };
  EXPECT_EQ(refusal(R"({"type":"now","campaign_cutoff":"9pm"})"),
            "\"campaign_cutoff\" in \"when\" must be a time of day like \"21:00\", not \"9pm\"");
  EXPECT_EQ(
      refusal(R"({"type":"now","delivery_timezone":"user"})"),
      "\"delivery_timezone\":\"user\" in \"when\" does not go with \"type\":\"now\": now is now everywhere");
  EXPECT_EQ(refusal(R"({"type":"now","user_timezone_wrap_around":true})"),
            "\"user_timezone_wrap_around\" in \"when\" goes with \"delivery_timezone\":\"user\" only");
  EXPECT_EQ(refusal(R"({"type":"later","delivery_date_time":["20300131 18:30","20300131 18:30"]})"),
            "\"delivery_date_time\" in \"when\" holds 2030-01-31 18:30 twice");
  EXPECT_EQ(dnd(R"("message_state":"drop")"),
            "\"message_state\" in \"dnd\" must be \"delay\" or \"discard\"");
  EXPECT_EQ(dnd(R"("message_state":"delay","dnd_timezone":"mars")"),
            "\"dnd_timezone\" in \"dnd\" must be \"user\" or \"account\"");
  EXPECT_EQ(dnd(R"("message_state":"delay","dnd_info":{"8":[]})"),
            "\"dnd_info\" knows the weekdays \"1\" (Sunday) to \"7\", not \"8\"");
  EXPECT_EQ(dnd(R"("message_state":"delay","dnd_info":{"1":[{"from":"22:00","to":"25:00"}]})"),
            "\"to\" in \"dnd_info\" must be a time of day like \"22:00\", not \"25:00\"");
  EXPECT_EQ(dnd(R"("message_state":"delay","dnd_info":{"1":[{"from":"22:00","to":"22:00"}]})"),
            "A window of \"dnd_info\" ends where it begins, at 22:00: a whole day is \"00:00\" to \"24:00\"");
  std::string week;
  for (int day = 1; day <= 7; ++day)
    week += fmt::format(R"({}"{}":[{{"from":"00:00","to":"24:00"}}])", day > 1 ? "," : "", day);
  EXPECT_EQ(dnd(fmt::format(R"("message_state":"delay","dnd_info":{{{}}})", week)),
            "\"dnd_info\" in \"dnd\" is quiet the whole week: nothing would ever leave");
}

}  // namespace
}  // namespace belay
