// Whether a provider's settings can work; for the admin API and the configuration file alike. Pure.
#pragma once
#include <string>

#include "base/result.h"
#include "net/outbound_guard.h"
#include "store/store.h"

namespace belay::api {

Result<void, std::string> check_provider(const store::Provider& provider);
// Whether its URL is an address that the guard refuses; names are decided when they are connected to.
Result<void, std::string> check_address(const store::Provider& provider, const net::OutboundGuard& guard);
// Whether the files that it names can be used, as this process reads them now. Reads them.
Result<void, std::string> check_files(const store::Provider& provider);
// 1..64 letters, digits, '-', '_', '.'
bool is_plain_name(std::string_view text);

}  // namespace belay::api
