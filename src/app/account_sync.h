// Brings accounts, passcodes and providers of the configuration into the store. Adds and updates,
// never removes: what the configuration no longer names stays until `belay … remove`. Blocks.
#pragma once
#include <string>
#include <vector>

#include "app/config.h"
#include "base/secret.h"
#include "store/store.h"

namespace belay::app {

store::Result<void> sync_accounts(const std::vector<AccountSetting>& accounts, store::ControlSession& control,
                                  const Secret& hash_key, WallTime now);

// A campaign by a provider whose files can't be used is stopped when it begins; whoever starts the server
// hears of it before. Reads those files.
store::Result<void> warn_of_unusable_providers(store::ControlSession& control);

}  // namespace belay::app
