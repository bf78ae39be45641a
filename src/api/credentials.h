// Who may call: the accounts with the keyed hashes of their passcodes, as one immutable snapshot.
// check() and find() may be called from any thread and never touch the store; reload() waits for it.
#pragma once
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/secret.h"
#include "store/store.h"

namespace belay::api {

class CredentialBook {
 public:
  CredentialBook(store::Store& store, Secret hash_key);

  // Reads the accounts again. On an error the earlier snapshot stays in force.
  store::Result<void> reload();

  // The account, or the recorded text of the refusal (contract 2.5).
  std::expected<AccountId, std::string_view> check(std::string_view account_key,
                                                   std::string_view passcode) const;
  std::optional<AccountId> find(std::string_view account_key) const;

 private:
  struct Snapshot;
  store::Result<std::shared_ptr<const Snapshot>> load();
  std::shared_ptr<const Snapshot> snapshot() const;

  store::Store& store_;
  const Secret hash_key_;
  std::mutex reloading_;  // so that an older reading never replaces a newer one
  mutable std::mutex guard_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace belay::api
