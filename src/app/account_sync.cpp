#include "app/account_sync.h"

namespace belay::app {
store::Result<void> sync_accounts(const std::vector<AccountSetting>& accounts, store::ControlSession& control,
                                  const Secret& hash_key, WallTime now) {
  control.as("config", now);
  for (const AccountSetting& a : accounts) {
    TRY_ASSIGN(const store::Account account, control.put_account({{}, a.id, a.time_zone, a.region}));
    for (const Secret& passcode : a.passcodes) {
      TRY(control.put_passcode({account.id, keyed_hash(hash_key.reveal(), passcode.reveal()),
                                passcode.reveal().substr(0, 3), now}));
    }
    for (const ProviderSetting& p : a.providers) TRY(control.put_provider(provider_row(p, account.id)));
  }
  return {};
}

}  // namespace belay::app
