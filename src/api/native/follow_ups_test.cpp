// Pause, resume, continue and correct over a real store, without an engine: as the command line calls them
// when no server runs.
#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;

class FollowUps : public ::testing::Test {
 protected:
  CampaignId create(const Credentials& owner) {
    const auto reply = desk.post(owner, "/1/targets/create.json",
                                 R"({"name":"Sale","where":{},"content":{"title":"Hi","body":"There"},)"
                                 R"("when":"20160309 10:00","labels":["spring"]})");
    CHECK(reply.status == 200);
    return CampaignId{std::stoll(field(reply, "id"))};
  }
  net::HttpReply ask(const Credentials& caller, CampaignId id, std::string_view act, std::string body = "") {
    return desk.post(caller, fmt::format("/api/v1/campaigns/{}/{}", id, act), std::move(body));
  }
  void stop(CampaignId id) {
    ASSERT_EQ(desk.post(mine, "/api/v1/stops", fmt::format(R"({{"scope":{{"campaign":{}}}}})", id)).status,
              200);
  }
  Definition definition_of(const net::HttpReply& reply) {
    return desk.control().campaign({}, CampaignId{std::stoll(field(reply, "id"))})->definition;
  }

  Desk desk;
  Credentials mine = desk.add_account("TEST-123-4567"), theirs = desk.add_account("TEST-765-4321");
  ProviderId provider = desk.add_provider(mine, "fcm");
};

TEST_F(FollowUps, pause_and_resume_answer_with_the_campaign) {
  const CampaignId id = create(mine);
  const auto paused = ask(mine, id, "pause", R"({"reason":"wait"})");
  ASSERT_EQ(paused.status, 200) << paused.body;
  EXPECT_EQ(field(paused, "state"), "\"paused\"");
  EXPECT_EQ(field(paused, "state_reason"), "\"paused by api:TEST-123-4567: wait\"");
  EXPECT_EQ(field(paused, "counts"), "null");
  EXPECT_EQ(ask(mine, id, "pause").status, 200) << "harmless";
  EXPECT_EQ(ask(mine, id, "resume", R"({"past_due":"later"})").status, 400);
  const auto resumed = ask(mine, id, "resume");
  ASSERT_EQ(resumed.status, 200) << resumed.body;
  EXPECT_EQ(field(resumed, "state"), "\"scheduled\"");
  stop(id);
  EXPECT_EQ(ask(mine, id, "pause").status, 409);
  EXPECT_EQ(ask(mine, id, "resume").status, 409);
}

TEST_F(FollowUps, are_for_the_own_campaigns_only) {
  const CampaignId id = create(mine);
  stop(id);
  const std::string content = R"({"title":"Sorry","body":"b"})";
  for (const char* act : {"pause", "resume", "continue"}) EXPECT_EQ(ask(theirs, id, act).status, 404) << act;
  EXPECT_EQ(ask(theirs, id, "correct", content).status, 404);
  EXPECT_EQ(ask(mine, CampaignId{4711}, "pause").status, 404);
}

// S20: the rest of a campaign, once; S52: nobody else.
TEST_F(FollowUps, S20_continue_makes_a_campaign_of_the_rest_once) {
  const CampaignId id = create(mine);
  EXPECT_EQ(ask(mine, id, "continue").status, 409) << "it is not over";
  stop(id);
  const auto child =
      ask(mine, id, "continue", R"({"when":"20990101 10:00","past_due":"miss","name":"Rest"})");
  ASSERT_EQ(child.status, 200) << child.body;
  EXPECT_EQ(field(child, "continues"), fmt::format("{}", id));
  EXPECT_EQ(field(child, "corrects"), "null");
  EXPECT_EQ(field(child, "scopes"), R"(["withheld"])");
  EXPECT_EQ(field(child, "labels"), R"(["spring"])");
  EXPECT_EQ(field(child, "name"), "\"Rest\"");
  EXPECT_EQ(definition_of(child).push.title, "Hi");
  const auto again = ask(mine, id, "continue");
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find(field(child, "id")), std::string::npos)
      << "names the one that does: " << again.body;
  EXPECT_EQ(ask(mine, id, "continue", R"({"scopes":["failed","in_doubt"]})").status, 200);
  for (const char* bad : {R"({"scopes":[]})", R"({"scopes":["accepted"]})", R"({"scopes":"failed"})",
                          R"({"scope":["failed"]})", R"({"when":"yesterday"})", R"({"past_due":1})"})
    EXPECT_EQ(ask(mine, id, "continue", bad).status, 400) << bad;
}

// Whatever "past_due" says: these messages would be dead when they arrive.
TEST_F(FollowUps, continue_is_refused_once_the_messages_have_expired) {
  const auto made =
      desk.post(mine, "/1/targets/create.json",
                R"({"name":"Sale","where":{},"content":{"title":"Hi","body":"There"},)"
                R"("when":"20160309 10:00","ttl":{"ttl_type":"absolute","value":201603091200}})");
  ASSERT_EQ(made.status, 200) << made.body;
  const CampaignId id{std::stoll(field(made, "id"))};
  ASSERT_TRUE(definition_of(made).ttl.until);
  stop(id);
  const WallTime until = *definition_of(made).ttl.until;
  const auto later = ask(mine, id, "continue", R"({"when":"20990101 10:00"})");
  EXPECT_EQ(later.status, 409) << later.body;
  desk.clock.advance(until - desk.clock.wall());
  const auto refused = ask(mine, id, "continue", R"({"past_due":"send"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("ttl"), std::string::npos) << refused.body;
  EXPECT_EQ(ask(mine, id, "correct", R"({"title":"Sorry","body":"b"})").status, 200) << "has one of its own";
}

TEST_F(FollowUps, correct_makes_a_campaign_with_other_content_for_the_reached) {
  const CampaignId id = create(mine);
  stop(id);
  const auto child =
      ask(mine, id, "correct", R"({"content":{"title":"Sorry","body":"The price was wrong"}})");
  ASSERT_EQ(child.status, 200) << child.body;
  EXPECT_EQ(field(child, "corrects"), fmt::format("{}", id));
  EXPECT_EQ(field(child, "scopes"), R"(["accepted","in_doubt"])");
  EXPECT_EQ(definition_of(child).push.title, "Sorry");
  EXPECT_EQ(ask(mine, id, "correct", R"({"title":"Again","body":"b","reached":["accepted"]})").status, 200);
  for (const char* bad : {R"({})", R"({"title":"t"})", R"({"title":"t","body":"b","reached":["failed"]})",
                          R"({"title":"{{","body":"b"})"})
    EXPECT_EQ(ask(mine, id, "correct", bad).status, 400) << bad;
}

TEST_F(FollowUps, a_latch_refuses_them) {
  const CampaignId id = create(mine), other = create(mine);
  ASSERT_EQ(ask(mine, other, "pause").status, 200);
  stop(id);
  ASSERT_EQ(desk.post(mine, "/api/v1/stops", R"({"scope":{"label":"spring"},"latch":true})").status, 200);
  const auto refused = ask(mine, id, "continue");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("latched"), std::string::npos) << refused.body;
  EXPECT_EQ(desk.control().campaign({}, other)->state, State::stopped) << "a stop finds what is paused";
}

}  // namespace
}  // namespace belay::api
