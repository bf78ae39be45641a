#include "api/credentials.h"

namespace belay::api {

struct CredentialBook::Snapshot {
  struct Entry {
    AccountId id;
    std::vector<std::string> hashes;
  };
  std::map<std::string, Entry, std::less<>> by_key;
};

CredentialBook::CredentialBook(store::Store& store, Secret hash_key)
    : store_(store), hash_key_(std::move(hash_key)), snapshot_(std::make_shared<const Snapshot>()) {}

store::Result<std::shared_ptr<const CredentialBook::Snapshot>> CredentialBook::load() {
  TRY_ASSIGN(auto session, store_.control(store::Lane::ordinary));
  TRY_ASSIGN(const auto accounts, session->accounts());
  auto fresh = std::make_shared<Snapshot>();
  for (const store::Account& account : accounts) {
    TRY_ASSIGN(const auto passcodes, session->passcodes(account.id));
    Snapshot::Entry entry{account.id, {}};
    for (const store::Passcode& passcode : passcodes) entry.hashes.push_back(passcode.hash);
    fresh->by_key.emplace(account.key, std::move(entry));
  }
  return fresh;
}

store::Result<void> CredentialBook::reload() {
  const std::lock_guard reloading(reloading_);
  TRY_ASSIGN(auto fresh, load());
  const std::lock_guard lock(guard_);
  snapshot_ = std::move(fresh);
  return {};
}

std::shared_ptr<const CredentialBook::Snapshot> CredentialBook::snapshot() const {
  const std::lock_guard lock(guard_);
  return snapshot_;
}

std::expected<AccountId, std::string_view> CredentialBook::check(std::string_view account_key,
                                                                 std::string_view passcode) const {
  if (account_key.empty() || passcode.empty()) return std::unexpected("Invalid Credentials");
  const auto known = snapshot();
  const std::string hash = keyed_hash(hash_key_.reveal(), passcode);
  const auto found = known->by_key.find(account_key);
  if (found == known->by_key.end()) return std::unexpected("Account ID is not valid");
  bool matches = false;
  // Every hash is compared, so that the time does not tell which of several passcodes it was.
  for (const std::string& candidate : found->second.hashes)
    matches |= equal_in_constant_time(candidate, hash);
  if (!matches) return std::unexpected("Passcode Invalid");
  return found->second.id;
}

std::optional<AccountId> CredentialBook::find(std::string_view account_key) const {
  const auto known = snapshot();
  const auto found = known->by_key.find(account_key);
  if (found == known->by_key.end()) return std::nullopt;
  return found->second.id;
}

}  // namespace belay::api
