#include "store/conformance_test.h"
#include "store/segments.h"

namespace belay::store {
namespace {

Segment wanted(AccountId account, std::string name, std::string where = "{}", int second = 1) {
  return {{}, account, std::move(name), std::move(where), at(second), {}};
}

}  // namespace

TEST_P(StoreConformance, segments_are_kept_by_account_and_name) {
  const AccountId a = account(), b = account("B");
  const Segment gold = must(segments_of(*control).add_segment(wanted(a, "Gold", R"({"x":1})")));
  EXPECT_EQ(gold.id.value, to_epoch_seconds(at(1)));
  EXPECT_EQ(must(segments_of(*control).add_segment(wanted(a, "Blue"))).id.value, gold.id.value + 1);
  EXPECT_EQ(must(segments_of(*control).add_segment(wanted(b, "Gold"))).id, gold.id)
      << "another's is no matter";
  EXPECT_EQ(code_of(segments_of(*control).add_segment(wanted(a, "Gold"))), Code::conflict);
  open();
  const auto all = must(segments_of(*control).segments(a));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "Blue");
  EXPECT_EQ(all[1].where, "");
  EXPECT_EQ(must(segments_of(*control).segment(a, gold.id)).where, R"({"x":1})");
  EXPECT_EQ(code_of(segments_of(*control).segment(a, SegmentId{5})), Code::not_found);
}

TEST_P(StoreConformance, a_segment_is_changed_and_removed_and_the_trail_tells) {
  const AccountId a = account(), b = account("B");
  control->as("user:ann", at(9));
  Segment gold = must(segments_of(*control).add_segment(wanted(a, "Gold")));
  (void)must(segments_of(*control).add_segment(wanted(a, "Blue")));
  gold.name = "Blue";
  EXPECT_EQ(code_of(segments_of(*control).put_segment(gold)), Code::conflict);
  gold.name = "Golden";
  gold.where = R"({"x":2})";
  gold.updated = at(5);
  EXPECT_EQ(must(segments_of(*control).put_segment(gold)).created, at(1));
  EXPECT_EQ(must(segments_of(*control).segment(a, gold.id)).where, R"({"x":2})");
  gold.account = b;
  EXPECT_EQ(code_of(segments_of(*control).put_segment(gold)), Code::not_found);
  EXPECT_EQ(code_of(segments_of(*control).remove_segment(b, gold.id)), Code::not_found);
  must(segments_of(*control).remove_segment(a, gold.id));
  EXPECT_EQ(code_of(segments_of(*control).remove_segment(a, gold.id)), Code::not_found);
  const auto rows = must(control->audit({.account = a, .subject = fmt::format("segment-{}", gold.id)}));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].action, "segment.added");
  EXPECT_EQ(rows[0].actor, "user:ann");
  EXPECT_EQ(rows[1].before, "Gold: {}");
  EXPECT_EQ(rows[1].after, R"(Golden: {"x":2})");
  EXPECT_EQ(rows[2].action, "segment.removed");
}

TEST_P(StoreConformance, segments_are_bounded_and_go_with_their_account) {
  const AccountId a = account();
  for (std::uint32_t i = 0; i < most_segments; ++i)
    (void)must(segments_of(*control).add_segment(wanted(a, fmt::format("s{}", i))));
  EXPECT_EQ(code_of(segments_of(*control).add_segment(wanted(a, "one more"))), Code::conflict);
  must(control->remove_account(a));
  EXPECT_EQ(must(segments_of(*control).segments(a)).size(), 0u);
}

}  // namespace belay::store
