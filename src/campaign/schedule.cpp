#include "campaign/schedule.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace belay {
namespace {

auto invalid(std::string text) {
  return fail(ScheduleCode::invalid, std::move(text));
}

// Where the whole "when" is a text.
Result<LocalTime, ScheduleError> bare_time(std::string_view text) {
  auto local = local_time(text);
  if (local) return *local;
  if (local.error().starts_with("There is"))
    return invalid(fmt::format("There is no such time as \"{}\" in \"when\"", text));
  return invalid(fmt::format("\"when\" must be \"now\" or a time like \"20300131 18:30\", not \"{}\"", text));
}

// In the account's zone, or where the recipients are.
Result<WallTime, ScheduleError> due_at(LocalTime local, const Timing& timing, const TimeZone& zone,
                                       WallTime now) {
  if (timing.per_person) {
    if (last_anywhere(local) < now)
      return invalid(fmt::format("The time in \"when\" has passed everywhere: {}; now it is {}",
                                 local_text(local), zone.in_words(now)));
    return std::max(first_anywhere(local), now);
  }
  const WallTime due = zone.instant(local);
  if (due < now)
    return invalid(fmt::format("The time in \"when\" is in the past: {}; now it is {}", zone.in_words(due),
                               zone.in_words(now)));
  return due;
}

Result<Schedule, ScheduleError> at_local(LocalTime local, Timing timing, const TimeZone& zone, WallTime now) {
  TRY_ASSIGN(const WallTime due, due_at(local, timing, zone, now));
  if (timing.per_person) timing.local = local;
  return Schedule{Schedule::Kind::later, due, std::nullopt, std::move(timing)};
}

// contract 3.5
constexpr std::array<std::string_view, 6> known_keys{
    "type", "delivery_date_time", "delivery_timezone", "user_timezone_wrap_around", "campaign_cutoff", "dnd"};
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
    if (!holds(known_keys, key)) return invalid(fmt::format("Unknown key \"{}\" in \"when\"", key));
  }
  return {};
}

Result<LocalTime, ScheduleError> delivery_time(const json::value& value) {
  const auto* text = value.if_string();
  if (!text) return invalid("\"delivery_date_time\" in \"when\" must be a time like \"20300131 18:30\"");
  const auto local = local_time(*text);
  if (!local) return invalid(fmt::format("\"delivery_date_time\" in \"when\": {}", local.error()));
  return *local;
}

// Several times: a series with a run at each.
Result<Schedule, ScheduleError> at_times(const json::array& texts, Timing timing, const TimeZone& zone,
                                         WallTime now) {
  if (texts.size() > most_times)
    return invalid(fmt::format("\"delivery_date_time\" in \"when\" holds {} times; up to {} are possible",
                               texts.size(), most_times));
  Recurrence rule;
  rule.zone = zone.name();
  rule.per_person = timing.per_person;
  for (const json::value& text : texts) {
    TRY_ASSIGN(const LocalTime local, delivery_time(text));
    TRY(due_at(local, timing, zone, now));
    rule.times.push_back(local);
  }
  std::ranges::sort(rule.times);
  if (const auto twice = std::ranges::adjacent_find(rule.times); twice != rule.times.end())
    return invalid(fmt::format("\"delivery_date_time\" in \"when\" holds {} twice", local_text(*twice)));
  rule.day = rule.times.front().day;
  rule.minute = rule.times.front().minute;
  TRY_ASSIGN(const WallTime due, due_at(rule.times.front(), timing, zone, now));
  return Schedule{Schedule::Kind::recurring, due, std::move(rule), std::move(timing)};
}

Result<Schedule, ScheduleError> later(const json::object& when, Timing timing, const TimeZone& zone,
                                      WallTime now) {
  const json::value* value = when.if_contains("delivery_date_time");
  if (!value) return invalid("\"delivery_date_time\" is missing in \"when\"");
  const auto* many = value->if_array();
  if (many && many->empty()) return invalid("\"delivery_date_time\" in \"when\" is empty");
  if (many && many->size() > 1) return at_times(*many, std::move(timing), zone, now);
  TRY_ASSIGN(const LocalTime local, delivery_time(many ? many->front() : *value));
  return at_local(local, std::move(timing), zone, now);
}

Result<Schedule, ScheduleError> from_object(const json::object& when, const TimeZone& zone, WallTime now) {
  const json::value* value = when.if_contains("type");
  const auto* type = value ? value->if_string() : nullptr;
  const bool recurring = type && *type == "recurring";
  if (!recurring && !(type && (*type == "now" || *type == "later")))
    return invalid("\"type\" in \"when\" must be \"now\", \"later\" or \"recurring\"");
  TRY(check_keys(when, recurring));
  TRY_ASSIGN(Timing timing, parse_timing(when, zone));
  if (recurring) return parse_recurring(when, std::move(timing), zone, now);
  if (*type == "later") return later(when, std::move(timing), zone, now);
  if (when.contains("delivery_date_time"))
    return invalid("\"delivery_date_time\" in \"when\" does not go with \"type\":\"now\"");
  if (timing.per_person)
    return invalid(
        "\"delivery_timezone\":\"user\" in \"when\" does not go with \"type\":\"now\": now is now "
        "everywhere");
  return Schedule{Schedule::Kind::now, now, std::nullopt, std::move(timing)};
}

Result<Ttl, ScheduleError> absolute_ttl(std::int64_t stamp, const TimeZone& zone, WallTime due) {
  const bool twelve_digits = stamp >= 100'000'000'000 && stamp <= 999'999'999'999;
  const auto day = twelve_digits ? calendar_day(stamp / 10'000) : std::nullopt;
  const auto hour = static_cast<std::int32_t>(stamp / 100 % 100),
             minute = static_cast<std::int32_t>(stamp % 100);
  if (!day || hour > 23 || minute > 59)
    return invalid(
        fmt::format("\"value\" of an absolute \"ttl\" must be a time as yyyyMMddHHmm, not {}", stamp));
  const WallTime until = zone.instant(LocalTime{*day, hour * 60 + minute});
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

WallTime Schedule::last_departure() const {
  if (!timing.local) return due;
  LocalTime last = *timing.local;
  if (timing.passed == Timing::Passed::next_day) ++last.day;
  return std::max(due, last_anywhere(last));
}

Result<Schedule, ScheduleError> parse_when(const json::value* when, const TimeZone& zone, WallTime now) {
  if (!when) return invalid("\"when\" is missing: \"now\", or a time like \"20300131 18:30\"");
  if (const auto* text = when->if_string()) {
    if (*text == "now") return Schedule{Schedule::Kind::now, now};
    TRY_ASSIGN(const LocalTime local, bare_time(*text));
    return at_local(local, {}, zone, now);
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
