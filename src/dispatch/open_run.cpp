#include "dispatch/open_run.h"

#include "base/check.h"

namespace belay::dispatch {

void LiveTally::publish(const LoopTally& t) {
  constexpr auto relaxed = std::memory_order_relaxed;
  handed_first.store(t.handed_first, relaxed);
  attempts.store(t.attempts, relaxed);
  on_wire.store(t.on_wire, relaxed);
  accepted.store(t.accepted, relaxed);
  failed.store(t.failed, relaxed);
  in_doubt.store(t.in_doubt, relaxed);
  deferred.store(t.deferred, relaxed);
  for (std::size_t i = 0; i < reason_count; ++i) skipped[i].store(t.skipped[i], relaxed);
}

LoopTally LiveTally::read() const {
  constexpr auto relaxed = std::memory_order_relaxed;
  LoopTally t;
  t.handed_first = handed_first.load(relaxed);
  t.attempts = attempts.load(relaxed);
  t.on_wire = on_wire.load(relaxed);
  t.accepted = accepted.load(relaxed);
  t.failed = failed.load(relaxed);
  t.in_doubt = in_doubt.load(relaxed);
  t.deferred = deferred.load(relaxed);
  for (std::size_t i = 0; i < reason_count; ++i) t.skipped[i] = skipped[i].load(relaxed);
  return t;
}

Tally add_up(const Baseline& base, const std::vector<LoopTally>& loops, bool ended) {
  LoopTally sum;
  for (const LoopTally& l : loops) {
    sum.handed_first += l.handed_first;
    sum.attempts += l.attempts;
    sum.on_wire += l.on_wire;
    sum.accepted += l.accepted;
    sum.failed += l.failed;
    sum.in_doubt += l.in_doubt;
    sum.deferred += l.deferred;
    for (std::size_t i = 0; i < reason_count; ++i) sum.skipped[i] += l.skipped[i];
  }
  const auto count = [](std::int64_t n) { return static_cast<std::uint32_t>(std::max<std::int64_t>(n, 0)); };
  Tally t = base.tally;
  t.handed_over = count(t.handed_over + sum.handed_first);
  t.attempts += static_cast<std::uint64_t>(std::max<std::int64_t>(sum.attempts, 0));
  t.accepted = count(t.accepted + sum.accepted);
  t.failed = count(t.failed + sum.failed);
  t.in_doubt = count(t.in_doubt + sum.in_doubt);
  for (std::size_t i = 0; i < reason_count; ++i) t.skipped[i] = count(t.skipped[i] + sum.skipped[i]);
  t.in_flight = count(sum.on_wire);
  if (ended) t.failed += count(base.deferred + sum.deferred);
  const std::int64_t known =
      std::int64_t{t.accepted} + t.failed + t.skipped_total() + t.in_doubt + t.in_flight;
  const std::uint32_t rest = count(std::int64_t{t.audience} - known);
  t.withheld = ended ? rest : 0;
  t.pending = ended ? 0 : rest;
  return t;
}

}  // namespace belay::dispatch
