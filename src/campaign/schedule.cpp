#include "campaign/schedule.h"

#include <algorithm>
#include <array>
#include <optional>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/check.h"

namespace belay {
namespace {

using LocalMinute = date::local_time<std::chrono::minutes>;

auto invalid(std::string text) {
  return fail(ScheduleCode::invalid, std::move(text));
}

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

WallTime instant_of(LocalMinute local, const date::time_zone& zone) {
  const auto info = zone.get_info(local);
  // In a gap (nonexistent): where the old offset ends is where the new one begins, the first instant after.
  if (info.result == date::local_info::nonexistent) return to_wall(info.first.end);
  // In an overlap (ambiguous) `first` is the earlier of the two.
  return to_wall(date::sys_seconds{(local.time_since_epoch() - info.first.offset)});
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

std::optional<LocalMinute> calendar_minute(int year, int month, int day, int hour, int minute) {
  const auto date = local_day(year, month, day);
  if (!date || hour > 23 || minute > 59) return std::nullopt;
  return *date + std::chrono::hours{hour} + std::chrono::minutes{minute};
}

// "YYYYMMDD HH:MM"
Result<LocalMinute, ScheduleError> local_minute(std::string_view text) {
  const int year = digits(text, 0, 4), month = digits(text, 4, 2), day = digits(text, 6, 2);
  const int hour = digits(text, 9, 2), minute = digits(text, 12, 2);
  const bool shaped = text.size() == 14 && text[8] == ' ' && text[11] == ':';
  if (!shaped || std::min({year, month, day, hour, minute}) < 0)
    return invalid(
        fmt::format("\"when\" must be \"now\" or a time like \"20300131 18:30\", not \"{}\"", text));
  const auto local = calendar_minute(year, month, day, hour, minute);
  if (!local) return invalid(fmt::format("There is no such time as \"{}\" in \"when\"", text));
  return *local;
}

Result<Schedule, ScheduleError> at_local(std::string_view text, const TimeZone& zone, WallTime now) {
  TRY_ASSIGN(const LocalMinute local, local_minute(text));
  const WallTime due = instant_of(local, zone_of(zone.name()));
  if (due < now)
    return invalid(fmt::format("The time in \"when\" is in the past: {}; now it is {}", zone.in_words(due),
                               zone.in_words(now)));
  return Schedule{Schedule::Kind::later, due};
}

// contract 3.5
constexpr std::array<std::string_view, 3> known_keys{"type", "delivery_date_time", "delivery_timezone"};
constexpr std::array<std::string_view, 3> later_keys{"user_timezone_wrap_around", "campaign_cutoff", "dnd"};
constexpr std::array<std::string_view, 6> recurring_keys{"repeats_every",      "repeat_type",
                                                         "start_time",         "end_by_date",
                                                         "end_by_occurrences", "repeat_on_days_of_week"};

template <class Keys>
bool holds(const Keys& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// `recurring`: which of the two kinds of keys belong here.
Result<void, ScheduleError> check_keys(const json::object& when, bool recurring) {
  for (const auto& member : when) {
    const std::string_view key = member.key();
    if (holds(recurring_keys, key)) {
      if (recurring) continue;
      return invalid(fmt::format("\"{}\" in \"when\" goes with \"type\":\"recurring\" only", key));
    }
    if (recurring && key == "delivery_date_time")
      return invalid(
          "\"delivery_date_time\" in \"when\" does not go with \"type\":\"recurring\": its first run is at "
          "\"start_time\"");
    if (holds(known_keys, key)) continue;
    if (holds(later_keys, key))
      return fail(ScheduleCode::unsupported, fmt::format("\"{}\" in \"when\" is not supported yet", key));
    return invalid(fmt::format("Unknown key \"{}\" in \"when\"", key));
  }
  const json::value* zone = when.if_contains("delivery_timezone");
  if (!zone) return {};
  const auto* name = zone->if_string();
  if (name && *name == "account") return {};
  if (name && *name == "user")
    return fail(ScheduleCode::unsupported,
                "\"delivery_timezone\":\"user\" in \"when\" is not supported yet; \"account\" is");
  return invalid("\"delivery_timezone\" in \"when\" must be \"account\" or \"user\"");
}

// One time, bare or alone in an array.
Result<std::string_view, ScheduleError> delivery_time(const json::object& when) {
  const json::value* value = when.if_contains("delivery_date_time");
  if (!value) return invalid("\"delivery_date_time\" is missing in \"when\"");
  if (const auto* many = value->if_array()) {
    if (many->size() > 1)
      return fail(ScheduleCode::unsupported,
                  "More than one \"delivery_date_time\" in \"when\" is not supported yet");
    if (many->empty()) return invalid("\"delivery_date_time\" in \"when\" is empty");
    value = &many->front();
  }
  const auto* text = value->if_string();
  if (!text) return invalid("\"delivery_date_time\" in \"when\" must be a time like \"20300131 18:30\"");
  return std::string_view(*text);
}

Result<Schedule, ScheduleError> from_object(const json::object& when, const TimeZone& zone, WallTime now) {
  const json::value* value = when.if_contains("type");
  const auto* type = value ? value->if_string() : nullptr;
  if (type && *type == "recurring") {
    TRY(check_keys(when, true));
    return parse_recurring(when, zone, now);
  }
  TRY(check_keys(when, false));
  if (type && *type == "now") {
    if (when.contains("delivery_date_time"))
      return invalid("\"delivery_date_time\" in \"when\" does not go with \"type\":\"now\"");
    return Schedule{Schedule::Kind::now, now};
  }
  if (type && *type == "later") {
    TRY_ASSIGN(const std::string_view text, delivery_time(when));
    return at_local(text, zone, now);
  }
  return invalid("\"type\" in \"when\" must be \"now\", \"later\" or \"recurring\"");
}

Result<Ttl, ScheduleError> absolute_ttl(std::int64_t stamp, const TimeZone& zone, WallTime due) {
  const auto part = [&](std::int64_t divisor, std::int64_t modulus) {
    return static_cast<int>(stamp / divisor % modulus);
  };
  const bool twelve_digits = stamp >= 100'000'000'000 && stamp <= 999'999'999'999;
  const auto local = twelve_digits ? calendar_minute(part(100'000'000, 10'000), part(1'000'000, 100),
                                                     part(10'000, 100), part(100, 100), part(1, 100))
                                   : std::nullopt;
  if (!local)
    return invalid(
        fmt::format("\"value\" of an absolute \"ttl\" must be a time as yyyyMMddHHmm, not {}", stamp));
  const WallTime until = instant_of(*local, zone_of(zone.name()));
  if (until <= due)
    return invalid(fmt::format("\"ttl\" ends at {}, before the campaign starts at {}", zone.in_words(until),
                               zone.in_words(due)));
  if (until > due + max_ttl)
    return invalid("\"ttl\" is longer than the 28 days that push services keep a message");
  return Ttl{until, std::nullopt};
}

Result<Ttl, ScheduleError> relative_ttl(std::int64_t minutes) {
  if (minutes <= 0)
    return invalid(fmt::format("\"value\" of a relative \"ttl\" must be minutes above 0, not {}", minutes));
  if (minutes > max_ttl.count() / 60)
    return invalid("\"ttl\" is longer than the 28 days that push services keep a message");
  return Ttl{std::nullopt, Seconds{minutes * 60}};
}

}  // namespace

std::optional<std::int64_t> whole_number(const json::value* v) {
  if (!v) return std::nullopt;
  if (const auto* n = v->if_int64()) return *n;
  const auto* text = v->if_string();
  if (!text || text->empty() || text->size() > 18) return std::nullopt;
  std::int64_t n = 0;
  for (const char c : *text) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + (c - '0');
  }
  return n;
}

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

std::int64_t TimeZone::minute_stamp(WallTime t) const {
  const auto local = zone_of(name_).to_local(to_sys(t));
  const auto day = date::floor<date::days>(local);
  const date::year_month_day ymd{day};
  const auto minute = date::floor<std::chrono::minutes>(local - day).count();
  std::int64_t stamp = static_cast<int>(ymd.year());
  stamp = stamp * 100 + static_cast<unsigned>(ymd.month());
  stamp = stamp * 100 + static_cast<unsigned>(ymd.day());
  return (stamp * 100 + minute / 60) * 100 + minute % 60;
}

std::string TimeZone::in_words(WallTime t) const {
  const std::int64_t stamp = minute_stamp(t);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} {}", stamp / 100'000'000, stamp / 1'000'000 % 100,
                     stamp / 10'000 % 100, stamp / 100 % 100, stamp % 100, name_);
}

Result<WallTime, std::string> TimeZone::instant(std::string_view text) const {
  TRY_ASSIGN(const LocalTime local, local_time(text));
  return instant(local);
}

WallTime TimeZone::instant(LocalTime local) const {
  return instant_of(date::local_days{date::days{local.day}} + std::chrono::minutes{local.minute},
                    zone_of(name_));
}

Result<std::pair<WallTime, WallTime>, std::string> TimeZone::day(std::int64_t yyyymmdd) const {
  const bool eight_digits = yyyymmdd >= 10'000'000 && yyyymmdd <= 99'999'999;
  const auto day = eight_digits
                       ? local_day(static_cast<int>(yyyymmdd / 10'000),
                                   static_cast<int>(yyyymmdd / 100 % 100), static_cast<int>(yyyymmdd % 100))
                       : std::nullopt;
  if (!day) return std::unexpected(fmt::format("{} is no date; write it as YYYYMMDD", yyyymmdd));
  const date::time_zone& zone = zone_of(name_);
  return std::pair{instant_of(*day, zone), instant_of(*day + date::days{1}, zone)};
}

Result<Schedule, ScheduleError> parse_when(const json::value* when, const TimeZone& zone, WallTime now) {
  if (!when) return invalid("\"when\" is missing: \"now\", or a time like \"20300131 18:30\"");
  if (const auto* text = when->if_string()) {
    if (*text == "now") return Schedule{Schedule::Kind::now, now};
    return at_local(*text, zone, now);
  }
  if (const auto* object = when->if_object()) return from_object(*object, zone, now);
  return invalid("\"when\" must be a text or an object");
}

Result<Ttl, ScheduleError> parse_ttl(const json::value& ttl, const TimeZone& zone, WallTime due) {
  const auto* object = ttl.if_object();
  if (!object) return invalid("\"ttl\" must be an object with \"ttl_type\" and \"value\"");
  for (const auto& member : *object)
    if (member.key() != "ttl_type" && member.key() != "value")
      return invalid(fmt::format("Unknown key \"{}\" in \"ttl\"", std::string_view(member.key())));
  const auto value = whole_number(object->if_contains("value"));
  if (!value) return invalid("\"value\" in \"ttl\" must be a whole number");
  const json::value* type = object->if_contains("ttl_type");
  if (!type || (type->is_string() && type->as_string() == "absolute")) return absolute_ttl(*value, zone, due);
  if (type->is_string() && type->as_string() == "relative") return relative_ttl(*value);
  return invalid("\"ttl_type\" in \"ttl\" must be \"absolute\" or \"relative\"");
}

}  // namespace belay
