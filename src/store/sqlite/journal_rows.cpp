#include "store/sqlite/journal_rows.h"

namespace belay::store::sqlite {

Result<bool> is_run_of(Db& db, RunId run, CampaignId campaign) {
  Query q = db.query("SELECT 1 FROM run WHERE id = ? AND campaign = ? AND frozen = 1", run, campaign);
  return q.next();
}

Result<void> append_block(Db& db, RunId run, std::string_view packed) {
  const BlockRange range = block_range(run);
  std::int64_t id = range.first;
  {
    Query newest = db.query("SELECT id FROM journal WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
                            range.first, range.last);
    TRY_ASSIGN(const bool row, newest.next());
    if (row) id = newest.i64(0) + 1;
  }
  if (id > range.last) return fail(Code::full, fmt::format("the journal of run {} has no room left", run));
  TRY(db.run("INSERT INTO journal (id, packed) VALUES (?, ?)", id, Blob{packed}));
  return {};
}

}  // namespace belay::store::sqlite
