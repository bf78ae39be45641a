// "when" of type "recurring" (contract 3.5). Its keys have been checked by name.
#include <algorithm>

#include <fmt/format.h>

#include "campaign/schedule.h"

namespace belay {
namespace {

auto invalid(std::string text) {
  return fail(ScheduleCode::invalid, std::move(text));
}

// A whole number in [least, most]; where the key is absent, nothing.
Result<std::optional<std::int64_t>, ScheduleError> number(const json::object& when, std::string_view key,
                                                          std::int64_t least, std::int64_t most) {
  const json::value* value = when.if_contains(key);
  if (!value) return std::nullopt;
  const auto n = whole_number(value);
  if (!n || *n < least || *n > most)
    return invalid(fmt::format("\"{}\" in \"when\" must be a whole number from {} to {}", key, least, most));
  return n;
}

Result<void, ScheduleError> read_rhythm(const json::object& when, Recurrence& rule) {
  const json::value* type = when.if_contains("repeat_type");
  const auto* word = type ? type->if_string() : nullptr;
  if (!word || (*word != "day" && *word != "week"))
    return invalid("\"repeat_type\" in \"when\" must be \"day\" or \"week\"");
  rule.unit = *word == "day" ? Recurrence::Unit::day : Recurrence::Unit::week;
  TRY_ASSIGN(const auto every,
             number(when, "repeats_every", 1,
                    rule.unit == Recurrence::Unit::day ? most_days_between : most_weeks_between));
  if (!every) return invalid("\"repeats_every\" is missing in \"when\": how many days or weeks lie between");
  rule.every = static_cast<std::int32_t>(*every);
  return {};
}

Result<void, ScheduleError> read_weekdays(const json::object& when, Recurrence& rule) {
  const json::value* value = when.if_contains("repeat_on_days_of_week");
  if (rule.unit == Recurrence::Unit::day) {
    if (value)
      return invalid("\"repeat_on_days_of_week\" in \"when\" goes with \"repeat_type\":\"week\" only");
    return {};
  }
  if (!value) {  // the weekday of the start; 1970-01-01 was a Thursday
    rule.weekdays[static_cast<std::size_t>((rule.day + 4) % 7)] = true;
    return {};
  }
  const auto* days = value->if_array();
  if (!days || days->empty() || days->size() > 7)
    return invalid("\"repeat_on_days_of_week\" in \"when\" must be a list of weekdays, 1 (Sunday) to 7");
  for (const json::value& day : *days) {
    const auto n = whole_number(&day);
    if (!n || *n < 1 || *n > 7)
      return invalid("\"repeat_on_days_of_week\" in \"when\" must hold weekdays, 1 (Sunday) to 7 (Saturday)");
    bool& chosen = rule.weekdays[static_cast<std::size_t>(*n - 1)];
    if (chosen) return invalid(fmt::format("\"repeat_on_days_of_week\" in \"when\" names {} twice", *n));
    chosen = true;
  }
  return {};
}

Result<void, ScheduleError> read_end(const json::object& when, Recurrence& rule) {
  TRY_ASSIGN(rule.occurrences, number(when, "end_by_occurrences", 1, most_occurrences));
  const json::value* date = when.if_contains("end_by_date");
  if (!date) return {};
  if (rule.occurrences)
    return invalid("\"end_by_date\" and \"end_by_occurrences\" in \"when\" exclude each other");
  const auto stamp = whole_number(date);
  rule.last_day = stamp ? calendar_day(*stamp) : std::nullopt;
  if (!rule.last_day) return invalid("\"end_by_date\" in \"when\" must be a day like \"20300131\"");
  return {};
}

Result<void, ScheduleError> read_start(const json::object& when, Recurrence& rule) {
  const json::value* value = when.if_contains("start_time");
  if (!value) return invalid("\"start_time\" is missing in \"when\": a time like \"20300131 18:30\"");
  const auto* text = value->if_string();
  if (!text) return invalid("\"start_time\" in \"when\" must be a time like \"20300131 18:30\"");
  const auto local = local_time(*text);
  if (!local) return invalid(fmt::format("\"start_time\" in \"when\": {}", local.error()));
  rule.day = local->day;
  rule.minute = local->minute;
  return {};
}

}  // namespace

Result<Schedule, ScheduleError> parse_recurring(const json::object& when, Timing timing, const TimeZone& zone,
                                                WallTime now) {
  Recurrence rule;
  rule.zone = zone.name();
  rule.per_person = timing.per_person;
  TRY(read_rhythm(when, rule));
  TRY(read_start(when, rule));
  TRY(read_weekdays(when, rule));
  TRY(read_end(when, rule));
  const LocalTime begin{rule.day, rule.minute};
  if (rule.per_person && last_anywhere(begin) < now)
    return invalid(fmt::format("\"start_time\" in \"when\" has passed everywhere: {}; now it is {}",
                               local_text(begin), zone.in_words(now)));
  const WallTime start = zone.instant(begin);
  if (!rule.per_person && start < now)
    return invalid(fmt::format("\"start_time\" in \"when\" is in the past: {}; now it is {}",
                               zone.in_words(start), zone.in_words(now)));
  const auto first = occurrence(rule, zone, 1);
  if (!first) return invalid("It would never run: \"end_by_date\" in \"when\" is before the first run");
  return Schedule{Schedule::Kind::recurring, std::max(first->at, now), rule, std::move(timing)};
}

}  // namespace belay
