// Copies of a store that is in use.
#include "store/sqlite/backup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "store/conformance_test.h"
#include "store/sqlite/db.h"
#include "store/sqlite/home.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store {
namespace {

namespace fs = std::filesystem;

class Backup : public testing::Test {
 protected:
  Backup() {
    fs::create_directory(into());
    store = must(open_sqlite(folder.path() + "/data"));
    account = must(must(store->control(Lane::ordinary))->put_account({{}, "A", "UTC", "eu1"})).id;
    profiles = must(store->profiles());
  }
  std::string into() const { return folder.path() + "/backup"; }
  void add_person(int n) {
    const std::string name = fmt::format("somebody with a long name {}", n);
    const UploadRecord record = ProfileWrite{{IdentityKind::identity, name}, "", {}, at(1)};
    must(profiles->apply(account, {&record, 1}));
  }
  Result<BackupDone> back_up(std::function<bool(BackupProgress)> progress = [](auto) { return true; }) {
    return store::back_up(folder.path() + "/data", into(), at(7), progress);
  }

  TempFolder folder;
  std::unique_ptr<Store> store;
  std::unique_ptr<ProfileSession> profiles;
  AccountId account;
};

TEST_F(Backup, holds_what_was_committed_and_is_marked) {
  for (int n = 0; n < 50; ++n) add_person(n);
  std::vector<BackupProgress> seen;
  const auto done = must(back_up([&](BackupProgress p) { return seen.push_back(p), true; }));
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().done, seen.back().total);
  EXPECT_EQ(seen.back().total, done.bytes);
  EXPECT_EQ(must(must(Home::open(into(), {}))->look()).why_not, "it is a restored backup");
  const auto copy = must(open_sqlite(into()));
  EXPECT_EQ(must(must(copy->control(Lane::ordinary))->accounts()).size(), 1U);
  EXPECT_EQ(must(must(copy->profiles())->count(account, RecipientKind::profile)), 50U);
}

TEST_F(Backup, is_whole_while_others_write) {
  // Larger than a step, so that writes come in between its steps.
  for (int n = 0; n < 3000; ++n) {
    std::vector<UploadRecord> records;
    const std::string name = fmt::format("p{}", n), text = '"' + std::string(4000, 'x') + '"';
    const std::pair<std::string_view, std::string_view> set[] = {{"Text", text}};
    records.push_back(ProfileWrite{{IdentityKind::identity, name}, "", set, at(1)});
    must(profiles->apply(account, records));
  }
  int steps = 0, next = 10'000;
  const auto control = must(store->control(Lane::brake));
  const auto done = back_up([&](BackupProgress) {
    ++steps;
    add_person(next++);  // would wait for ever if the copy held anything
    must(control->put_account({{}, fmt::format("B{}", next), "UTC", "eu1"}));
    must(store->tidy_up());
    return true;
  });
  must(done);
  EXPECT_GT(steps, 2);
  for (const char* file : {"/belay.db", "/profiles.db"}) {
    const auto db = must(sqlite::Db::open(into() + file, {}));
    sqlite::Query check = db->query("PRAGMA integrity_check");
    must(check.next());
    EXPECT_EQ(check.text(0), "ok") << file;
  }
  const auto copy = must(open_sqlite(into()));
  EXPECT_EQ(must(must(copy->control(Lane::ordinary))->accounts()).size(), 1U) << "as it was at one moment";
  EXPECT_EQ(must(must(copy->profiles())->count(account, RecipientKind::profile)), 3000U);
}

TEST_F(Backup, ends_when_it_is_told_to) {
  EXPECT_EQ(back_up([](BackupProgress) { return false; }).error().code, Code::conflict);
}

TEST_F(Backup, says_which_file_is_not_there) {
  const auto done = store::back_up(folder.path() + "/nowhere", into(), at(1), [](auto) { return true; });
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().text.find("nowhere/belay.db"), std::string::npos) << done.error().text;
}

}  // namespace
}  // namespace belay::store
