#include "campaign/course.h"

#include <gtest/gtest.h>

#include <set>

namespace belay {
namespace {

const WallTime planned = wall_from_micros(1'457'432'766'000'000);

TEST(Course, slots_are_bounded_however_long_a_run_takes) {
  // Every second of the first day, thinned as the store thins.
  std::set<std::uint32_t> kept;
  std::uint32_t width = 1;
  for (int s = 0; s < 86'400; ++s) {
    const CourseSlot slot = course_slot(planned, planned + Seconds{s});
    if (slot.width != width) std::erase_if(kept, [&](std::uint32_t at) { return at % slot.width != 0; });
    width = slot.width;
    kept.insert(slot.second);
    ASSERT_LE(kept.size(), course_points) << s;
    ASSERT_LE(slot.second, static_cast<std::uint32_t>(s));
    ASSERT_GT(slot.second + slot.width, static_cast<std::uint32_t>(s));
  }
  EXPECT_GE(kept.size(), course_points / 2);
  EXPECT_EQ(width, 512u);
}

TEST(Course, a_short_run_has_a_slot_a_second) {
  EXPECT_EQ(course_slot(planned, planned), (CourseSlot{0, 1}));
  EXPECT_EQ(course_slot(planned, planned + Millis{2'999}), (CourseSlot{2, 1}));
  EXPECT_EQ(course_slot(planned, planned + Seconds{299}), (CourseSlot{299, 1}));
  EXPECT_EQ(course_slot(planned, planned + Seconds{301}), (CourseSlot{300, 2}));
}

TEST(Course, a_clock_that_was_set_stays_in_range) {
  EXPECT_EQ(course_slot(planned, planned - Seconds{3600}), (CourseSlot{0, 1}));
  const CourseSlot far = course_slot(planned, wall_from_micros(std::int64_t{9'000'000'000} * 1'000'000));
  EXPECT_LT(far.second / far.width, course_points);
}

}  // namespace
}  // namespace belay
