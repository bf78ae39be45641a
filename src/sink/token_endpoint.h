// The OAuth2 token endpoint of the sink: JWT bearer grant (RFC 7523), as Google's token_uri speaks it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

namespace belay::sink {

class TokenEndpoint {
 public:
  // PEM public key (or certificate's key) that assertions must be signed with (RS256); "": not verified.
  static Result<TokenEndpoint, std::string> make(const std::string& public_key_pem);

  // Says why the form is refused (an OAuth error description), or "" when it is granted.
  std::string refusal(std::string_view form) const;
  static std::string granted(std::uint64_t number);
  static std::string refused(std::string_view why);

 private:
  bool verifies(std::string_view assertion) const;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace belay::sink
