// Accounts, passcodes, providers, idempotency keys.
#include "store/sqlite/control.h"

namespace belay::store::sqlite {
namespace {

constexpr Seconds idempotency_kept = Seconds{2 * 24 * 3600};

Provider provider_from(const Query& q) {
  Provider p;
  p.id = ProviderId{q.i64(0)};
  p.account = AccountId{q.i64(1)};
  p.nick_name = q.string(2);
  p.channel = channel_named(q.text(3)).value_or(Channel::push);
  p.kind = q.string(4);
  p.url = q.string(5);
  p.service_account = q.string(6);
  p.ca_file = q.string(7);
  p.http_version = q.string(8);
  p.max_per_second = static_cast<std::uint32_t>(q.i64(9));
  return p;
}

std::string in_words(const Account& a) {
  return fmt::format("zone {}, region {}", a.time_zone, a.region);
}

std::string in_words(const Provider& p) {
  return fmt::format("{} for {}, url {}, service account {}, ca {}, http {}, at most {} a second", p.kind,
                     name_of(p.channel), p.url, p.service_account, p.ca_file, p.http_version,
                     p.max_per_second);
}

std::string passcode_subject(std::string_view hash) {
  return fmt::format("passcode-{}", hash.substr(0, 12));
}

}  // namespace

Result<Account> Control::put_account(const Account& account) {
  return write([&]() -> Result<Account> {
    AuditEntry entry = acted({}, "account.put", "account-" + account.key);
    {
      Query q = db_->query("SELECT time_zone, region FROM account WHERE key = ?", account.key);
      TRY_ASSIGN(const bool there, q.next());
      if (there) entry.before = in_words(Account{{}, "", q.string(0), q.string(1)});
    }
    TRY(
        db_->run("INSERT INTO account (key, time_zone, region) VALUES (?1, ?2, ?3)"
                 " ON CONFLICT (key) DO UPDATE SET time_zone = ?2, region = ?3",
                 account.key, account.time_zone, account.region));
    Query q = db_->query("SELECT id FROM account WHERE key = ?", account.key);
    TRY(q.next());
    Account stored = account;
    stored.id = AccountId{q.i64(0)};
    entry.account = stored.id;
    entry.after = in_words(stored);
    if (entry.after != entry.before) TRY(append_audit(std::move(entry)));
    return stored;
  });
}

Result<std::vector<Account>> Control::accounts() {
  Query q = db_->query("SELECT id, key, time_zone, region FROM account ORDER BY id");
  std::vector<Account> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back({AccountId{q.i64(0)}, q.string(1), q.string(2), q.string(3)});
  }
}

Result<void> Control::remove_account(AccountId id) {
  return write([&]() -> Result<void> {
    {
      Query q = db_->query("SELECT id FROM campaign WHERE account = ? AND finished IS NULL LIMIT 1", id);
      TRY_ASSIGN(const bool unfinished, q.next());
      if (unfinished)
        return fail(
            Code::conflict,
            fmt::format("the account has unfinished campaigns (such as {}): stop them first", q.i64(0)));
    }
    AuditEntry entry = acted(id, "account.removed", "");
    {
      Query q = db_->query("SELECT key, time_zone, region FROM account WHERE id = ?", id);
      TRY_ASSIGN(const bool there, q.next());
      if (!there) return fail(Code::not_found, "no such account");
      entry.subject = "account-" + q.string(0);
      entry.before = in_words(Account{{}, "", q.string(1), q.string(2)});
    }
    TRY(db_->run("DELETE FROM account WHERE id = ?", id));
    TRY(append_audit(std::move(entry)));
    TRY(db_->run("DELETE FROM delivery WHERE subscriber IN (SELECT id FROM subscriber WHERE account = ?)",
                 id));
    TRY(db_->run("DELETE FROM subscriber WHERE account = ?", id));
    TRY(db_->run("DELETE FROM latch WHERE scope_account = ?", id));
    TRY(db_->run("DELETE FROM idempotency WHERE account = ?", id));
    TRY(db_->run("INSERT INTO removed_account (id) VALUES (?)", id));
    return {};
  });
}

Result<void> Control::put_passcode(const Passcode& p) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const int added,
               db_->run("INSERT INTO passcode (account, hash, prefix, created) VALUES (?, ?, ?, ?)"
                        " ON CONFLICT (account, hash) DO NOTHING",
                        p.account, p.hash, p.prefix, p.created));
    if (added > 0) TRY(append_audit(acted(p.account, "passcode.added", passcode_subject(p.hash))));
    return {};
  });
}

Result<std::vector<Passcode>> Control::passcodes(AccountId account) {
  Query q = db_->query(
      "SELECT account, hash, prefix, created FROM passcode WHERE account = ? ORDER BY created, hash",
      account);
  std::vector<Passcode> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back({AccountId{q.i64(0)}, q.string(1), q.string(2), q.time(3)});
  }
}

