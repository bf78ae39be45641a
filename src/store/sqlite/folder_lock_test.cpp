#include <gtest/gtest.h>

#include "store/conformance_test.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store {
namespace {

TEST(FolderLock, second_comer_is_told_who_was_first) {
  const TempFolder folder;
  auto first = must(FolderLock::take(folder.path(), "belay serve, pid 4711, starting"));
  const auto second = FolderLock::take(folder.path(), "another");
  EXPECT_EQ(code_of(second), Code::busy);
  EXPECT_EQ(second.error().text,
            fmt::format("data folder {} is in use by belay serve, pid 4711, starting", folder.path()));
  first.describe("belay serve, pid 4711, listening on 127.0.0.1:8080");
  EXPECT_NE(FolderLock::take(folder.path(), "another").error().text.find("listening on 127.0.0.1:8080"),
            std::string::npos);
}

TEST(FolderLock, is_free_again_when_it_goes_and_moves_with_its_owner) {
  const TempFolder folder;
  const std::string path = folder.path() + "/new/data";
  {
    auto lock = must(FolderLock::take(path, "first"));
    FolderLock moved = std::move(lock);
    EXPECT_EQ(code_of(FolderLock::take(path, "second")), Code::busy);
    moved =
        must(FolderLock::take(folder.path(), "elsewhere"));  // swapped: the old one goes with the temporary
    EXPECT_TRUE(FolderLock::take(path, "second"));
  }
  EXPECT_TRUE(FolderLock::take(path, "third"));
  EXPECT_TRUE(FolderLock::take(folder.path(), "third"));
}

TEST(FolderLock, folder_is_for_its_owner_only) {
  const TempFolder folder;
  const std::string path = folder.path() + "/data";
  const auto lock = must(FolderLock::take(path, "first"));
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
}

TEST(FolderLock, says_so_when_the_folder_can_not_be) {
  const TempFolder folder;
  must(FolderLock::take(folder.path(), "makes the file 'lock'"));
  const auto lock = FolderLock::take(folder.path() + "/lock/data", "first");
  EXPECT_EQ(code_of(lock), Code::io);
  EXPECT_NE(lock.error().text.find(folder.path() + "/lock/data"), std::string::npos) << lock.error().text;
}

}  // namespace
}  // namespace belay::store
