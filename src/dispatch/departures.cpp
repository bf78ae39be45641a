#include "dispatch/departures.h"

#include <algorithm>

#include "base/check.h"
#include "dispatch/run_guard.h"

namespace belay::dispatch {

Departures::Departures(const Timing& timing, const std::vector<store::Slice>& slices, WallTime due,
                       WallTime last)
    : timing_(timing), last_(last) {
  if (timing.empty()) return;
  account_ = TimeZone::named(timing.zone).value();  // timing_from() has looked
  for (const store::Slice& slice : slices) {
    Departure departure = slice.departs;
    if (departure.at == WallTime{}) departure.at = due;
    const bool same = !waves_.empty() && waves_.back().departure == departure &&
                      slice.zone == slices[wave_of_slice_.size() - 1].zone;
    // A zone that the system's files have forgotten since is the account's.
    if (!same) waves_.push_back({TimeZone::of_person(slice.zone).value_or(*account_), departure, 0, {}});
    waves_.back().end = slice.end;
    wave_of_slice_.push_back(waves_.size() - 1);
  }
}

const Leave& Departures::look(Wave& wave, WallTime now) {
  if (now >= wave.since && now < wave.leave.until) return wave.leave;
  wave.leave = leave_at(timing_, *account_, wave.zone, wave.departure, now, last_);
  wave.since = now;
  // The last moment is for what is in the loops already.
  if (wave.leave.now != Leave::Now::may_leave || wave.leave.until == WallTime::max()) return wave.leave;
  if (now < wave.leave.until - cut_off_margin)
    wave.leave.until -= cut_off_margin;
  else
    wave.leave.now = Leave::Now::waits;
  return wave.leave;
}

WallTime Departures::leave_by(Ordinal ordinal, WallTime now) {
  const Leave& leave = of(ordinal, now);
  return leave.now == Leave::Now::may_leave ? leave.until : WallTime::min();
}

const Leave& Departures::of_slice(std::size_t place, WallTime now) {
  return timed() ? look(waves_[wave_of_slice_[place]], now) : always_;
}

const Leave& Departures::of(Ordinal ordinal, WallTime now) {
  if (!timed()) return always_;
  const auto found = std::ranges::upper_bound(waves_, ordinal, {}, &Wave::end);
  CHECK(found != waves_.end());
  return look(*found, now);
}

bool Departures::any(Leave::Now state, const std::vector<store::Slice>& slices, std::size_t first,
                     WallTime now) {
  if (!timed()) return state == Leave::Now::may_leave && first < slices.size();
  for (std::size_t i = first; i < slices.size(); ++i)
    if (slices[i].cursor < slices[i].end && of_slice(i, now).now == state) return true;
  return false;
}

WallTime Departures::next_change(WallTime now) {
  WallTime next = WallTime::max();
  for (Wave& wave : waves_) next = std::min(next, look(wave, now).until);
  return next;
}

}  // namespace belay::dispatch
