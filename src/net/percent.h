// Percent-encoding (RFC 3986 section 2.1). Pure; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace belay::net {

// nullopt where a '%' is not followed by two hex digits. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace belay::net
