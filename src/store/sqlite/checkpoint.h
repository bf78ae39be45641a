// Moves what a write-ahead log holds into its database file, without standing in a writer's way.
// Belongs to the thread that calls tidy_up().
#pragma once
#include <memory>

#include "store/sqlite/db.h"
#include "store/sqlite/write_turn.h"

namespace belay::store::sqlite {

class Checkpointer {
 public:
  static Result<std::unique_ptr<Checkpointer>> open(const std::string& path, WriteTurn& turn,
                                                    const std::string& vfs = "");

  // One round. Returns soon when there is nothing to do.
  Result<void> run();
  Db& db() { return *db_; }

 private:
  Checkpointer(std::unique_ptr<Db> db, WriteTurn& turn) : db_(std::move(db)), turn_(turn) {}

  struct Log {
    std::int64_t pages = 0, moved = 0;
  };
  Result<Log> checkpoint(int mode);
  Result<void> begin_anew(Log log);

  std::unique_ptr<Db> db_;
  WriteTurn& turn_;
  std::uint64_t turns_seen_ = 0;
};

}  // namespace belay::store::sqlite
