// A thread that runs one Asio event loop: the real Executor. Started by the constructor, ended by
// stop() or the destructor, which joins. post() and after() are safe from any thread.
#pragma once
#include <memory>
#include <string>

#include "base/executor.h"

namespace boost::asio {
class io_context;
}

namespace belay::net {

class IoLoop final : public Executor {
 public:
  explicit IoLoop(std::string thread_name);  // at most 15 characters, shown by top -H
  ~IoLoop() override;
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void post(Task task) override;
  std::unique_ptr<Timer> after(Micros delay, Task task) override;

  // Asks the scheduler to let this thread run at once when it wakes, ahead of threads that are busy all the
  // time. For loops that do little and are waited for: the brake's. Best effort: the nicer half needs a
  // privilege, the other a kernel from 6.12 on.
  void hurry();

  // Ends the loop after the task that is running; waits for the thread. Queued tasks are dropped.
  void stop();

  // CPU time this loop's thread has used.
  Micros cpu_time() const;

  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::net
