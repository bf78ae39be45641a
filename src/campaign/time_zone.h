// Local times and the zones they are read in. Pure; safe from any thread. The first use of a zone reads the
// system's zone files.
//
// A local time that does not exist (clocks go forward) means the first instant after the gap; one that
// exists twice means the first of the two.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace belay {

// A local minute of the calendar, in whatever zone it is read.
struct LocalTime {
  std::int64_t day = 0;     // days since 1970-01-01
  std::int32_t minute = 0;  // of that day
  friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};
// Of "YYYYMMDD HH:MM"; a sentence if there is no such time.
Result<LocalTime, std::string> local_time(std::string_view text);
// The minute of the day of "HH:MM"; nothing if there is no such time.
std::optional<std::int32_t> minute_of_day(std::string_view text);
std::string minute_text(std::int32_t minute_of_day);  // "18:30"
// The day of yyyymmdd, in days since 1970-01-01; nothing if there is no such day.
std::optional<std::int64_t> calendar_day(std::int64_t yyyymmdd);
std::string date_text(std::int64_t day);  // "2030-01-31"
std::string local_text(LocalTime local);  // "2030-01-31 18:30"

// An IANA zone, known to exist, or a fixed distance from UTC.
class TimeZone {
 public:
  static Result<TimeZone, std::string> named(std::string_view name);
  // As far from UTC as clocks are anywhere, -12:00 to +14:00; called "+05:30".
  static std::optional<TimeZone> at_offset(std::int32_t minutes);
  // As a profile may say it: an IANA name, or "+05:30", "UTC+5", "GMT-0330", "Z". Nothing where it says no
  // zone. What name() gives is understood.
  static std::optional<TimeZone> of_person(std::string_view text);
  const std::string& name() const { return name_; }

  // Local calendar fields as yyyyMMddHHmm, the form of "scheduled_on" in list.json.
  std::int64_t minute_stamp(WallTime t) const;
  // The same to the day: yyyyMMdd.
  std::int64_t day_stamp(WallTime t) const { return minute_stamp(t) / 10'000; }
  // What the clock shows, its seconds left out.
  LocalTime local(WallTime t) const;
  // The instant of a local "YYYYMMDD HH:MM"; a sentence if there is no such time.
  Result<WallTime, std::string> instant(std::string_view local) const;
  WallTime instant(LocalTime local) const;
  // "2016-03-08 15:56 Asia/Kolkata", for sentences.
  std::string in_words(WallTime t) const;
  // The instants [first, second) of the local day yyyyMMdd; a sentence if there is no such day.
  Result<std::pair<WallTime, WallTime>, std::string> day(std::int64_t yyyymmdd) const;

  // Around `t`, while the clock is not set: local time is UTC plus the offset.
  struct Steady {
    WallTime begin{}, end{};
    Seconds offset{};
  };
  Steady steady_around(WallTime t) const;

 private:
  explicit TimeZone(std::string name, std::optional<Seconds> offset = std::nullopt)
      : name_(std::move(name)), offset_(offset) {}
  std::string name_;
  std::optional<Seconds> offset_;  // of one that is no IANA zone
};

}  // namespace belay
