#include "dispatch/registry.h"

namespace belay::dispatch {

Tally live_tally(const OpenRun& run, bool ended) {
  std::vector<LoopTally> loops;
  for (const LiveTally& live : run.live) loops.push_back(live.read());
  loops.push_back(run.by_runner.read());
  return add_up(run.base, loops, ended);
}

}  // namespace belay::dispatch
