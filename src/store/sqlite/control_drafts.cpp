// Drafts: documents that clients keep here until they are campaigns.
#include "store/sqlite/control.h"

namespace belay::store::sqlite {

Result<void> Control::put_draft(const StoredDraft& d, std::uint32_t most) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const int changed,
               db_->run("UPDATE draft SET body = ?3, changed = ?4 WHERE account = ?1 AND id = ?2", d.account,
                        d.id, d.body, d.changed));
    if (changed == 1) return {};
    Query q = db_->query("SELECT count(*) FROM draft WHERE account = ?", d.account);
    TRY(q.next());
    if (q.i64(0) >= most) return fail(Code::conflict, fmt::format("{} drafts are there already", most));
    TRY(db_->run("INSERT INTO draft (account, id, body, changed) VALUES (?, ?, ?, ?)", d.account, d.id,
                 d.body, d.changed));
    return {};
  });
}

Result<std::vector<StoredDraft>> Control::drafts(AccountId account) {
  Query q =
      db_->query("SELECT id, body, changed FROM draft WHERE account = ? ORDER BY changed DESC, id", account);
  std::vector<StoredDraft> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back({account, q.string(0), q.string(1), q.time(2)});
  }
}

Result<StoredDraft> Control::draft(AccountId account, std::string_view id) {
  Query q = db_->query("SELECT body, changed FROM draft WHERE account = ? AND id = ?", account, id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no draft {}", id));
  return StoredDraft{account, std::string(id), q.string(0), q.time(1)};
}

Result<void> Control::remove_draft(AccountId account, std::string_view id) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const int removed, db_->run("DELETE FROM draft WHERE account = ? AND id = ?", account, id));
    if (removed == 0) return fail(Code::not_found, fmt::format("no draft {}", id));
    return {};
  });
}

}  // namespace belay::store::sqlite
