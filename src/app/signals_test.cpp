#include "app/signals.h"

#include <gtest/gtest.h>

namespace belay::app {
namespace {

SteadyTime at(std::int64_t millis) {
  return SteadyTime{Millis{millis}};
}

TEST(EndSignals, the_first_counts_and_those_within_a_second_of_it_are_the_same) {
  EndSignals signals;
  EXPECT_TRUE(signals.counts(at(5000)));
  EXPECT_FALSE(signals.counts(at(5003)));
  EXPECT_FALSE(signals.counts(at(5999)));
}

TEST(EndSignals, a_second_later_it_is_another_wish) {
  EndSignals signals;
  EXPECT_TRUE(signals.counts(at(5000)));
  EXPECT_FALSE(signals.counts(at(5600)));
  EXPECT_TRUE(signals.counts(at(6000)));
  EXPECT_TRUE(signals.counts(at(6001)));
}

}  // namespace
}  // namespace belay::app
