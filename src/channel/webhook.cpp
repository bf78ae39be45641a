// CleverTap's outbound webhook (contract 4.6): one POST a person.
//
//   {"targetId":1457432766,"key_values":{…},
//    "profiles":[{"email":…,"identity":…,"objectId":…,"profileData":{…},"push_token":…}]}
//
// webhook_fields says what of a person is told: "identities" gives email, identity and objectId,
// "profile-attributes" gives profileData, "tokens" gives push_token: that of the newest device that can be
// reached, or "". The receiver has 3 s and gets one further attempt.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "channel/payload.h"
#include "channel/providers.h"

namespace belay::channel {
namespace {

constexpr std::array<net::HeaderView, 1> webhook_headers{{{"content-type", "application/json"}}};

struct Member {
  std::string_view key;
  Hole hole;
  std::string_view quote;  // around it
};

// An array of exactly one object: its brackets stand with its first and behind its last member.
void tell_person(PayloadBuilder& builder, const WebhookContent& content) {
  std::vector<Member> members;
  if (content.identities)
    members = {{"email", Hole::email, "\""}, {"identity", Hole::identity, "\""}, {"objectId", Hole::object_id, "\""}};
  if (content.profile_attributes) members.push_back({"profileData", Hole::profile, ""});
  if (content.tokens) members.push_back({"push_token", Hole::token, "\""});
  if (members.empty()) return builder.raw("profiles", "[{}]");
  for (const Member& m : members) {
    const bool first = &m == &members.front(), last = &m == &members.back();
    builder.hole(first ? "profiles" : m.key, m.hole,
                 first ? fmt::format("[{{\"{}\":{}", m.key, m.quote) : std::string(m.quote),
                 last ? fmt::format("{}}}]", m.quote) : std::string(m.quote));
  }
}

Result<Payload, Error> compile(const WebhookContent& content, CampaignId campaign) {
  PayloadBuilder builder;
  builder.raw("targetId", fmt::format("{}", campaign.value));
  if (content.key_values.empty()) builder.raw("key_values", "{}");
  builder.open("key_values");
  for (const auto& [key, value] : content.key_values)
    TRY(builder.templated(key, value, fmt::format("webhook_key_value \"{}\"", key)));
  builder.close();
  tell_person(builder, content);
  return builder.finish();
}

class WebhookSender final : public Sender {
 public:
  WebhookSender(Payload payload, bool tells_tokens, net::Endpoint endpoint)
      : payload_(std::move(payload)),
        tells_tokens_(tells_tokens),
        endpoint_(std::move(endpoint)),
        path_(endpoint_.base_path.empty() ? "/" : endpoint_.base_path) {}

  bool render(const Recipient& who, WallTime now, std::string& body) const override {
    return payload_.render(who, now, Ttl{}, body);
  }
  bool tells_tokens() const override { return tells_tokens_; }
  std::string_view path() const override { return path_; }
  std::span<const net::HeaderView> headers() const override { return webhook_headers; }
  const net::Endpoint& endpoint() const override { return endpoint_; }
  Patience patience() const override { return {.answer_within = Seconds{3}, .attempts = 2}; }
  const std::shared_ptr<AccessTokens>& credentials() const override { return no_credentials_; }

  Verdict judge(int status, std::string_view body, std::string_view retry_after,
                WallTime now) const override {
    if (status >= 200 && status < 300) return {};
    Verdict verdict{VerdictKind::failed, Reason::rejected, std::nullopt,
                    fmt::format("HTTP {}: {}", status, excerpt(body))};
    if (status == 408 || status == 429 || status >= 500) {
      verdict.kind = VerdictKind::later;
      verdict.reason = Reason::temporary;
      verdict.retry_after = parse_retry_after(retry_after, now);
    } else if (status == 401 || status == 403) {
      verdict.reason = Reason::unauthorized;
    }
    return verdict;
  }

 private:
  Payload payload_;
  bool tells_tokens_;
  net::Endpoint endpoint_;
  std::string path_;
  std::shared_ptr<AccessTokens> no_credentials_;
};

}  // namespace

Result<std::shared_ptr<const Sender>, Error> make_webhook_sender(const Definition& definition,
                                                                 CampaignId campaign,
                                                                 net::Endpoint endpoint) {
  TRY_ASSIGN(Payload payload, compile(definition.webhook, campaign));
  return std::make_shared<const WebhookSender>(std::move(payload), definition.webhook.tokens, std::move(endpoint));
}

Result<void, Error> validate_webhook_content(const Definition& definition) {
  TRY(compile(definition.webhook, CampaignId{}));
  return {};
}

}  // namespace belay::channel
