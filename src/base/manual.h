// The ports that only a test turns: time stands still until advance(), tasks run when told to,
// randomness comes from a seed. Single-threaded.
#pragma once
#include <deque>
#include <map>
#include <memory>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"

namespace belay {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = wall_from_micros(1'457'432'766'000'000)) : wall_(start) {}
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }
  void advance(Micros d) { wall_ += d, steady_ += d; }
  void step_wall(Micros d) { wall_ += d; }  // somebody set the clock

 private:
  WallTime wall_;
  SteadyTime steady_{};
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;  // SplitMix64

 private:
  std::uint64_t state_;
};

// Runs tasks when run_ready() or advance() is called.
class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(ManualClock& clock) : clock_(clock) {}
  void post(Task task) override { ready_.push_back(std::move(task)); }
  std::unique_ptr<Timer> after(Micros delay, Task task) override;

  bool run_one();    // false when nothing is ready
  void run_ready();  // until nothing is ready
  bool idle() const { return ready_.empty(); }
  std::size_t timers() const { return timers_->size(); }
  // The next timer's time, or the far future.
  SteadyTime next_timer() const;

 private:
  friend class ManualTimer;
  using Timers = std::multimap<SteadyTime, std::shared_ptr<Task>>;
  void collect_due();

  ManualClock& clock_;
  std::deque<Task> ready_;
  std::shared_ptr<Timers> timers_ = std::make_shared<Timers>();
};

}  // namespace belay
