// A folder and its copies: which one may send.
#include "store/sqlite/home.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/manual.h"
#include "store/conformance_test.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store {
namespace {

namespace fs = std::filesystem;

class HomeOfAFolder : public testing::Test {
 protected:
  HomeOfAFolder() {
    fs::create_directory(here());
    must(open_sqlite(here()));
    renew(here());
  }
  std::string here() const { return folder.path() + "/data"; }
  std::string there() const { return folder.path() + "/copy"; }
  std::unique_ptr<Home> open(const std::string& at) { return must(Home::open(at, machine)); }
  void renew(const std::string& at) { must(open(at)->renew(random, wall_from_micros(1))); }
  std::string why_not(const std::string& at) { return must(open(at)->look()).why_not; }
  // What copies a folder without Belay's help does, file by file.
  static void copy(const std::string& from, const std::string& to) {
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  TempFolder folder;
  SeededRandom random{1};
  Machine machine{"machine", "boot"};
};

TEST_F(HomeOfAFolder, that_never_had_a_server_is_wherever_it_is) {
  fs::create_directory(there());
  must(open_sqlite(there()));
  const auto standing = must(open(there())->look());
  EXPECT_EQ(standing.store, "");
  EXPECT_EQ(standing.why_not, "");
}

TEST_F(HomeOfAFolder, stays_where_it_is_over_restarts_and_a_rename) {
  const std::string name = must(open(here())->look()).store;
  EXPECT_EQ(name.size(), 32U);
  for (int start = 0; start < 3; ++start) {
    EXPECT_EQ(why_not(here()), "");
    renew(here());
  }
  fs::rename(here(), there());
  EXPECT_EQ(why_not(there()), "");
  EXPECT_EQ(must(open(there())->look()).store, name);
}

TEST_F(HomeOfAFolder, is_not_where_it_was_copied_to) {  // S56
  copy(here(), there());
  EXPECT_EQ(why_not(there()), "the folder is a copy");
  EXPECT_EQ(why_not(here()), "") << "the original goes on";
  EXPECT_EQ(open(there())->renew(random, wall_from_micros(2)).error().code, Code::conflict);
}

TEST_F(HomeOfAFolder, notices_a_database_that_came_alone) {
  fs::create_directory(there());
  fs::copy(here() + "/belay.db", there() + "/belay.db");
  EXPECT_NE(why_not(there()).find("`home` is missing"), std::string::npos);
}

TEST_F(HomeOfAFolder, notices_an_older_database_in_its_place) {  // S56: the snapshot that is restored
  fs::copy(here() + "/belay.db", there() + ".db");
  renew(here());
  EXPECT_EQ(why_not(here()), "");
  fs::copy(there() + ".db", here() + "/belay.db", fs::copy_options::overwrite_existing);  // keeps the inode
  EXPECT_NE(why_not(here()).find("older or another"), std::string::npos);
}

TEST_F(HomeOfAFolder, notices_an_older_folder_copied_over_it) {
  copy(here(), there());
  renew(here());
  copy(there(), here());
  EXPECT_EQ(why_not(here()), "the folder is a copy");
}

TEST_F(HomeOfAFolder, notices_another_machine_but_not_another_boot_or_container) {
  machine.boot = "after a restart";
  EXPECT_EQ(why_not(here()), "");
  machine = {"in a new container", "boot"};
  EXPECT_EQ(why_not(here()), "");
  machine = {"", ""};
  EXPECT_EQ(why_not(here()), "") << "a machine that does not know itself says nothing";
  machine = {"elsewhere", "its boot"};
  EXPECT_EQ(why_not(here()), "it was on another machine");
}

TEST_F(HomeOfAFolder, survives_a_crash_between_its_two_records) {
  fs::copy(here() + "/home", there());
  const auto kept = folder.path() + "/kept";
  fs::rename(here() + "/home", kept);  // the very file, not a copy
  fs::rename(there(), here() + "/home");
  EXPECT_NE(why_not(here()), "");
  fs::rename(kept, here() + "/home");
  // The row is new, the file is not yet.
  fs::create_hard_link(here() + "/home", kept);
  renew(here());
  fs::rename(kept, here() + "/home");
  EXPECT_EQ(why_not(here()), "");
  renew(here());
  EXPECT_EQ(why_not(here()), "");
}

TEST_F(HomeOfAFolder, is_where_a_person_says_it_is) {
  const std::string original = must(open(here())->look()).store;
  copy(here(), there());
  must(open(there())->adopt(random, wall_from_micros(2), "cli:root", "1 campaigns stopped"));
  const auto standing = must(open(there())->look());
  const auto told = must(must(must(open_sqlite(there()))->control(Lane::ordinary))->audit({}));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].action + " by " + told[0].actor + ", " + told[0].before + ", " + told[0].detail,
            "store.adopted by cli:root, the folder is a copy, 1 campaigns stopped");
  EXPECT_EQ(standing.why_not, "");
  EXPECT_NE(standing.store, original) << "a name of its own";
  EXPECT_EQ(must(open(here())->look()).store, original);
}

TEST_F(HomeOfAFolder, of_a_backup_is_asked_for) {
  must(mark_as_backup(here(), wall_from_micros(3)));
  EXPECT_EQ(why_not(here()), "it is a restored backup");
  must(open(here())->adopt(random, wall_from_micros(4), "cli:root", ""));
  EXPECT_EQ(why_not(here()), "");
}

}  // namespace
}  // namespace belay::store
