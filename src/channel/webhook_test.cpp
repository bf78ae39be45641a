#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "channel/channel.h"

namespace belay::channel {
namespace {

constexpr WallTime now = wall_from_micros(1'457'432'766'000'000);

store::Provider hook(std::string url = "http://127.0.0.1:9001/in/hook/") {
  store::Provider provider;
  provider.nick_name = "crm";
  provider.kind = "webhook";
  provider.channel = Channel::webhook;
  provider.url = std::move(url);
  return provider;
}

Definition campaign(WebhookContent content) {
  Definition d;
  d.channel = Channel::webhook;
  d.webhook = std::move(content);
  return d;
}

json::value body_for(WebhookContent content) {
  const auto sender = make_sender(campaign(std::move(content)), CampaignId{1472124953}, hook(), nullptr);
  if (!sender) {
    ADD_FAILURE() << sender.error().text;
    return {};
  }
  const Recipient who{
      RecipientId{1}, 0, Platform::android, "t\"1", "an\"n", "dev-1", R"({"Email":"a@x.com","Name":"A\"n"})"};
  std::string body;
  EXPECT_TRUE((*sender)->render(who, now, body));
  auto parsed = parse_json(body);
  if (!parsed) ADD_FAILURE() << parsed.error() << ": " << body;
  return parsed.value_or(json::value());
}

TEST(Webhook, tells_of_a_person_what_the_fields_allow) {
  const auto is = [](const json::value& body, std::string_view text) {
    EXPECT_EQ(body, parse_json(text).value());
  };
  is(body_for({.key_values = {{"offer", "10 %"}, {"for", "{{ Profile.Name }}"}}}),
     R"({"targetId":1472124953,"key_values":{"offer":"10 %","for":"A\"n"},
         "profiles":[{"email":"a@x.com","identity":"an\"n","objectId":"dev-1",
                      "profileData":{"Email":"a@x.com","Name":"A\"n"}}]})");
  is(body_for({.profile_attributes = false}),
     R"({"targetId":1472124953,"key_values":{},
         "profiles":[{"email":"a@x.com","identity":"an\"n","objectId":"dev-1"}]})");
  is(body_for({.identities = false}),
     R"({"targetId":1472124953,"key_values":{},"profiles":[{"profileData":{"Email":"a@x.com","Name":"A\"n"}}]})");
  is(body_for({.profile_attributes = false, .identities = false}),
     R"({"targetId":1472124953,"key_values":{},"profiles":[{}]})");
  is(body_for({.tokens = true}),
     R"({"targetId":1472124953,"key_values":{},
         "profiles":[{"email":"a@x.com","identity":"an\"n","objectId":"dev-1",
                      "profileData":{"Email":"a@x.com","Name":"A\"n"},"push_token":"t\"1"}]})");
  is(body_for({.profile_attributes = false, .tokens = true, .identities = false}),
     R"({"targetId":1472124953,"key_values":{},"profiles":[{"push_token":"t\"1"}]})");
}

TEST(Webhook, has_tokens_looked_up_only_where_they_are_told) {
  EXPECT_TRUE(make_sender(campaign({.tokens = true}), CampaignId{1}, hook(), nullptr).value()->tells_tokens());
  EXPECT_FALSE(make_sender(campaign({}), CampaignId{1}, hook(), nullptr).value()->tells_tokens());
}

TEST(Webhook, refuses_a_template_that_can_not_be_read) {
  EXPECT_THAT(validate_content(campaign({.key_values = {{"k", "{{ x }}"}}})).error().text,
              testing::HasSubstr("webhook_key_value \"k\": Unknown variable \"x\""));
}

