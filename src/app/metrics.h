// GET /metrics: the engine's and the process's numbers as Prometheus text. text() may be called from
// any thread and reads /proc, which does not wait for a disk.
#pragma once
#include <string>

#include "base/clock.h"
#include "dispatch/engine.h"

namespace belay::app {

class Metrics {
 public:
  Metrics(const dispatch::Engine& engine, const Clock& clock, std::string version)
      : engine_(engine), started_(clock.wall()), version_(std::move(version)) {}
  std::string text() const;

 private:
  const dispatch::Engine& engine_;
  const WallTime started_;
  const std::string version_;
};

// The same from plain numbers, for tests.
std::string metrics_text(const dispatch::EngineMetrics& m);

}  // namespace belay::app
