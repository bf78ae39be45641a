#include "channel/jwt.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace belay::channel {
namespace {

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

// Never asks a terminal for a pass phrase.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

Key read_key(const Secret& pem) {
  const std::string& text = pem.reveal();
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr) : nullptr);
  ERR_clear_error();
  if (key && EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) key.reset();
  return key;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve(bytes.size() * 4 / 3 + 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += digits[bits >> (held - 6) & 63];
  }
  if (held > 0) out += digits[bits << (6 - held) & 63];
  return out;
}

bool is_rsa_private_key(const Secret& pem) {
  return read_key(pem) != nullptr;
}

Result<std::string, std::string> sign_jwt(std::string_view header_json, std::string_view claims_json,
                                          const Secret& pem) {
  std::string token = base64url(header_json) + "." + base64url(claims_json);
  const Key key = read_key(pem);
  if (!key) return std::unexpected(std::string("the private key is no RSA key in PEM form"));
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_size(key.get())), '\0');
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  const auto* const in = reinterpret_cast<const unsigned char*>(token.data());
  std::size_t size = signature.size();
  const bool signed_ok = context &&
                         EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                         EVP_DigestSign(context.get(), out, &size, in, token.size()) == 1;
  ERR_clear_error();
  if (!signed_ok) return std::unexpected(std::string("signing with the private key failed"));
  signature.resize(size);
  return token + "." + base64url(signature);
}

}  // namespace belay::channel
