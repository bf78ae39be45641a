// What "when" says of zones, of the day's cut-off and of quiet hours (contract 3.5, and the dnd row of 3.1).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "campaign/schedule.h"

namespace belay {
namespace {

constexpr std::int32_t a_day = 24 * 60;
constexpr std::size_t most_windows = 24;  // of a weekday

auto invalid(std::string text) {
  return fail(ScheduleCode::invalid, std::move(text));
}

Result<bool, ScheduleError> per_person(const json::value* value) {
  if (!value) return false;
  const auto* name = value->if_string();
  if (name && *name == "user") return true;
  if (name && *name == "account") return false;
  return invalid("\"delivery_timezone\" in \"when\" must be \"account\" or \"user\"");
}

Result<bool, ScheduleError> wraps_around(const json::value* value, bool per_person) {
  if (!value) return false;
  if (!value->is_bool()) return invalid("\"user_timezone_wrap_around\" in \"when\" must be true or false");
  if (value->get_bool() && !per_person)
    return invalid("\"user_timezone_wrap_around\" in \"when\" goes with \"delivery_timezone\":\"user\" only");
  return value->get_bool();
}

// "HH:MM"; the end of a window may be the end of the day.
Result<std::int32_t, ScheduleError> minute_at(const json::object& window, std::string_view key, bool end) {
  const json::value* value = window.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  if (end && text && *text == "24:00") return a_day;
  const auto minute = text ? minute_of_day(*text) : std::nullopt;
  if (!minute)
    return invalid(fmt::format("\"{}\" in \"dnd_info\" must be a time of day like \"22:00\"{}", key,
                               value ? ", not " + json::serialize(*value) : ""));
  return *minute;
}

// As the part of a week that is quiet, by the minute: overlaps and neighbours melt together by themselves.
class QuietWeek {
 public:
  void add(std::int32_t from, std::int32_t to) {
    for (std::int32_t m = from; m < to; ++m) quiet_[static_cast<std::size_t>(m % minutes_a_week)] = true;
  }
  std::vector<std::pair<std::int32_t, std::int32_t>> windows() const {
    std::vector<std::pair<std::int32_t, std::int32_t>> out;
    for (std::int32_t m = 0; m < minutes_a_week; ++m) {
      if (!quiet_[static_cast<std::size_t>(m)]) continue;
      if (!out.empty() && out.back().second == m)
        ++out.back().second;
      else
        out.emplace_back(m, m + 1);
    }
    return out;
  }

