#include "app/account_sync.h"

#include "api/native/provider_check.h"
#include "base/log.h"

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

store::Result<void> warn_of_unusable_providers(store::ControlSession& control) {
  TRY_ASSIGN(const auto accounts, control.accounts());
  for (const store::Account& a : accounts) {
    TRY_ASSIGN(const auto providers, control.providers(a.id));
    for (const store::Provider& p : providers)
      if (const auto good = api::check_files(p); !good)
        log_warning("provider.unusable",
                    {{"account", a.key},
                     {"detail", good.error()},
                     {"hint", "a campaign that it is to deliver is stopped when it begins"}});
  }
  return {};
}

}  // namespace belay::app
