#include "campaign/audit.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace belay {
namespace {

using Rows = std::vector<AuditEntry>;

Rows chain(int length) {
  Rows rows;
  std::string previous(audit_origin);
  for (int i = 1; i <= length; ++i) {
    AuditEntry e{i,
                 wall_from_micros(1'457'432'766'000'000 + i),
                 AccountId{7},
                 "cli:root",
                 "stop",
                 "campaign-1",
                 "running",
                 "stopped",
                 "wrong text"};
    previous = e.hash = audit_hash(previous, e);
    rows.push_back(std::move(e));
  }
  return rows;
}

std::optional<std::string> first_fault(const Rows& rows, std::int64_t* good = nullptr) {
  AuditChain check;
  for (const AuditEntry& e : rows)
    if (auto fault = check.add(e)) {
      if (good != nullptr) *good = check.rows();
      return fault;
    }
  return std::nullopt;
}

TEST(Audit, an_untouched_chain_is_whole) {
  const Rows rows = chain(5);
  AuditChain check;
  for (const AuditEntry& e : rows) EXPECT_FALSE(check.add(e));
  EXPECT_EQ(check.rows(), 5);
  EXPECT_EQ(check.head(), rows.back().hash);
  EXPECT_FALSE(first_fault({}));
}

TEST(Audit, any_bit_of_any_field_flipped_is_found_in_its_row) {
  const Rows whole = chain(3);
  const auto flip_all = [&](std::string AuditEntry::*field) {
    for (std::size_t bit = 0; bit < (whole[1].*field).size() * 8; ++bit) {
      Rows rows = whole;
      (rows[1].*field)[bit / 8] ^= static_cast<char>(1 << bit % 8);
      std::int64_t good = -1;
      ASSERT_TRUE(first_fault(rows, &good)) << bit;
      EXPECT_EQ(good, 1);
    }
  };
  for (auto field : {&AuditEntry::actor, &AuditEntry::action, &AuditEntry::subject, &AuditEntry::before,
                     &AuditEntry::after, &AuditEntry::detail, &AuditEntry::hash})
    flip_all(field);
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t flip = std::int64_t{1} << bit;
    for (const std::function<void(AuditEntry&)>& change :
         std::initializer_list<std::function<void(AuditEntry&)>>{
             [&](AuditEntry& e) { e.id ^= flip; }, [&](AuditEntry& e) { e.account.value ^= flip; },
             [&](AuditEntry& e) { e.at = wall_from_micros(to_micros(e.at) ^ flip); }}) {
      Rows rows = whole;
      change(rows[1]);
      EXPECT_TRUE(first_fault(rows)) << bit;
    }
  }
}

TEST(Audit, text_moved_from_one_field_to_its_neighbour_is_found) {
  Rows rows = chain(2);
  rows[1].detail.insert(0, 1, rows[1].after.back());
  rows[1].after.pop_back();
  EXPECT_TRUE(first_fault(rows));
}

TEST(Audit, deleted_inserted_and_swapped_rows_are_found) {
  Rows deleted = chain(4), inserted = chain(4), swapped = chain(4), renumbered = chain(4);
  deleted.erase(deleted.begin() + 1);
  EXPECT_EQ(first_fault(deleted), "row 2 is missing: row 3 comes next");
  inserted.insert(inserted.begin() + 2, inserted[1]);
  EXPECT_EQ(first_fault(inserted), "row 2 stands where row 3 should");
  std::swap(swapped[1], swapped[2]);
  EXPECT_TRUE(first_fault(swapped));
  renumbered.erase(renumbered.begin() + 1);
  for (std::size_t i = 0; i < renumbered.size(); ++i) renumbered[i].id = static_cast<std::int64_t>(i) + 1;
  EXPECT_TRUE(first_fault(renumbered));
  std::swap(swapped[1], swapped[2]);
  std::swap(swapped[1].detail, swapped[2].actor);
  EXPECT_TRUE(first_fault(swapped));
}

// A chain that was cut, or made anew from a row on, is whole in itself: only a hash kept elsewhere tells.
TEST(Audit, a_hash_kept_elsewhere_finds_a_cut_and_a_forged_chain) {
  const Rows rows = chain(4);
  const auto meets = [](const Rows& given, const std::string& hash) {
    AuditChain check;
    check.expect(hash);
    for (const AuditEntry& e : given) EXPECT_FALSE(check.add(e));
    return check.met_expected();
  };
  EXPECT_TRUE(meets(rows, rows[2].hash));
  EXPECT_TRUE(meets(rows, rows[3].hash));
  EXPECT_FALSE(meets(chain(3), rows[3].hash));
  Rows forged = chain(2);
  AuditEntry other = rows[2];
  other.actor = "cli:nobody";
  other.hash = audit_hash(forged[1].hash, other);
  forged.push_back(other);
  EXPECT_FALSE(meets(forged, rows[2].hash));
}

}  // namespace
}  // namespace belay
