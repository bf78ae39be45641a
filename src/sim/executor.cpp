#include "sim/executor.h"

#include <utility>

#include "base/check.h"

namespace belay::sim {

Micros NodeClock::true_time_of(SteadyTime when) const {
  const Micros wanted = when - SteadyTime{offset_};
  Micros guess{wanted.count() - wanted.count() / 1'000'000 * ppm_};
  TrueTime at{guess};
  // The estimate is off by parts of a percent of a percent: walk to the first moment that will do.
  NodeClock copy(at, epoch_, offset_, ppm_);
  at.now = guess;
  while (copy.steady() < when) at.now += std::max<Micros>((when - copy.steady()) / 2, Micros{1});
  return at.now;
}

// Holds the task; an expired entry in the map means that the timer was cancelled.
class SimTimer final : public Executor::Timer {
 public:
  explicit SimTimer(std::shared_ptr<Task> task) : task_(std::move(task)) {}
  ~SimTimer() override { *task_ = nullptr; }

 private:
  std::shared_ptr<Task> task_;
};

std::unique_ptr<Executor::Timer> SimExecutor::after(Micros delay, Task task) {
  auto shared = std::make_shared<Task>(std::move(task));
  timers_.emplace(clock_.steady() + delay, shared);
  return std::make_unique<SimTimer>(std::move(shared));
}

void SimExecutor::collect_due() {
  while (!timers_.empty() && timers_.begin()->first <= clock_.steady()) {
    auto task = timers_.begin()->second;
    timers_.erase(timers_.begin());
    if (!*task) continue;
    ready_.push_back([task] {
      if (*task) std::exchange(*task, nullptr)();
    });
  }
}

bool SimExecutor::can_run() {
  if (busy_ || time_.now < stalled_until_) return false;
  collect_due();
  return !ready_.empty();
}

void SimExecutor::run_one() {
  CHECK(!busy_ && !ready_.empty());
  Task task = std::move(ready_.front());
  ready_.pop_front();
  busy_ = true;
  task();
  busy_ = false;
}

Micros SimExecutor::next() const {
  if (busy_) return Micros::max();
  if (!ready_.empty()) return std::max(time_.now, stalled_until_);
  for (const auto& [when, task] : timers_)
    if (*task) return std::max(clock_.true_time_of(when), stalled_until_);
  return Micros::max();
}

}  // namespace belay::sim
