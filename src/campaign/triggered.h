// A campaign that a caller starts: it waits, and each trigger makes a run of it, a campaign of its own. It is
// never due by the clock; a stop of it covers its runs, as with a series.
#pragma once
#include "campaign/campaign.h"

namespace belay {

// 9999-12-31T23:59:59.999999Z, which no "when" can say.
inline constexpr WallTime never_due = wall_from_micros(253'402'300'799'999'999);

inline bool is_triggered(const Campaign& campaign) {
  return campaign.due == never_due;
}

}  // namespace belay
