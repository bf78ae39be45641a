#include "campaign/course.h"

#include <algorithm>

namespace belay {

CourseSlot course_slot(WallTime planned, WallTime now) {
  constexpr std::int64_t century = std::int64_t{100} * 366 * 24 * 3600;
  const std::int64_t elapsed =
      std::clamp<std::int64_t>((to_micros(now) - to_micros(planned)) / 1'000'000, 0, century);
  std::int64_t width = 1;
  while (elapsed >= width * course_points) width *= 2;
  return {static_cast<std::uint32_t>(elapsed / width * width), static_cast<std::uint32_t>(width)};
}

CoursePoint course_point(WallTime at, const Tally& t) {
  return {at, t.attempts, t.handed_over, t.accepted, t.failed, t.skipped_total(), t.in_doubt};
}

}  // namespace belay
