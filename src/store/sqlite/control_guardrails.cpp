// What guardrails and reach need to remember: an account's rules, canaries that are out, days' counts.
#include "campaign/guardrails_json.h"
#include "campaign/reach_json.h"
#include "store/sqlite/control.h"

namespace belay::store::sqlite {

struct AccountRules {
  const char *read, *put, *remove;
  const char* act;  // what changing them is called
};

namespace {

constexpr AccountRules guardrails_of{"SELECT rules FROM account_guardrails WHERE account = ?",
                                     "INSERT INTO account_guardrails (account, rules) VALUES (?1, ?2) ON "
                                     "CONFLICT (account) DO UPDATE SET rules = ?2",
                                     "DELETE FROM account_guardrails WHERE account = ?", "guardrails.put"};
constexpr AccountRules reach_of{"SELECT rules FROM account_reach WHERE account = ?",
                                "INSERT INTO account_reach (account, rules) VALUES (?1, ?2) ON CONFLICT "
                                "(account) DO UPDATE SET rules = ?2",
                                "DELETE FROM account_reach WHERE account = ?", "reach.put"};

}  // namespace

// The rules as they are stored: JSON, "" for none.
Result<std::string> Control::stored_rules(const AccountRules& which, AccountId account) {
  Query q = db_->query(which.read, account);
  TRY_ASSIGN(const bool row, q.next());
  return row ? q.string(0) : std::string();
}

Result<std::string> Control::account_subject(AccountId account) {
  Query q = db_->query("SELECT key FROM account WHERE id = ?", account);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, "no such account");
  return "account-" + q.string(0);
}

Result<void> Control::put_rules(const AccountRules& which, AccountId account, std::string rules) {
  return write([&]() -> Result<void> {
    AuditEntry entry = acted(account, which.act, "");
    TRY_ASSIGN(entry.subject, account_subject(account));
    TRY_ASSIGN(entry.before, stored_rules(which, account));
    entry.after = rules;
    if (entry.after == entry.before) return {};
    TRY(append_audit(entry));
    if (rules.empty()) TRY(db_->run(which.remove, account));
    if (!rules.empty()) TRY(db_->run(which.put, account, rules));
    return {};
  });
}

Result<void> Control::put_guardrails(AccountId account, const Guardrails& rules) {
  return put_rules(guardrails_of, account, rules.empty() ? "" : to_text(to_json(rules)));
}

Result<Guardrails> Control::guardrails(AccountId account) {
  TRY_ASSIGN(const std::string stored, stored_rules(guardrails_of, account));
  if (stored.empty()) return Guardrails{};
  const auto value = parse_json(stored);
  if (!value) return fail(Code::damaged, value.error());
  auto rules = parse_guardrails(*value, GuardrailsOf::account, *TimeZone::named("UTC"));
  if (!rules) return fail(Code::damaged, rules.error());
  return std::move(*rules);
}

Result<void> Control::put_reach_rules(AccountId account, const ReachRules& rules) {
  return put_rules(reach_of, account, rules.empty() ? "" : to_text(to_json(rules)));
}

Result<ReachRules> Control::reach_rules(AccountId account) {
  TRY_ASSIGN(const std::string stored, stored_rules(reach_of, account));
  if (stored.empty()) return ReachRules{};
  const auto value = parse_json(stored);
  if (!value) return fail(Code::damaged, value.error());
  auto rules = parse_reach_rules(*value);
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
