#include "sink/token_endpoint.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <algorithm>
#include <optional>
#include <vector>

#include "base/json.h"

namespace belay::sink {
namespace {

constexpr std::string_view jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// application/x-www-form-urlencoded (WHATWG URL standard, section 5.1).
std::string form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string form_field(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && form_decoded(pair.substr(0, equals)) == name)
      return form_decoded(pair.substr(equals + 1));
  }
  return {};
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  const std::size_t padding = (4 - standard.size() % 4) % 4;
  if (text.empty() || padding == 3) return std::nullopt;
  standard.append(padding, '=');
  std::string out(standard.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(standard.data()),
                                   static_cast<int>(standard.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

bool says_rs256(std::string_view encoded_header) {
  const auto text = base64url_decoded(encoded_header);
  if (!text) return false;
  const auto header = parse_json(*text);
  if (!header || !header->is_object()) return false;
  const json::value* algorithm = header->as_object().if_contains("alg");
  return algorithm != nullptr && algorithm->is_string() && algorithm->as_string() == "RS256";
}

}  // namespace

Result<TokenEndpoint, std::string> TokenEndpoint::make(const std::string& public_key_pem) {
  TokenEndpoint endpoint;
  if (public_key_pem.empty()) return endpoint;
  const std::unique_ptr<BIO, int (*)(BIO*)> text(
      BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size())), BIO_free);
  endpoint.key_.reset(PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  if (!endpoint.key_)
    return std::unexpected<std::string>("the token endpoint's public key is not a PEM public key");
  return endpoint;
}

bool TokenEndpoint::verifies(std::string_view assertion) const {
  const std::size_t dot = assertion.rfind('.');
  const auto signature = base64url_decoded(assertion.substr(dot + 1));
  if (!signature) return false;
  const std::string_view content = assertion.substr(0, dot);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                       signature->size(), reinterpret_cast<const unsigned char*>(content.data()),
                       content.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string TokenEndpoint::refusal(std::string_view form) const {
  if (form_field(form, "grant_type") != jwt_bearer) return "grant_type must be " + std::string(jwt_bearer);
  const std::string assertion = form_field(form, "assertion");
  if (std::count(assertion.begin(), assertion.end(), '.') != 2)
    return "assertion must be a JWT of three parts";
  const std::string_view header = std::string_view(assertion).substr(0, assertion.find('.'));
  if (!says_rs256(header)) return "the JWT's algorithm must be RS256";
  if (key_ && !verifies(assertion)) return "Invalid JWT Signature.";
  return {};
}

std::string TokenEndpoint::granted(std::uint64_t number) {
  return fmt::format(R"({{"access_token":"sink-token-{}","expires_in":3600,"token_type":"Bearer"}})", number);
}

std::string TokenEndpoint::refused(std::string_view why) {
  std::string body = R"({"error":"invalid_grant","error_description":")";
  append_json_escaped(body, why);
  return body + "\"}";
}

}  // namespace belay::sink
