#include "dispatch/meter.h"

#include <gtest/gtest.h>

namespace belay::dispatch {
namespace {

SteadyTime at(std::int64_t ms) {
  return SteadyTime{Millis{1'000'000 + ms}};
}

TEST(Meter, tells_the_pace_of_the_last_seconds) {
  Meter meter;
  EXPECT_EQ(meter.per_second(at(0), 0), 0);
  std::uint64_t sent = 500;  // before this server began
  meter.note(at(0), sent);
  for (int ms = 100; ms <= 10'000; ms += 100) meter.note(at(ms), sent += 10);
  EXPECT_NEAR(meter.per_second(at(10'000), sent), 100, 1);
  for (int ms = 10'100; ms <= 16'000; ms += 100) meter.note(at(ms), sent += 100);
  EXPECT_NEAR(meter.per_second(at(16'000), sent), 1000, 10);
}

TEST(Meter, falls_where_nothing_moves) {
  Meter meter;
  meter.note(at(0), 0);
  meter.note(at(2'000), 2'000);
  meter.note(at(4'000), 4'000);
  const double moving = meter.per_second(at(4'100), 4'000);
  const double later = meter.per_second(at(60'000), 4'000);
  EXPECT_GT(moving, 500);
  EXPECT_LT(later, 100);
  EXPECT_GE(later, 0);
}

TEST(Meter, says_nothing_from_too_little) {
  Meter meter;
  meter.note(at(0), 0);
  EXPECT_EQ(meter.per_second(at(5), 100), 0);
}

}  // namespace
}  // namespace belay::dispatch
