// The Executor port: where a piece of the engine runs. Tasks posted to one executor run one at a
// time, in the order they were posted, so what only its own executor touches needs no lock.
// post() and after() may be called from any thread and never block; a task must not block either,
// except on executors that exist to wait for the store. Tasks still queued when the executor is
// destroyed are destroyed unrun.
#pragma once
#include <functional>
#include <memory>

#include "base/clock.h"

namespace belay {

using Task = std::move_only_function<void()>;

class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(Task task) = 0;

  // Runs the task once, not before `delay` has passed. Destroying or resetting the handle on the
  // executor itself guarantees that the task will not run any more.
  class Timer {
   public:
    virtual ~Timer() = default;
  };
  [[nodiscard]] virtual std::unique_ptr<Timer> after(Micros delay, Task task) = 0;
};

}  // namespace belay
