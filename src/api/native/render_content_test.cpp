// POST /api/v1/content/render: what one person would get.
#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api {
namespace {

using testing::Credentials;
using testing::Desk;

class RenderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto reply = desk.post(
        mine, "/1/upload",
        R"({"d":[{"type":"profile","identity":"ravi","profileData":{"Name":"Ravi","Score":4.5,"Tags":["a","b"]}}]})");
    ASSERT_EQ(reply.status, 200);
  }
  net::HttpReply render(std::string_view body) { return desk.post(mine, path, std::string(body)); }
  json::value answer(std::string_view body) {
    const auto reply = render(body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return *parse_json(reply.body);
  }
  std::string message(std::string_view body, int status = 400) {
    const auto reply = render(body);
    EXPECT_EQ(reply.status, status) << reply.body;
    return std::string(parse_json(reply.body)->at("error").at("message").as_string());
  }

  static constexpr std::string_view path = "/api/v1/content/render";
  Desk desk;
  Credentials mine = desk.add_account("TEST-123-4567"), theirs = desk.add_account("TEST-765-4321");
};

TEST_F(RenderTest, shows_each_platform_as_that_person_would_get_it) {
  const auto shown = answer(R"({"identity":"ravi","content":{"title":"Hi {{ Profile.Name | upcase }}",
      "body":"{{ Profile.Score }}{% if Profile.Gone %}x{% endif %}{{ 'now' | date: '%Y' }}",
      "platform_specific":{"android":{"wzrk_cid":"c","deep_link":"app://{{ Profile.Tags | join: '/' }}"}}}})");
  EXPECT_EQ(to_text(shown.at("rendered").at("ios")), R"({"title":"Hi RAVI","body":"4.52016"})");
  EXPECT_EQ(to_text(shown.at("rendered").at("android")),
            R"({"title":"Hi RAVI","body":"4.52016","wzrk_cid":"c","deep_link":"app://a/b"})");
  EXPECT_EQ(to_text(shown.at("failed")), "[]");
}

TEST_F(RenderTest, takes_a_sample_profile_and_every_channel) {
  EXPECT_EQ(to_text(answer(R"({"target_mode":"email","profile":{"Name":"Ann"},"content":{
      "subject":"Hi {{ Profile.Name }}","body":"<b>b</b>","sender_name":"Shop",
      "cc":["a@example.com","b@example.com"]}})")),
            R"({"target_mode":"email","rendered":{"email":{"subject":"Hi Ann","body":"<b>b</b>",)"
            R"("sender_name":"Shop",)"
            R"("cc":["a@example.com","b@example.com"]}},"failed":[]})");
  EXPECT_EQ(to_text(answer(R"({"target_mode":"webhook","profile":{},
      "webhook_key_value":{"n":"{{ Profile.N | default: 1 }}"}})")
                        .at("rendered")),
            R"({"webhook":{"n":"1"}})");
  const auto browsers = answer(R"({"target_mode":"webpush","profile":{},"content":{"title":"t","body":"b",
      "platform_specific":{"safari":{"ttl":5}}}})");
  EXPECT_EQ(to_text(browsers.at("rendered").at("safari")), R"({"title":"t","body":"b","ttl":"5"})");
}

TEST_F(RenderTest, names_what_this_person_could_not_get) {
  const auto shown = answer(
      R"({"profile":{},"content":{"title":"{% abort %}","body":"{{ 1 | divided_by: Profile.N }}"}})");
  EXPECT_EQ(to_text(shown.at("rendered").at("web")), R"({"title":null,"body":null})");
  EXPECT_EQ(to_text(shown.at("failed")), R"(["content.title","content.body"])");
}

TEST_F(RenderTest, says_field_line_and_column_of_a_mistake) {
  const auto reply = render(R"({"profile":{},"content":{"title":"t","body":"a\n {{ Profile.Name | bogus }}"}})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, R"x({"error":{"type":"invalid",)x"
                        R"x("message":"content.body: Unknown filter \"bogus\" (line 2, column 20)",)x"
                        R"x("field":"content.body","line":2,"column":20}})x");
}

TEST_F(RenderTest, refuses_what_creation_would_refuse) {
  EXPECT_EQ(message(R"({"profile":{},"target_mode":"sms","content":{}})"), "content.body is required");
  EXPECT_EQ(message(R"({"profile":{},"content":{"title":"t","body":"b",
      "platform_specific":{"ios":{"badge_count":"x"}}}})"),
            "ios badge_count must be a whole number");
  EXPECT_EQ(message(R"({"content":{"title":"t","body":"b"}})"), "Say for whom: one of \"identity\" and \"profile\"");
  EXPECT_EQ(message(R"({"identity":"ravi","profile":{},"content":{"title":"t","body":"b"}})"),
            "Say for whom: one of \"identity\" and \"profile\"");
  EXPECT_EQ(message(R"({"profile":[],"content":{"title":"t","body":"b"}})"),
            "\"profile\" must be an object of properties");
  EXPECT_EQ(message(R"({"identity":"nobody","content":{"title":"t","body":"b"}})", 404),
            "There is no profile with the identity \"nobody\"");
  EXPECT_EQ(message(R"({"profile":{},"target_mode":"pigeon"})"),
            "\"target_mode\" must be push, webpush, email, sms, whatsapp or webhook, not \"pigeon\"");
}

TEST_F(RenderTest, knows_nobody_of_another_account) {
  const auto reply =
      desk.post(theirs, path, R"({"identity":"ravi","content":{"title":"{{ Profile.Name }}","body":"b"}})");
  EXPECT_EQ(reply.status, 404) << reply.body;
}

}  // namespace
}  // namespace belay::api
