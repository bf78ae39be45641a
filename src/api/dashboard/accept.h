// What a request's headers say about the form it wants its answer in (RFC 9110). Pure; any bytes are taken.
#pragma once
#include <string_view>

namespace belay::api {

// Accept-Encoding names the coding, and not with q=0. "*" counts for nothing: plain is never wrong.
bool accepts(std::string_view accept_encoding, std::string_view coding);

// If-None-Match names the tag (`"…"`), weak or strong, or is "*".
bool names_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace belay::api
