#include "store/conformance_test.h"

namespace belay::store {
namespace {

// S26, S27: a server that was away for too long finds that it can write nothing any more.
TEST_P(StoreConformance, whoever_claims_fences_the_one_before_out_of_every_write) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  auto first = must(store->ownership());
  EXPECT_EQ(must(first->look()), Ownership{});
  const Ownership mine = must(first->claim({}));
  EXPECT_EQ(mine.term, 1);
  must(first->renew());
  must(control->campaign({}, c.id));

  const auto other = place->open();
  auto second = must(other->ownership());
  EXPECT_EQ(code_of(second->claim(mine)), Code::fenced) << "there was a sign of life since";
  const Ownership seen = must(second->look());
  EXPECT_EQ(must(second->claim(seen)).term, 2);

  EXPECT_EQ(code_of(first->renew()), Code::fenced);
  EXPECT_EQ(code_of(control->create(c)), Code::fenced);
  const Scope scope = of(c);
  EXPECT_EQ(code_of(control->stop(stop_write(scope, {evidence(c)}))), Code::fenced);
  GroupCommit group;
  group.admissions.push_back({r.id, c.id, c.epoch, SliceNo{0}, 0, 5});
  EXPECT_EQ(code_of(journal->commit(group)), Code::fenced);
  EXPECT_EQ(must(journal->run_of(c.id))->slices[0].cursor, 0u);

  must(must(other->journal())->commit(group));
  EXPECT_EQ(must(journal->run_of(c.id))->slices[0].cursor, 5u);
}

TEST_P(StoreConformance, a_store_that_never_claimed_is_not_fenced) {
  const auto other = place->open();
  auto owner = must(other->ownership());
  must(owner->claim(must(owner->look())));
  EXPECT_TRUE(control->put_account({{}, "TEST-1", "UTC", "in1"}));
}

}  // namespace
}  // namespace belay::store
