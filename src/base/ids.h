// Typed ids: a CampaignId can't be passed where a RunId is meant. Plain values, free to copy,
// compared and hashed by their number; 0 means "none".
#pragma once
#include <compare>
#include <cstdint>
#include <functional>

#include <fmt/format.h>

namespace belay {

template <class Tag>
struct Id {
  std::int64_t value = 0;

  constexpr Id() = default;
  constexpr explicit Id(std::int64_t v) : value(v) {}
  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using AccountId = Id<struct AccountTag>;    // an account's row number; its public name is a string
using CampaignId = Id<struct CampaignTag>;  // what the API calls "id": an epoch second, made unique
using RunId = Id<struct RunTag>;            // one planned execution of a campaign
using ProfileId = Id<struct ProfileTag>;
using RecipientId = Id<struct RecipientTag>;  // an address (push) or a profile (webhook): see RecipientKind
using ProviderId = Id<struct ProviderTag>;
using StopId = Id<struct StopTag>;
using LatchId = Id<struct LatchTag>;

// A recipient's place in its run's frozen audience: 0 .. audience-1.
using Ordinal = std::uint32_t;

// Counts up whenever what was allowed before must not be allowed any more (a stop, a pause).
// Every admission names the epoch it was made under and is refused if it is an old one.
struct Epoch {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(Epoch, Epoch) = default;
};

struct SliceNo {
  std::int32_t value = 0;
  friend constexpr auto operator<=>(SliceNo, SliceNo) = default;
};

struct LoopNo {
  std::int32_t value = 0;
  friend constexpr auto operator<=>(LoopNo, LoopNo) = default;
};

}  // namespace belay

template <class Tag>
struct std::hash<belay::Id<Tag>> {
  std::size_t operator()(belay::Id<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};

template <class Tag>
struct fmt::formatter<belay::Id<Tag>> : fmt::formatter<std::int64_t> {
  auto format(belay::Id<Tag> id, fmt::format_context& ctx) const {
    return fmt::formatter<std::int64_t>::format(id.value, ctx);
  }
};