TEST(Webhook, judges_by_status) {
  const auto sender = make_sender(campaign({}), CampaignId{1}, hook(), nullptr).value();
  const auto judge = [&](int status) { return sender->judge(status, "why", "9", now); };
  for (const int status : {200, 201, 204}) EXPECT_EQ(judge(status).kind, VerdictKind::accepted);
  for (const int status : {408, 429, 500, 503}) {
    EXPECT_EQ(judge(status).kind, VerdictKind::later);
    EXPECT_EQ(judge(status).retry_after, Seconds{9});
  }
  for (const int status : {301, 400, 404, 410}) {
    EXPECT_EQ(judge(status).kind, VerdictKind::failed);
    EXPECT_EQ(judge(status).reason, Reason::rejected);
    EXPECT_EQ(judge(status).retry_after, std::nullopt);
  }
  EXPECT_EQ(judge(401).reason, Reason::unauthorized);
  EXPECT_EQ(judge(410).detail, "HTTP 410: why");
}

TEST(Webhook, is_answered_within_three_seconds_or_tried_once_more) {
  const Patience patience = make_sender(campaign({}), CampaignId{1}, hook(), nullptr).value()->patience();
  EXPECT_EQ(patience.answer_within, Seconds{3});
  EXPECT_EQ(patience.attempts, 2);
}

TEST(Webhook, goes_to_the_url_as_given) {
  EXPECT_EQ(make_sender(campaign({}), CampaignId{1}, hook(), nullptr).value()->path(), "/in/hook");
  EXPECT_EQ(make_sender(campaign({}), CampaignId{1}, hook("https://crm.example"), nullptr).value()->path(),
            "/");
}

TEST(Provider, an_endpoint_is_its_url_or_the_real_one) {
  store::Provider fcm;
  fcm.nick_name = "p";
  fcm.kind = "fcm";
  const auto real = endpoint_of(fcm).value();
  EXPECT_TRUE(real.tls);
  EXPECT_EQ(real.host, "fcm.googleapis.com");
  EXPECT_EQ(real.port, 443);
  EXPECT_EQ(real.version, net::HttpVersion::http2);
  fcm.http_version = "1.1";
  fcm.url = "http://127.0.0.1:9001";
  fcm.ca_file = "ca.pem";
  EXPECT_EQ(endpoint_of(fcm)->version, net::HttpVersion::http1);
  EXPECT_EQ(endpoint_of(fcm)->ca_file, "ca.pem");
  fcm.http_version = "3";
  EXPECT_THAT(endpoint_of(fcm).error().text, testing::HasSubstr("Provider \"p\": http_version \"3\""));
  EXPECT_EQ(endpoint_of(hook())->version, net::HttpVersion::automatic);
  EXPECT_THAT(endpoint_of(hook("")).error().text, testing::HasSubstr("a URL is needed"));
  EXPECT_FALSE(endpoint_of(hook("ftp://x")));
}

TEST(Provider, serves_its_own_channel_and_kind_only) {
  Definition push;
  push.push.title = "x";
  EXPECT_FALSE(make_sender(push, CampaignId{1}, hook(), nullptr));
  store::Provider odd = hook();
  odd.kind = "carrier-pigeon";
  EXPECT_EQ(make_sender(campaign({}), CampaignId{1}, odd, nullptr).error().code, Code::unsupported);
  store::Provider fcm = hook();
  fcm.kind = "fcm";
  fcm.channel = Channel::push;
  EXPECT_THAT(make_sender(push, CampaignId{1}, fcm, nullptr).error().text,
              testing::HasSubstr("no credentials"));
}

TEST(RetryAfter, is_seconds_or_a_date) {
  EXPECT_EQ(parse_retry_after("", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("0", now), Micros{0});
  EXPECT_EQ(parse_retry_after("120", now), Seconds{120});
  EXPECT_EQ(parse_retry_after("99999999999999999999999", now), Seconds{7 * 24 * 3600});
  EXPECT_EQ(parse_retry_after("Tue, 08 Mar 2016 10:26:36 GMT", now), Seconds{30});
  EXPECT_EQ(parse_retry_after("Tue, 08 Mar 2016 10:26:00 GMT", now), Micros{0});
  for (const std::string_view odd : {"soon", "-5", "1.5", "Tue, 08 Mar 2016 10:26:36 CET",
                                     "Tue, 31 Feb 2016 10:26:36 GMT", "Tue, 08 Xxx 2016 10:26:36 GMT"})
    EXPECT_EQ(parse_retry_after(odd, now), std::nullopt) << odd;
}

}  // namespace
}  // namespace belay::channel
