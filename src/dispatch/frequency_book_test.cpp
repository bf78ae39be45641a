#include "dispatch/frequency_book.h"

#include <gtest/gtest.h>

#include "base/manual.h"

namespace belay::dispatch {
namespace {

constexpr ProfileId ravi{7}, meera{4'000'000'000};

TEST(PersonCounts, count_like_a_number_for_each_person) {
  SeededRandom random(1);
  PersonCounts counts;
  std::map<std::int64_t, std::uint32_t> model;
  for (int i = 0; i < 20'000; ++i) {
    const auto who = static_cast<std::int64_t>(random.below(50));
    if (random.below(5) < 3) {
      counts.add(ProfileId{who});
      ++model[who];
    } else {
      counts.take(ProfileId{who});
      if (model[who] > 0) --model[who];
    }
    ASSERT_EQ(counts.of(ProfileId{who}), model[who]);
  }
  for (const auto& [who, n] : model) EXPECT_EQ(counts.of(ProfileId{who}), n);
}

TEST(FrequencyBook, days_are_counted_over_ends_of_months_and_years) {
  EXPECT_EQ(day_number(19700101), 0);
  EXPECT_EQ(day_number(20240301) - day_number(20240228), 2);
  EXPECT_EQ(day_number(20250101) - day_number(20241231), 1);
}

TEST(FrequencyBook, each_cap_has_its_days_and_its_channels) {
  FrequencyBook book(100);
  const std::vector<FrequencyCap> caps{{1, FrequencyCap::Per::day, {}},
                                       {2, FrequencyCap::Per::week, Channel::push},
                                       {3, FrequencyCap::Per::month, {}}};
  EXPECT_TRUE(book.room(ravi, Channel::push, caps));
  book.count(ravi, Channel::push, 100);
  EXPECT_FALSE(book.room(ravi, Channel::webhook, caps)) << "one a day, whichever channel";
  EXPECT_TRUE(book.room(meera, Channel::push, caps));
  book.roll_to(101);
  EXPECT_TRUE(book.room(ravi, Channel::push, caps));
  book.count(ravi, Channel::push, 101);
  book.roll_to(102);
  EXPECT_FALSE(book.room(ravi, Channel::push, caps)) << "two pushes a week";
  EXPECT_TRUE(book.room(ravi, Channel::webhook, caps));
  book.roll_to(107);
  EXPECT_TRUE(book.room(ravi, Channel::push, caps)) << "the first is seven days ago";
  book.count(ravi, Channel::push, 107);
  book.roll_to(129);
  EXPECT_FALSE(book.room(ravi, Channel::webhook, caps)) << "three within thirty days";
  book.roll_to(130);
  EXPECT_TRUE(book.room(ravi, Channel::webhook, caps));
  book.roll_to(90);
  EXPECT_EQ(book.today(), 130) << "a clock that is set back changes nothing";
}

TEST(FrequencyBook, what_is_taken_back_was_never_there) {
  FrequencyBook book(100);
  const std::vector<FrequencyCap> caps{{1, FrequencyCap::Per::day, {}}};
  book.count(ravi, Channel::push, 100);
  book.uncount(ravi, Channel::push, 100);
  book.uncount(ravi, Channel::push, 100);
  book.uncount(ravi, Channel::push, 20);
  EXPECT_TRUE(book.room(ravi, Channel::push, caps));
}

}  // namespace
}  // namespace belay::dispatch
