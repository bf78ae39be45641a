#include "campaign/campaign.h"

#include <gtest/gtest.h>

#include <set>

#include "campaign/outcome.h"
#include "campaign/stop.h"

namespace belay {
namespace {

TEST(Definition, survives_the_store) {
  Definition d;
  d.name = "Diwali \"sale\"";
  d.push = {"Hi {{Profile.Name}}",  "body", {{"wzrk_cid", "sales"}, {"k", "v"}},
            {{"badge_count", "1"}}, {},     {}};
  d.devices = {Platform::ios, Platform::android};
  d.labels = {"marketing", "onboarding"};
  d.ttl.lasting = Seconds{60};
  d.where = R"({"common_profile_properties":{}})";
  const auto back = definition_from_json(to_json_text(d));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json_text(*back), to_json_text(d));
  EXPECT_EQ(back->push.android[1].first, "k");
  EXPECT_EQ(back->ttl.lasting, Seconds{60});
}

TEST(Definition, reports_a_damaged_text) {
  EXPECT_FALSE(definition_from_json("{}"));
  EXPECT_FALSE(definition_from_json("not json"));
}

TEST(States, every_row_stands_at_its_own_index) {
  for (std::size_t i = 0; i < state_table.size(); ++i)
    EXPECT_EQ(static_cast<std::size_t>(state_table[i].state), i);
  for (std::size_t i = 0; i < reason_table.size(); ++i)
    EXPECT_EQ(static_cast<std::size_t>(reason_table[i].reason), i);
}

// S09, S11, S12: a stop is legal wherever it could still matter; every state x move cell is defined.
TEST(States, stop_is_legal_in_every_state_that_is_not_final) {
  for (const StateRow& row : state_table) {
    EXPECT_EQ(after(row.state, Move::stop).has_value(), !row.final) << row.name;
    if (!row.final) continue;
    for (Move m : {Move::begin, Move::launch, Move::finish, Move::miss, Move::stop})
      EXPECT_FALSE(after(row.state, m)) << row.name;
  }
}

TEST(Journal, blocks_pack_small_and_unpack_the_same) {
  std::vector<JournalEntry> entries;
  for (Ordinal i = 0; i < 1000; ++i) {
    const auto entry = static_cast<Entry>(i % 8);
    const auto reason = static_cast<Reason>(i % reason_table.size());
    entries.push_back({i * 3, entry, may_have(entry, reason) ? reason : Reason::none,
                       static_cast<std::uint8_t>(1 + i % 5), i % 2 == 0});
  }
  entries.push_back({4'000'000'000u, Entry::in_doubt, Reason::crash, 255, true});
  const std::string block = pack(entries);
  EXPECT_LT(block.size(), entries.size() * 4);
  std::vector<JournalEntry> back;
  ASSERT_TRUE(unpack(block, back));
  EXPECT_EQ(back, entries);
  back.clear();
  EXPECT_FALSE(unpack(std::string_view(block).substr(0, block.size() - 1), back));
}

TEST(Journal, every_reason_that_an_entry_may_have_has_a_code_of_its_own) {
  for (unsigned e = 0; e < 8; ++e) {
    const auto entry = static_cast<Entry>(e);
    std::set<unsigned> taken;
    for (const ReasonRow& row : reason_table) {
      if (!may_have(entry, row.reason)) continue;
      EXPECT_LT(code_of(row.reason), 16u) << row.name;
      EXPECT_TRUE(taken.insert(code_of(row.reason)).second) << row.name;
      EXPECT_EQ(reason_of(entry, code_of(row.reason)), row.reason) << row.name;
    }
  }
  EXPECT_TRUE(may_have(Entry::skipped, Reason::control_group));
  EXPECT_FALSE(may_have(Entry::failed, Reason::control_group));
  EXPECT_FALSE(may_have(Entry::skipped, Reason::crash));
}

// Blocks from before there were reasons behind `temporary` mean what they meant.
TEST(Journal, old_blocks_are_read_as_they_were_written) {
  std::vector<JournalEntry> back;
  ASSERT_TRUE(unpack(std::string_view("\x02\x36\x01\x02\xCF\x02", 6), back));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0], (JournalEntry{1, Entry::skipped, Reason::content_error, 1, false}));
  EXPECT_EQ(back[1], (JournalEntry{2, Entry::in_doubt, Reason::crash, 2, true}));
}

TEST(Journal, a_later_attempt_outranks_and_a_verdict_outranks_its_hand_over) {
  const JournalEntry wire{1, Entry::on_wire, Reason::none, 1, true},
      verdict{1, Entry::accepted, Reason::none, 1, true};
  const JournalEntry later{1, Entry::readmitted, Reason::none, 2, true},
      deferred{1, Entry::deferred, Reason::temporary, 1, true};
  EXPECT_LT(rank_of(wire), rank_of(verdict));
  EXPECT_LT(rank_of(deferred), rank_of(later));
  EXPECT_LT(rank_of(verdict), rank_of(later));
}

TEST(Tally, balances_only_when_everybody_is_somewhere) {
  Tally t;
  t.audience = 10;
  t.accepted = 4, t.failed = 1, t.withheld = 2, t.in_doubt = 1, t.pending = 1;
  EXPECT_FALSE(t.balances());
  t.skipped[static_cast<std::size_t>(Reason::address_dead)] = 1;
  EXPECT_TRUE(t.balances());
}

}  // namespace
}  // namespace belay
