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
// An address: many people can share one.
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

// What of a peer ("192.0.2.1:5123", "[2001:db8::1]:5123") counts as one source: an IPv4 address, the first
// 64 bits of an IPv6 one. "" for this machine itself: that is a proxy, or somebody who needs no password.
std::string source_of(std::string_view peer);

}  // namespace belay::api
