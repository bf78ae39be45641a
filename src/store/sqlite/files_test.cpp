// What becomes of the files: schemas, damage, full disks, the write-ahead log.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <semaphore>
#include <thread>

#include "store/conformance_test.h"
#include "store/sqlite/db.h"
#include "store/sqlite/open.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store::sqlite {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  std::string control_file() const { return folder.path() + "/belay.db"; }
  std::string profile_file() const { return folder.path() + "/profiles.db"; }
  void fill_and_close() {
    const auto store = must(open_sqlite(folder.path()));
    account = must(must(store->control(Lane::ordinary))->put_account({{}, "A", "UTC", "eu1"})).id;
    add_people(*must(store->profiles()), 0, 2000);
  }
  void add_people(ProfileSession& profiles, int from, int count) const {
    std::vector<std::string> names;
    for (int i = from; i < from + count; ++i) names.push_back(fmt::format("somebody with a long name {}", i));
    std::vector<UploadRecord> records;
    for (const auto& name : names)
      records.push_back(ProfileWrite{{IdentityKind::identity, name}, "", {}, at(1)});
    must(profiles.apply(account, records));
  }
  static void overwrite(const std::string& path, std::streamoff from, std::size_t count) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(from);
    file << std::string(count, '\x5a');
  }
  static std::uintmax_t size_of(const std::string& path) {
    std::error_code none;
    const auto size = fs::file_size(path, none);
    return none ? 0 : size;
  }

  TempFolder folder;
  AccountId account;
};

TEST_F(Files, commits_are_synced_and_logged_ahead) {
  fill_and_close();
  const auto db = must(Db::open(control_file(), {}));
  EXPECT_EQ(must(db->number("PRAGMA synchronous")), 2) << "FULL";
  EXPECT_EQ(must(db->number("PRAGMA journal_mode = WAL; SELECT 1")), 0);  // 'wal' as a number: no error
  Query mode = db->query("PRAGMA journal_mode");
  must(mode.next());
  EXPECT_EQ(mode.text(0), "wal");
  EXPECT_EQ(must(db->number("PRAGMA page_size")), page_bytes);
  EXPECT_EQ(must(db->number("PRAGMA wal_autocheckpoint")), 0);
}

TEST_F(Files, constraint_on_states_comes_from_the_table) {
  fill_and_close();
  const auto db = must(Db::open(control_file(), {}));
  const auto insert = [&](std::string_view state, std::optional<WallTime> finished) {
    return db->run(
        "INSERT INTO campaign (id, account, provider, name, channel, definition, due, past_due_grace, state,"
        " epoch, created, finished, state_reason) VALUES (NULL, 1, 0, '', 'push', '{}', 0, 0, ?, 1, 0, ?, "
        "'')",
        state, finished);
  };
  for (const StateRow& row : state_table) {
    EXPECT_TRUE(insert(row.name, row.final ? std::optional(at(1)) : std::nullopt)) << row.name;
    EXPECT_FALSE(insert(row.name, row.final ? std::nullopt : std::optional(at(1)))) << row.name;
  }
  EXPECT_EQ(code_of(insert("halted", std::nullopt)), Code::conflict);
}

