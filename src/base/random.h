// The Random port: jitter, ids and nonces. Safe from any thread; never blocks for long.
#pragma once
#include <cstdint>
#include <string>

namespace belay {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  // A number in [0, bound); 0 when bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

// Cryptographic randomness from OpenSSL.
class RealRandom final : public Random {
 public:
  std::uint64_t next() override;
};

// `bytes` random bytes as lower-case hex.
std::string random_hex(Random& random, std::size_t bytes);

}  // namespace belay
