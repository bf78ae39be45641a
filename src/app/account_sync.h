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

}  // namespace belay::app
