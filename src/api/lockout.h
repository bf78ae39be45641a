// Makes guessing passwords slow: who fails often has to wait, longer each time, per user and per source
// address. Remembers a bounded number of them. Any thread; a short lock each; never blocks.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace belay::api {

struct LockoutRules {
  std::uint32_t free_failures;       // so many failures cost nothing
  Seconds first_wait, longest_wait;  // doubles from one to the other
  Seconds forgotten_after;           // without a failure
  std::size_t most_kept = 4096;
};

// A user: an attacker may lock the user's own sign-in, too, so the wait stays short enough to sit out.
inline constexpr LockoutRules lockout_of_user{5, Seconds{1}, Seconds{300}, Seconds{3600}};
// An address, as net::counted_address has it: many people can share one. Local ones are not counted: that is
// a proxy, or somebody who needs no password.
inline constexpr LockoutRules lockout_of_address{20, Seconds{1}, Seconds{300}, Seconds{3600}};

class Lockout {
 public:
  explicit Lockout(LockoutRules rules) : rules_(rules) {}

  // How long `key` still has to wait; 0: it may try.
  Seconds wait(std::string_view key, SteadyTime now) const;
  // True when this failure is the first that costs a wait.
  bool failed(std::string_view key, SteadyTime now);
  void succeeded(std::string_view key);
  std::size_t kept() const;

 private:
  struct Record {
    std::uint32_t failures = 0;
    SteadyTime last{};
  };
  Seconds wait_after(std::uint32_t failures) const;
  void make_room(SteadyTime now);

  const LockoutRules rules_;
  mutable std::mutex guard_;
  std::map<std::string, Record, std::less<>> records_;
};

}  // namespace belay::api
