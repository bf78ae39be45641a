#include "campaign/stop.h"

namespace belay {

bool StopRecord::settled() const {
  for (const Receipt& r : receipts)
    if (!r.settled) return false;
  return true;
}

Tally StopRecord::total() const {
  Tally sum;
  for (const Receipt& r : receipts) {
    sum.audience += r.tally.audience;
    sum.handed_over += r.tally.handed_over;
    sum.accepted += r.tally.accepted;
    sum.failed += r.tally.failed;
    for (std::size_t i = 0; i < reason_count; ++i) sum.skipped[i] += r.tally.skipped[i];
    sum.withheld += r.tally.withheld;
    sum.in_doubt += r.tally.in_doubt;
    sum.in_flight += r.tally.in_flight;
    sum.pending += r.tally.pending;
    sum.attempts += r.tally.attempts;
  }
  return sum;
}

}  // namespace belay
