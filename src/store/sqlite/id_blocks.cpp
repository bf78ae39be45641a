#include "store/sqlite/id_blocks.h"

#include <limits>

namespace belay::store::sqlite {

Result<std::int64_t> IdBlocks::next(Db& db, AccountId account, IdKind kind) {
  auto [at, fresh] = current_.try_emplace({account, kind});
  Block& block = at->second;
  if (fresh) TRY(load(db, account, kind, block));
  if (block.first == 0 || block.used == ids_per_block) TRY(begin_block(db, account, kind, block));
  block.changed = true;
  return block.first + block.used++;
}

Result<void> IdBlocks::load(Db& db, AccountId account, IdKind kind, Block& block) {
  Query q =
      db.query("SELECT first, used FROM id_block WHERE account = ? AND kind = ? ORDER BY first DESC LIMIT 1",
               account, static_cast<int>(kind));
  TRY_ASSIGN(const bool row, q.next());
  if (row) block = {q.i64(0), q.i64(1), false};
  return {};
}

Result<void> IdBlocks::begin_block(Db& db, AccountId account, IdKind kind, Block& block) {
  if (block.changed) TRY(save_block(db, kind, block));
  std::int64_t first = 1;
  {
    Query q = db.query("SELECT first FROM id_block WHERE kind = ? ORDER BY first DESC LIMIT 1",
                       static_cast<int>(kind));
    TRY_ASSIGN(const bool row, q.next());
    if (row) first = q.i64(0) + ids_per_block;
  }
  // Frozen audiences are bitmaps of 32-bit ids.
  if (kind != IdKind::event && first + ids_per_block > std::numeric_limits<std::uint32_t>::max())
    return fail(Code::full, fmt::format("{} has given out all its recipient ids", db.path()));
  TRY(db.run("INSERT INTO id_block (kind, first, account, used) VALUES (?, ?, ?, 0)", static_cast<int>(kind),
             first, account));
  block = {first, 0, false};
  return {};
}

Result<void> IdBlocks::save_block(Db& db, IdKind kind, Block& block) {
  TRY(db.run("UPDATE id_block SET used = ? WHERE kind = ? AND first = ?", block.used, static_cast<int>(kind),
             block.first));
  block.changed = false;
  return {};
}

Result<void> IdBlocks::save(Db& db) {
  for (auto& [key, block] : current_)
    if (block.changed) TRY(save_block(db, key.second, block));
  return {};
}

}  // namespace belay::store::sqlite
