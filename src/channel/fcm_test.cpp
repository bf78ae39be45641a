#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "channel/channel.h"

namespace belay::channel {
namespace {

constexpr WallTime now = wall_from_micros(1'457'432'766'000'000);
constexpr std::string_view ann = R"({"Name":"Ann \"A\" Lee","Email":"ann@example.com","Points":1520})";

store::Provider fcm(std::string url = "http://127.0.0.1:9001/base") {
  store::Provider provider;
  provider.nick_name = "local-fcm";
  provider.kind = "fcm";
  provider.url = std::move(url);
  return provider;
}

Definition hello() {
  Definition d;
  d.push.title = "Hello {{ Profile.Name | default: \"there\" }}";
  d.push.body = "You have {{ Profile.Points }} points";
  return d;
}

std::shared_ptr<const Sender> sender_for(const Definition& definition) {
  auto sender = make_sender(definition, CampaignId{1457432766}, fcm(), local_tokens());
  if (!sender) {
    ADD_FAILURE() << sender.error().text;
    return nullptr;
  }
  return *sender;
}

json::value message_for(const Definition& definition, Platform platform, std::string_view properties = ann) {
  Recipient who{RecipientId{7}, 0, platform, "tok\"en", "ann", "dev-1", properties};
  std::string body;
  EXPECT_TRUE(sender_for(definition)->render(who, now, body));
  auto parsed = parse_json(body);
  if (!parsed) {
    ADD_FAILURE() << parsed.error() << ": " << body;
    return {};
  }
  return parsed->at("message");
}

json::value expected(std::string_view text) {
  return parse_json(text).value();
}

std::string error_of(const Definition& definition) {
  const auto result = validate_content(definition);
  return result ? "accepted" : result.error().text;
}

TEST(Fcm, renders_a_message_for_one_person) {
  EXPECT_EQ(message_for(hello(), Platform::android), expected(R"({"token":"tok\"en",
      "notification":{"title":"Hello Ann \"A\" Lee","body":"You have 1520 points"},"data":{"wzrk_id":"1457432766"}})"));
  EXPECT_EQ(message_for(hello(), Platform::ios, "{}").at("notification").at("title"), "Hello there");
}

TEST(Fcm, sends_each_platform_its_own_section_only) {
  Definition d = hello();
  d.push.android = {{"wzrk_cid", "news"},
                    {"background_image", "https://x/{{ Profile.Points }}.png"},
                    {"deep_link", "app://home"},
                    {"large_icon", "https://x/i.png"},
                    {"default_sound", "true"},
                    {"notification_tray_priority", "max"},
                    {"notification_delivery_priority", "high"},
                    {"badge_id", "2"},
                    {"my key", "{{ Profile.Name | upcase }}"}};
  d.push.ios = {{"deep_link", "app://ios"}, {"sound_file", "ding.caf"},  {"category", "c1"},
                {"badge_count", "3"},       {"mutable-content", "true"}, {"k", "v"}};
  d.push.web = {
      {"image", "https://x/w.png"},    {"icon", "https://x/i.png"}, {"deep_link", "https://x/land"},
      {"require_interaction", "true"}, {"cta_title1", "Go"},        {"cta_iconlink1", "https://x/c.png"},
      {"cta_link1", "https://x/go"}};
  d.push.windows = {{"deep_link", "app://win"}};

  EXPECT_EQ(message_for(d, Platform::android), expected(R"({"token":"tok\"en",
      "notification":{"title":"Hello Ann \"A\" Lee","body":"You have 1520 points"},
      "data":{"wzrk_id":"1457432766","wzrk_cid":"news","wzrk_bp":"https://x/1520.png","wzrk_dl":"app://home",
              "ico":"https://x/i.png","badge_id":"2","my key":"ANN \"A\" LEE"},
      "android":{"priority":"HIGH","notification":{"channel_id":"news","image":"https://x/1520.png",
              "default_sound":true,"notification_priority":"PRIORITY_MAX"}}})"));
  const json::value ios = message_for(d, Platform::ios);
  EXPECT_EQ(ios.at("data"), expected(R"({"wzrk_id":"1457432766","wzrk_dl":"app://ios","k":"v"})"));
  EXPECT_EQ(
      ios.at("apns"),
      expected(R"({"payload":{"aps":{"sound":"ding.caf","category":"c1","badge":3,"mutable-content":1}}})"));
  EXPECT_FALSE(ios.as_object().contains("android"));
  const json::value web = message_for(d, Platform::web);
  EXPECT_EQ(web.at("data"),
            expected(R"({"wzrk_id":"1457432766","wzrk_dl":"https://x/land","cta_link1":"https://x/go"})"));
  EXPECT_EQ(web.at("webpush"),
            expected(R"({"notification":{"image":"https://x/w.png","icon":"https://x/i.png",
      "requireInteraction":true,"actions":[{"action":"cta1","title":"Go","icon":"https://x/c.png"}]},
      "fcm_options":{"link":"https://x/land"}})"));
  EXPECT_EQ(message_for(d, Platform::windows).at("data"),
            expected(R"({"wzrk_id":"1457432766","wzrk_dl":"app://win"})"));
}

TEST(Fcm, time_to_live_counts_from_the_hand_over) {
  Definition d = hello();
  d.ttl.lasting = Seconds{5400};
  EXPECT_EQ(message_for(d, Platform::android).at("android"), expected(R"({"ttl":"5400s"})"));
  EXPECT_EQ(message_for(d, Platform::ios).at("apns").at("headers"),
            expected(R"({"apns-expiration":"1457438166"})"));
  EXPECT_EQ(message_for(d, Platform::web).at("webpush"), expected(R"({"headers":{"TTL":"5400"}})"));
  d.ttl = {now + Seconds{60}, std::nullopt};
  EXPECT_EQ(message_for(d, Platform::android).at("android").at("ttl"), "60s");
  EXPECT_EQ(message_for(d, Platform::ios).at("apns").at("headers").at("apns-expiration"), "1457432826");
  d.ttl = {now - Seconds{60}, std::nullopt};
  EXPECT_EQ(message_for(d, Platform::android).at("android").at("ttl"), "0s") << "now or never";
  d.push.web = {{"ttl", "30"}};
  EXPECT_EQ(message_for(d, Platform::web).at("webpush").at("headers").at("TTL"), "30");
}

TEST(Fcm, refuses_content_that_would_fail_for_everybody) {
  const auto with = [](KeyValues android, KeyValues ios = {}, KeyValues web = {}) {
    Definition d = hello();
    d.push.android = std::move(android), d.push.ios = std::move(ios), d.push.web = std::move(web);
    return error_of(d);
  };
  EXPECT_EQ(with({{"a", "b"}}), "accepted");
  for (const std::string key : {"from", "message_type", "gcm", "gcm.x", "google.x", "google", "wzrk_id", ""})
    EXPECT_THAT(with({{key, "x"}}), testing::HasSubstr("it is reserved")) << key;
  EXPECT_EQ(with({{"deep_link", "a"}, {"wzrk_dl", "b"}}), "android: \"wzrk_dl\" is given twice");
  EXPECT_THAT(with({{"k", "{% include x %}"}}),
              testing::HasSubstr("android k: The tag \"{% include %}\" is not supported"));
  EXPECT_THAT(with({{"notification_tray_priority", "top"}}), testing::HasSubstr("min, low, default"));
  EXPECT_THAT(with({{"notification_delivery_priority", "top"}}),
              testing::HasSubstr("\"high\" or \"normal\""));
  EXPECT_THAT(with({}, {{"badge_count", "many"}}), testing::HasSubstr("badge_count"));
  EXPECT_THAT(with({}, {}, {{"ttl", "-1"}}), testing::HasSubstr("web ttl"));
  EXPECT_THAT(with({}, {}, {{"cta_title1", "{{ Profile.Name }}"}}),
              testing::HasSubstr("cta_title1 is not supported yet"));
  EXPECT_EQ(error_of(Definition{}), "content needs a title or a body");
  Definition broken = hello();
  broken.push.title = "Hi {{ Profile.Name";
  EXPECT_EQ(error_of(broken), "title: \"{{\" is not closed with \"}}\" (line 1, column 4)");
}

TEST(Fcm, a_person_the_content_does_not_fit_is_left_out_whole) {
  const auto sender = sender_for(hello());
  const std::string huge = R"({"Name":")" + std::string(5000, 'x') + R"("})";
  std::string body = "before";
  EXPECT_FALSE(sender->render({RecipientId{1}, 0, Platform::android, "t", "", "", huge}, now, body));
  EXPECT_EQ(body, "before");
}

TEST(Fcm, addresses_the_project_under_the_providers_base_path) {
  const auto sender = sender_for(hello());
  EXPECT_EQ(sender->path(), "/base/v1/projects/local/messages:send");
  EXPECT_EQ(sender->endpoint().port, 9001);
  EXPECT_EQ(*sender->credentials()->header_value(), "Bearer local");
  ASSERT_EQ(sender->headers().size(), 1u);
  EXPECT_EQ(sender->headers()[0].value, "application/json");
}

std::string fcm_error(int code, std::string_view status, std::string_view error_code) {
  return fmt::format(
      R"({{"error":{{"code":{},"message":"words","status":"{}","details":[)"
      R"({{"@type":"type.googleapis.com/google.rpc.BadRequest"}},)"
      R"({{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{}"}}]}}}})",
      code, status, error_code);
}

