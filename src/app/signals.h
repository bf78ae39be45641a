// Signals as events on a loop, through signalfd: no handler ever runs inside other code.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"

namespace belay::net {
class IoLoop;
}

namespace belay::app {

// Keeps SIGTERM, SIGINT, SIGHUP and SIGUSR1 from ending the process; they wait until a Signals reads
// them. Call before the first thread is started: threads inherit it. SIGPIPE is ignored.
void hold_signals();

// Which of the signals that ask for the end count. One wish often comes twice within milliseconds: a
// terminal's Ctrl-C reaches the whole group, and a supervisor passes its own on. The first counts, and
// whatever comes a second after it or later.
class EndSignals {
 public:
  bool counts(SteadyTime now) {
    if (!first_) first_ = now;
    return *first_ == now || now - *first_ >= same_within;
  }

 private:
  static constexpr Micros same_within = Seconds{1};
  std::optional<SteadyTime> first_;
};

class Signals {
 public:
  // `end` is called on the loop for SIGTERM, SIGINT and SIGHUP as EndSignals has it, `stop` for SIGUSR1.
  Signals(net::IoLoop& loop, std::function<void(int signal)> end, std::function<void()> stop);
  ~Signals();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace belay::app
