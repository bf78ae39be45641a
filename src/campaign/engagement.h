// What people do with a message, as their apps tell it: events that name the campaign. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"

namespace belay {

enum class Engagement : std::uint8_t { viewed, clicked };

// Of the events Notification Viewed, Push Impressions and Notification Clicked.
std::optional<Engagement> engagement_of(std::string_view event_name);

// Which message it was: the campaign, and, where the event says it, the local day (yyyymmdd) of its run.
struct MessageTag {
  CampaignId campaign;
  std::int32_t day = 0;  // 0: none is named
  friend bool operator==(const MessageTag&, const MessageTag&) = default;
};

// Of "1457432766" or "1457432766_20160308", as SDKs send it in wzrk_id.
std::optional<MessageTag> message_tag(std::string_view text);

}  // namespace belay
