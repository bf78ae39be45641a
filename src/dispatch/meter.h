// How fast a run goes: messages a second over the last few seconds. The runner notes, anybody reads;
// the lock is held for a few instructions, and never on a sender loop.
#pragma once
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace belay::dispatch {

class Meter {
 public:
  // `messages` is a sum that only grows. Calls that come quickly one after the other cost next to nothing.
  void note(SteadyTime now, std::uint64_t messages) {
    const std::lock_guard lock(mutex_);
    if (begun_ && now - newer_.at < window) return;
    older_ = begun_ ? newer_ : Mark{now, messages};
    newer_ = {now, messages};
    begun_ = true;
  }
  // Over the last two to four seconds; over a longer time where the run stands still.
  double per_second(SteadyTime now, std::uint64_t messages) const {
    const std::lock_guard lock(mutex_);
    if (!begun_ || now - older_.at < least || messages < older_.messages) return 0;
    return static_cast<double>(messages - older_.messages) * 1e6 /
           static_cast<double>((now - older_.at).count());
  }

 private:
  static constexpr Micros window = Seconds{2};
  static constexpr Micros least = Millis{100};
  struct Mark {
    SteadyTime at{};
    std::uint64_t messages = 0;
  };
  mutable std::mutex mutex_;
  bool begun_ = false;
  Mark older_, newer_;
};

}  // namespace belay::dispatch
