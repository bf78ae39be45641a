#include "campaign/run_account.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace belay {
namespace {

JournalEntry entry(Ordinal o, Entry e, std::uint8_t attempt = 1, bool handed = true,
                   Reason r = Reason::none) {
  return {o, e, r, attempt, handed};
}

// A story that touches every kind of recipient; ordinals 0..9, of which 0..7 were admitted.
std::vector<JournalEntry> story() {
  return {entry(0, Entry::accepted),      entry(1, Entry::deferred),
          entry(1, Entry::readmitted, 2), entry(1, Entry::accepted, 2),
          entry(2, Entry::deferred),      entry(3, Entry::returned, 1, false),
          entry(4, Entry::on_wire),       entry(5, Entry::skipped, 1, false, Reason::address_dead),
          entry(6, Entry::deferred),      entry(6, Entry::readmitted, 2)};
}

RunAccount account_of(const std::vector<JournalEntry>& entries) {
  RunAccount account(10);
  account.admit(0, 8);
  for (const JournalEntry& e : entries) EXPECT_TRUE(account.add(e));
  return account;
}

TEST(RunAccount, counts_everybody_once_while_running_and_after_a_stop) {
  const RunAccount account = account_of(story());
  const Tally running = account.tally(false), stopped = account.tally(true);
  EXPECT_TRUE(running.balances());
  EXPECT_EQ(running.accepted, 2u);
  EXPECT_EQ(running.pending, 6u);  // 2 3 6 7 8 9
  EXPECT_EQ(running.handed_over, 5u);
  EXPECT_TRUE(stopped.balances());
  EXPECT_EQ(stopped.pending, 0u);
  EXPECT_EQ(stopped.withheld, 4u);  // 3 7 8 9
  EXPECT_EQ(stopped.failed, 2u);    // 2 6: "later", then the stop
  EXPECT_EQ(stopped.in_flight, 1u);
  EXPECT_EQ(stopped.handed_over, 5u);
}

// The property everything rests on: order and repetition of the entries change nothing.
TEST(RunAccount, is_the_same_whatever_order_the_entries_come_in_and_how_often) {
  const Tally expected = account_of(story()).tally(true);
  std::mt19937 shuffle(7);
  for (int i = 0; i < 500; ++i) {
    auto entries = story();
    const auto twice = story();
    entries.insert(entries.end(), twice.begin(), twice.end());
    std::shuffle(entries.begin(), entries.end(), shuffle);
    EXPECT_EQ(account_of(entries).tally(true), expected);
  }
}

TEST(RunAccount, a_crash_leaves_in_doubt_exactly_what_was_permitted_and_unanswered) {
  const auto open = account_of(story()).unanswered(false);
  std::vector<Ordinal> who;
  for (const JournalEntry& e : open) {
    who.push_back(e.ordinal);
    EXPECT_EQ(e.entry, Entry::in_doubt);
  }
  EXPECT_EQ(who, (std::vector<Ordinal>{4, 6, 7}));
  const auto after_stop = account_of(story()).unanswered(true);
  ASSERT_EQ(after_stop.size(), 1u);
  EXPECT_EQ(after_stop[0].ordinal, 4u);
}

TEST(RunAccount, lists_who_waits_for_a_further_attempt) {
  const auto waiting = account_of(story()).waiting();
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].ordinal, 2u);
  EXPECT_EQ(waiting[0].next_attempt, 2);
  EXPECT_TRUE(waiting[0].handed_over);
  EXPECT_EQ(waiting[1].ordinal, 3u);
  EXPECT_FALSE(waiting[1].handed_over);
}

TEST(RunAccount, refuses_entries_that_no_audience_could_have) {
  RunAccount account(10);
  EXPECT_FALSE(account.add(entry(10, Entry::accepted)));
  EXPECT_FALSE(account.add(entry(1, Entry::accepted, 0)));
  EXPECT_FALSE(account.add_block("\xff\xff"));
}

}  // namespace
}  // namespace belay
