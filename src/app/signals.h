// Signals as events on a loop, through signalfd: no handler ever runs inside other code.
#pragma once
#include <functional>
#include <memory>

namespace belay::net {
class IoLoop;
}

namespace belay::app {

// Keeps SIGTERM, SIGINT, SIGHUP and SIGUSR1 from ending the process; they wait until a Signals reads
// them. Call before the first thread is started: threads inherit it. SIGPIPE is ignored.
void hold_signals();

class Signals {
 public:
  // `end` is called on the loop for SIGTERM, SIGINT and SIGHUP, `stop` for SIGUSR1.
  Signals(net::IoLoop& loop, std::function<void(int signal)> end, std::function<void()> stop);
  ~Signals();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace belay::app
