#include "campaign/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace belay {
namespace {

constexpr WallTime at(std::int64_t epoch) {
  return wall_from_micros(epoch * 1'000'000);
}
constexpr WallTime now = at(1'457'432'766);  // 2016-03-08 10:26:06 UTC

TimeZone zone(std::string_view name) {
  return TimeZone::named(name).value();
}

Result<Schedule, ScheduleError> when(std::string_view text, std::string_view zone_name = "Asia/Kolkata",
                                     WallTime present = now) {
  const json::value value = parse_json(text).value();
  return parse_when(&value, zone(zone_name), present);
}
std::string when_error(std::string_view text) {
  const auto schedule = when(text);
  return schedule ? "accepted" : schedule.error().text;
}
std::int64_t due(std::string_view local, std::string_view zone_name, WallTime present = now) {
  const auto schedule = when(fmt::format("\"{}\"", local), zone_name, present);
  if (!schedule) ADD_FAILURE() << schedule.error().text;
  return schedule ? to_epoch_seconds(schedule->due) : 0;
}

TEST(TimeZone, is_known_or_refused) {
  EXPECT_EQ(zone("Asia/Kolkata").name(), "Asia/Kolkata");
  EXPECT_TRUE(TimeZone::named("UTC"));
  for (const std::string_view name : {"", "Asia/Nowhere", "../../etc/passwd", "/etc/localtime", "India"})
    EXPECT_FALSE(TimeZone::named(name)) << name;
  EXPECT_THAT(TimeZone::named("Mars/Base").error(), testing::HasSubstr("Unknown time zone \"Mars/Base\""));
}

TEST(TimeZone, stamps_minutes_and_spans_days) {
  EXPECT_EQ(zone("UTC").minute_stamp(now), 201603081026);
  EXPECT_EQ(zone("Asia/Kolkata").minute_stamp(now), 201603081556);
  EXPECT_EQ(zone("Asia/Kolkata").in_words(now), "2016-03-08 15:56 Asia/Kolkata");
  const auto day = zone("Asia/Kolkata").day(20160308);
  ASSERT_TRUE(day);
  EXPECT_EQ(to_epoch_seconds(day->first), 1457375400);
  EXPECT_EQ(to_epoch_seconds(day->second), 1457375400 + 86400);
  const auto short_day = zone("Europe/Berlin").day(20160327);
  EXPECT_EQ(short_day->second - short_day->first, std::chrono::hours(23));
  for (const std::int64_t wrong : {0L, 20160230L, 2016L, 201603080000L, -20160308L, 20161301L})
    EXPECT_FALSE(zone("UTC").day(wrong)) << wrong;
}

// S57: a schedule is validated, and means what it says.
TEST(Schedule, S57_now_is_now_and_a_local_time_is_that_zones) {
  EXPECT_EQ(when("\"now\"")->kind, Schedule::Kind::now);
  EXPECT_EQ(when("\"now\"")->due, now);
  EXPECT_EQ(when(R"({"type":"now"})")->due, now);
  EXPECT_EQ(when("\"20160308 15:57\"")->kind, Schedule::Kind::later);
  EXPECT_EQ(due("20160308 15:57", "Asia/Kolkata"), 1457432820);
  EXPECT_EQ(due("20160308 10:27", "UTC"), 1457432820);
  EXPECT_EQ(due("20240229 23:59", "America/New_York"), 1709269140);
}

TEST(Schedule, reads_the_object_forms) {
  for (const std::string_view text :
       {R"({"type":"later","delivery_date_time":["20160308 15:57"]})",
        R"({"type":"later","delivery_date_time":"20160308 15:57"})",
        R"({"type":"later","delivery_timezone":"account","delivery_date_time":["20160308 15:57"]})"}) {
    const auto schedule = when(text);
    ASSERT_TRUE(schedule) << schedule.error().text;
    EXPECT_EQ(to_epoch_seconds(schedule->due), 1457432820);
  }
}

TEST(Schedule, S60_a_time_in_a_gap_is_the_first_after_it_and_in_an_overlap_the_earlier) {
  // Berlin 2016-03-27: 02:00 becomes 03:00 (01:00 UTC). 2016-10-30: 03:00 becomes 02:00 (01:00 UTC).
  EXPECT_EQ(due("20160327 01:59", "Europe/Berlin"), 1459040340);
  EXPECT_EQ(due("20160327 02:00", "Europe/Berlin"), 1459040400);
  EXPECT_EQ(due("20160327 02:30", "Europe/Berlin"), 1459040400);
  EXPECT_EQ(due("20160327 03:00", "Europe/Berlin"), 1459040400);
  EXPECT_EQ(due("20161030 02:30", "Europe/Berlin"), 1477787400);
  EXPECT_EQ(due("20161030 03:00", "Europe/Berlin"), 1477792800);
}

TEST(Schedule, S57_refuses_times_that_can_not_be) {
  for (const std::string_view text :
       {"20160308", "20160308 1556", "20160308T15:57", "2016-03-08 15:57", "20160308 15:57 ", "20160308 5:57",
        "+0160308 15:57", "tomorrow", "", "Now", "20160308 15:57:00"})
    EXPECT_THAT(when_error(fmt::format("\"{}\"", text)), testing::HasSubstr("must be \"now\" or a time like"))
        << text;
  for (const std::string_view text : {"20170229 10:00", "20161301 10:00", "20160431 10:00", "20160308 24:00",
                                      "20160308 15:60", "20160300 10:00"})
    EXPECT_THAT(when_error(fmt::format("\"{}\"", text)), testing::HasSubstr("There is no such time")) << text;
  EXPECT_EQ(when_error("\"20160308 15:56\""),
            "The time in \"when\" is in the past: 2016-03-08 15:56 Asia/Kolkata; now it is 2016-03-08 15:56 "
            "Asia/Kolkata");
  for (const std::string_view text : {"null", "5", "[]", "true"})
    EXPECT_THAT(when_error(text), testing::HasSubstr("a text or an object"));
  EXPECT_THAT(parse_when(nullptr, zone("UTC"), now).error().text, testing::HasSubstr("\"when\" is missing"));
}

TEST(Schedule, S61_refuses_by_name_what_it_does_not_know) {
  EXPECT_EQ(when_error(R"({"type":"now","cutoff":"20:00"})"), "Unknown key \"cutoff\" in \"when\"");
  EXPECT_EQ(when_error(R"({"type":"soon"})"),
            "\"type\" in \"when\" must be \"now\", \"later\" or \"recurring\"");
  EXPECT_EQ(when_error(R"({"type":"now","end_by_date":"20160401"})"),
            "\"end_by_date\" in \"when\" goes with \"type\":\"recurring\" only");
  EXPECT_EQ(when_error("{}"), "\"type\" in \"when\" must be \"now\", \"later\" or \"recurring\"");
  EXPECT_EQ(when_error(R"({"type":"later"})"), "\"delivery_date_time\" is missing in \"when\"");
  EXPECT_THAT(when_error(R"({"type":"later","delivery_date_time":[]})"), testing::HasSubstr("is empty"));
  EXPECT_THAT(when_error(R"({"type":"later","delivery_date_time":20160308})"),
              testing::HasSubstr("must be a time like"));
  EXPECT_THAT(when_error(R"({"type":"now","delivery_date_time":"20160308 15:57"})"),
              testing::HasSubstr("does not go with"));
  EXPECT_THAT(when_error(R"({"type":"now","delivery_timezone":"UTC"})"),
              testing::HasSubstr("must be \"account\" or \"user\""));
}

Result<Ttl, ScheduleError> ttl(std::string_view text) {
  return parse_ttl(parse_json(text).value(), zone("Asia/Kolkata"), now);
}
std::string ttl_error(std::string_view text) {
  const auto parsed = ttl(text);
  return parsed ? "accepted" : parsed.error().text;
}

TEST(TimeToLive, is_absolute_in_the_accounts_zone_or_relative_in_minutes) {
  EXPECT_EQ(to_epoch_seconds(*ttl(R"({"ttl_type":"absolute","value":201603081557})")->until), 1457432820);
  EXPECT_EQ(to_epoch_seconds(*ttl(R"({"value":"201603081557"})")->until), 1457432820);
  EXPECT_EQ(*ttl(R"({"ttl_type":"relative","value":90})")->lasting, Seconds{5400});
  EXPECT_FALSE(ttl(R"({"ttl_type":"relative","value":90})")->until);
}

TEST(TimeToLive, refuses_what_can_not_be) {
  EXPECT_THAT(ttl_error(R"({"value":201603081556})"), testing::HasSubstr("before the campaign starts"));
  EXPECT_THAT(ttl_error(R"({"value":201604081556})"), testing::HasSubstr("28 days"));
  EXPECT_THAT(ttl_error(R"({"value":201602300000})"), testing::HasSubstr("yyyyMMddHHmm"));
  EXPECT_THAT(ttl_error(R"({"value":201603092400})"), testing::HasSubstr("yyyyMMddHHmm"));
  EXPECT_THAT(ttl_error(R"({"value":201603091260})"), testing::HasSubstr("yyyyMMddHHmm"));
  EXPECT_THAT(ttl_error(R"({"value":60})"), testing::HasSubstr("yyyyMMddHHmm"));
  EXPECT_THAT(ttl_error(R"({"ttl_type":"relative","value":0})"), testing::HasSubstr("above 0"));
  EXPECT_THAT(ttl_error(R"({"ttl_type":"relative","value":40321})"), testing::HasSubstr("28 days"));
  EXPECT_THAT(ttl_error(R"({"ttl_type":"relative","value":1.5})"), testing::HasSubstr("a whole number"));
  EXPECT_THAT(ttl_error(R"({"ttl_type":"relative"})"), testing::HasSubstr("a whole number"));
  EXPECT_THAT(ttl_error(R"({"ttl_type":"seconds","value":5})"),
              testing::HasSubstr("\"absolute\" or \"relative\""));
  EXPECT_EQ(ttl_error(R"({"value":5,"unit":"m"})"), "Unknown key \"unit\" in \"ttl\"");
  EXPECT_THAT(ttl_error("5"), testing::HasSubstr("must be an object"));
}

}  // namespace
}  // namespace belay