// What a store of the first schema lacked: a state, and the table of continuations.
TEST_F(Files, of_the_first_schema_become_present_ones_and_keep_what_is_in_them) {
  fs::create_directories(folder.path());
  std::string first = control_schema().migrations.at(0);
  for (std::size_t at; (at = first.find(",'paused'")) != std::string::npos;) first.erase(at, 9);
  {
    const auto db = must(Db::open(control_file(), {.create = true}));
    must(db->script(first));
    must(db->script(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = 1", control_schema().application_id)));
    const auto insert = [&](int id, std::string_view state) {
      return db->run(
          "INSERT INTO campaign (id, account, provider, name, channel, definition, due, past_due_grace, "
          "state,"
          " epoch, created, finished, state_reason) VALUES (?, 1, 0, '', 'push', ?, 0, 0, ?, 1, 0, NULL, '')",
          id, to_json_text(Definition{}), state);
    };
    EXPECT_TRUE(insert(1, "scheduled"));
    must(db->run("INSERT INTO campaign_label (campaign, label) VALUES (1, 'spring')"));
    EXPECT_FALSE(insert(2, "paused"));
  }
  const auto store = must(open_sqlite(folder.path()));
  const auto control = must(store->control(Lane::ordinary));
  const Campaign c = must(control->campaign({}, CampaignId{1}));
  const Campaign paused = must(control->pause({.campaign = c.id, .epoch = c.epoch, .actor = "cli:root"}));
  EXPECT_EQ(paused.state, State::paused);
  EXPECT_EQ(must(control->campaigns({.label = "spring"})).size(), 1u);
  const auto db = must(Db::open(control_file(), {}));
  EXPECT_EQ(must(db->number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")), 1);
  EXPECT_EQ(must(db->number("SELECT count(*) FROM pragma_foreign_key_check")), 0);
}

TEST_F(Files, of_a_newer_belay_are_refused) {
  fill_and_close();
  must(must(Db::open(control_file(), {}))->script("PRAGMA user_version = 99"));
  const auto store = open_sqlite(folder.path());
  ASSERT_EQ(code_of(store), Code::damaged);
  EXPECT_NE(store.error().text.find("belay.db was written by a newer Belay"), std::string::npos)
      << store.error().text;
}

TEST_F(Files, that_are_something_else_are_refused) {
  fill_and_close();
  fs::remove(control_file());
  must(must(Db::open(control_file(), {.create = true}))->script("CREATE TABLE cats (name TEXT)"));
  EXPECT_EQ(code_of(open_sqlite(folder.path())), Code::damaged);
  fs::rename(profile_file(), control_file());
  EXPECT_EQ(code_of(open_sqlite(folder.path())), Code::damaged) << "the other file in its place";
}

TEST_F(Files, without_a_readable_header_are_damaged_by_name) {
  fill_and_close();
  overwrite(control_file(), 0, 100);
  const auto store = open_sqlite(folder.path());
  ASSERT_EQ(code_of(store), Code::damaged);
  EXPECT_NE(store.error().text.find(control_file()), std::string::npos) << store.error().text;
  EXPECT_NE(store.error().text.find("backup"), std::string::npos) << "says what to do";
}

TEST_F(Files, with_overwritten_pages_are_damaged_by_name) {
  fill_and_close();
  const std::int64_t page = must(must(Db::open(profile_file(), {}))
                                     ->number("SELECT rootpage FROM sqlite_schema WHERE name = 'profile'"));
  overwrite(profile_file(), (page - 1) * page_bytes, page_bytes);
  const auto store = must(open_sqlite(folder.path()));
  const auto profiles = store->profiles();
  ASSERT_TRUE(profiles);
  const auto scanned =
      (*profiles)->scan({.account = account, .kind = RecipientKind::profile}, [](const ScanRow&) {});
  ASSERT_EQ(code_of(scanned), Code::damaged);
  EXPECT_NE(scanned.error().text.find("profiles.db"), std::string::npos) << scanned.error().text;
}

// The brake works when the rest doesn't.
TEST_F(Files, stop_does_not_need_profiles) {
  fill_and_close();
  overwrite(profile_file(), 0, 100);
  const auto store = must(open_sqlite(folder.path()));
  const auto control = must(store->control(Lane::brake));
  must(control->stop({.scope = {.kind = Scope::Kind::all}, .actor = "cli:root", .at = at(1), .latch = true}));
  must(store->tidy_up());
  EXPECT_EQ(code_of(store->profiles()), Code::damaged);
}

// A batch that fails in its middle leaves nothing behind, in the file or in the writer's memory.
TEST_F(Files, failed_upload_leaves_nothing) {
  fill_and_close();
  const auto store = must(open_sqlite(folder.path()));
  const auto profiles = must(store->profiles());
  const auto raw = must(Db::open(profile_file(), {}));
  must(raw->script("UPDATE profile SET properties = '[' WHERE id = 7"));
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i)
    names.push_back(fmt::format("new {}", i));  // enough to begin new blocks of ids
  std::vector<UploadRecord> records;
  for (const auto& name : names)
    records.push_back(EventWrite{{IdentityKind::identity, name}, "Charged", "{}", at(1)});
  records.push_back(ProfileWrite{{IdentityKind::identity, "somebody with a long name 6"}, "", {}, at(1)});
  EXPECT_EQ(code_of(profiles->apply(account, records)), Code::damaged);
  EXPECT_EQ(must(profiles->count(account, RecipientKind::profile)), 2000u);
  EXPECT_FALSE(must(profiles->find(account, {IdentityKind::identity, "new 0"})));

  records.pop_back();
  must(profiles->apply(account, records));
  std::uint64_t seen = 0;
  must(profiles->scan(
      {.account = account, .kind = RecipientKind::profile, .limit = 100'000},
      [&](const ScanRow& row) { EXPECT_EQ(row.recipient.value, static_cast<std::int64_t>(++seen)); }));
  EXPECT_EQ(seen, 12'000u);
  EXPECT_EQ(must(raw->number("SELECT sum(used) FROM id_block WHERE kind = 1")), 12'000);
  EXPECT_EQ(must(raw->number("SELECT count(*) FROM event JOIN event_name n ON n.id = event.name")), 10'000);
}

TEST_F(Files, missing_folder_is_made_and_an_impossible_one_is_an_error) {
  EXPECT_TRUE(open_sqlite(folder.path() + "/data"));
  EXPECT_EQ(code_of(open_sqlite(folder.path() + "/data/belay.db/x")), Code::io);
}

TEST_F(Files, quota_is_told_apart_from_a_broken_disk) {
  EXPECT_EQ(error_from(SQLITE_FULL, ENOSPC, "m", "f").code, Code::full);
  EXPECT_EQ(error_from(SQLITE_IOERR_WRITE, EDQUOT, "m", "f").code, Code::full);
  EXPECT_EQ(error_from(SQLITE_IOERR_FSYNC, EIO, "m", "f").code, Code::io);
  EXPECT_EQ(error_from(SQLITE_BUSY, 0, "m", "f").code, Code::busy);
  EXPECT_EQ(error_from(SQLITE_CORRUPT_INDEX, 0, "m", "f").code, Code::damaged);
  EXPECT_EQ(error_from(SQLITE_CANTOPEN, EACCES, "m", "f").code, Code::io);
}

// A file may not grow any more: what was committed stays, what comes is refused, and with room made
// the same store goes on.
TEST_F(Files, full_disk_refuses_and_loses_nothing) {
  fill_and_close();
  int result[2];
  ASSERT_EQ(::pipe(result), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = must(open_sqlite(folder.path()));
    const auto profiles = must(store->profiles());
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{1024 * 1024, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    int added = 0;
    Result<void> error;
    for (; error && added < 100'000; ++added) {
      const std::string name = fmt::format("{} {}", std::string(2000, 'x'), added);
      error = profiles->apply(
          account, std::vector<UploadRecord>{ProfileWrite{{IdentityKind::identity, name}, "", {}, at(1)}});
    }
    --added;
    ::setrlimit(RLIMIT_FSIZE, &before);
    const bool goes_on =
        profiles
            ->apply(account,
                    std::vector<UploadRecord>{EventWrite{{IdentityKind::identity, "last"}, "e", "{}", at(1)}})
            .has_value();
    const int report[3] = {added, error ? -1 : static_cast<int>(error.error().code), goes_on};
    (void)!::write(result[1], report, sizeof report);
    ::_exit(0);
  }
  int report[3] = {};
  ASSERT_EQ(::read(result[0], report, sizeof report), static_cast<ssize_t>(sizeof report));
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(result[0]), ::close(result[1]);
  EXPECT_EQ(report[1], static_cast<int>(Code::full));
  EXPECT_EQ(report[2], 1);
  const auto store = must(open_sqlite(folder.path()));
  EXPECT_EQ(must(must(store->profiles())->count(account, RecipientKind::profile)), 2000u + report[0] + 1);
}

// profiles.db has heard of a later term than belay.db says: whoever claims is above both.
TEST_F(Files, an_owner_writes_profiles_though_an_older_control_file_was_put_back) {
  fill_and_close();
  fs::copy_file(control_file(), folder.path() + "/older.db");
  for (int restart = 0; restart < 3; ++restart) {
    const auto store = must(open_sqlite(folder.path()));
    const auto owner = must(store->ownership());
    must(owner->claim(must(owner->look())));
  }
  for (const char* more : {"-wal", "-shm"}) fs::remove(control_file() + more);
  fs::rename(folder.path() + "/older.db", control_file());
  const auto store = must(open_sqlite(folder.path()));
  const auto owner = must(store->ownership());
  EXPECT_EQ(must(owner->claim(must(owner->look()))).term, 4);
  add_people(*must(store->profiles()), 9000, 1);
}

TEST_F(Files, a_damaged_profile_file_keeps_nobody_from_taking_over) {
  fill_and_close();
  overwrite(profile_file(), 0, 4096);
  const auto store = must(open_sqlite(folder.path()));
  const auto owner = must(store->ownership());
  EXPECT_EQ(must(owner->claim(must(owner->look()))).term, 1);
}

TEST_F(Files, log_is_moved_while_in_use_and_given_back_when_idle) {
  fill_and_close();
  const auto store = must(open_sqlite(folder.path()));
  const auto profiles = must(store->profiles());
  must(store->tidy_up());
  for (int i = 1; i <= 10; ++i) add_people(*profiles, i * 4000, 4000);
  const std::string log = profile_file() + "-wal";
  const auto in_log = size_of(log), in_file = size_of(profile_file());
  ASSERT_GT(in_log, 4u * 1024 * 1024);
  must(store->tidy_up());
  EXPECT_GT(size_of(profile_file()), in_file);
  add_people(*profiles, 500'000, 10);
  EXPECT_EQ(size_of(log), in_log) << "begun anew, not added to";
  must(store->tidy_up());
  must(store->tidy_up());
  must(store->tidy_up());
  EXPECT_EQ(must(profiles->count(account, RecipientKind::profile)), 42'010u);
}

TEST_F(Files, log_begins_anew_though_the_writer_never_rests) {
  constexpr int rounds = 6, between = 40, meanwhile = 8;  // writes of 1 MiB
  fill_and_close();
  const auto store = must(open_sqlite(folder.path()));
  std::counting_semaphore<> may_write(0);
  std::atomic<int> written = 0;
  std::thread writer([&] {
    const auto profiles = must(store->profiles());
    for (int i = 0; i < rounds * (between + meanwhile); ++i) {
      may_write.acquire();
      const std::string text = '"' + std::string(1024 * 1024, static_cast<char>('a' + i % 26)) + '"';
      const std::pair<std::string_view, std::string_view> property{"Long", text};
      const UploadRecord record = ProfileWrite{{IdentityKind::identity, "one"}, "", {&property, 1}, at(i)};
      must(profiles->apply(account, {&record, 1}));
      ++written;
      written.notify_one();
    }
  });
  const auto wait_for = [&](int writes) {
    for (int now = written; now < writes; now = written) written.wait(now);
  };
  for (int round = 0; round < rounds; ++round) {
    may_write.release(between);
    wait_for(round * (between + meanwhile) + between);
    may_write.release(meanwhile);
    must(store->tidy_up());
    wait_for((round + 1) * (between + meanwhile));
  }
  writer.join();
  EXPECT_LT(size_of(profile_file() + "-wal"), 2u * (between + meanwhile) * 1024 * 1024);
}

TEST_F(Files, long_log_is_given_back_when_idle) {
  fill_and_close();
  const auto store = must(open_sqlite(folder.path()));
  const auto profiles = must(store->profiles());
  for (int i = 1; i <= 10; ++i) add_people(*profiles, i * 4000, 4000);
  ASSERT_GT(size_of(profile_file() + "-wal"), 4u * 1024 * 1024);
  must(store->tidy_up());
  must(store->tidy_up());
  EXPECT_EQ(size_of(profile_file() + "-wal"), 0u);
}

}  // namespace
}  // namespace belay::store::sqlite
