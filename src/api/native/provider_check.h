// Whether a provider's settings can work; for the admin API and the configuration file alike. Pure.
#pragma once
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace belay::api {

Result<void, std::string> check_provider(const store::Provider& provider);
// 1..64 letters, digits, '-', '_', '.'
bool is_plain_name(std::string_view text);

}  // namespace belay::api
