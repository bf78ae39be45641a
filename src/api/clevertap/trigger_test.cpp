// Campaigns that a caller starts (contract 4.5).
#include "api/clevertap/trigger.h"

#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;

class TriggerTest : public ::testing::Test {
 protected:
  TriggerTest() { desk.add_provider(who, "fcm"); }
  std::string make(std::string_view content = R"("title":"Hi {{ ExternalTrigger.name }}","body":"b")") {
    desk.clock.advance(Seconds{1});
    const auto reply = desk.post(who, "/api/v1/triggers",
                                 fmt::format(R"({{"name":"order shipped","content":{{{}}}}})", content));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return field(reply, "id");
  }
  net::HttpReply trigger(const std::string& id, std::string_view more = "") {
    return desk.post(who, "/1/send/externaltrigger.json",
                     fmt::format(R"({{"to":{{"identity":["ann"],"email":["a@x.org"]}},"campaign_id":"{}"{}}})", id,
                                 more));
  }
  Campaign campaign(std::string_view id) {
    return *desk.control().campaign(desk.id_of(who), CampaignId{std::stoll(std::string(id))});
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567");
};

TEST_F(TriggerTest, starts_a_run_for_those_who_are_named) {
  const std::string id = make();
  const auto reply = trigger(id, R"(,"ExternalTrigger":{"name":"Ann"})");
  EXPECT_EQ(reply.body, R"({"message":"Added to queue for processing","status":"success"})");
  const Campaign run = campaign(header(reply, "Belay-Campaign"));
  EXPECT_EQ(fmt::format("{}", run.series), id);
  EXPECT_EQ(run.definition.where, R"({"$ids":{"Identity":["ann"],"Email":["a@x.org"]}})");
  EXPECT_EQ(run.definition.push.title, "Hi Ann");
  EXPECT_EQ(campaign(id).definition.push.title, "Hi {{ ExternalTrigger.name }}");
  EXPECT_EQ(campaign(header(trigger(id), "Belay-Campaign")).occurrence, 2);
}

TEST_F(TriggerTest, the_second_version_starts_several_and_wants_its_token) {
  const std::string one = make(), two = make();
  const std::string body = fmt::format(R"({{"to":{{"identity":["ann"]}},"campaign_id_list":[{},{}]}})", one, two);
  EXPECT_EQ(desk.post(who, "/2/send/externaltrigger.json", body).status, 401);
  auto request = desk.as(who, desk.request("POST", "/2/send/externaltrigger.json", body));
  request.headers.emplace_back("X-CleverTap-Token", "token");
  const auto reply = desk.call(request);
  EXPECT_EQ(reply.status, 200) << reply.body;
  const std::string made = header(reply, "Belay-Campaign");
  ASSERT_NE(made.find(','), std::string::npos);
  EXPECT_EQ(fmt::format("{}", campaign(made.substr(0, made.find(','))).series), one);
}

TEST_F(TriggerTest, what_is_stopped_or_no_trigger_starts_nothing) {
  const std::string id = make();
  const auto before = (*desk.control().campaigns({})).size();
  EXPECT_EQ(trigger("17").body, R"({"status":"fail","error":"Invalid campaign id","code":400})");
  desk.clock.advance(Seconds{1});
  const std::string ordinary = field(
      desk.post(who, "/1/targets/create.json",
                R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"when":"20990101 10:00"})"),
      "id");
  EXPECT_NE(trigger(ordinary).body.find("is not started by a trigger"), std::string::npos);
  desk.post(who, "/1/targets/stop.json", fmt::format(R"({{"id":{}}})", id));
  EXPECT_NE(trigger(id).body.find("is stopped"), std::string::npos);
  EXPECT_EQ((*desk.control().campaigns({})).size(), before + 1);
}

TEST_F(TriggerTest, refuses_what_it_does_not_understand) {
  const std::string id = make();
  for (const std::string& body :
       {std::string("{}"), fmt::format(R"({{"campaign_id":"{}"}})", id),
        fmt::format(R"({{"to":{{}},"campaign_id":"{}"}})", id),
        fmt::format(R"({{"to":{{"phone":["1"]}},"campaign_id":"{}"}})", id),
        fmt::format(R"({{"to":{{"identity":["a"]}},"campaign_id":"{}","ExternalTrigger":[]}})", id),
        std::string(R"({"to":{"identity":["a"]},"campaign_id":"x"})")})
    EXPECT_EQ(desk.post(who, "/1/send/externaltrigger.json", body).status, 400) << body;
  const std::string timed = R"({"name":"n","when":"now","content":{"title":"t","body":"b"}})";
  EXPECT_EQ(desk.post(who, "/api/v1/triggers", timed).status, 400);
}

TEST(TriggerValues, are_put_into_texts_and_are_never_templates) {
  Definition d;
  d.push.title = "{{ExternalTrigger.a}} {{ ExternalTrigger.b.c }}|{{ ExternalTrigger.none }}|{{ Profile.Name }}";
  d.push.android = {{"k", "{{- ExternalTrigger.n -}}"}};
  const auto values = parse_json(R"({"a":"A","b":{"c":true},"n":12})")->as_object();
  ASSERT_TRUE(put_in_trigger(d, values));
  EXPECT_EQ(d.push.title, "A true||{{ Profile.Name }}");
  EXPECT_EQ(d.push.android[0].second, "12");
  d.push.title = "{{ ExternalTrigger.a }}";
  EXPECT_FALSE(put_in_trigger(d, parse_json(R"({"a":"{{ Profile.Phone }}"})")->as_object()));
}

}  // namespace
}  // namespace belay::api::clevertap
