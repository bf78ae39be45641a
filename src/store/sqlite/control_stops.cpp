// Stops, their receipts, and latches.
#include "base/check.h"
#include "store/receipt_json.h"
#include "store/sqlite/control.h"
#include "store/sqlite/journal_rows.h"

namespace belay::store::sqlite {
namespace {

Scope scope_from(const Query& q, int first) {
  return {scope_kind_named(q.text(first)).value_or(Scope::Kind::all), AccountId{q.i64(first + 1)},
          CampaignId{q.i64(first + 2)}, q.string(first + 3)};
}

StopRecord record_from(const Query& q) {
  StopRecord r;
  r.id = StopId{q.i64(0)};
  r.scope = scope_from(q, 1);
  r.actor = q.string(5);
  r.reason = q.string(6);
  r.at = q.time(7);
  r.latency = Micros{q.i64(8)};
  r.latch = LatchId{q.i64(9)};
  return r;
}

Latch latch_from(const Query& q) {
  return {LatchId{q.i64(0)}, scope_from(q, 1), StopId{q.i64(5)}, q.string(6), q.string(7), q.time(8)};
}

std::string why_stopped(const StopWrite& write) {
  return write.reason.empty() ? "stopped by " + write.actor
                              : fmt::format("stopped by {}: {}", write.actor, write.reason);
}

// Evidence of a campaign without an audience, which meanwhile has one, would be a receipt of nobody.
Result<void> refuse_if_planned(Db& db, CampaignId campaign) {
  Query q = db.query("SELECT 1 FROM run WHERE campaign = ? AND frozen = 1", campaign);
  TRY_ASSIGN(const bool planned, q.next());
  if (!planned) return {};
  return fail(Code::conflict,
              fmt::format("campaign {} has been planned while the stop was under way: look again", campaign));
}

// Why the receipt may not take the place of the one that was answered; "" if it may.
std::string objection(const Receipt& answered, const Receipt& now) {
  if (!now.tally.balances()) return "the numbers do not add up to the audience";
  if (now.tally.handed_over != answered.tally.handed_over)
    return fmt::format("{} were handed over by the answer, now {}", answered.tally.handed_over,
                       now.tally.handed_over);
  if (now.tally.audience != answered.tally.audience) return "the audience is another";
  if (now.tally.pending != 0) return "nothing can be pending after a stop";
  if (answered.settled && !(now.settled && now.tally == answered.tally)) return "the receipt is settled";
  return "";
}

}  // namespace

// ---- stopping ------------------------------------------------------------------------------------

// Every campaign that `write` names, after making sure that none is missing and none is too many.
Result<std::vector<Control::Candidate>> Control::named_campaigns(const StopWrite& w) {
  std::vector<Candidate> named;
  for (const StopEvidence& evidence : w.campaigns) {
    TRY_ASSIGN(auto found, candidate(evidence.campaign));
    if (!found || !covers(w.scope, found->facts()))
      return fail(Code::conflict,
                  fmt::format("campaign {} is not in the scope of the stop", evidence.campaign));
    named.push_back(std::move(*found));
  }
  TRY_ASSIGN(const auto unfinished, unfinished_in(w.scope));
  for (const Candidate& c : unfinished) {
    const auto is_named = [&](const StopEvidence& e) { return e.campaign == c.id; };
    if (std::none_of(w.campaigns.begin(), w.campaigns.end(), is_named))
      return fail(Code::conflict,
                  fmt::format("campaign {} has come into the scope of the stop: look again", c.id));
  }
  return named;
}

Result<StopId> Control::insert_stop(const StopWrite& w) {
  TRY(db_->run(
      "INSERT INTO stop (scope_kind, scope_account, scope_campaign, scope_name, actor, reason, at, latency,"
      " latch) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)",
      name_of(w.scope.kind), w.scope.account, w.scope.campaign, w.scope.name, w.actor, w.reason, w.at));
  return StopId{db_->last_id()};
}

Result<LatchId> Control::insert_latch(const StopWrite& w, StopId stop) {
  TRY(db_->run(
      "INSERT INTO latch (scope_kind, scope_account, scope_campaign, scope_name, stop, actor, reason, at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      name_of(w.scope.kind), w.scope.account, w.scope.campaign, w.scope.name, stop, w.actor, w.reason, w.at));
  const LatchId latch{db_->last_id()};
  TRY(db_->run("UPDATE stop SET latch = ? WHERE id = ?", latch, stop));
  return latch;
}

Result<void> Control::stop_one(Trail& trail, const StopWrite& w, StopId stop, const StopEvidence& evidence,
                               const Candidate& c) {
  if (!evidence.run) TRY(refuse_if_planned(*db_, c.id));
  TRY(
      db_->run("UPDATE campaign SET state = 'stopped', epoch = epoch + 1, finished = ?, state_reason = ?"
               " WHERE id = ? AND finished IS NULL",
               w.at, why_stopped(w), c.id));
  if (evidence.run) {
    TRY_ASSIGN(const bool known, is_run_of(*db_, evidence.run, c.id));
    if (!known)
      return fail(Code::conflict, fmt::format("run {} is not one of campaign {}", evidence.run, c.id));
    if (!evidence.block.empty())
      TRY(append_block(*db_, evidence.run, evidence.block, told_at(w.at, evidence.receipt.span)));
    TRY(write_progress(*db_, {evidence.run, evidence.receipt.span, evidence.receipt.tally.attempts}));
  }
  std::string body = receipt_to_json(evidence.receipt);
  TRY(db_->run("INSERT INTO receipt (stop, campaign, account, settled, body) VALUES (?, ?, ?, ?, ?)", stop,
               c.id, c.account, evidence.receipt.settled, body));
  const State after = is_final(c.state) ? c.state : State::stopped;
  TRY(trail.append_and_tell({.at = w.at,
                             .account = c.account,
                             .actor = w.actor,
                             .action = "campaign.stopped",
                             .subject = subject_of(c.id),
                             .before = std::string(name_of(c.state)),
                             .after = std::string(name_of(after)),
                             .detail = std::move(body)},
                            {NoticeKind::stop, c.id, stop, w.reason, &evidence.receipt}));
  return {};
}

// The stop's own row comes last: its hash stands for all that the stop did.
Result<AuditRef> Control::tell_of_stop(Trail& trail, const StopRecord& r) {
  AuditEntry entry{.at = r.at, .account = r.scope.account, .actor = r.actor};
  if (r.latch) {
    entry.action = "latch.set";
    entry.subject = subject_of(r.latch);
    entry.detail = describe(r.scope);
    TRY(trail.append(entry));
  }
  entry.action = "stop";
  entry.subject = subject_of(r.id);
  entry.detail = fmt::format("{}, {} campaigns{}{}", describe(r.scope), r.receipts.size(),
                             r.reason.empty() ? "" : ": ", r.reason);
  if (!r.receipts.empty()) return trail.append(std::move(entry));
  return trail.append_and_tell(std::move(entry),
                               {.kind = NoticeKind::stop, .stop = r.id, .reason = r.reason});
}

Result<StopRecord> Control::stop(const StopWrite& w) {
  return write([&]() -> Result<StopRecord> {
    TRY_ASSIGN(const auto named, named_campaigns(w));
    StopRecord record{.scope = w.scope, .actor = w.actor, .reason = w.reason, .at = w.at};
    TRY_ASSIGN(record.id, insert_stop(w));
    Trail trail(*db_);
    for (std::size_t i = 0; i < named.size(); ++i) {
      StopEvidence evidence = w.campaigns[i];
      // It may have ended by itself while the loops were answering.
      if (is_final(named[i].state)) evidence.receipt.found_in = named[i].state;
      TRY(stop_one(trail, w, record.id, evidence, named[i]));
      record.receipts.push_back(std::move(evidence.receipt));
    }
    if (w.latch) {
      TRY_ASSIGN(record.latch, insert_latch(w, record.id));
    }
    std::sort(record.receipts.begin(), record.receipts.end(),
              [](const Receipt& a, const Receipt& b) { return a.campaign < b.campaign; });
    TRY_ASSIGN(record.audit, tell_of_stop(trail, record));
    return record;
  });
}

// ---- stops, read ---------------------------------------------------------------------------------

Result<void> Control::read_receipts(StopRecord& record, AccountId account) {
  Query q = db_->query(
      "SELECT campaign, body FROM receipt WHERE stop = ?1 AND (?2 = 0 OR account = ?2) ORDER BY campaign",
      record.id, account);
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return {};
    auto receipt = receipt_from_json(q.text(1));
    if (!receipt)
      return fail(Code::damaged,
                  fmt::format("the receipt of stop {} for campaign {} in belay.db can't be understood ({}):"
                              " restore a backup",
                              record.id, q.i64(0), receipt.error()));
    record.receipts.push_back(std::move(*receipt));
  }
}

// By its subject: a stop has one row of that name, written with it.
Result<void> Control::read_audit_ref(StopRecord& record) {
  const std::string subject = subject_of(record.id);
  Query q = db_->query("SELECT id, hash FROM audit WHERE subject = ? AND action = 'stop' ORDER BY id LIMIT 1",
                       subject);
  TRY_ASSIGN(const bool there, q.next());
  if (there) record.audit = {q.i64(0), q.string(1)};
  return {};
}

Result<StopRecord> Control::stop(AccountId account, StopId id) {
  Query q = db_->query(
      "SELECT id, scope_kind, scope_account, scope_campaign, scope_name, actor, reason, at, latency, latch"
      " FROM stop WHERE id = ?",
      id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no stop {}", id));
  StopRecord record = record_from(q);
  TRY(read_receipts(record, account));
  TRY(read_audit_ref(record));
  // An account sees of the operator's stop what became of its own campaigns, and nothing else.
  if (account && record.scope.account != account && record.receipts.empty())
    return fail(Code::not_found, fmt::format("no stop {}", id));
  return record;
}

Result<std::optional<StopId>> Control::stop_of(CampaignId campaign) {
  // The first stop with a receipt of it is the one that ended it, if one did. Without any receipt,
  // the first that asked for it by its id (it had ended already, or was latched ahead of its time).
  Query q = db_->query(
      "SELECT min(stop) FROM (SELECT min(stop) AS stop FROM receipt WHERE campaign = ?1"
      " UNION ALL SELECT min(id) FROM stop WHERE scope_campaign = ?1 AND scope_campaign <> 0"
      " AND NOT EXISTS (SELECT 1 FROM receipt WHERE campaign = ?1))",
      campaign);
  TRY_ASSIGN(const bool row, q.next());
  if (!row || q.null(0)) return std::nullopt;
  return StopId{q.i64(0)};
}

Result<std::vector<StopRecord>> Control::stops(AccountId account, std::optional<StopId> before,
                                               std::uint32_t limit) {
  std::vector<StopRecord> all;
  {
    Query q = db_->query(
        "SELECT id, scope_kind, scope_account, scope_campaign, scope_name, actor, reason, at, latency,"
        " latch FROM stop WHERE id < ?2 AND (?1 = 0 OR scope_account = ?1 OR"
        " EXISTS (SELECT 1 FROM receipt r WHERE r.stop = stop.id AND r.account = ?1))"
        " ORDER BY id DESC LIMIT ?3",
        account, before ? before->value : std::numeric_limits<std::int64_t>::max(), limit);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      all.push_back(record_from(q));
    }
  }
  for (StopRecord& record : all) {
    TRY(read_receipts(record, account));
    TRY(read_audit_ref(record));
  }
  return all;
}

// The receipts say what was answered, and stay; so does the trail. The record and the campaigns' own
// sentence are what people read.
Result<StopRecord> Control::give_reason(AccountId account, StopId id, std::string_view reason) {
  return write([&]() -> Result<StopRecord> {
    TRY_ASSIGN(StopRecord record, stop(account, id));
    if (account && record.scope.account != account)
      return fail(Code::conflict, fmt::format("stop {} is the operator's", id));
    AuditEntry entry = acted(record.scope.account, "stop.reason", subject_of(id));
    entry.before = record.reason;
    entry.after = reason;
    record.reason = reason;
    TRY(db_->run("UPDATE stop SET reason = ? WHERE id = ?", reason, id));
    const std::string why = why_stopped({.actor = record.actor, .reason = record.reason});
    TRY(
        db_->run("UPDATE campaign SET state_reason = ?2 WHERE state = 'stopped' AND id IN"
                 " (SELECT campaign FROM receipt r WHERE r.stop = ?1 AND NOT EXISTS"
                 " (SELECT 1 FROM receipt e WHERE e.campaign = r.campaign AND e.stop < ?1))",
                 id, std::string_view(why)));
    TRY(append_audit(std::move(entry)));
    return record;
  });
}

// ---- what comes after ----------------------------------------------------------------------------

Result<Receipt> Control::stored_receipt(StopId stop, CampaignId campaign) {
  Query q = db_->query("SELECT body FROM receipt WHERE stop = ? AND campaign = ?", stop, campaign);
  TRY_ASSIGN(const bool row, q.next());
  if (!row)
    return fail(Code::not_found, fmt::format("stop {} has no receipt of campaign {}", stop, campaign));
  auto receipt = receipt_from_json(q.text(0));
  if (!receipt) return fail(Code::damaged, fmt::format("the receipt of stop {} can't be understood", stop));
  return std::move(*receipt);
}

Result<void> Control::settle(StopId stop, const Receipt& receipt) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const Receipt answered, stored_receipt(stop, receipt.campaign));
    if (const std::string why = objection(answered, receipt); !why.empty())
      return fail(Code::conflict, fmt::format("stop {}, campaign {}: {}", stop, receipt.campaign, why));
    if (answered.settled) return {};
    TRY(db_->run("UPDATE receipt SET settled = ?, body = ? WHERE stop = ? AND campaign = ?", receipt.settled,
                 receipt_to_json(receipt), stop, receipt.campaign));
    if (!receipt.settled) return {};
    TRY_ASSIGN(const AccountId account, account_of(receipt.campaign));
    AuditEntry entry = acted(account, "receipt.settled", subject_of(receipt.campaign));
    entry.before = "answered";
    entry.after = "settled";
    entry.detail = receipt_to_json(receipt);
    TRY(Trail(*db_).append_and_tell(std::move(entry),
                                    {NoticeKind::settled, receipt.campaign, stop, "", &receipt}));
    return {};
  });
}

