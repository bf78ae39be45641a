#include "base/time_text.h"

#include <fmt/format.h>

namespace belay {

std::string iso_time(WallTime t) {
  using std::chrono::floor;
  const auto since = t.time_since_epoch();
  const auto day = floor<std::chrono::days>(since);
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  const std::chrono::hh_mm_ss<Micros> time{since - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace belay
