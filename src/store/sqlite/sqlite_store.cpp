#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/sqlite/control.h"
#include "store/sqlite/journal.h"
#include "store/sqlite/open.h"
#include "store/sqlite/profiles.h"
#include "store/sqlite/schema.h"

namespace belay::store {
namespace sqlite {
namespace {

// Per session; there are a dozen or two. What does not fit comes from the system's page cache, for a
// microsecond a page.
constexpr std::int64_t control_cache_kib = 2 * 1024;
constexpr std::int64_t profile_cache_kib = 4 * 1024;
constexpr int purges_per_round = 16;

// A new file's name is durable once its folder is.
Result<void> sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) return fail(Code::io, fmt::format("data folder {}: {}", folder, std::strerror(error)));
  return {};
}

}  // namespace

Result<void> SqliteStore::prepare() {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(Code::io, fmt::format("can't create data folder {}: {}", folder_, std::strerror(errno)));
  TRY_ASSIGN(const auto db, Db::open(control_path(), {.cache_kib = control_cache_kib, .create = true}));
  TRY(prepare_file(*db, control_schema()));
  TRY_ASSIGN(control_checkpoints_, Checkpointer::open(control_path(), control_turn_));
  return sync_folder(folder_);
}

Result<std::unique_ptr<ControlSession>> SqliteStore::control(Lane lane) {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = control_cache_kib}));
  return std::make_unique<Control>(std::move(db), control_turn_, lane);
}

Result<std::unique_ptr<JournalSession>> SqliteStore::journal() {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = control_cache_kib}));
  return std::make_unique<Journal>(std::move(db), control_turn_);
}

Result<ProfileWriter*> SqliteStore::profile_writer() {
  const std::lock_guard lock(profile_mutex_);
  if (!profile_writer_) {
    TRY_ASSIGN(profile_writer_, ProfileWriter::open(profile_path(), profile_turn_));
    TRY(sync_folder(folder_));
  }
  return profile_writer_.get();
}

Result<std::unique_ptr<ProfileSession>> SqliteStore::profiles() {
  TRY_ASSIGN(ProfileWriter * writer, profile_writer());
  TRY_ASSIGN(auto db, Db::open(profile_path(), {.cache_kib = profile_cache_kib}));
  return std::make_unique<Profiles>(std::move(db), *writer);
}

Result<void> SqliteStore::purge_removed_account() {
  Db& db = control_checkpoints_->db();
  AccountId account;
  {
    Query q = db.query("SELECT id FROM removed_account LIMIT 1");
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return {};
    account = AccountId{q.i64(0)};
  }
  TRY_ASSIGN(ProfileWriter * writer, profile_writer());
  for (int i = 0; i < purges_per_round; ++i) {
    TRY_ASSIGN(const bool done, writer->purge(account));
    if (!done) continue;
    const auto turn = control_turn_.take(Lane::ordinary);
    TRY(db.run("DELETE FROM removed_account WHERE id = ?", account));
    return {};
  }
  return {};
}

Result<void> SqliteStore::tidy_up() {
  TRY(control_checkpoints_->run());
  TRY(purge_removed_account());
  if (!profile_checkpoints_) {
    const std::lock_guard lock(profile_mutex_);
    if (!profile_writer_) return {};  // nobody has needed it yet
    TRY_ASSIGN(profile_checkpoints_, Checkpointer::open(profile_path(), profile_turn_));
  }
  return profile_checkpoints_->run();
}

}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite(const std::string& folder) {
  auto store = std::make_unique<sqlite::SqliteStore>(folder);
  TRY(store->prepare());
  return store;
}

}  // namespace belay::store
