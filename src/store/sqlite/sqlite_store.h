// The Store on SQLite: hands out sessions, keeps the write turns, and checkpoints.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "store/sqlite/checkpoint.h"
#include "store/sqlite/db.h"
#include "store/sqlite/index_cache.h"
#include "store/sqlite/open.h"
#include "store/sqlite/owner.h"
#include "store/sqlite/profile_writer.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string folder, SqliteOptions options)
      : folder_(std::move(folder)),
        options_(std::move(options)),
        control_turn_(options_.before_turn),
        profile_turn_(options_.before_turn),
        index_turn_(options_.before_turn),
        index_cache_(options_.index_cache_bytes) {}

  Result<void> prepare();
  Result<std::unique_ptr<ControlSession>> control(Lane lane) override;
  Result<std::unique_ptr<JournalSession>> journal() override;
  Result<std::unique_ptr<ProfileSession>> profiles() override;
  Result<std::unique_ptr<OwnerSession>> ownership() override;
  Result<std::unique_ptr<NoticeSession>> notices() override;
  Result<std::unique_ptr<UserSession>> users() override;
  Result<void> tidy_up() override;

 private:
  std::string control_path() const { return folder_ + "/belay.db"; }
  std::string profile_path() const { return folder_ + "/profiles.db"; }
  // profiles.db is opened when first asked for: a stop must not depend on it.
  Result<ProfileWriter*> profile_writer();
  Result<void> purge_removed_account();
  Result<void> make_folder() const;
  Result<void> sync_folder() const;

  std::string folder_;
  SqliteOptions options_;
  Tenure tenure_;
  WriteTurn control_turn_, profile_turn_, index_turn_;
  IndexCache index_cache_;
  std::mutex profile_mutex_;  // guards the making of profile_writer_
  std::unique_ptr<ProfileWriter> profile_writer_;
  // Only used by tidy_up().
  std::unique_ptr<Checkpointer> control_checkpoints_, profile_checkpoints_;
};

}  // namespace belay::store::sqlite
