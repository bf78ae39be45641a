// GET /metrics: the engine's and the process's numbers as Prometheus text. text() may be called from
// any thread and reads /proc, which does not wait for a disk.
#pragma once
#include <string>

#include "api/call_counts.h"
#include "base/clock.h"
#include "dispatch/engine.h"
#include "notify/notifier.h"

namespace belay::app {

class Metrics {
 public:
  Metrics(const dispatch::Engine& engine, const Clock& clock, std::string version)
      : engine_(engine), started_(clock.wall()), version_(std::move(version)) {}
  std::string text(const api::CallCounts::Rows& calls) const;

  void show(const notify::Notifier& notifier) { notifier_ = &notifier; }

 private:
  const dispatch::Engine& engine_;
  const WallTime started_;
  const std::string version_;
  const notify::Notifier* notifier_ = nullptr;
};

// The same from plain numbers, for tests.
std::string metrics_text(const dispatch::EngineMetrics& m, const api::CallCounts::Rows& calls = {});

}  // namespace belay::app
