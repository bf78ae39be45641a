#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/sqlite/control.h"
#include "store/sqlite/event_layers.h"
#include "store/sqlite/journal.h"
#include "store/sqlite/notices.h"
#include "store/sqlite/users.h"
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
// As many events a second as uploads bring when they are at their quickest; more would keep them waiting.
constexpr int merges_per_round = 32;

int make_real_folder(const std::string& folder) {
  return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

int sync_real_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  return synced ? 0 : error;
}

}  // namespace

Result<void> SqliteStore::make_folder() const {
  const int error = options_.make_folder ? options_.make_folder(folder_) : make_real_folder(folder_);
  if (error == 0) return {};
  return fail(Code::io, fmt::format("can't create data folder {}: {}", folder_, std::strerror(error)));
}

// A new file's name is durable once its folder is.
Result<void> SqliteStore::sync_folder() const {
  const int error = options_.sync_folder ? options_.sync_folder(folder_) : sync_real_folder(folder_);
  if (error == 0) return {};
  return fail(Code::io, fmt::format("data folder {}: {}", folder_, std::strerror(error)));
}

Result<void> SqliteStore::prepare() {
  TRY(make_folder());
  TRY_ASSIGN(const auto db,
             Db::open(control_path(), {.cache_kib = control_cache_kib, .create = true, .vfs = options_.vfs}));
  TRY(prepare_file(*db, control_schema()));
  TRY_ASSIGN(control_checkpoints_, Checkpointer::open(control_path(), control_turn_, options_.vfs));
  return sync_folder();
}

Result<std::unique_ptr<ControlSession>> SqliteStore::control(Lane lane) {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = control_cache_kib, .vfs = options_.vfs}));
  return std::make_unique<Control>(std::move(db), control_turn_, lane, &tenure_);
}

Result<std::unique_ptr<JournalSession>> SqliteStore::journal() {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = control_cache_kib, .vfs = options_.vfs}));
  return std::make_unique<Journal>(std::move(db), control_turn_, &tenure_);
}

Result<std::unique_ptr<OwnerSession>> SqliteStore::ownership() {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = 256, .vfs = options_.vfs}));
  ProfileTerms profiles;
  profiles.highest = [this]() -> Result<std::int64_t> {
    TRY_ASSIGN(ProfileWriter * writer, profile_writer());
    return writer->highest_term();
  };
  profiles.raise = [this]() -> Result<void> {
    TRY_ASSIGN(ProfileWriter * writer, profile_writer());
    return writer->raise_term();
  };
  return std::make_unique<Owner>(std::move(db), control_turn_, tenure_, std::move(profiles));
}

Result<std::unique_ptr<NoticeSession>> SqliteStore::notices() {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = 512, .vfs = options_.vfs}));
  return std::make_unique<Notices>(std::move(db), control_turn_, &tenure_);
}

Result<std::unique_ptr<UserSession>> SqliteStore::users() {
  TRY_ASSIGN(auto db, Db::open(control_path(), {.cache_kib = 256, .vfs = options_.vfs}));
  return std::make_unique<Users>(std::move(db), control_turn_, &tenure_);
}

Result<ProfileWriter*> SqliteStore::profile_writer() {
  const std::lock_guard lock(profile_mutex_);
  if (!profile_writer_) {
    TRY_ASSIGN(profile_writer_, ProfileWriter::open(profile_path(), profile_turn_, tenure_, options_));
    TRY(sync_folder());
  }
  return profile_writer_.get();
}

Result<std::unique_ptr<ProfileSession>> SqliteStore::profiles() {
  TRY_ASSIGN(ProfileWriter * writer, profile_writer());
  TRY_ASSIGN(auto db, Db::open(profile_path(), {.cache_kib = profile_cache_kib, .vfs = options_.vfs}));
  return std::make_unique<Profiles>(std::move(db), *writer, IndexShared{index_cache_, index_turn_});
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
    return in_owned_transaction(db, &tenure_, [&]() -> Result<void> {
      TRY(db.run("DELETE FROM removed_account WHERE id = ?", account));
      return {};
    });
  }
  return {};
}

Result<void> SqliteStore::tidy_up() {
  TRY(tenure_.check_mine(control_checkpoints_->db()));
  TRY(control_checkpoints_->run());
  TRY(purge_removed_account());
  if (!profile_checkpoints_) {
    const std::lock_guard lock(profile_mutex_);
    if (!profile_writer_) return {};  // nobody has needed it yet
    TRY_ASSIGN(profile_checkpoints_, Checkpointer::open(profile_path(), profile_turn_, options_.vfs));
  }
  for (int i = 0; i < merges_per_round; ++i) {
    TRY_ASSIGN(const bool due, event_layers::merge_is_due(profile_checkpoints_->db()));
    if (!due) break;
    TRY(profile_writer_->merge_events());
  }
  return profile_checkpoints_->run();
}

}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite(const std::string& folder, SqliteOptions options) {
  auto store = std::make_unique<sqlite::SqliteStore>(folder, std::move(options));
  TRY(store->prepare());
  return store;
}

}  // namespace belay::store
