// When a recurring campaign runs: a local time of day in a zone, every so many days, or every so many weeks
// on some weekdays (contract 3.5). Pure arithmetic: the n-th occurrence follows from n alone, so that nothing
// has to be remembered but a number. Safe from any thread.
//
// Each occurrence follows the rule of schedule.h by itself: a local time that does not exist is the first
// instant after the gap, one that exists twice is the first of the two. The next day is back at its time.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "campaign/time_zone.h"

namespace belay {

struct Recurrence {
  enum class Unit : std::uint8_t { day, week };
  std::string zone;         // IANA name: the account's when the campaign was made; it stays
  std::int64_t day = 0;     // the local day of the start, in days since 1970-01-01
  std::int32_t minute = 0;  // of that local day
  Unit unit = Unit::day;
  std::int32_t every = 1;                   // days or weeks; weeks begin on Sunday
  std::array<bool, 7> weekdays{};           // of a week, Sunday first; at least one
  std::optional<std::int64_t> last_day;     // no occurrence after this local day
  std::optional<std::int64_t> occurrences;  // no more than so many
  std::vector<LocalTime> times;             // not empty: at these, ascending, and none of the above counts
  // At that local time where each recipient is: an occurrence begins where clocks show it first.
  bool per_person = false;
  friend bool operator==(const Recurrence&, const Recurrence&) = default;
};
constexpr std::string_view name_of(Recurrence::Unit unit) {
  return unit == Recurrence::Unit::day ? "day" : "week";
}

struct Occurrence {
  std::int64_t number = 0;  // 1, 2, 3, …
  WallTime at{};
  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

// What clocks show then; nothing beyond the end.
std::optional<LocalTime> local_time_of(const Recurrence& rule, std::int64_t number);

// The occurrence of that number; nothing beyond the end. `zone` is the rule's own, looked up.
std::optional<Occurrence> occurrence(const Recurrence& rule, const TimeZone& zone, std::int64_t number);

// The first one later than that of `number`. (Where a zone left out a whole day, two fall on one instant:
// nobody gets both.)
std::optional<Occurrence> occurrence_after(const Recurrence& rule, const TimeZone& zone, std::int64_t number);

// The newest one from `number` on that is due at `now`; nothing if not even that one is.
std::optional<Occurrence> newest_due(const Recurrence& rule, const TimeZone& zone, std::int64_t number,
                                     WallTime now);

// Up to `most` occurrences from `number` on that are later than `after`.
std::vector<Occurrence> occurrences_to_come(const Recurrence& rule, const TimeZone& zone, std::int64_t number,
                                            WallTime after, std::size_t most);

// "every day at 18:30 Asia/Kolkata, 10 times", for people.
std::string in_words(const Recurrence& rule);

// As kept in the store. from_json() throws what Boost.JSON throws where the store is damaged.
json::object to_json(const Recurrence& rule);
Recurrence recurrence_from(const json::object& stored);

inline constexpr std::int64_t most_occurrences = 100'000;
inline constexpr std::size_t most_times = 100;  // of an explicit list
inline constexpr std::int32_t most_days_between = 366, most_weeks_between = 52;

}  // namespace belay
