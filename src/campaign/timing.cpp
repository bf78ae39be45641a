#include "campaign/timing.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "base/check.h"

namespace belay {
namespace {

constexpr std::array<std::string_view, 3> passed_names{"dropped", "next_day", "at_once"};
constexpr Micros week_length = std::chrono::minutes{minutes_a_week};
// 1970-01-01 was a Thursday.
constexpr Micros sunday_before_epoch = std::chrono::minutes{4 * 24 * 60};

// How far into the week the clock is, from Sunday 00:00.
Micros into_week(WallTime t, Seconds offset) {
  const Micros shown = t.time_since_epoch() + offset + sunday_before_epoch;
  return (shown % week_length + week_length) % week_length;
}

bool sound(const QuietHours& hours) {
  std::int32_t last = -1, sum = 0;
  for (const auto& [from, to] : hours.week) {
    if (from <= last || to <= from || to > minutes_a_week) return false;
    last = to;
    sum += to - from;
  }
  return sum > 0 && sum < minutes_a_week;
}

// Whether it is quiet that far into the week, and how long that stays so (or longer: over Saturday's midnight
// it has to be asked again).
std::pair<bool, Micros> quiet_in_week(const QuietHours& hours, Micros at) {
  for (const auto& [first, second] : hours.week) {
    const Micros from = std::chrono::minutes{first}, to = std::chrono::minutes{second};
    if (at < from) return {false, from - at};
    if (at < to) return {true, to - at};
  }
  return {false, week_length - at};
}

WallTime first_that_is(const QuietHours& hours, const TimeZone& zone, WallTime t, bool wanted) {
  while (true) {
    const TimeZone::Steady steady = zone.steady_around(t);
    const auto [quiet, lasts] = quiet_in_week(hours, into_week(t, steady.offset));
    if (quiet == wanted) return t;
    t = std::min(t + lasts, steady.end);
  }
}

std::string quiet_in_words(const QuietHours& hours) {
  return fmt::format("quiet hours by {} clock: {}", hours.per_person ? "each recipient's" : "the account's",
                     hours.then == QuietHours::Then::delay ? "leaves when they end" : "left out");
}

}  // namespace

WallTime first_anywhere(LocalTime local) {
  return TimeZone::at_offset(14 * 60)->instant(local);
}
WallTime last_anywhere(LocalTime local) {
  return TimeZone::at_offset(-12 * 60)->instant(local);
}

Departure departure_in(const Timing& timing, const TimeZone& zone, WallTime due) {
  if (!timing.per_person || !timing.local) return {due, Reason::none};
  LocalTime local = *timing.local;
  const WallTime at = zone.instant(local);
  if (at >= due) return {at, Reason::none};
  if (timing.passed == Timing::Passed::dropped) return {at, Reason::local_time_passed};
  if (timing.passed == Timing::Passed::at_once) return {due, Reason::none};
  const std::int64_t days = zone.local(due).day - local.day;
  local.day += std::max<std::int64_t>(days, 1);
  if (const WallTime next = zone.instant(local); next >= due) return {next, Reason::none};
  ++local.day;
  return {zone.instant(local), Reason::none};
}

WallTime cut_off_after(const TimeZone& zone, WallTime departs, std::int32_t minute) {
  LocalTime end{zone.local(departs).day, minute};
  while (true) {  // twice where a zone has left out a day
    if (const WallTime at = zone.instant(end); at > departs) return at;
    ++end.day;
  }
}

bool quiet_at(const QuietHours& hours, const TimeZone& zone, WallTime t) {
  return quiet_in_week(hours, into_week(t, zone.steady_around(t).offset)).first;
}

WallTime next_quiet(const QuietHours& hours, const TimeZone& zone, WallTime t) {
  return first_that_is(hours, zone, t, true);
}
WallTime next_not_quiet(const QuietHours& hours, const TimeZone& zone, WallTime t) {
  return first_that_is(hours, zone, t, false);
}

Leave leave_at(const Timing& timing, const TimeZone& account, const TimeZone& theirs,
               const Departure& departure, WallTime now, WallTime last) {
  using enum Leave::Now;
  if (departure.left_out != Reason::none) return {left_out, departure.left_out, WallTime::max()};
  if (now < departure.at) return {waits, Reason::none, departure.at};
  WallTime end = last;
  if (timing.cut_off)
    end = std::min(end, cut_off_after(timing.per_person ? theirs : account, departure.at, *timing.cut_off));
  if (now >= end) return {left_out, Reason::cut_off_passed, WallTime::max()};
  if (!timing.quiet) return {may_leave, Reason::none, end};
  const QuietHours& hours = *timing.quiet;
  const TimeZone& zone = hours.per_person ? theirs : account;
  if (!quiet_at(hours, zone, now))
    return {may_leave, Reason::none, std::min(end, next_quiet(hours, zone, now))};
  const WallTime over = std::min(end, next_not_quiet(hours, zone, now));
  if (hours.then == QuietHours::Then::discard) return {left_out, Reason::quiet_hours, over};
  return {waits, Reason::none, over};
}

Departure first_leave(const Timing& timing, const TimeZone& account, const TimeZone& theirs,
                      const Departure& departure, WallTime last) {
  WallTime at = departure.at;
  while (true) {
    const Leave leave = leave_at(timing, account, theirs, departure, at, last);
    if (leave.now == Leave::Now::may_leave) return {at, Reason::none};
    if (leave.now == Leave::Now::left_out) return {at, leave.left_out};
    at = leave.until;
  }
}

std::string in_words(const Timing& timing) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : "; ") + part; };
  if (timing.per_person) {
    add((timing.local ? "at " + local_text(*timing.local) + " " : std::string()) + "where each recipient is");
    if (timing.passed == Timing::Passed::next_day) add("where that has passed, the next day");
  }
  if (timing.cut_off)
    add(fmt::format("nothing leaves after {}{}", minute_text(*timing.cut_off),
                    timing.per_person ? "" : " " + timing.zone));
  if (timing.quiet) add(quiet_in_words(*timing.quiet));
  return out;
}

