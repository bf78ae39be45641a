// When a campaign is due: the "when" and "ttl" of the API (contract 3.5, 3.1) and the account's wall
// clock. Pure: "now" is passed in. Safe from any thread; the first use of a time zone reads the
// system's zone files.
//
// A local time that does not exist (clocks go forward) means the first instant after the gap; one that
// exists twice means the first of the two.
#pragma once
#include <cstdint>
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
  // "2016-03-08 15:56 Asia/Kolkata", for sentences.
  std::string in_words(WallTime t) const;
  // The instants [first, second) of the local day yyyyMMdd; a sentence if there is no such day.
  Result<std::pair<WallTime, WallTime>, std::string> day(std::int64_t yyyymmdd) const;

 private:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

struct Schedule {
  enum class Kind { now, later };  // recurring is to come
  Kind kind = Kind::now;
  WallTime due{};  // the first (and today only) run
};

// The value of "when", null where the key is absent.
Result<Schedule, ScheduleError> parse_when(const json::value* when, const TimeZone& zone, WallTime now);

// The value of "ttl". A message must be able to live beyond `due`, and no longer than push services keep one
// (28 days).
Result<Ttl, ScheduleError> parse_ttl(const json::value& ttl, const TimeZone& zone, WallTime due);

inline constexpr Seconds max_ttl{28 * 24 * 3600};

}  // namespace belay
