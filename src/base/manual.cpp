#include "base/manual.h"

#include <utility>

namespace belay {

std::uint64_t SeededRandom::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// Holds the task; an expired entry in the map means that the timer was cancelled.
class ManualTimer final : public Executor::Timer {
 public:
  explicit ManualTimer(std::shared_ptr<Task> task) : task_(std::move(task)) {}
  ~ManualTimer() override { *task_ = nullptr; }

 private:
  std::shared_ptr<Task> task_;
};

std::unique_ptr<Executor::Timer> ManualExecutor::after(Micros delay, Task task) {
  auto shared = std::make_shared<Task>(std::move(task));
  timers_->emplace(clock_.steady() + delay, shared);
  return std::make_unique<ManualTimer>(std::move(shared));
}

void ManualExecutor::collect_due() {
  while (!timers_->empty() && timers_->begin()->first <= clock_.steady()) {
    auto task = timers_->begin()->second;
    timers_->erase(timers_->begin());
    if (!*task) continue;
    ready_.push_back([task] {
      if (*task) std::exchange(*task, nullptr)();
    });
  }
}

bool ManualExecutor::run_one() {
  collect_due();
  if (ready_.empty()) return false;
  Task task = std::move(ready_.front());
  ready_.pop_front();
  task();
  return true;
}

void ManualExecutor::run_ready() {
  while (run_one()) {
  }
}

SteadyTime ManualExecutor::next_timer() const {
  for (const auto& [when, task] : *timers_)
    if (*task) return when;
  return SteadyTime::max();
}

}  // namespace belay
