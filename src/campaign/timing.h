// When a message of a run may leave, beyond the run's own start: at a local time where each recipient is, not
// after a time of day, not in quiet hours (contract 3.5 and the dnd row of 3.1). Pure arithmetic on instants
// and zones; "now" is passed in. Safe from any thread.
//
// Local times follow time_zone.h: a gap is left at its end, of an overlap the first pass counts for
// departures and cut-offs. Quiet hours go by what the clock shows: both passes of an overlap are inside, if
// one is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "campaign/outcome.h"
#include "campaign/time_zone.h"

namespace belay {

inline constexpr std::int32_t minutes_a_week = 7 * 24 * 60;

struct QuietHours {
  enum class Then : std::uint8_t {
    delay,    // it leaves when the window ends
    discard,  // who has not been sent to when a window begins is skipped(quiet_hours)
  };
  Then then = Then::delay;
  bool per_person = false;  // by the clock where the recipient is, else by the account's
  // Minutes of the week from Sunday 00:00, [first, second): ascending, neither overlapping nor touching, not
  // the whole week. One over Saturday's midnight is two.
  std::vector<std::pair<std::int32_t, std::int32_t>> week;
  friend bool operator==(const QuietHours&, const QuietHours&) = default;
};

struct Timing {
  std::string zone;                // the account's when the campaign was made; it stays
  bool per_person = false;         // departs at `local` where each recipient is
  std::optional<LocalTime> local;  // of a run, per_person only
  enum class Passed : std::uint8_t { dropped, next_day, at_once };
  Passed passed = Passed::dropped;      // what becomes of those where `local` is over when it starts
  std::optional<std::int32_t> cut_off;  // minute of the day; the first one after the departure counts
  std::optional<QuietHours> quiet;

  bool empty() const { return !per_person && !cut_off && !quiet; }
  // Recipients have to be told apart by their zones.
  bool by_zone() const { return per_person || (quiet && quiet->per_person); }
  friend bool operator==(const Timing&, const Timing&) = default;
};

// The property of a profile that names its zone, and the one that is looked at where that is missing.
inline constexpr std::string_view zone_property = "Timezone", zone_property_too = "Tz";

// The first and the last instant at which clocks anywhere show it.
WallTime first_anywhere(LocalTime local);
WallTime last_anywhere(LocalTime local);

struct Departure {
  WallTime at{};
  Reason left_out = Reason::none;  // local_time_passed
  friend bool operator==(const Departure&, const Departure&) = default;
};
// Of the recipients in `zone`, of a run that is due at `due`.
Departure departure_in(const Timing& timing, const TimeZone& zone, WallTime due);

// The first time of day `minute` after `departs` in that zone.
WallTime cut_off_after(const TimeZone& zone, WallTime departs, std::int32_t minute);

bool quiet_at(const QuietHours& hours, const TimeZone& zone, WallTime t);
// The first instant from `t` on that is quiet, or that is not.
WallTime next_quiet(const QuietHours& hours, const TimeZone& zone, WallTime t);
WallTime next_not_quiet(const QuietHours& hours, const TimeZone& zone, WallTime t);

// What is to be done now with those of a run who depart at `departs` in zone `theirs`.
struct Leave {
  enum class Now : std::uint8_t { waits, may_leave, left_out };
  Now now = Now::may_leave;
  Reason left_out = Reason::none;
  WallTime until = WallTime::max();  // that much is so until then
};
// From `last` on nothing leaves, as behind a cut-off: a message's life may have an end.
Leave leave_at(const Timing& timing, const TimeZone& account, const TimeZone& theirs,
               const Departure& departure, WallTime now, WallTime last = WallTime::max());

// When the first of them may leave, or why none of them ever does.
Departure first_leave(const Timing& timing, const TimeZone& account, const TimeZone& theirs,
                      const Departure& departure, WallTime last = WallTime::max());

// "at 2030-01-31 18:30 where each recipient is; …", for people. "" where there is nothing to say.
std::string in_words(const Timing& timing);

// As kept in the store. timing_from() throws what Boost.JSON throws where the store is damaged.
json::object to_json(const Timing& timing);
Timing timing_from(const json::object& stored);

}  // namespace belay
