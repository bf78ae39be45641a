// The account of a run: every recipient counted in exactly one place (promise 3). Plain values.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "campaign/outcome.h"

namespace belay {

inline constexpr std::size_t reason_count = reason_table.size();

struct Tally {
  std::uint32_t audience = 0;
  std::uint32_t handed_over = 0;  // recipients with at least one hand-over (those in doubt included)
  std::uint32_t accepted = 0;
  std::uint32_t failed = 0;
  std::array<std::uint32_t, reason_count> skipped{};
  std::uint32_t withheld = 0;
  std::uint32_t in_doubt = 0;
  std::uint32_t in_flight = 0;  // handed over, verdict awaited
  std::uint32_t pending = 0;    // not yet handed over, or waiting for a further attempt
  std::uint64_t attempts = 0;   // hand-overs, not recipients

  std::uint32_t skipped_total() const;
  // audience = accepted + failed + skipped + withheld + in doubt + in flight + pending
  bool balances() const;
  friend bool operator==(const Tally&, const Tally&) = default;
};

// When and to whom, for the first and the last hand-over.
struct HandOver {
  WallTime at{};
  Ordinal ordinal = 0;
  friend bool operator==(const HandOver&, const HandOver&) = default;
};

struct HandOverSpan {
  std::optional<HandOver> first, last;
  void add(const HandOver& h);
  void merge(const HandOverSpan& other);
};

}  // namespace belay
