// The Store on SQLite: hands out sessions, keeps the write turns, and checkpoints.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "store/sqlite/checkpoint.h"
#include "store/sqlite/db.h"
#include "store/sqlite/profile_writer.h"
#include "store/sqlite/write_turn.h"
#include "store/store.h"

namespace belay::store::sqlite {

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::string folder) : folder_(std::move(folder)) {}

  Result<void> prepare();
  Result<std::unique_ptr<ControlSession>> control(Lane lane) override;
  Result<std::unique_ptr<JournalSession>> journal() override;
  Result<std::unique_ptr<ProfileSession>> profiles() override;
  Result<void> tidy_up() override;

 private:
  std::string control_path() const { return folder_ + "/belay.db"; }
  std::string profile_path() const { return folder_ + "/profiles.db"; }
  // profiles.db is opened when first asked for: a stop must not depend on it.
  Result<ProfileWriter*> profile_writer();
  Result<void> purge_removed_account();

  std::string folder_;
  WriteTurn control_turn_, profile_turn_;
  std::mutex profile_mutex_;  // guards the making of profile_writer_
  std::unique_ptr<ProfileWriter> profile_writer_;
  // Only used by tidy_up().
  std::unique_ptr<Checkpointer> control_checkpoints_, profile_checkpoints_;
};

}  // namespace belay::store::sqlite
