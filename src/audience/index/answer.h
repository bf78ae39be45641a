// A query asked of the index: the same people as going through everybody would find, at one moment of the
// store. Who has changed since the index was brought up to date, and whoever the index can't be sure of, is
// looked at one by one.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include <roaring/roaring.hh>

#include "audience/query.h"
#include "campaign/campaign.h"
#include "campaign/schedule.h"
#include "store/index.h"

namespace belay::audience::index {

struct Question {
  AccountId account;
  const Query& query;  // has a tree
  const TimeZone& zone;
  WallTime now{};
  RecipientKind kind = RecipientKind::address;
  unsigned platforms = every_platform_bit;  // addresses only: those wanted, a bit each
  bool all_devices = false;                 // addresses only: else a person's newest among those wanted
  bool people = false;                      // the set of them, too; else only how many

  static constexpr unsigned every_platform_bit = 0b1111;
};

struct Answer {
  std::uint32_t total = 0;                     // recipients
  std::array<std::uint32_t, 4> by_platform{};  // addresses only
  Roaring people;                              // profiles, whether they have devices or not
};

// Nothing: the index can't answer that (yet), or not more quickly; go through everybody. Brings the index up
// to date first, where little is missing. Blocks, for milliseconds; not on a sender loop.
store::Result<std::optional<Answer>> ask(store::IndexSession& session, const Question& question);

}  // namespace belay::audience::index