struct VerdictCase {
  int status;
  const char* rpc_status;
  const char* code;
  VerdictKind kind;
  Reason reason;
};
class FcmVerdicts : public testing::TestWithParam<VerdictCase> {};

TEST_P(FcmVerdicts, follow_the_documented_error_codes) {
  const auto& p = GetParam();
  const Verdict verdict =
      sender_for(hello())->judge(p.status, fcm_error(p.status, p.rpc_status, p.code), "", now);
  EXPECT_EQ(verdict.kind, p.kind);
  EXPECT_EQ(verdict.reason, p.reason);
  EXPECT_THAT(verdict.detail, testing::HasSubstr(fmt::format("HTTP {} {} words", p.status, p.code)));
}

// firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
INSTANTIATE_TEST_SUITE_P(
    Documented, FcmVerdicts,
    testing::Values(
        VerdictCase{404, "NOT_FOUND", "UNREGISTERED", VerdictKind::address_dead, Reason::unregistered},
        VerdictCase{400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", VerdictKind::failed, Reason::rejected},
        VerdictCase{403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", VerdictKind::failed, Reason::rejected},
        VerdictCase{401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", VerdictKind::failed,
                    Reason::unauthorized},
        VerdictCase{429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", VerdictKind::throttled, Reason::throttled},
        VerdictCase{503, "UNAVAILABLE", "UNAVAILABLE", VerdictKind::later, Reason::temporary},
        VerdictCase{500, "INTERNAL", "INTERNAL", VerdictKind::later, Reason::temporary}));

TEST(Fcm, judges_answers_that_are_not_from_fcm_itself) {
  const auto sender = sender_for(hello());
  const auto judge = [&](int status, std::string_view body = "", std::string_view retry_after = "") {
    return sender->judge(status, body, retry_after, now);
  };
  EXPECT_EQ(judge(200, R"({"name":"projects/p/messages/1"})").kind, VerdictKind::accepted);
  EXPECT_EQ(judge(200).detail, "");
  EXPECT_EQ(judge(404, "<html>no such page</html>").kind, VerdictKind::failed)
      << "a wrong URL must not kill tokens";
  EXPECT_EQ(judge(404, R"({"error":{"status":"NOT_FOUND"}})").reason, Reason::rejected);
  EXPECT_EQ(judge(401, R"({"error":{"status":"UNAUTHENTICATED"}})").kind, VerdictKind::unauthorized);
  EXPECT_EQ(judge(403, R"({"error":{"status":"PERMISSION_DENIED"}})").reason, Reason::unauthorized);
  EXPECT_EQ(judge(418, "teapot\nx").kind, VerdictKind::failed);
  EXPECT_EQ(judge(301).kind, VerdictKind::failed);
  EXPECT_EQ(judge(408).kind, VerdictKind::later);
  EXPECT_EQ(judge(502, std::string(20'000, 'x')).kind, VerdictKind::later);
  EXPECT_LT(judge(502, std::string(20'000, 'x')).detail.size(), 300u);
  for (const std::string_view odd :
       {"[]", "{}", R"({"error":5})", R"({"error":{"details":5}})", R"({"error":{"details":[5]}})"})
    EXPECT_EQ(judge(400, odd).kind, VerdictKind::failed) << odd;
}

TEST(Fcm, waits_as_long_as_the_provider_asks) {
  const auto sender = sender_for(hello());
  EXPECT_EQ(sender->judge(429, "", "7", now).retry_after, Seconds{7});
  EXPECT_EQ(sender->judge(429, "", "", now).retry_after, Seconds{60});
  EXPECT_EQ(sender->judge(503, "", "7", now).retry_after, Seconds{7});
  EXPECT_EQ(sender->judge(503, "", "", now).retry_after, std::nullopt);
  EXPECT_EQ(sender->judge(400, "", "7", now).retry_after, std::nullopt);
}

}  // namespace
}  // namespace belay::channel
