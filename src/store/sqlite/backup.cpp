#include "store/sqlite/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "store/sqlite/db.h"
#include "store/sqlite/home.h"
#include "store/sqlite/schema.h"

namespace belay::store {

using sqlite::Db;
using sqlite::Query;

namespace {

constexpr int pages_a_step = 1024;  // 4 MiB
constexpr std::int64_t cache_kib = 1024;
constexpr int most_tries = 20;

Result<void> sync(const std::string& path, int flags = 0) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) return fail(Code::io, fmt::format("{}: {}", path, std::strerror(error)));
  return {};
}

// A file as it is at one moment, for as long as this stands. Writers go on behind it.
class Snapshot {
 public:
  static Result<Snapshot> take(const std::string& path) {
    TRY_ASSIGN(auto db, Db::open(path, {.cache_kib = cache_kib}));
    // The server looks after its log; where none runs, the last one to leave must not change the files.
    sqlite3_db_config(db->raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    TRY(db->script("BEGIN"));
    TRY(db->number("SELECT count(*) FROM sqlite_schema"));  // the first read fixes it
    return Snapshot(std::move(db));
  }
  Db& db() { return *db_; }

 private:
  explicit Snapshot(std::unique_ptr<Db> db) : db_(std::move(db)) {}
  std::unique_ptr<Db> db_;
};

// Which account id was given out last. Profiles are kept by it, so both files must agree on it.
Result<std::int64_t> last_account(Db& db) {
  return db.number("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'account'");
}

struct Both {
  Snapshot control, profiles;
};

Result<Both> snapshots(const std::string& folder) {
  for (int tries = 0; tries < most_tries; ++tries) {
    TRY_ASSIGN(Snapshot control, Snapshot::take(folder + "/belay.db"));
    TRY_ASSIGN(Snapshot profiles, Snapshot::take(folder + "/profiles.db"));
    TRY_ASSIGN(Snapshot after, Snapshot::take(folder + "/belay.db"));
    TRY_ASSIGN(const auto before_it, last_account(control.db()));
    TRY_ASSIGN(const auto after_it, last_account(after.db()));
    if (before_it == after_it) return Both{std::move(control), std::move(profiles)};
  }
  return fail(Code::busy, "accounts are being added all the time; try again");
}

Result<std::uint64_t> bytes_of(Db& db) {
  TRY_ASSIGN(const auto pages, db.number("PRAGMA page_count"));
  return static_cast<std::uint64_t>(pages) * sqlite::page_bytes;
}

using Step = std::function<bool(std::uint64_t bytes)>;

// Page by page. What was written is synced along the way: a heap of it at the end would make a stop's
// own sync wait.
Result<void> copy_pages(Db& from, Db& to, const Step& step) {
  sqlite3_backup* copy = sqlite3_backup_init(to.raw(), "main", from.raw(), "main");
  if (copy == nullptr) return std::unexpected(to.error());
  int code = SQLITE_OK;
  bool wanted = true;
  while (code == SQLITE_OK && wanted) {
    code = sqlite3_backup_step(copy, pages_a_step);
    const auto done = sqlite3_backup_pagecount(copy) - sqlite3_backup_remaining(copy);
    if (code == SQLITE_OK || code == SQLITE_DONE) {
      (void)sync(to.path());
      wanted = step(static_cast<std::uint64_t>(done) * sqlite::page_bytes);
    }
  }
  const int finished = sqlite3_backup_finish(copy);
  if (!wanted) return fail(Code::conflict, "ended before it was complete");
  if (code != SQLITE_DONE || finished != SQLITE_OK) return std::unexpected(to.error());
  return {};
}

Result<void> copy_file(Db& from, const std::string& path, const Step& step) {
  {
    TRY_ASSIGN(const auto to, Db::open(path, {.cache_kib = cache_kib, .create = true}));
    TRY(to->script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
    TRY(copy_pages(from, *to, step));
  }
  return sync(path);
}

}  // namespace

Result<BackupDone> back_up(const std::string& folder, const std::string& into, WallTime now,
                           const std::function<bool(BackupProgress)>& progress) {
  TRY_ASSIGN(Both both, snapshots(folder));
  TRY_ASSIGN(const std::uint64_t control_bytes, bytes_of(both.control.db()));
  TRY_ASSIGN(const std::uint64_t profile_bytes, bytes_of(both.profiles.db()));
  BackupProgress at{0, control_bytes + profile_bytes};
  BackupDone done{.bytes = at.total};
  const auto from = [&](std::uint64_t base) {
    return [&, base](std::uint64_t bytes) { return progress({base + bytes, at.total}); };
  };
  // The small one first: its log can't be begun anew while its snapshot stands.
  TRY(copy_file(both.control.db(), into + "/belay.db", from(0)));
  { const Snapshot over = std::move(both.control); }
  TRY(copy_file(both.profiles.db(), into + "/profiles.db", from(control_bytes)));
  TRY(mark_as_backup(into, now));
  {
    TRY_ASSIGN(const auto copy, Db::open(into + "/belay.db", {.cache_kib = cache_kib}));
    TRY_ASSIGN(const auto unfinished, copy->number("SELECT count(*) FROM campaign WHERE finished IS NULL"));
    done.unfinished = static_cast<std::uint64_t>(unfinished);
  }
  TRY(sync(into + "/belay.db"));
  TRY(sync(into, O_DIRECTORY));
  return done;
}

}  // namespace belay::store
