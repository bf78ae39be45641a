// The stop of everything, asked for by SIGUSR1 or the file STOP: the same as `belay stop --all --latch`.
// Tries again until the store has it. Lives on one loop.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/executor.h"
#include "dispatch/engine.h"

namespace belay::app {

class EmergencyStop {
 public:
  EmergencyStop(dispatch::Engine& engine, Executor& loop) : engine_(engine), loop_(loop) {}

  // On the loop. `durable` is called there once the stop is on disk. One at a time by actor: asking
  // again while it is under way changes nothing.
  void ask(const std::string& actor, const std::string& reason, std::function<void()> durable);

 private:
  struct Pending {
    std::string actor, reason;
    std::function<void()> durable;
    std::unique_ptr<Executor::Timer> retry;
  };
  void send(const std::shared_ptr<Pending>& pending);
  void answered(const std::shared_ptr<Pending>& pending,
                const Result<StopRecord, dispatch::StopError>& result);

  dispatch::Engine& engine_;
  Executor& loop_;
  std::map<std::string, std::shared_ptr<Pending>> under_way_;  // by actor
};

}  // namespace belay::app
