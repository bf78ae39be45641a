// The audit trail's table keeps itself: nothing is changed, deleted or slipped in through SQL.
#include <gtest/gtest.h>

#include "store/conformance_test.h"
#include "store/sqlite/db.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store::sqlite {
namespace {

class TrailFile : public testing::Test {
 protected:
  TrailFile() {
    store = must(open_sqlite(folder.path()));
    control = must(store->control(Lane::ordinary));
    for (const char* key : {"A", "B", "C"}) must(control->put_account({{}, key, "UTC", "eu1"}));
    db = must(Db::open(folder.path() + "/belay.db", {}));
  }
  std::optional<std::string> fault() {
    AuditChain chain;
    for (const AuditEntry& e : must(control->audit({})))
      if (auto wrong = chain.add(e)) return wrong;
    return std::nullopt;
  }

  TempFolder folder;
  std::unique_ptr<Store> store;
  std::unique_ptr<ControlSession> control;
  std::unique_ptr<Db> db;
};

TEST_F(TrailFile, refuses_update_delete_and_rows_out_of_order) {
  for (const char* sql :
       {"UPDATE audit SET actor = 'x' WHERE id = 2", "DELETE FROM audit WHERE id = 3", "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT id, at, account, 'x', action, subject, \"before\", \"after\","
        " detail, hash FROM audit WHERE id = 2",
        "INSERT INTO audit VALUES (9, 0, 0, '', '', '', '', '', '', '')"}) {
    const auto done = db->script(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_NE(done.error().text.find("append-only"), std::string::npos) << done.error().text;
  }
  EXPECT_EQ(must(control->audit({})).size(), 3u);
  EXPECT_FALSE(fault());
}

TEST_F(TrailFile, whoever_goes_around_the_triggers_is_found_by_the_chain) {
  must(db->script("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted"));
  must(db->script("UPDATE audit SET actor = 'somebody' WHERE id = 2"));
  EXPECT_NE(fault().value_or("").find("row 2"), std::string::npos);
  must(db->script("UPDATE audit SET actor = 'belay' WHERE id = 2"));
  EXPECT_FALSE(fault());
  must(db->script("DELETE FROM audit WHERE id = 2"));
  EXPECT_EQ(fault(), "row 2 is missing: row 3 comes next");
}

}  // namespace
}  // namespace belay::store::sqlite
