// Which recipients of a run may leave now, by their wave: the rules of campaign/timing.h over the run's
// slices. Only the runner touches it. What it has worked out is kept until the time at which it changes, or
// until the clock is set back.
#pragma once
#include <vector>

#include "campaign/timing.h"
#include "store/store.h"

namespace belay::dispatch {

class Departures {
 public:
  Departures() = default;  // of a run without such rules: everybody may leave
  // `last`: from then on nothing leaves.
  Departures(const Timing& timing, const std::vector<store::Slice>& slices, WallTime due, WallTime last);

  bool timed() const { return !waves_.empty(); }
  const Leave& of_slice(std::size_t place, WallTime now);
  const Leave& of(Ordinal ordinal, WallTime now);
  // From then on a loop gives it back.
  WallTime leave_by(Ordinal ordinal, WallTime now);
  // Whether any slice from `first` on that has recipients left is in that state.
  bool any(Leave::Now state, const std::vector<store::Slice>& slices, std::size_t first, WallTime now);
  // When something changes next, at the latest.
  WallTime next_change(WallTime now);

 private:
  struct Wave {
    TimeZone zone;
    Departure departure;
    Ordinal end;  // of its recipients
    Leave leave;
    WallTime since = WallTime::max();  // what `leave` holds from; at first nothing
  };
  const Leave& look(Wave& wave, WallTime now);

  Timing timing_;
  std::optional<TimeZone> account_;
  WallTime last_ = WallTime::max();
  std::vector<Wave> waves_;
  std::vector<std::size_t> wave_of_slice_;
  Leave always_;
};

}  // namespace belay::dispatch
