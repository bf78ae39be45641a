// What conversions were counted last, so that asking again costs nothing while nothing has happened. Safe
// from any thread.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"

namespace belay::api {

class ConversionBook {
 public:
  static constexpr std::size_t most = 1000;  // campaigns
  static constexpr Seconds good_for{600};    // then merged and deleted people are seen, too

  struct Count {
    std::int64_t last_event = 0;  // the account's, when it was counted
    std::uint32_t accepted = 0;   // messages of the campaign
    std::uint64_t people = 0;
    double revenue = 0;
    WallTime at{};
  };
  // Nothing where events or messages have come in since.
  std::optional<Count> find(CampaignId campaign, std::int64_t last_event, std::uint32_t accepted,
                            WallTime now);
  void keep(CampaignId campaign, const Count& count);

 private:
  std::mutex mutex_;
  std::map<CampaignId, Count> counts_;
};

}  // namespace belay::api
