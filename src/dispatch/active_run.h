// A run in the runner's hands: how far it is admitted, who waits, what is outstanding. Plain state;
// only the runner touches it.
#pragma once
#include <memory>
#include <vector>

#include "dispatch/departures.h"
#include "dispatch/open_run.h"
#include "dispatch/retry_queue.h"
#include "dispatch/run_guard.h"
#include "dispatch/run_reach.h"
#include "store/store.h"

namespace belay::dispatch {

struct ActiveRun {
  std::shared_ptr<const OpenRun> open;
  store::AudienceSet audience;
  std::vector<store::Slice> slices;
  std::size_t slice = 0;  // the first that is not admitted to its end
  Departures departures;
  std::uint32_t left_out = 0;  // of the admitted: for whom the schedule lets nothing leave
  std::vector<std::pair<SliceNo, Reason>>
      unsure_left_out;                     // of a commit that failed: what moved was left out
  std::uint32_t unresolved = 0;            // admitted or readmitted, no outcome yet
  std::vector<std::uint32_t> outstanding;  // of these, by loop
  RetryQueue retries;
  std::vector<Granted> granted;         // durable, still to be read and sent to a loop
  std::vector<HandOverSpan> spans;      // by loop
  std::vector<std::uint64_t> attempts;  // by loop
  bool fenced = false;                  // an admission was refused: a stop is on its way
  bool stopped = false;
  bool paused = false;
  StopId stop;
  std::size_t noisy_loops = 0;  // stopped or paused, and not yet quiet

  RunGuard guard;
  RunReach reach;

  WallTime planned{};        // its course counts from here
  CourseSlot charted{0, 0};  // the last slot that was written; width 0: none since it was taken up

  std::uint32_t finals = 0;   // outcomes made durable since it was taken up
  std::uint64_t forward = 0;  // attempts and finals when it last came forward

  // Everybody, each where the runner has them: promise 3, counted without the loops.
  std::uint64_t accounted() const {
    const Tally& b = open->base.tally;
    std::uint64_t n = std::uint64_t{b.accepted} + b.failed + b.skipped_total() + b.in_doubt;
    n += finals + unresolved + retries.size();
    for (const store::Slice& s : slices) n += s.end - s.cursor;
    return n;
  }
  bool admitted_whole() const { return slice == slices.size(); }
  std::uint64_t admitted() const {
    std::uint64_t n = 0;
    for (const store::Slice& s : slices) n += s.cursor - s.begin;
    return n - std::min<std::uint64_t>(n, left_out);
  }
  // It has let in all that its canary allows, and there are more.
  bool at_canary() const {
    const auto& canary = guard.watch.rules().canary;
    return canary && !guard.canary_released && !admitted_whole() && admitted() >= *canary;
  }
  bool idle() const { return unresolved == 0 && retries.empty() && granted.empty(); }
  bool halted() const { return fenced || stopped || paused; }
  HandOverSpan span() const {
    HandOverSpan s = open->base.span;
    for (const HandOverSpan& of_loop : spans) s.merge(of_loop);
    return s;
  }
  std::uint64_t attempts_made() const {
    std::uint64_t n = open->base.tally.attempts;
    for (std::uint64_t of_loop : attempts) n += of_loop;
    return n;
  }
};

}  // namespace belay::dispatch
