// The clock of `belay serve --test-clock`: real time, of which the wall part can be moved forward
// while the server runs, so that a test need not wait until tomorrow. Safe from any thread.
#pragma once
#include <atomic>

#include "base/clock.h"

namespace belay::app {

class TestClock final : public Clock {
 public:
  WallTime wall() const override { return real_.wall() + Micros{ahead_us_.load()}; }
  SteadyTime steady() const override { return real_.steady(); }
  void advance(Micros by) { ahead_us_ += by.count(); }

 private:
  RealClock real_;
  std::atomic<std::int64_t> ahead_us_ = 0;
};

}  // namespace belay::app
