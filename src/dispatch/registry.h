// The runs that this server is delivering, for whoever must find one by its campaign: the brake, the
// API. Safe from any thread. A run is in here before its first admission and until it is settled.
#pragma once
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "dispatch/open_run.h"

namespace belay::dispatch {

class RunRegistry {
 public:
  void add(std::shared_ptr<const OpenRun> run) {
    const std::lock_guard lock(mutex_);
    runs_[run->campaign] = std::move(run);
  }
  void remove(CampaignId campaign) {
    const std::lock_guard lock(mutex_);
    runs_.erase(campaign);
  }
  std::shared_ptr<const OpenRun> find(CampaignId campaign) const {
    const std::lock_guard lock(mutex_);
    const auto it = runs_.find(campaign);
    return it == runs_.end() ? nullptr : it->second;
  }
  std::vector<std::shared_ptr<const OpenRun>> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<const OpenRun>> out;
    for (const auto& [id, run] : runs_) out.push_back(run);
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<CampaignId, std::shared_ptr<const OpenRun>> runs_;
};

// The run as its loops have last published it.
Tally live_tally(const OpenRun& run, bool ended);

}  // namespace belay::dispatch
