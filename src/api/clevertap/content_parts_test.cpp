// Contract 3.4 and 3.6 key by key: what is refused, by which name, and what is good but has no provider.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api::clevertap {
namespace {

using ::testing::HasSubstr;
using testing::Credentials;
using testing::Desk;
using testing::field;

class ContentTest : public ::testing::Test {
 protected:
  // The error of a request of that mode with that content; "good" where all that is missing is the provider.
  std::string error(std::string_view mode, std::string_view content, std::string_view more = "{}") {
    json::object o{{"name", "n"}, {"target_mode", mode}, {"where", json::object{}}, {"when", "now"}};
    if (!content.empty()) o["content"] = *parse_json(content);
    const json::value others = *parse_json(more);
    for (const auto& [key, value] : others.as_object()) o[key] = value;
    const auto reply = desk.post(who, "/1/targets/create.json", to_text(o));
    EXPECT_EQ(reply.status, 400) << reply.body;
    EXPECT_TRUE(desk.control().campaigns({})->empty());
    const std::string text(parse_json(reply.body)->at("error").as_string());
    return text.starts_with(fmt::format("No provider for target_mode {} exists", mode)) ? "good" : text;
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567");
};

TEST_F(ContentTest, of_an_email_is_checked_key_by_key) {
  EXPECT_EQ(error("email", R"({"subject":"Hi {{ Profile.Name }}","body":"<b>b</b>","sender_name":"Shop"})"), "good");
  EXPECT_EQ(error("email", R"({"subject":"s","body":"b","sender_name":"Shop","from_email":"a@example.com",
      "reply_to":"{{ Profile.Agent }}","cc":["a@example.com","b@example.com"],"bcc":"c@example.com",
      "pre_header":"p"})", R"({"subscription_groups":["news"],"send_email_to_opted_out_users":true})"),
            "good");
  EXPECT_EQ(error("email", "", R"({"subject":"s","body":"b","sender_name":"at the top, as old clients send it"})"),
            "good");
  EXPECT_EQ(error("email", R"({"body":"b","sender_name":"s"})"), "content.subject is required");
  EXPECT_EQ(error("email", R"({"subject":"s","sender_name":"s"})"), "content.body is required");
  EXPECT_EQ(error("email", R"({"subject":"s","body":"b"})"), "content.sender_name is required");
  EXPECT_EQ(error("email", R"({"subject":["s"],"body":"b","sender_name":"s"})"), "content.subject must be a text");
  EXPECT_EQ(error("email", R"({"subject":"s","body":"b","sender_name":"s","from_email":"nobody"})"),
            "content.from_email must be an e-mail address");
  EXPECT_EQ(error("email", R"({"subject":"s","body":"b","sender_name":"s","cc":["a@b.c","x"]})"),
            "content.cc must be a list of e-mail addresses");
  EXPECT_EQ(error("email", R"({"subject":"s","body":"b","sender_name":"s","amp":"x"})"), "content.amp is not known");
  EXPECT_THAT(error("email", R"({"subject":"s","body":"b","sender_name":"s","attachments":[1]})"),
              HasSubstr("content.attachments is not available yet"));
  EXPECT_EQ(error("email", fmt::format(R"({{"subject":"{}","body":"b","sender_name":"s"}})", std::string(999, 'x'))),
            "content.subject must not be longer than 998 bytes");
  EXPECT_EQ(error("email", "[]"), "content must be an object");
}

TEST_F(ContentTest, names_field_line_and_column_of_a_template_that_is_wrong) {
  EXPECT_EQ(error("email", R"({"subject":"s","body":"a\n{{ Profile.Name | bogus }}","sender_name":"s"})"),
            "content.body: Unknown filter \"bogus\" (line 2, column 19)");
  EXPECT_EQ(error("webpush", R"({"title":"t","body":"b","platform_specific":{"firefox":{"deep_link":"{{"}}})"),
            "content.platform_specific.firefox.deep_link: \"{{\" is not closed with \"}}\" (line 1, column 1)");
}

TEST_F(ContentTest, of_a_webpush_is_checked_key_by_key) {
  EXPECT_EQ(error("webpush", R"({"title":"t","body":"b","platform_specific":{
      "chrome":{"image":"https://x/i.png","icon":"https://x/i.png","deep_link":"https://x","ttl":10,
                "require_interaction":true,"cta_title1":"Go","cta_link1":"http://x","cta_iconlink1":"https://x"},
      "safari":{"deep_link":"https://x","ttl":10},"firefox":{"icon":"https://x","deep_link":"https://x","ttl":"10"},
      "kaios":{"icon":"https://x","ttl":10,"kaiosKV":{"k":"v"}}}})"),
            "good");
  EXPECT_EQ(error("webpush", R"({"body":"b"})"), "content.title is required");
  const auto with = [&](std::string_view specific) {
    return error("webpush", fmt::format(R"({{"title":"t","body":"b","platform_specific":{}}})", specific));
  };
  EXPECT_EQ(with("[]"), "content.platform_specific must be an object");
  EXPECT_EQ(with(R"({"opera":{}})"), "content.platform_specific.opera is not known");
  EXPECT_EQ(with(R"({"chrome":1})"), "content.platform_specific.chrome must be an object");
  EXPECT_EQ(with(R"({"safari":{"icon":"https://x"}})"), "content.platform_specific.safari.icon is not known");
  EXPECT_EQ(with(R"({"chrome":{"ttl":"soon"}})"), "content.platform_specific.chrome.ttl must be a whole number");
  EXPECT_EQ(with(R"({"chrome":{"ttl":-1}})"), "content.platform_specific.chrome.ttl must be a whole number");
  EXPECT_EQ(with(R"({"chrome":{"require_interaction":"maybe"}})"),
            "content.platform_specific.chrome.require_interaction must be true or false");
  EXPECT_EQ(with(R"({"chrome":{"image":"i.png"}})"),
            "content.platform_specific.chrome.image must begin with https:// or http://");
  EXPECT_EQ(with(R"({"kaios":{"kaiosKV":{"k":[]}}})"),
            "content.platform_specific.kaios.kaiosKV.k must be a text, a number or a boolean");
}

TEST_F(ContentTest, of_an_sms_is_checked_key_by_key) {
  EXPECT_EQ(error("sms", R"({"body":"b","unicode":true,"sender_id":"SHOP",
      "message_info":{"template_id":"1","entity_id":"2","pe_id":3}})"),
            "good");
  EXPECT_EQ(error("sms", R"({"unicode":true})"), "content.body is required");
  EXPECT_EQ(error("sms", R"({"body":"b","unicode":"x"})"), "content.unicode must be true or false");
  EXPECT_EQ(error("sms", R"({"body":"b","sender_id":"a name that is too long"})"),
            "content.sender_id must not be longer than 16 bytes");
  EXPECT_EQ(error("sms", R"({"body":"b","message_info":{"dlt":"x"}})"), "content.message_info.dlt is not known");
  EXPECT_EQ(error("sms", R"({"body":"b","title":"t"})"), "content.title is not known");
}

TEST_F(ContentTest, of_whatsapp_is_checked_key_by_key) {
  EXPECT_EQ(error("whatsapp", R"({"message_type":"template","template_name":"t","locale":"en",
      "header":{"type":"media","media":{"type":"image","url":"https://x/i.png"}},
      "body":{"replacements":["{{ Profile.Name }}","x"]},"buttons":[{"type":"url","replacements":["x"]}]})"),
            "good");
  EXPECT_EQ(error("whatsapp", R"({"message_type":"Freeform","msg":"hi"})"), "good");
  EXPECT_EQ(error("whatsapp", R"({"message_type":"Freeform"})"), "content.msg is required");
  EXPECT_EQ(error("whatsapp", R"({"locale":"en"})"), "content.template_name is required");
  EXPECT_EQ(error("whatsapp", R"({"template_name":"t"})"), "content.locale is required");
  EXPECT_EQ(error("whatsapp", R"({"message_type":"poem"})"),
            "content.message_type \"poem\" is not known: template, freeform are");
  const auto with = [&](std::string_view rest) {
    return error("whatsapp", fmt::format(R"({{"template_name":"t","locale":"en",{}}})", rest));
  };
  EXPECT_EQ(with(R"("header":{"media":{"type":"image"}})"), "content.header.media.url is required");
  EXPECT_EQ(with(R"("header":{"media":{"url":"x"}})"), "content.header.media.url must begin with https:// or http://");
  EXPECT_THAT(with(R"("header":{"type":"song"})"), HasSubstr("content.header.type \"song\" is not known"));
  EXPECT_EQ(with(R"("body":{"replacements":["a",2]})"),
            "content.body.replacements[1] must be a text of at most 1024 bytes");
  EXPECT_EQ(with(R"("buttons":[{}])"), "content.buttons[0].type is required");
  EXPECT_EQ(with(R"("buttons":{})"), "content.buttons must be a list of at most 10 buttons");
  EXPECT_EQ(with(R"("body":{"replacements":["{{ x }}"]})").substr(0, 57),
            "content.body.replacements[0]: Unknown variable \"x\"; a per");
}

TEST_F(ContentTest, keys_of_one_mode_are_refused_with_another) {
  const std::string content = R"({"body":"b"})";
  EXPECT_EQ(error("sms", content, R"({"subscription_groups":["a"]})"), "subscription_groups is for target_mode email");
  EXPECT_EQ(error("sms", content, R"({"subscription_groups":[]})"), "good");
  EXPECT_EQ(error("sms", content, R"({"send_email_to_opted_out_users":true})"),
            "send_email_to_opted_out_users is for target_mode email");
  EXPECT_THAT(error("sms", content, R"({"devices":["ios"]})"), HasSubstr("devices is for target_mode push"));
  EXPECT_THAT(error("email", R"({"subject":"s","body":"b","sender_name":"s"})", R"({"subscription_groups":"a"})"),
              HasSubstr("subscription_groups must be a list of texts"));
}

TEST_F(ContentTest, a_conversion_goal_is_checked_key_by_key) {
  const auto with = [&](std::string_view goal) {
    return error("sms", R"({"body":"b"})", fmt::format(R"({{"conversion_goal":{}}})", goal));
  };
  EXPECT_EQ(with(R"({"event_name":"Charged","filter_type":{},"conversion_time":"1D","revenue_property":"Amount"})"),
            "good");
  EXPECT_EQ(with(R"({"event_name":"Charged","filter_type":{"event_property":[{"property_name":"Items|Book name",
      "operator":"equals","property_value":"x"}],"first_time":"yes","time_of_day":[["21:00","23:00"]],
      "day_of_week":[1,7],"day_of_month":[31]}})"),
            "good");
  EXPECT_EQ(with("[]"), "conversion_goal must be an object");
  EXPECT_EQ(with(R"({"filter_type":{}})"), "conversion_goal.event_name is required");
  EXPECT_EQ(with(R"({"event_name":1,"filter_type":{}})"), "conversion_goal.event_name must be a text");
  EXPECT_THAT(with(R"({"event_name":"e"})"), HasSubstr("conversion_goal.filter_type is required"));
  EXPECT_THAT(with(R"({"event_name":"e","filter_type":{},"conversion_time":"9D"})"),
              HasSubstr("conversion_goal.conversion_time \"9D\" is not known"));
  EXPECT_EQ(with(R"({"event_name":"e","filter_type":{"day_of_week":[8]}})"),
            "conversion_goal.filter_type.day_of_week must be a list of whole numbers from 1 to 7");
  EXPECT_THAT(with(R"({"event_name":"e","filter_type":{"time_of_day":[["24:00","23:00"]]}})"),
              HasSubstr("conversion_goal.filter_type.time_of_day must be"));
  EXPECT_EQ(with(R"({"event_name":"e","filter_type":{"first_time":true}})"),
            "conversion_goal.filter_type.first_time must be \"yes\" or \"no\"");
  EXPECT_EQ(with(R"({"event_name":"e","filter_type":{"event_property":[{}]}})"),
            "conversion_goal.filter_type.event_property[0].property_name is required");
  EXPECT_EQ(with(R"({"event_name":"e","filter_type":{"moon":1}})"), "conversion_goal.filter_type.moon is not known");
}

}  // namespace
}  // namespace belay::api::clevertap