Result<std::vector<StopId>> Control::unsettled() {
  Query q = db_->query("SELECT DISTINCT stop FROM receipt WHERE settled = 0 ORDER BY stop");
  std::vector<StopId> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(StopId{q.i64(0)});
  }
}

Result<void> Control::record_latency(StopId stop, Micros latency) {
  const auto turn = turn_.take(Lane::ordinary);  // whoever else stops now goes first
  return in_owned_transaction(*db_, tenure_, [&]() -> Result<void> {
    TRY_ASSIGN(const int changed,
               db_->run("UPDATE stop SET latency = ? WHERE id = ?", latency.count(), stop));
    if (changed == 0) return fail(Code::not_found, fmt::format("no stop {}", stop));
    return {};
  });
}

// ---- latches -------------------------------------------------------------------------------------

Result<std::vector<Latch>> Control::latches(AccountId account) {
  // An account is touched by its own latches and by the operator's, unless those are about a
  // campaign of another account.
  Query q = db_->query(
      "SELECT id, scope_kind, scope_account, scope_campaign, scope_name, stop, actor, reason, at FROM latch"
      " WHERE ?1 = 0 OR scope_account = ?1 OR (scope_account = 0 AND (scope_kind <> 'campaign' OR"
      " EXISTS (SELECT 1 FROM campaign c WHERE c.id = latch.scope_campaign AND c.account = ?1)))"
      " ORDER BY id",
      account);
  std::vector<Latch> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(latch_from(q));
  }
}

