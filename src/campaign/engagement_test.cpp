#include "campaign/engagement.h"

#include <gtest/gtest.h>

namespace belay {
namespace {

TEST(MessageTag, is_an_id_and_perhaps_a_day) {
  EXPECT_EQ(message_tag("1457432766"), (MessageTag{CampaignId{1457432766}, 0}));
  EXPECT_EQ(message_tag("1457432766_20160308"), (MessageTag{CampaignId{1457432766}, 20160308}));
}

TEST(MessageTag, is_nothing_else) {
  for (const std::string_view text :
       {"", "_", "0", "-5", "1457432766_", "1457432766_20160231", "1457432766_x", "14574 32766",
        "9223372036854775808", "1457432766_20160308_1"})
    EXPECT_FALSE(message_tag(text)) << text;
}

TEST(Engagement, is_told_by_three_events) {
  EXPECT_EQ(engagement_of("Notification Clicked"), Engagement::clicked);
  EXPECT_EQ(engagement_of("Notification Viewed"), Engagement::viewed);
  EXPECT_EQ(engagement_of("Push Impressions"), Engagement::viewed);
  EXPECT_FALSE(engagement_of("Notification Sent"));
  EXPECT_FALSE(engagement_of("notification clicked"));
}

}  // namespace
}  // namespace belay
