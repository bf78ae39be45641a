// What guardrails need to remember: an account's rules, canaries that are out, days' counts.
#include "campaign/guardrails_json.h"
#include "store/sqlite/control.h"

namespace belay::store::sqlite {

// The rules as they are stored: JSON, "" for none.
Result<std::string> Control::stored_guardrails(AccountId account) {
  Query q = db_->query("SELECT rules FROM account_guardrails WHERE account = ?", account);
  TRY_ASSIGN(const bool row, q.next());
  return row ? q.string(0) : std::string();
}

Result<std::string> Control::account_subject(AccountId account) {
  Query q = db_->query("SELECT key FROM account WHERE id = ?", account);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, "no such account");
  return "account-" + q.string(0);
}

Result<void> Control::put_guardrails(AccountId account, const Guardrails& rules) {
  return write([&]() -> Result<void> {
    AuditEntry entry = acted(account, "guardrails.put", "");
    TRY_ASSIGN(entry.subject, account_subject(account));
    TRY_ASSIGN(entry.before, stored_guardrails(account));
    entry.after = rules.empty() ? "" : to_text(to_json(rules));
    if (entry.after == entry.before) return {};
    TRY(append_audit(entry));
    if (rules.empty()) {
      TRY(db_->run("DELETE FROM account_guardrails WHERE account = ?", account));
      return {};
    }
    TRY(
        db_->run("INSERT INTO account_guardrails (account, rules) VALUES (?1, ?2)"
                 " ON CONFLICT (account) DO UPDATE SET rules = ?2",
                 account, entry.after));
    return {};
  });
}

Result<Guardrails> Control::guardrails(AccountId account) {
  TRY_ASSIGN(const std::string stored, stored_guardrails(account));
  if (stored.empty()) return Guardrails{};
  const auto value = parse_json(stored);
  if (!value) return fail(Code::damaged, value.error());
  auto rules = parse_guardrails(*value, GuardrailsOf::account, *TimeZone::named("UTC"));
  if (!rules) return fail(Code::damaged, rules.error());
  return std::move(*rules);
}

Result<void> Control::reach_canary(CampaignId campaign, Epoch epoch) {
  return write([&]() -> Result<void> {
    TRY(db_->run("INSERT INTO canary (campaign, epoch) VALUES (?, ?) ON CONFLICT (campaign) DO NOTHING",
                 campaign, epoch.value));
    return {};
  });
}

Result<std::optional<Epoch>> Control::canary_reached(CampaignId campaign) {
  Query q = db_->query("SELECT epoch FROM canary WHERE campaign = ?", campaign);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(Epoch{q.i64(0)}) : std::nullopt;
}

Result<std::uint32_t> Control::admitted_on(AccountId account, CampaignId campaign, std::int64_t day) {
  Query q = db_->query(
      "SELECT coalesce(sum(recipients), 0) FROM admitted_on"
      " WHERE account = ?1 AND day = ?2 AND (?3 = 0 OR campaign = ?3)",
      account, day, campaign);
  TRY(q.next());
  return static_cast<std::uint32_t>(q.i64(0));
}

}  // namespace belay::store::sqlite
