#include "dispatch/pacing.h"

#include <gtest/gtest.h>

#include "dispatch/retry_queue.h"

namespace belay::dispatch {
namespace {

TEST(Pace, never_lets_more_through_than_its_rate_and_a_twentieth_of_a_second) {
  Pace pace(1000);
  SteadyTime now{};
  std::uint64_t taken = 0;
  for (int ms = 0; ms < 10'000; ms += 7) {
    now = SteadyTime{Millis{ms}};
    taken += pace.take(100'000, now);
    ASSERT_LE(taken, static_cast<std::uint64_t>(ms) + 50);
  }
  EXPECT_GE(taken, 9'900u);
}

TEST(Pace, slow_rates_let_single_messages_through) {
  Pace pace(2);
  std::uint32_t taken = 0;
  for (int ms = 0; ms <= 5'000; ms += 20) taken += pace.take(10, SteadyTime{Millis{ms}});
  EXPECT_GE(taken, 9u);
  EXPECT_LE(taken, 11u);
}

TEST(Pace, what_is_given_back_can_be_taken_again) {
  Pace pace(100);
  (void)pace.take(1, SteadyTime{});
  const std::uint32_t got = pace.take(100, SteadyTime{Seconds{1}});
  EXPECT_EQ(got, 5u);
  pace.give_back(3);
  EXPECT_EQ(pace.take(100, SteadyTime{Seconds{1}}), 3u);
}

TEST(Pace, zero_is_no_limit) {
  Pace pace(0);
  EXPECT_EQ(pace.take(5000, SteadyTime{}), 5000u);
  EXPECT_FALSE(pace.limited());
}

TEST(RetryQueue, gives_the_earliest_first_and_only_what_is_due) {
  RetryQueue queue;
  for (int i : {5, 1, 3}) queue.add(SteadyTime{Seconds{i}}, {static_cast<Ordinal>(i), {}, 2, true});
  EXPECT_FALSE(queue.due(SteadyTime{Millis{999}}));
  const auto due = queue.take_due(SteadyTime{Seconds{3}}, 10);
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].ordinal, 1u);
  EXPECT_EQ(queue.next(), SteadyTime{Seconds{5}});
}

}  // namespace
}  // namespace belay::dispatch
