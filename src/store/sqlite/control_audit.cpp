// The audit trail: written by the acts, read here.
#include "store/sqlite/control.h"

namespace belay::store::sqlite {

AuditEntry Control::acted(AccountId account, std::string_view action, std::string subject) const {
  return {.at = at_,
          .account = account,
          .actor = actor_,
          .action = std::string(action),
          .subject = std::move(subject)};
}

Result<AuditRef> Control::append_audit(AuditEntry entry) {
  if (entry.actor.empty()) entry.actor = actor_;
  return Trail(*db_).append(std::move(entry));
}

Result<AuditRef> Control::record_move(CampaignId campaign, AccountId account, std::string_view action,
                                      State before, State after, WallTime at, std::string_view reason,
                                      std::string_view actor) {
  AuditEntry entry = acted(account, action, subject_of(campaign));
  entry.at = at;
  if (!actor.empty()) entry.actor = actor;
  entry.before = name_of(before);
  entry.after = name_of(after);
  entry.detail = reason;
  return Trail(*db_).append_and_tell(std::move(entry),
                                     {.kind = NoticeKind::state, .campaign = campaign, .reason = reason});
}

Result<std::vector<AuditEntry>> Control::audit(const AuditFilter& f) {
  constexpr auto in_order =
      "SELECT id, at, account, actor, action, subject, \"before\", \"after\", detail, hash FROM audit"
      " WHERE id > ?1 AND ?2 = '' AND (?4 = 0 OR account = ?4) ORDER BY id LIMIT ?3";
  constexpr auto in_order_of_subject =
      "SELECT id, at, account, actor, action, subject, \"before\", \"after\", detail, hash FROM audit"
      " WHERE subject = ?2 AND id > ?1 AND (?4 = 0 OR account = ?4) ORDER BY id LIMIT ?3";
  constexpr auto newest =
      "SELECT id, at, account, actor, action, subject, \"before\", \"after\", detail, hash FROM audit"
      " WHERE (?1 = 0 OR id < ?1) AND ?2 = '' AND ?4 = 0 ORDER BY id DESC LIMIT ?3";
  constexpr auto newest_of_subject =
      "SELECT id, at, account, actor, action, subject, \"before\", \"after\", detail, hash FROM audit"
      " WHERE subject = ?2 AND (?1 = 0 OR id < ?1) AND (?4 = 0 OR account = ?4) ORDER BY id DESC LIMIT ?3";
  constexpr auto newest_of_account =
      "SELECT id, at, account, actor, action, subject, \"before\", \"after\", detail, hash FROM audit"
      " WHERE account = ?4 AND (?1 = 0 OR id < ?1) AND ?2 = '' ORDER BY id DESC LIMIT ?3";
  const bool all = f.subject.empty();
  const char* sql = f.newest_first ? (!all        ? newest_of_subject
                                      : f.account ? newest_of_account
                                                  : newest)
                    : all          ? in_order
                                   : in_order_of_subject;
  Query q = db_->query(sql, f.after, std::string_view(f.subject), f.limit, f.account);
  std::vector<AuditEntry> rows;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return rows;
    rows.push_back({q.i64(0), q.time(1), AccountId{q.i64(2)}, q.string(3), q.string(4), q.string(5),
                    q.string(6), q.string(7), q.string(8), q.string(9)});
  }
}

}  // namespace belay::store::sqlite
