#include "sim/disk.h"

#include <gtest/gtest.h>

#include "base/manual.h"
#include "sim/disk_port.h"
#include "store/sqlite/open.h"

namespace belay::sim {
namespace {

TEST(Disk, what_is_synced_survives_and_what_is_not_may_be_torn) {
  bool lost = false, kept = false, torn = false;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    Disk disk;
    auto file = disk.create("/f");
    file->write(0, std::string(4096, 'a'));
    file->sync();
    disk.sync_names();
    file->write(0, std::string(4096, 'b'));
    disk.lose_power(random);
    const auto data = std::string(disk.find("/f")->data());
    ASSERT_EQ(data.size(), 4096u);
    const auto b = std::count(data.begin(), data.end(), 'b');
    EXPECT_EQ(b % 512, 0) << "whole sectors";
    lost = lost || b == 0;
    kept = kept || b == 4096;
    torn = torn || (b > 0 && b < 4096);
  }
  EXPECT_TRUE(lost && kept && torn);
}

TEST(Disk, a_name_is_durable_once_its_folder_is) {
  bool lost = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    Disk disk;
    disk.create("/synced");
    disk.sync_names();
    disk.create("/fresh")->sync();
    disk.lose_power(random);
    EXPECT_TRUE(disk.find("/synced"));
    lost = lost || !disk.find("/fresh");
  }
  EXPECT_TRUE(lost);
}

store::SqliteOptions options_of(DiskPort& port) {
  store::SqliteOptions options;
  options.vfs = port.name();
  options.make_folder = [](const std::string&) { return 0; };
  options.sync_folder = [&port](const std::string&) { return port.sync_folder(); };
  return options;
}

// Every call at which a process can die, and then the power goes: what was answered is there.
TEST(Disk, S40_the_real_store_loses_no_answered_write_whenever_the_power_goes) {
  for (std::uint64_t call = 1; call <= 220; ++call) {
    SeededRandom random(call);
    Disk disk;
    int answered = 0;
    {
      DiskPort port(disk, random, "test-a");
      port.crash_after(call, {});
      if (auto opened = store::open_sqlite("/data", options_of(port))) {
        auto control = (*opened)->control(store::Lane::ordinary);
        for (int i = 0; control && i < 20; ++i) {
          if (!(*control)->put_account({{}, fmt::format("A-{}", i), "UTC", "in1"})) break;
          if (i % 7 == 6) (void)(*opened)->tidy_up();
          ++answered;
        }
      }
      port.cut();
    }
    disk.lose_power(random);
    DiskPort port(disk, random, "test-b");
    auto opened = store::open_sqlite("/data", options_of(port));
    ASSERT_TRUE(opened) << call << ": " << opened.error().text;
    auto control = std::move(*(*opened)->control(store::Lane::ordinary));
    const auto there = static_cast<int>(control->accounts()->size());
    EXPECT_GE(there, answered) << call;
    EXPECT_LE(there, answered + 1) << call << ": the one under way may have got through";
  }
}

TEST(DiskPort, a_full_disk_and_a_failing_call_are_told_as_such) {
  SeededRandom random(1);
  Disk disk;
  DiskPort port(disk, random, "test-c");
  auto store = std::move(*store::open_sqlite("/data", options_of(port)));
  auto control = std::move(*store->control(store::Lane::ordinary));
  port.faults.fail_after = 1;
  const auto failed = control->put_account({{}, "A-1", "UTC", "in1"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, store::Code::io);
  disk.full = true;
  std::optional<store::Code> code;
  for (int i = 0; i < 500 && !code; ++i)
    if (const auto put = control->put_account({{}, fmt::format("B-{}", i), "UTC", "in1"}); !put)
      code = put.error().code;
  EXPECT_EQ(code, store::Code::full);
  disk.full = false;
  EXPECT_TRUE(control->put_account({{}, "C-1", "UTC", "in1"}));
}

}  // namespace
}  // namespace belay::sim
