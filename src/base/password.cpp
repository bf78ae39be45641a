#include "base/password.h"

#include <argon2.h>

#include <array>
#include <cstring>

#include "base/check.h"

namespace belay {
namespace {

constexpr std::uint32_t kibibytes = 19 * 1024, passes = 2, lanes = 1;
constexpr std::size_t salt_bytes = 16, hash_bytes = 32;

}  // namespace

std::optional<Secret> hash_password(const Secret& password, Random& random) {
  std::array<std::uint64_t, salt_bytes / 8> salt;
  for (std::uint64_t& part : salt) part = random.next();
  std::array<char, 256> encoded{};
  const std::string& text = password.reveal();
  const int done = argon2id_hash_encoded(passes, kibibytes, lanes, text.data(), text.size(), salt.data(),
                                         sizeof salt, hash_bytes, encoded.data(), encoded.size());
  if (done == ARGON2_MEMORY_ALLOCATION_ERROR) return std::nullopt;
  CHECK(done == ARGON2_OK);
  return Secret(std::string(encoded.data()));
}

bool password_matches(const Secret& hash, const Secret& password) {
  const std::string& text = password.reveal();
  return argon2id_verify(hash.reveal().c_str(), text.data(), text.size()) == ARGON2_OK;
}

}  // namespace belay
