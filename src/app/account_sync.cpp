#include "app/account_sync.h"

namespace belay::app {
namespace {

store::Provider row_of(const ProviderSetting& p, AccountId account) {
  store::Provider row;
  row.account = account;
  row.nick_name = p.nick_name;
  row.channel = p.mode;
  row.kind = p.kind;
  row.url = p.url;
  row.service_account = p.service_account;
  row.ca_file = p.ca_file;
  row.http_version = p.http_version;
  row.max_per_second = p.max_per_second;
  return row;
}

}  // namespace

store::Result<void> sync_accounts(const std::vector<AccountSetting>& accounts, store::ControlSession& control,
                                  const Secret& hash_key, WallTime now) {
  for (const AccountSetting& a : accounts) {
    TRY_ASSIGN(const store::Account account, control.put_account({{}, a.id, a.time_zone, a.region}));
    for (const Secret& passcode : a.passcodes) {
      TRY(control.put_passcode({account.id, keyed_hash(hash_key.reveal(), passcode.reveal()),
                                passcode.reveal().substr(0, 3), now}));
    }
    for (const ProviderSetting& p : a.providers) TRY(control.put_provider(row_of(p, account.id)));
  }
  return {};
}

}  // namespace belay::app
