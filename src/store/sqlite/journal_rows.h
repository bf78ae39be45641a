// The journal's rows, for whoever writes to them inside a transaction on belay.db: the journal
// itself, and a stop with the evidence that came with it.
#pragma once
#include <string_view>

#include "store/sqlite/db.h"
#include "store/store.h"

namespace belay::store::sqlite {

Result<bool> is_run_of(Db& db, RunId run, CampaignId campaign);
Result<void> append_block(Db& db, RunId run, std::string_view packed, WallTime at);
// A stop or pause is told when it was asked for, but some of what its evidence tells of left while it was
// being answered.
WallTime told_at(WallTime asked, const HandOverSpan& span);
Result<void> write_progress(Db& db, const Progress& progress);  // unless more is known already

// The ids a run's blocks have: [first, last].
struct BlockRange {
  std::int64_t first, last;
};
constexpr BlockRange block_range(RunId run) {
  return {run.value << 32, (run.value << 32) | 0xffff'ffff};
}

}  // namespace belay::store::sqlite
