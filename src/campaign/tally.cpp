#include "campaign/tally.h"

#include <numeric>

namespace belay {

std::uint32_t Tally::skipped_total() const {
  return std::accumulate(skipped.begin(), skipped.end(), 0u);
}

bool Tally::balances() const {
  const std::uint64_t sum =
      std::uint64_t{accepted} + failed + skipped_total() + withheld + in_doubt + in_flight + pending;
  return sum == audience;
}

void HandOverSpan::add(const HandOver& h) {
  if (!first || h.at < first->at) first = h;
  if (!last || h.at >= last->at) last = h;
}

void HandOverSpan::merge(const HandOverSpan& other) {
  if (other.first) add(*other.first);
  if (other.last) add(*other.last);
}

}  // namespace belay
