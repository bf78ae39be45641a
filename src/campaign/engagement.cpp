#include "campaign/engagement.h"

#include <charconv>

#include "campaign/schedule.h"

namespace belay {
namespace {

// The whole of a text of digits; nothing for 0 and for what no 63 bits hold.
std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Engagement> engagement_of(std::string_view event_name) {
  if (event_name == "Notification Clicked") return Engagement::clicked;
  if (event_name == "Notification Viewed" || event_name == "Push Impressions") return Engagement::viewed;
  return std::nullopt;
}

std::optional<MessageTag> message_tag(std::string_view text) {
  const std::size_t bar = text.find('_');
  const auto campaign = digits(text.substr(0, bar));
  if (!campaign) return std::nullopt;
  if (bar == std::string_view::npos) return MessageTag{CampaignId{*campaign}, 0};
  const auto day = digits(text.substr(bar + 1));
  if (!day || !calendar_day(*day)) return std::nullopt;
  return MessageTag{CampaignId{*campaign}, static_cast<std::int32_t>(*day)};
}

}  // namespace belay