Result<std::optional<Latch>> Control::latch_of(AccountId account, LatchId id) {
  Query q = db_->query(
      "SELECT id, scope_kind, scope_account, scope_campaign, scope_name, stop, actor, reason, at FROM latch"
      " WHERE id = ?1 AND (?2 = 0 OR scope_account = ?2)",
      id, account);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(latch_from(q)) : std::nullopt;
}

// Who releases a latch lets new campaigns start; that is no wish to send what should have left meanwhile.
Result<void> Control::hold_what_came_due(const Latch& latch, WallTime now) {
  TRY_ASSIGN(const auto unfinished, unfinished_in(latch.scope));
  for (const Candidate& c : unfinished) {
    if (c.state != State::scheduled) continue;
    const std::string why = fmt::format("came due while latch-{} stood; resume it to send it", latch.id);
    TRY_ASSIGN(const int held,
               db_->run("UPDATE campaign SET state = 'paused', epoch = epoch + 1, state_reason = ?"
                        " WHERE id = ? AND state = 'scheduled' AND due <= ?",
                        why, c.id, now));
    if (held > 0) TRY(record_move(c.id, c.account, "campaign.paused", c.state, State::paused, now, why));
  }
  return {};
}

Result<void> Control::release(AccountId account, LatchId id, WallTime now) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const std::optional<Latch> latch, latch_of(account, id));
    if (!latch) return fail(Code::not_found, fmt::format("no latch {}", id));
    TRY(fire_what_came_due(*latch, now));
    TRY(hold_what_came_due(*latch, now));
    TRY(db_->run("DELETE FROM latch WHERE id = ?", id));
    AuditEntry entry = acted(latch->scope.account, "latch.released", subject_of(id));
    entry.at = now;
    entry.detail = describe(latch->scope);
    TRY(append_audit(std::move(entry)));
    return {};
  });
}

Result<void> Control::refuse_if_latched(const ScopeFacts& facts) {
  TRY_ASSIGN(const auto standing, latches(AccountId{}));
  for (const Latch& l : standing)
    if (covers(l.scope, facts))
      return fail(Code::latched,
                  fmt::format("latch-{} on {} forbids it (set by {}{}{}): release it first", l.id,
                              describe(l.scope), l.actor, l.reason.empty() ? "" : ": ", l.reason));
  return {};
}

}  // namespace belay::store::sqlite