Result<void> Control::remove_passcode(AccountId account, std::string_view hash) {
  return write([&]() -> Result<void> {
    TRY_ASSIGN(const int removed,
               db_->run("DELETE FROM passcode WHERE account = ? AND hash = ?", account, hash));
    if (removed == 0) return fail(Code::not_found, "no such passcode");
    TRY(append_audit(acted(account, "passcode.removed", passcode_subject(hash))));
    return {};
  });
}

// What the account's provider of that name is now; "" if there is none.
Result<std::string> Control::provider_in_words(AccountId account, std::string_view nick_name) {
  Query q = db_->query(
      "SELECT id, account, nick_name, channel, kind, url, service_account, ca_file, http_version,"
      " max_per_second FROM provider WHERE account = ? AND nick_name = ?",
      account, nick_name);
  TRY_ASSIGN(const bool row, q.next());
  return row ? in_words(provider_from(q)) : std::string();
}

Result<Provider> Control::put_provider(const Provider& p) {
  return write([&]() -> Result<Provider> {
    AuditEntry entry = acted(p.account, "provider.put", "provider-" + p.nick_name);
    TRY_ASSIGN(entry.before, provider_in_words(p.account, p.nick_name));
    entry.after = in_words(p);
    if (entry.after != entry.before) TRY(append_audit(std::move(entry)));
    TRY(
        db_->run("INSERT INTO provider (account, nick_name, channel, kind, url, service_account, ca_file, "
                 "http_version,"
                 " max_per_second) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                 " ON CONFLICT (account, nick_name) DO UPDATE SET channel = ?3, kind = ?4, url = ?5,"
                 " service_account = ?6, ca_file = ?7, http_version = ?8, max_per_second = ?9",
                 p.account, p.nick_name, name_of(p.channel), p.kind, p.url, p.service_account, p.ca_file,
                 p.http_version, p.max_per_second));
    Query q =
        db_->query("SELECT id FROM provider WHERE account = ? AND nick_name = ?", p.account, p.nick_name);
    TRY(q.next());
    Provider stored = p;
    stored.id = ProviderId{q.i64(0)};
    return stored;
  });
}

Result<std::vector<Provider>> Control::providers(AccountId account) {
  Query q = db_->query(
      "SELECT id, account, nick_name, channel, kind, url, service_account, ca_file, http_version,"
      " max_per_second FROM provider WHERE ?1 = 0 OR account = ?1 ORDER BY id",
      account);
  std::vector<Provider> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(provider_from(q));
  }
}

Result<Provider> Control::provider(ProviderId id) {
  Query q = db_->query(
      "SELECT id, account, nick_name, channel, kind, url, service_account, ca_file, http_version,"
      " max_per_second FROM provider WHERE id = ?",
      id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return fail(Code::not_found, fmt::format("no provider {}", id));
  return provider_from(q);
}

Result<void> Control::remove_provider(AccountId account, std::string_view nick_name) {
  return write([&]() -> Result<void> {
    {
      Query q = db_->query(
          "SELECT c.id FROM provider p JOIN campaign c ON c.provider = p.id AND c.finished IS NULL"
          " WHERE p.account = ? AND p.nick_name = ? LIMIT 1",
          account, nick_name);
      TRY_ASSIGN(const bool in_use, q.next());
      if (in_use)
        return fail(Code::conflict,
                    fmt::format("provider {} has unfinished campaigns (such as {}): stop them first",
                                nick_name, q.i64(0)));
    }
    AuditEntry entry = acted(account, "provider.removed", fmt::format("provider-{}", nick_name));
    TRY_ASSIGN(entry.before, provider_in_words(account, nick_name));
    TRY_ASSIGN(const int removed,
               db_->run("DELETE FROM provider WHERE account = ? AND nick_name = ?", account, nick_name));
    if (removed == 0) return fail(Code::not_found, fmt::format("no provider {}", nick_name));
    TRY(append_audit(std::move(entry)));
    return {};
  });
}

Result<std::optional<std::string>> Control::replay(AccountId account, std::string_view key,
                                                   std::string_view fingerprint) {
  Query q =
      db_->query("SELECT fingerprint, reply FROM idempotency WHERE account = ? AND key = ?", account, key);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return std::nullopt;
  if (q.text(0) != fingerprint)
    return fail(Code::conflict, "this idempotency key was used for another request: take a new one");
  return q.string(1);
}

Result<void> Control::remember(AccountId account, std::string_view key, std::string_view fingerprint,
                               std::string_view reply, WallTime at) {
  return write([&]() -> Result<void> {
    // A few old ones go with each new one, so that the table can't grow without end.
    TRY(
        db_->run("DELETE FROM idempotency WHERE (account, key) IN"
                 " (SELECT account, key FROM idempotency WHERE at < ? ORDER BY at LIMIT 8)",
                 at - idempotency_kept));
    TRY_ASSIGN(const auto there, replay(account, key, fingerprint));
    if (there) return {};
    TRY(db_->run("INSERT INTO idempotency (account, key, fingerprint, reply, at) VALUES (?, ?, ?, ?, ?)",
                 account, key, fingerprint, reply, at));
    return {};
  });
}

}  // namespace belay::store::sqlite
