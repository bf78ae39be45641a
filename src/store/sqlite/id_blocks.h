// Gives out the ids of profiles, addresses and events. Each account fills blocks of its own, so that
// one account's rows lie together and a scan of it reads nobody else's. An id is never given out
// twice. Used inside the write transactions of profiles.db.
#pragma once
#include <cstdint>
#include <map>
#include <utility>

#include "store/sqlite/db.h"

namespace belay::store::sqlite {

enum class IdKind : int { address = 0, profile = 1, event = 2 };

// A block that begins at `first` holds the ids first .. first + ids_per_block - 1.
inline constexpr std::int64_t ids_per_block = 4096;

class IdBlocks {
 public:
  Result<std::int64_t> next(Db& db, AccountId account, IdKind kind);
  Result<void> save(Db& db);           // before the commit
  void forget() { current_.clear(); }  // after a rollback

 private:
  struct Block {
    std::int64_t first = 0, used = 0;
    bool changed = false;
  };
  Result<void> load(Db& db, AccountId account, IdKind kind, Block& block);
  Result<void> begin_block(Db& db, AccountId account, IdKind kind, Block& block);
  static Result<void> save_block(Db& db, IdKind kind, Block& block);

  std::map<std::pair<AccountId, IdKind>, Block> current_;
};

}  // namespace belay::store::sqlite
