#include "campaign/reach.h"

#include <gtest/gtest.h>

#include <cmath>

#include "campaign/campaign.h"
#include "campaign/reach_json.h"

namespace belay {
namespace {

std::string person(unsigned n) {
  return "user-" + std::to_string(n);
}

// They are in whatever a database or a release does: these numbers must never change.
TEST(ControlGroups, lots_are_the_same_for_ever) {
  EXPECT_EQ(lot_of("account-TEST-123-4567", "ravi"), lot_of("account-TEST-123-4567", "ravi"));
  EXPECT_EQ(lot_of("", ""), 2737183428366584608u);
  EXPECT_EQ(lot_of("campaign-1457432766", "ravi"), 669295120379990684u);
}

TEST(ControlGroups, the_texts_are_kept_apart) {
  EXPECT_NE(lot_of("ab", "c"), lot_of("a", "bc"));
}

// Each share within four standard deviations, for names that differ in a digit only.
TEST(ControlGroups, a_share_is_as_large_as_it_says) {
  constexpr unsigned people = 20'000;
  for (const std::uint32_t percent : {1u, 2u, 5u, 10u, 50u, 99u})
    for (const std::string_view group :
         {"account-A", "account-B", "campaign-1457432766", "campaign-1457432767"}) {
      unsigned in = 0;
      for (unsigned n = 0; n < people; ++n) in += drawn(lot_of(group, person(n)), percent) ? 1 : 0;
      const double share = percent / 100.0;
      EXPECT_NEAR(in, people * share, 4 * std::sqrt(people * share * (1 - share))) << percent << " " << group;
    }
}

// Who is in one of 10 percent is in another of 10 percent one time in ten.
TEST(ControlGroups, groups_of_several_campaigns_have_nothing_to_do_with_each_other) {
  unsigned both = 0;
  for (unsigned n = 0; n < 20'000; ++n)
    both += drawn(lot_of("campaign-1", person(n)), 10) && drawn(lot_of("campaign-2", person(n)), 10) ? 1 : 0;
  EXPECT_NEAR(both, 200, 57);
}

TEST(ControlGroups, a_larger_share_has_everybody_of_a_smaller_one) {
  for (unsigned n = 0; n < 2000; ++n)
    if (drawn(lot_of("g", person(n)), 5)) EXPECT_TRUE(drawn(lot_of("g", person(n)), 10));
  EXPECT_FALSE(drawn(0, 0));
}

TEST(Limits, the_least_of_them_counts) {
  EXPECT_EQ((PeopleLimits{}.least_of(7, std::nullopt)), 7u);
  EXPECT_EQ((PeopleLimits{500, 200, 300}.least_of(1000, 500)), 200u);
  EXPECT_EQ((PeopleLimits{500, 200, 300}.least_of(1000, 20)), 20u);
  EXPECT_EQ((PeopleLimits{500, 200, 300}.least_of(10, 20)), 10u);
}

ReachRules parsed(std::string_view text) {
  const auto rules = parse_reach_rules(*parse_json(text));
  EXPECT_TRUE(rules) << rules.error();
  return rules.value_or(ReachRules{});
}

TEST(ReachRules, are_read_and_written_back) {
  const ReachRules rules = parsed(
      R"({"frequency_caps":[{"messages":2,"per":"day"},{"messages":5,"per":"week","channel":"push"},
          {"messages":9,"per":"month","channel":null}],"system_control_group":{"percentage":5}})");
  ASSERT_EQ(rules.frequency_caps.size(), 3u);
  EXPECT_EQ(rules.frequency_caps[1].channel, Channel::push);
  EXPECT_EQ(rules.frequency_caps[2].days(), 30u);
  EXPECT_EQ(rules.control_group_percent, 5u);
  EXPECT_EQ(parsed(to_text(to_json(rules))), rules);
  EXPECT_TRUE(parsed("{}").empty());
  EXPECT_TRUE(to_json(ReachRules{}).empty());
}

TEST(ReachRules, name_what_is_wrong) {
  struct {
    std::string_view text, says;
  } const cases[] = {
      {"[]", "must be an object"},
      {R"({"caps":[]})", "unknown key \"caps\""},
      {R"({"frequency_caps":{}})", "must be a list"},
      {R"({"frequency_caps":[7]})", "frequency_caps[0] must be an object"},
      {R"({"frequency_caps":[{"per":"day"}]})", "needs \"messages\""},
      {R"({"frequency_caps":[{"messages":0,"per":"day"}]})",
       "messages must be a whole number from 1 to 1000, and is 0"},
      {R"({"frequency_caps":[{"messages":1,"per":"hour"}]})", "per must be \"day\""},
      {R"({"frequency_caps":[{"messages":1,"per":"day","channel":"pigeon"}]})", "channel must be"},
      {R"({"frequency_caps":[{"messages":1,"per":"day","chanel":"push"}]})", "unknown key \"chanel\""},
      {R"({"frequency_caps":[{"messages":1,"per":"day"},{"messages":2,"per":"day"}]})",
       "frequency_caps[1]: there is one"},
      {R"({"system_control_group":5})", "must be an object"},
      {R"({"system_control_group":{"percentage":100}})", "from 1 to 99, and is 100"},
  };
  for (const auto& c : cases) {
    const auto rules = parse_reach_rules(*parse_json(c.text));
    ASSERT_FALSE(rules) << c.text;
    EXPECT_NE(rules.error().find(c.says), std::string::npos) << rules.error();
  }
}

TEST(ReachRules, a_definition_keeps_its_own) {
  Definition d;
  d.limits = {1000, 200, std::nullopt};
  d.control_group = {10, CampaignId{7}};
  d.system_control_group = false;
  d.respect_frequency_caps = false;
  const auto again = definition_from_json(to_json_text(d));
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->limits, d.limits);
  EXPECT_EQ(again->control_group, d.control_group);
  EXPECT_FALSE(again->system_control_group);
  EXPECT_FALSE(again->respect_frequency_caps);
  const auto silent = definition_from_json(to_json_text(Definition{}));
  ASSERT_TRUE(silent);
  EXPECT_TRUE(silent->limits.empty() && !silent->control_group && silent->system_control_group &&
              silent->respect_frequency_caps);
}

}  // namespace
}  // namespace belay
