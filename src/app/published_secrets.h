// Passcodes that this project's own pages, samples and demo name are known to everybody: with one of
// them the server does not listen where others can reach it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "store/store.h"

namespace belay::app {

// "HOST:PORT" that only this machine can reach: 127.x.x.x, [::1], localhost. "" counts as such: no listener.
bool is_loopback(std::string_view host_port);

// Ids of the accounts in the store that have a published passcode. Blocks.
store::Result<std::vector<std::string>> accounts_with_published_passcodes(store::ControlSession& control,
                                                                          const Secret& hash_key);

}  // namespace belay::app
