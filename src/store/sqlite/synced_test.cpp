// What counts is on the medium before it counts: nothing that a call has answered for is unsynced.
#include <gtest/gtest.h>

#include "store/conformance_test.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"
#include "store/sqlite/testing_sync_vfs.h"

namespace belay::store::sqlite {
namespace {

class Synced : public testing::Test {
 protected:
  // Runs one write and looks: it has gone to the log, and a sync has come after the last byte of it.
  template <class Write>
  void expect_synced(std::string_view what, Write&& write) {
    const std::uint64_t writes = vfs.log_writes(), syncs = vfs.log_syncs();
    write();
    EXPECT_GT(vfs.log_writes(), writes) << what;
    EXPECT_GT(vfs.log_syncs(), syncs) << what;
    EXPECT_FALSE(vfs.anything_unsynced()) << what;
  }

  TempFolder folder;
  SyncVfs vfs{"belay-synced-test"};
};

TEST_F(Synced, before_they_count_are_stops_admissions_outcomes_and_campaigns) {
  const auto store = must(open_sqlite(folder.path(), {.vfs = vfs.name()}));
  const auto control = must(store->control(Lane::brake));
  const auto journal = must(store->journal());
  Campaign c;
  c.account = must(control->put_account({{}, "A", "UTC", "eu1"})).id;
  c.id = CampaignId{1};
  expect_synced("a campaign", [&] { c = must(control->create(c)); });
  expect_synced("a move", [&] {
    must(control->move({c.id, State::scheduled, State::planning, c.epoch, at(1), ""}));
  });
  AudienceSet audience;
  for (int i = 1; i <= 1000; ++i) audience.add(RecipientId{i});
  audience.compact();
  store::Run run;
  expect_synced("a frozen audience",
                [&] { run = must(journal->freeze(c, RecipientKind::address, audience, 1000, at(1))); });
  expect_synced("an admission", [&] {
    const GroupCommit group{.admissions = {{run.id, c.id, c.epoch, SliceNo{0}, 0, 100}}};
    ASSERT_TRUE(must(journal->commit(group)).admitted.at(0));
  });
  expect_synced("outcomes", [&] { must(journal->commit({.blocks = {{run.id, "outcomes"}}})); });
  expect_synced("a stop", [&] {
    StopEvidence e{.campaign = c.id, .run = run.id, .block = ""};
    e.receipt.campaign = c.id;
    e.receipt.planned = true;
    e.receipt.tally.audience = 1000;
    e.receipt.tally.withheld = 1000;
    must(control->stop({.scope = {.campaign = c.id}, .actor = "test", .at = at(2), .campaigns = {e}}));
  });
}

// The counting above can tell: without the log's syncs the same writes are unsynced.
TEST_F(Synced, is_told_from_what_synchronous_normal_would_leave) {
  SyncVfs lax("belay-lax-test", Syncs::no_log);
  const auto store = must(open_sqlite(folder.path(), {.vfs = lax.name()}));
  must(must(store->control(Lane::ordinary))->put_account({{}, "A", "UTC", "eu1"}));
  EXPECT_TRUE(lax.anything_unsynced());
  EXPECT_EQ(lax.log_syncs(), 0u);
}

}  // namespace
}  // namespace belay::store::sqlite
