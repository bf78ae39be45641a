// When a campaign is due: the "when", "dnd" and "ttl" of the API (contract 3.5, 3.1). Pure: "now" is passed
// in. Safe from any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/time_zone.h"

namespace belay {

enum class ScheduleCode {
  invalid,      // the text says what is wrong with it, naming the key
  unsupported,  // documented, and not there yet
};
using ScheduleError = ErrorOf<ScheduleCode>;

struct Schedule {
  enum class Kind { now, later, recurring };
  Kind kind = Kind::now;
  WallTime due{};                        // the first run
  std::optional<Recurrence> recurrence;  // of a recurring one, and of one with several times
  Timing timing;
  // When it ends to begin: the last moment at which a first wave of it may depart.
  WallTime last_departure() const;
};

// The value of "when", null where the key is absent.
Result<Schedule, ScheduleError> parse_when(const json::value* when, const TimeZone& zone, WallTime now);

// The value of a "when" whose "type" is "recurring": when_recurring.cpp.
Result<Schedule, ScheduleError> parse_recurring(const json::object& when, Timing timing, const TimeZone& zone,
                                                WallTime now);

// What a "when" says of zones, cut-off and quiet hours: when_timing.cpp.
Result<Timing, ScheduleError> parse_timing(const json::object& when, const TimeZone& zone);
// The value of a "dnd" at the top level, into what "when" has said.
Result<void, ScheduleError> add_quiet_hours(const json::value& dnd, const TimeZone& zone, Timing& timing);

// A whole number, also written as a text of digits.
std::optional<std::int64_t> whole_number(const json::value* v);

// The value of "ttl". A message must be able to live beyond `due`, and no longer than push services keep one
// (28 days).
Result<Ttl, ScheduleError> parse_ttl(const json::value& ttl, const TimeZone& zone, WallTime due);

inline constexpr Seconds max_ttl{28 * 24 * 3600};

}  // namespace belay