json::object to_json(const Timing& timing) {
  json::object o{{"zone", timing.zone}};
  if (timing.per_person) o["per_person"] = true;
  if (timing.local) o["local"] = json::array{timing.local->day, timing.local->minute};
  o["passed"] = passed_names[static_cast<std::size_t>(timing.passed)];
  if (timing.cut_off) o["cut_off"] = *timing.cut_off;
  if (!timing.quiet) return o;
  json::array week;
  for (const auto& [from, to] : timing.quiet->week) week.push_back(json::array{from, to});
  o["quiet"] = json::object{{"discard", timing.quiet->then == QuietHours::Then::discard},
                            {"per_person", timing.quiet->per_person},
                            {"week", std::move(week)}};
  return o;
}

Timing timing_from(const json::object& stored) {
  Timing t;
  t.zone = std::string(stored.at("zone").as_string());
  t.per_person = stored.contains("per_person");
  const auto minute = [](const json::value& v) { return static_cast<std::int32_t>(v.as_int64()); };
  if (const auto* v = stored.if_contains("local"))
    t.local = LocalTime{v->as_array().at(0).as_int64(), minute(v->as_array().at(1))};
  const auto passed = std::ranges::find(passed_names, std::string_view(stored.at("passed").as_string()));
  if (passed == passed_names.end()) throw std::runtime_error("a timing that nobody knows");
  t.passed = static_cast<Timing::Passed>(passed - passed_names.begin());
  if (const auto* v = stored.if_contains("cut_off")) t.cut_off = minute(*v);
  if (const auto* v = stored.if_contains("quiet")) {
    const json::object& q = v->as_object();
    QuietHours hours;
    hours.then = q.at("discard").as_bool() ? QuietHours::Then::discard : QuietHours::Then::delay;
    hours.per_person = q.at("per_person").as_bool();
    for (const json::value& window : q.at("week").as_array())
      hours.week.emplace_back(minute(window.as_array().at(0)), minute(window.as_array().at(1)));
    if (!sound(hours)) throw std::runtime_error("quiet hours that never end or never begin");
    t.quiet = std::move(hours);
  }
  const bool minutes = t.cut_off.value_or(0) >= 0 && t.cut_off.value_or(0) < 24 * 60;
  if (!minutes || !TimeZone::named(t.zone)) throw std::runtime_error("a timing that can't be understood");
  return t;
}

}  // namespace belay
