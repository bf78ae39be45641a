#include "campaign/recurrence.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "campaign/timing.h"

namespace belay {
namespace {

constexpr std::int64_t last_known_day = 2'932'896;  // 9999-12-31
constexpr std::array<std::string_view, 7> weekday_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// 0 is Sunday; 1970-01-01 was a Thursday.
constexpr std::int64_t weekday_of(std::int64_t day) {
  return ((day + 4) % 7 + 7) % 7;
}

// The number-th of the chosen weekdays, counted from the start's week on; those before the start do not
// count.
std::int64_t day_in_weeks(const Recurrence& rule, std::int64_t number) {
  std::array<std::int64_t, 7> chosen{};
  std::int64_t in_a_week = 0, before_start = 0;
  const std::int64_t start = weekday_of(rule.day);
  for (std::size_t d = 0; d < 7; ++d) {
    if (!rule.weekdays[d]) continue;
    chosen[static_cast<std::size_t>(in_a_week++)] = static_cast<std::int64_t>(d);
    if (static_cast<std::int64_t>(d) < start) ++before_start;
  }
  CHECK(in_a_week > 0);
  const std::int64_t k = number - 1 + before_start;
  return rule.day - start + k / in_a_week * rule.every * 7 + chosen[static_cast<std::size_t>(k % in_a_week)];
}

// Nothing beyond the end.
std::optional<std::int64_t> day_of(const Recurrence& rule, std::int64_t number) {
  CHECK(number >= 1);
  if (rule.occurrences && number > *rule.occurrences) return std::nullopt;
  if (number > last_known_day) return std::nullopt;  // also keeps the products small
  const std::int64_t day =
      rule.unit == Recurrence::Unit::day ? rule.day + (number - 1) * rule.every : day_in_weeks(rule, number);
  if (day > last_known_day || (rule.last_day && day > *rule.last_day)) return std::nullopt;
  return day;
}

std::string weekdays_in_words(const Recurrence& rule) {
  std::string out;
  for (std::size_t d = 0; d < 7; ++d)
    if (rule.weekdays[d]) out += (out.empty() ? " on " : ", ") + std::string(weekday_names[d]);
  return out;
}

}  // namespace

std::optional<LocalTime> local_time_of(const Recurrence& rule, std::int64_t number) {
  CHECK(number >= 1);
  if (!rule.times.empty()) {
    const auto place = static_cast<std::size_t>(number - 1);
    return place < rule.times.size() ? std::optional(rule.times[place]) : std::nullopt;
  }
  const auto day = day_of(rule, number);
  if (!day) return std::nullopt;
  return LocalTime{*day, rule.minute};
}

std::optional<Occurrence> occurrence(const Recurrence& rule, const TimeZone& zone, std::int64_t number) {
  const auto local = local_time_of(rule, number);
  if (!local) return std::nullopt;
  return Occurrence{number, rule.per_person ? first_anywhere(*local) : zone.instant(*local)};
}

std::optional<Occurrence> occurrence_after(const Recurrence& rule, const TimeZone& zone,
                                           std::int64_t number) {
  const auto before = occurrence(rule, zone, number);
  if (!before) return std::nullopt;
  for (std::int64_t n = number + 1;; ++n) {
    const auto found = occurrence(rule, zone, n);
    if (!found || found->at > before->at) return found;
  }
}

std::optional<Occurrence> newest_due(const Recurrence& rule, const TimeZone& zone, std::int64_t number,
                                     WallTime now) {
  const auto due = [&](std::int64_t n) {
    const auto o = occurrence(rule, zone, n);
    return o && o->at <= now ? o : std::nullopt;
  };
  if (!due(number)) return std::nullopt;
  // Later numbers are never earlier instants, so the border is found by halving: a server that slept for
  // years, or whose clock was set far ahead, does not count the days one by one.
  std::int64_t is_due = number, step = 1;
  while (due(is_due + step)) {
    is_due += step;
    step *= 2;
  }
  for (; step > 0; step /= 2)
    if (due(is_due + step)) is_due += step;
  return due(is_due);
}

std::vector<Occurrence> occurrences_to_come(const Recurrence& rule, const TimeZone& zone, std::int64_t number,
                                            WallTime after, std::size_t most) {
  std::vector<Occurrence> all;
  const auto passed = newest_due(rule, zone, number, after);
  auto next = passed ? occurrence_after(rule, zone, passed->number) : occurrence(rule, zone, number);
  for (; next && all.size() < most; next = occurrence_after(rule, zone, next->number)) all.push_back(*next);
  return all;
}

namespace {

std::string times_in_words(const Recurrence& rule) {
  std::string out = "at ";
  constexpr std::size_t most_named = 5;
  for (std::size_t i = 0; i < std::min(rule.times.size(), most_named); ++i)
    out += (i > 0 ? ", " : "") + local_text(rule.times[i]);
  if (rule.times.size() > most_named)
    out += fmt::format(" and {} times more", rule.times.size() - most_named);
  return out;
}

std::string place_in_words(const Recurrence& rule) {
  return rule.per_person ? " where each recipient is" : " " + rule.zone;
}

}  // namespace

std::string in_words(const Recurrence& rule) {
  if (!rule.times.empty()) return times_in_words(rule) + place_in_words(rule);
  std::string out = rule.every == 1 ? fmt::format("every {}", name_of(rule.unit))
                                    : fmt::format("every {} {}s", rule.every, name_of(rule.unit));
  if (rule.unit == Recurrence::Unit::week) out += weekdays_in_words(rule);
  out += " at " + minute_text(rule.minute) + place_in_words(rule);
  if (rule.occurrences) out += fmt::format(", {} times", *rule.occurrences);
  if (rule.last_day) out += fmt::format(", until {}", date_text(*rule.last_day));
  return out;
}

json::object to_json(const Recurrence& rule) {
  json::object o{{"zone", rule.zone},
                 {"day", rule.day},
                 {"minute", rule.minute},
                 {"unit", name_of(rule.unit)},
                 {"every", rule.every}};
  json::array weekdays;
  for (const bool chosen : rule.weekdays) weekdays.push_back(json::value(chosen));
  o["weekdays"] = std::move(weekdays);
  if (rule.last_day) o["last_day"] = *rule.last_day;
  if (rule.occurrences) o["occurrences"] = *rule.occurrences;
  json::array times;
  for (const LocalTime& at : rule.times) times.push_back(json::array{at.day, at.minute});
  if (!times.empty()) o["times"] = std::move(times);
  if (rule.per_person) o["per_person"] = true;
  return o;
}

Recurrence recurrence_from(const json::object& stored) {
  Recurrence rule;
  rule.zone = std::string(stored.at("zone").as_string());
  rule.day = stored.at("day").as_int64();
  rule.minute = static_cast<std::int32_t>(stored.at("minute").as_int64());
  rule.unit = stored.at("unit").as_string() == "week" ? Recurrence::Unit::week : Recurrence::Unit::day;
  rule.every = static_cast<std::int32_t>(stored.at("every").as_int64());
  for (std::size_t d = 0; d < 7; ++d) rule.weekdays[d] = stored.at("weekdays").as_array().at(d).as_bool();
  if (const auto* v = stored.if_contains("last_day")) rule.last_day = v->as_int64();
  if (const auto* v = stored.if_contains("occurrences")) rule.occurrences = v->as_int64();
  if (const auto* v = stored.if_contains("times"))
    for (const json::value& at : v->as_array())
      rule.times.push_back(
          {at.as_array().at(0).as_int64(), static_cast<std::int32_t>(at.as_array().at(1).as_int64())});
  rule.per_person = stored.contains("per_person");
  const bool in_order = std::ranges::is_sorted(rule.times) && rule.times.size() <= most_times;
  const bool any_day = std::find(rule.weekdays.begin(), rule.weekdays.end(), true) != rule.weekdays.end();
  const bool sound = in_order && rule.every >= 1 && rule.every <= most_days_between && rule.minute >= 0 &&
                     rule.minute < 24 * 60 && rule.day >= 0 && rule.day <= last_known_day &&
                     (rule.unit == Recurrence::Unit::day || any_day) && rule.occurrences.value_or(1) >= 1;
  if (!sound) throw std::runtime_error("a recurrence that recurs never");
  return rule;
}

}  // namespace belay
