// Reads one cookie out of a request's Cookie header (RFC 6265 section 4.2). Pure; any bytes are taken.
#pragma once
#include <optional>
#include <string_view>

namespace belay::api {

// The value of the cookie of that name, exactly as sent. Nothing where it is missing, and where it is there
// more than once: a page of another host of the same domain can add one, and which is ours can't be told.
std::optional<std::string_view> cookie_named(std::string_view header, std::string_view name);

}  // namespace belay::api
