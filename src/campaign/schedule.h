// When a campaign is due: the "when" and "ttl" of the API (contract 3.5, 3.1) and the account's wall
// clock. Pure: "now" is passed in. Safe from any thread; the first use of a time zone reads the
// system's zone files.
//
// A local time that does not exist (clocks go forward) means the first instant after the gap; one that
// exists twice means the first of the two.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "campaign/campaign.h"

namespace belay {

enum class ScheduleCode {
  invalid,      // the text says what is wrong with it, naming the key
  unsupported,  // documented, and not there yet
};
using ScheduleError = ErrorOf<ScheduleCode>;

// A local minute of the calendar, in whatever zone it is read.
struct LocalTime {
  std::int64_t day = 0;     // days since 1970-01-01
  std::int32_t minute = 0;  // of that day
};
// Of "YYYYMMDD HH:MM"; a sentence if there is no such time.
Result<LocalTime, std::string> local_time(std::string_view text);
// The day of yyyymmdd, in days since 1970-01-01; nothing if there is no such day.
std::optional<std::int64_t> calendar_day(std::int64_t yyyymmdd);
std::string date_text(std::int64_t day);  // "2030-01-31"

// An IANA zone, known to exist.
class TimeZone {
 public:
  static Result<TimeZone, std::string> named(std::string_view name);
  const std::string& name() const { return name_; }

  // Local calendar fields as yyyyMMddHHmm, the form of "scheduled_on" in list.json.
  std::int64_t minute_stamp(WallTime t) const;
  // The same to the day: yyyyMMdd.
  std::int64_t day_stamp(WallTime t) const { return minute_stamp(t) / 10'000; }
  // The instant of a local "YYYYMMDD HH:MM"; a sentence if there is no such time.
  Result<WallTime, std::string> instant(std::string_view local) const;
  WallTime instant(LocalTime local) const;
  // "2016-03-08 15:56 Asia/Kolkata", for sentences.
  std::string in_words(WallTime t) const;
  // The instants [first, second) of the local day yyyyMMdd; a sentence if there is no such day.
  Result<std::pair<WallTime, WallTime>, std::string> day(std::int64_t yyyymmdd) const;

 private:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

struct Schedule {
  enum class Kind { now, later, recurring };
  Kind kind = Kind::now;
  WallTime due{};                        // the first run
  std::optional<Recurrence> recurrence;  // of a recurring one
};

// The value of "when", null where the key is absent.
Result<Schedule, ScheduleError> parse_when(const json::value* when, const TimeZone& zone, WallTime now);

// The value of a "when" whose "type" is "recurring": when_recurring.cpp.
Result<Schedule, ScheduleError> parse_recurring(const json::object& when, const TimeZone& zone, WallTime now);

// A whole number, also written as a text of digits.
std::optional<std::int64_t> whole_number(const json::value* v);

// The value of "ttl". A message must be able to live beyond `due`, and no longer than push services keep one
// (28 days).
Result<Ttl, ScheduleError> parse_ttl(const json::value& ttl, const TimeZone& zone, WallTime due);

inline constexpr Seconds max_ttl{28 * 24 * 3600};

}  // namespace belay
