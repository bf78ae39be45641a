#include "store/sqlite/journal_rows.h"

namespace belay::store::sqlite {

Result<bool> is_run_of(Db& db, RunId run, CampaignId campaign) {
  Query q = db.query("SELECT 1 FROM run WHERE id = ? AND campaign = ? AND frozen = 1", run, campaign);
  return q.next();
}

WallTime told_at(WallTime asked, const HandOverSpan& span) {
  return span.last ? std::max(asked, span.last->at) : asked;
}

Result<void> append_block(Db& db, RunId run, std::string_view packed, WallTime at) {
  const BlockRange range = block_range(run);
  std::int64_t id = range.first;
  {
    Query newest = db.query("SELECT id FROM journal WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
                            range.first, range.last);
    TRY_ASSIGN(const bool row, newest.next());
    if (row) id = newest.i64(0) + 1;
  }
  if (id > range.last) return fail(Code::full, fmt::format("the journal of run {} has no room left", run));
  TRY(db.run("INSERT INTO journal (id, packed, at) VALUES (?, ?, ?)", id, Blob{packed}, at));
  return {};
}

// A stop knows more than the runner had written down by then; what the runner has still under way must
// not take that back.
Result<void> write_progress(Db& db, const Progress& p) {
  const auto at = [](const std::optional<HandOver>& h) { return h ? std::optional(h->at) : std::nullopt; };
  const auto whom = [](const std::optional<HandOver>& h) {
    return h ? std::optional(h->ordinal) : std::nullopt;
  };
  TRY(
      db.run("UPDATE run SET first_at = ?1, first_ordinal = ?2, last_at = ?3, last_ordinal = ?4,"
             " attempts = ?5 WHERE id = ?6 AND attempts <= ?5",
             at(p.span.first), whom(p.span.first), at(p.span.last), whom(p.span.last), p.attempts, p.run));
  return {};
}

}  // namespace belay::store::sqlite
