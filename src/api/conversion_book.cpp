#include "api/conversion_book.h"

namespace belay::api {

std::optional<ConversionBook::Count> ConversionBook::find(CampaignId campaign, std::int64_t last_event,
                                                          std::uint32_t accepted, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(campaign);
  if (found == counts_.end()) return std::nullopt;
  const Count& count = found->second;
  if (count.last_event != last_event || count.accepted != accepted) return std::nullopt;
  if (now < count.at || now - count.at > good_for) return std::nullopt;
  return count;
}

void ConversionBook::keep(CampaignId campaign, const Count& count) {
  const std::lock_guard lock(mutex_);
  if (counts_.size() >= most) counts_.clear();
  counts_[campaign] = count;
}

}  // namespace belay::api
