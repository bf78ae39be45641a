// Which days the conditions on events mean. Pure.
#pragma once
#include <cstdint>
#include <utility>

#include "audience/node.h"
#include "campaign/schedule.h"

namespace belay::audience {

// The local days (since 1970-01-01) that Days mean, both inclusive. The last 365 days end with today: whole
// days, as everywhere in the language.
std::pair<std::int64_t, std::int64_t> local_days_of(const Days& days, const TimeZone& zone, WallTime now);

}  // namespace belay::audience