 private:
  std::array<bool, static_cast<std::size_t>(minutes_a_week)> quiet_{};
};

Result<void, ScheduleError> read_window(const json::value& value, std::int32_t midnight, QuietWeek& week) {
  const auto* window = value.if_object();
  if (!window) return invalid("\"dnd_info\" must hold windows like {\"from\":\"22:00\",\"to\":\"08:00\"}");
  for (const auto& member : *window)
    if (member.key() != "from" && member.key() != "to")
      return invalid(
          fmt::format("Unknown key \"{}\" in a window of \"dnd_info\"", std::string_view(member.key())));
  TRY_ASSIGN(const std::int32_t from, minute_at(*window, "from", false));
  TRY_ASSIGN(std::int32_t to, minute_at(*window, "to", true));
  if (from == to)
    return invalid(
        fmt::format("A window of \"dnd_info\" ends where it begins, at {}: a whole day is \"00:00\" to "
                    "\"24:00\"",
                    minute_text(from)));
  if (to < from) to += a_day;  // over midnight, into the next day
  week.add(midnight + from, midnight + to);
  return {};
}

Result<std::vector<std::pair<std::int32_t, std::int32_t>>, ScheduleError> read_week(
    const json::value* value) {
  const auto* info = value ? value->if_object() : nullptr;
  if (!info)
    return invalid(
        "\"dnd_info\" in \"dnd\" must be an object of weekdays, \"1\" (Sunday) to \"7\", each with its "
        "windows");
  QuietWeek week;
  for (const auto& member : *info) {
    const std::string_view day = member.key();
    if (day.size() != 1 || day[0] < '1' || day[0] > '7')
      return invalid(fmt::format("\"dnd_info\" knows the weekdays \"1\" (Sunday) to \"7\", not \"{}\"", day));
    const auto* windows = member.value().if_array();
    if (!windows || windows->size() > most_windows)
      return invalid(
          fmt::format("\"{}\" in \"dnd_info\" must be a list of up to {} windows", day, most_windows));
    for (const json::value& window : *windows) TRY(read_window(window, (day[0] - '1') * a_day, week));
  }
  auto windows = week.windows();
  if (windows.empty()) return invalid("\"dnd_info\" in \"dnd\" holds no window");
  if (windows.front() == std::pair{0, minutes_a_week})
    return invalid("\"dnd_info\" in \"dnd\" is quiet the whole week: nothing would ever leave");
  return windows;
}

Result<QuietHours, ScheduleError> read_quiet_hours(const json::value& value, bool per_person) {
  const auto* dnd = value.if_object();
  if (!dnd) return invalid("\"dnd\" must be an object with \"message_state\" and \"dnd_info\"");
  for (const auto& member : *dnd)
    if (member.key() != "message_state" && member.key() != "dnd_timezone" && member.key() != "dnd_info")
      return invalid(fmt::format("Unknown key \"{}\" in \"dnd\"", std::string_view(member.key())));
  QuietHours hours;
  const json::value* state = dnd->if_contains("message_state");
  if (state && state->is_string() && state->get_string() == "discard")
    hours.then = QuietHours::Then::discard;
  else if (!state || !state->is_string() || state->get_string() != "delay")
    return invalid("\"message_state\" in \"dnd\" must be \"delay\" or \"discard\"");
  const json::value* zone = dnd->if_contains("dnd_timezone");
  const auto* name = zone ? zone->if_string() : nullptr;
  if (zone && !(name && (*name == "user" || *name == "user_timezone" || *name == "account" ||
                         *name == "account_timezone")))
    return invalid("\"dnd_timezone\" in \"dnd\" must be \"user\" or \"account\"");
  hours.per_person = name ? name->starts_with("user") : per_person;
  TRY_ASSIGN(hours.week, read_week(dnd->if_contains("dnd_info")));
  return hours;
}

}  // namespace

Result<Timing, ScheduleError> parse_timing(const json::object& when, const TimeZone& zone) {
  Timing timing;
  timing.zone = zone.name();
  TRY_ASSIGN(timing.per_person, per_person(when.if_contains("delivery_timezone")));
  TRY_ASSIGN(const bool wraps,
             wraps_around(when.if_contains("user_timezone_wrap_around"), timing.per_person));
  if (wraps) timing.passed = Timing::Passed::next_day;
  if (const json::value* cut_off = when.if_contains("campaign_cutoff")) {
    const auto* text = cut_off->if_string();
    timing.cut_off = text ? minute_of_day(*text) : std::nullopt;
    if (!timing.cut_off)
      return invalid(
          fmt::format("\"campaign_cutoff\" in \"when\" must be a time of day like \"21:00\", not {}",
                      json::serialize(*cut_off)));
  }
  if (const json::value* dnd = when.if_contains("dnd")) {
    TRY_ASSIGN(timing.quiet, read_quiet_hours(*dnd, timing.per_person));
  }
  return timing;
}

Result<void, ScheduleError> add_quiet_hours(const json::value& dnd, const TimeZone& zone, Timing& timing) {
  if (timing.quiet) return invalid("\"dnd\" stands both at the top level and in \"when\": say it once");
  timing.zone = zone.name();
  TRY_ASSIGN(timing.quiet, read_quiet_hours(dnd, timing.per_person));
  return {};
}

}  // namespace belay
