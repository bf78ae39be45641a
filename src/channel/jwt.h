// JSON Web Tokens signed with RS256 (RFC 7515, RFC 7518 section 3.3). Inside channel/ only. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace belay::channel {

std::string base64url(std::string_view bytes);  // without padding

bool is_rsa_private_key(const Secret& pem);

// "header.claims.signature". The error never holds the key.
Result<std::string, std::string> sign_jwt(std::string_view header_json, std::string_view claims_json,
                                          const Secret& pem);

}  // namespace belay::channel
