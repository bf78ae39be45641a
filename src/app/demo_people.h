// The people of the demo: made up, the same at every start, told apart by a number.
#pragma once
#include <cstdint>
#include <functional>

#include "store/store.h"

namespace belay::app {

// Writes `count` profiles with a push token each, in transactions of a few thousand; calls `progress`
// after each with the number written so far. Doing it again changes nothing. Blocks.
store::Result<void> write_demo_people(store::ProfileSession& profiles, AccountId account, std::uint32_t count,
                                      WallTime now, const std::function<void(std::uint32_t)>& progress);

}  // namespace belay::app
