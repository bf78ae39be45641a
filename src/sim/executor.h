// A node's clock and its threads, in virtual time. The world knows the true time; a node's clocks start
// anywhere, run too fast or too slow, and its wall clock can be set. Single-threaded.
#pragma once
#include <deque>
#include <map>
#include <memory>

#include "base/clock.h"
#include "base/executor.h"

namespace belay::sim {

// True time since the world began.
struct TrueTime {
  Micros now{0};
};

class NodeClock final : public Clock {
 public:
  NodeClock(const TrueTime& time, WallTime epoch, Micros offset, std::int64_t ppm)
      : time_(time), epoch_(epoch), offset_(offset), ppm_(ppm) {}
  WallTime wall() const override { return epoch_ + wall_offset_ + run(); }
  SteadyTime steady() const override { return SteadyTime{offset_ + run()}; }
  void step_wall(Micros by) { wall_offset_ += by; }
  // The true time at which steady() is at least `when`.
  Micros true_time_of(SteadyTime when) const;

 private:
  Micros run() const {
    return time_.now +
           Micros{time_.now.count() / 1'000'000 * ppm_ + time_.now.count() % 1'000'000 * ppm_ / 1'000'000};
  }
  const TrueTime& time_;
  WallTime epoch_;
  Micros offset_, wall_offset_{0};
  std::int64_t ppm_;  // millionths that it is too fast
};

// One thread. The world picks whose turn it is.
class SimExecutor final : public Executor {
 public:
  SimExecutor(const NodeClock& clock, const TrueTime& time) : clock_(clock), time_(time) {}
  void post(Task task) override { ready_.push_back(std::move(task)); }
  std::unique_ptr<Timer> after(Micros delay, Task task) override;

  bool can_run();  // something is ready, and this thread is neither busy nor stalled
  void run_one();
  void stall_until(Micros when) { stalled_until_ = when; }
  // True time of what comes next: a timer, or the end of a stall with something ready. max() if nothing.
  Micros next() const;

 private:
  friend class SimTimer;
  using Timers = std::multimap<SteadyTime, std::shared_ptr<Task>>;
  void collect_due();

  const NodeClock& clock_;
  const TrueTime& time_;
  std::deque<Task> ready_;
  Timers timers_;
  bool busy_ = false;  // in a task that waits for something, while others run
  Micros stalled_until_{0};
};

}  // namespace belay::sim
