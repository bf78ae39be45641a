// Keeps an account's index up to date with its profiles and events: reads what has changed, a bounded chunk
// at a time, works out the rows, and commits them with how far they reach. What is read and what is worked
// out keeps nobody waiting; only the commit takes the file's write turn.
#pragma once
#include <cstdint>
#include <string_view>

#include "store/index.h"

namespace belay::audience::index {

struct Effort {
  std::uint32_t profiles = 65'536, events = 500'000;  // looked at in one chunk
};

// One chunk. True when, at the moment it looked, it was the last one. Blocks; not on a sender loop.
// `zone`: the account's, an IANA name; when it has changed the events are gone through anew.
store::Result<bool> catch_up(store::IndexSession& session, AccountId account, std::string_view zone,
                             const Effort& effort = {});

}  // namespace belay::audience::index
