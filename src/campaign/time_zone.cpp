#include "campaign/time_zone.h"

#include <algorithm>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/check.h"

namespace belay {
namespace {

using LocalMinute = date::local_time<std::chrono::minutes>;

// A zone that TimeZone::named() has found.
const date::time_zone& zone_of(const std::string& name) {
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(name);
  } catch (const std::exception&) {
  }
  CHECK(zone);
  return *zone;
}

WallTime to_wall(date::sys_seconds t) {
  return WallTime{std::chrono::duration_cast<Micros>(t.time_since_epoch())};
}
date::sys_time<Micros> to_sys(WallTime t) {
  return date::sys_time<Micros>{t.time_since_epoch()};
}

// `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<date::local_days> local_day(int year, int month, int day) {
  const date::year_month_day ymd{date::year{year}, date::month{static_cast<unsigned>(month)},
                                 date::day{static_cast<unsigned>(day)}};
  if (year < 1970 || year > 9999 || !ymd.ok()) return std::nullopt;
  return date::local_days{ymd};
}

constexpr std::int32_t most_offset_minutes = 14 * 60, least_offset_minutes = -12 * 60;

// "+05:30", "-0330", "+5"
std::optional<std::int32_t> offset_minutes(std::string_view text) {
  if (text.size() < 2 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = -1, minutes = 0;
  if (text.size() <= 2) {
    hours = digits(text, 0, text.size());
  } else {
    const std::size_t colon = text.find(':');
    const std::size_t hour_digits = colon == std::string_view::npos ? text.size() - 2 : colon;
    const std::string_view rest = text.substr(hour_digits + (colon == std::string_view::npos ? 0 : 1));
    if (hour_digits == 0 || hour_digits > 2 || rest.size() != 2) return std::nullopt;
    hours = digits(text, 0, hour_digits);
    minutes = digits(rest, 0, 2);
  }
  if (hours < 0 || minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> calendar_day(std::int64_t yyyymmdd) {
  if (yyyymmdd < 10'000'000 || yyyymmdd > 99'999'999) return std::nullopt;
  const auto day = local_day(static_cast<int>(yyyymmdd / 10'000), static_cast<int>(yyyymmdd / 100 % 100),
                             static_cast<int>(yyyymmdd % 100));
  if (!day) return std::nullopt;
  return day->time_since_epoch().count();
}

std::string date_text(std::int64_t day) {
  const date::year_month_day ymd{date::local_days{date::days{day}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                     static_cast<unsigned>(ymd.day()));
}

std::string minute_text(std::int32_t minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

std::string local_text(LocalTime local) {
  return date_text(local.day) + " " + minute_text(local.minute);
}

std::optional<std::int32_t> minute_of_day(std::string_view text) {
  const int hour = digits(text, 0, 2), minute = digits(text, 3, 2);
  if (text.size() != 5 || text[2] != ':' || hour < 0 || minute < 0 || hour > 23 || minute > 59)
    return std::nullopt;
  return hour * 60 + minute;
}

Result<LocalTime, std::string> local_time(std::string_view text) {
  const int year = digits(text, 0, 4), month = digits(text, 4, 2), day = digits(text, 6, 2);
  const int hour = digits(text, 9, 2), minute = digits(text, 12, 2);
  const bool shaped = text.size() == 14 && text[8] == ' ' && text[11] == ':';
  if (!shaped || std::min({year, month, day, hour, minute}) < 0)
    return std::unexpected(fmt::format("must be a time like \"20300131 18:30\", not \"{}\"", text));
  const auto date = local_day(year, month, day);
  if (!date || hour > 23 || minute > 59)
    return std::unexpected(fmt::format("There is no such time as \"{}\"", text));
  return LocalTime{date->time_since_epoch().count(), hour * 60 + minute};
}

Result<TimeZone, std::string> TimeZone::named(std::string_view name) {
  try {
    // Also keeps names out that would leave the folder of zone files.
    if (!name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos) {
      date::locate_zone(std::string(name))->get_info(date::sys_seconds{});
      return TimeZone(std::string(name));
    }
  } catch (const std::exception&) {
  }
  return std::unexpected(
      fmt::format("Unknown time zone \"{}\"; names are like \"Asia/Kolkata\" or \"UTC\"", name));
}

std::optional<TimeZone> TimeZone::at_offset(std::int32_t minutes) {
  if (minutes < least_offset_minutes || minutes > most_offset_minutes) return std::nullopt;
  const std::int32_t size = std::abs(minutes);
  return TimeZone((minutes < 0 ? "-" : "+") + minute_text(size), Seconds{minutes * 60});
}

std::optional<TimeZone> TimeZone::of_person(std::string_view text) {
  constexpr std::size_t longest = 64;
  if (text.empty() || text.size() > longest) return std::nullopt;
  if (text == "Z") return at_offset(0);
  std::string_view offset = text;
  if (offset.starts_with("UTC") || offset.starts_with("GMT")) offset.remove_prefix(3);
  if (const auto minutes = offset_minutes(offset)) return at_offset(*minutes);
  auto zone = named(text);
  if (!zone) return std::nullopt;
  return std::move(*zone);
}

TimeZone::Steady TimeZone::steady_around(WallTime t) const {
  if (offset_) return {WallTime::min(), WallTime::max(), *offset_};
  const date::sys_info info = zone_of(name_).get_info(to_sys(t));
  return {to_wall(info.begin), to_wall(info.end), info.offset};
}

LocalTime TimeZone::local(WallTime t) const {
  const auto shown = t.time_since_epoch() + steady_around(t).offset;
  const auto day = std::chrono::floor<date::days>(shown);
  return {day.count(),
          static_cast<std::int32_t>(std::chrono::floor<std::chrono::minutes>(shown - day).count())};
}

std::int64_t TimeZone::minute_stamp(WallTime t) const {
  const LocalTime shown = local(t);
  const date::year_month_day ymd{date::local_days{date::days{shown.day}}};
  std::int64_t stamp = static_cast<int>(ymd.year());
  stamp = stamp * 100 + static_cast<unsigned>(ymd.month());
  stamp = stamp * 100 + static_cast<unsigned>(ymd.day());
  return (stamp * 100 + shown.minute / 60) * 100 + shown.minute % 60;
}

std::string TimeZone::in_words(WallTime t) const {
  return local_text(local(t)) + " " + name_;
}

Result<WallTime, std::string> TimeZone::instant(std::string_view text) const {
  TRY_ASSIGN(const LocalTime local, local_time(text));
  return instant(local);
}

WallTime TimeZone::instant(LocalTime local) const {
  const LocalMinute shown = date::local_days{date::days{local.day}} + std::chrono::minutes{local.minute};
  if (offset_) return WallTime{shown.time_since_epoch() - *offset_};
  const auto info = zone_of(name_).get_info(shown);
  // In a gap (nonexistent): where the old offset ends is where the new one begins, the first instant after.
  if (info.result == date::local_info::nonexistent) return to_wall(info.first.end);
  // In an overlap (ambiguous) `first` is the earlier of the two.
  return to_wall(date::sys_seconds{shown.time_since_epoch() - info.first.offset});
}

Result<std::pair<WallTime, WallTime>, std::string> TimeZone::day(std::int64_t yyyymmdd) const {
  const auto day = calendar_day(yyyymmdd);
  if (!day) return std::unexpected(fmt::format("{} is no date; write it as YYYYMMDD", yyyymmdd));
  return std::pair{instant(LocalTime{*day, 0}), instant(LocalTime{*day + 1, 0})};
}

}  // namespace belay
