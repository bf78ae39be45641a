// How a run went, over time: a bounded number of points, each the run's sums at that moment. Pure.
//
// A run has at most `course_points` slots. Their width doubles as the run goes on, and what no longer
// begins a slot is thinned out; since points are sums, nothing but resolution is lost by that.
#pragma once
#include <cstdint>

#include "base/clock.h"
#include "campaign/tally.h"

namespace belay {

inline constexpr std::uint32_t course_points = 300;

struct CourseSlot {
  std::uint32_t second = 0;  // where it begins, counted from the freezing of the audience
  std::uint32_t width = 1;   // seconds, a power of two
  friend bool operator==(const CourseSlot&, const CourseSlot&) = default;
};
// A clock that was set back to before `planned` is in the first slot.
CourseSlot course_slot(WallTime planned, WallTime now);

struct CoursePoint {
  WallTime at{};
  std::uint64_t attempts = 0;  // hand-overs, further attempts included
  std::uint32_t handed_over = 0, accepted = 0, failed = 0, skipped = 0, in_doubt = 0;
  friend bool operator==(const CoursePoint&, const CoursePoint&) = default;
};
CoursePoint course_point(WallTime at, const Tally& tally);

}  // namespace belay
