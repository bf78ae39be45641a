// Passwords of people, hashed with argon2id (libargon2) so that who gets hold of the store must pay for
// every guess: 19 MiB of memory, 2 passes, 1 lane, 16 bytes of salt, 32 of hash. Both functions take
// tens of milliseconds of processor and that memory: call them where nobody waits for anything else.
#pragma once
#include <cstddef>
#include <optional>

#include "base/random.h"
#include "base/secret.h"

namespace belay {

inline constexpr std::size_t least_password_bytes = 10;
inline constexpr std::size_t most_password_bytes = 200;

// "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH", with what verifying needs in it. Nothing when the system
// does not give the memory.
std::optional<Secret> hash_password(const Secret& password, Random& random);

// False, too, for a `hash` that is none.
bool password_matches(const Secret& hash, const Secret& password);

}  // namespace belay
