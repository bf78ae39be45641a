#include "store/sqlite/trail.h"

#include "base/json.h"
#include "base/time_text.h"
#include "store/receipt_json.h"

namespace belay::store::sqlite {

std::string subject_of(CampaignId id) {
  return fmt::format("campaign-{}", id);
}
std::string subject_of(StopId id) {
  return fmt::format("stop-{}", id);
}
std::string subject_of(LatchId id) {
  return fmt::format("latch-{}", id);
}

Result<void> Trail::find_end() {
  if (last_ >= 0) return {};
  Query q = db_.query("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1");
  TRY_ASSIGN(const bool row, q.next());
  last_ = row ? q.i64(0) : 0;
  head_ = row ? q.string(1) : std::string(audit_origin);
  return {};
}

Result<AuditRef> Trail::append(AuditEntry e) {
  TRY(find_end());
  e.id = last_ + 1;
  e.hash = audit_hash(head_, e);
  TRY(db_.run(
      "INSERT INTO audit (id, at, account, actor, action, subject, \"before\", \"after\", detail, hash)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      e.id, e.at, e.account, e.actor, e.action, e.subject, e.before, e.after, e.detail, e.hash));
  last_ = e.id;
  head_ = e.hash;
  return AuditRef{e.id, std::move(e.hash)};
}

Result<void> Trail::find_listeners() {
  if (listeners_) return {};
  std::vector<Listener> found;
  Query q = db_.query("SELECT id, account, kinds FROM subscriber ORDER BY id");
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) break;
    found.push_back({SubscriberId{q.i64(0)}, AccountId{q.i64(1)}, static_cast<NoticeKinds>(q.i64(2))});
  }
  listeners_ = std::move(found);
  return {};
}

Result<std::string> Trail::notice_body(NoticeId id, const AuditEntry& e, const Told& told) {
  json::object body{{"id", fmt::format("notice-{}", id)},
                    {"kind", name_of(told.kind)},
                    {"at", iso_time(e.at)},
                    {"account", nullptr},
                    {"campaign", nullptr},
                    {"campaign_name", nullptr},
                    {"before", e.before},
                    {"after", e.after},
                    {"actor", e.actor},
                    {"reason", told.reason},
                    {"stop", nullptr},
                    {"receipt", nullptr},
                    {"audit", e.hash}};
  {
    Query q = db_.query("SELECT key FROM account WHERE id = ?", e.account);
    TRY_ASSIGN(const bool row, q.next());
    if (row) body["account"] = q.text(0);
  }
  if (told.campaign) {
    Query q = db_.query("SELECT name FROM campaign WHERE id = ?", told.campaign);
    TRY_ASSIGN(const bool row, q.next());
    body["campaign"] = told.campaign.value;
    if (row) body["campaign_name"] = q.text(0);
  }
  if (told.stop) body["stop"] = subject_of(told.stop);
  if (told.receipt != nullptr) {
    json::object receipt = tally_object(told.receipt->tally);
    receipt.erase("pending");  // always 0 after a stop
    receipt["settled"] = told.receipt->settled;
    body["receipt"] = std::move(receipt);
  }
  return to_text(body);
}

Result<AuditRef> Trail::append_and_tell(AuditEntry entry, const Told& told) {
  TRY_ASSIGN(const AuditRef row, append(entry));
  entry.id = row.id;
  entry.hash = row.hash;
  TRY(find_listeners());
  NoticeId notice;
  for (const Listener& to : *listeners_) {
    const bool wanted = (to.kinds & kinds_of(told.kind)) != 0 && (!to.account || to.account == entry.account);
    if (!wanted) continue;
    if (!notice) {
      TRY(db_.run("INSERT INTO notice (account, kind, campaign, body, at) VALUES (?, ?, ?, '', ?)",
                  entry.account, name_of(told.kind), told.campaign, entry.at));
      notice = NoticeId{db_.last_id()};
      TRY_ASSIGN(const std::string body, notice_body(notice, entry, told));
      TRY(db_.run("UPDATE notice SET body = ? WHERE id = ?", body, notice));
    }
    TRY(
        db_.run("INSERT INTO delivery (notice, subscriber, state, attempts, since, next_at, detail)"
                " VALUES (?1, ?2, 'pending', 0, ?3, ?3, '')",
                notice, to.id, entry.at));
  }
  return row;
}

}  // namespace belay::store::sqlite
