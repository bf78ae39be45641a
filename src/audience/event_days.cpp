#include "audience/event_days.h"

#include "base/check.h"

namespace belay::audience {

std::pair<std::int64_t, std::int64_t> local_days_of(const Days& days, const TimeZone& zone, WallTime now) {
  constexpr std::int64_t year = 365;
  if (days.last_year()) {
    const auto today = calendar_day(zone.day_stamp(now));
    CHECK(today);
    return {*today - year + 1, *today};
  }
  const auto first = calendar_day(days.from), last = calendar_day(days.to);
  CHECK(first && last);  // the parser knows the calendar
  return {*first, *last};
}

}  // namespace belay::audience
