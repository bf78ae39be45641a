// A provider's answer: always a verdict, whose words for the log stay short. The first bytes are the status
// and the length of "Retry-After".
#include "base/check.h"
#include "channel/channel.h"

namespace {

std::shared_ptr<const belay::channel::Sender> sender(std::string_view kind) {
  belay::store::Provider provider;
  provider.nick_name = "p";
  provider.kind = kind;
  provider.url = "http://127.0.0.1:1";
  belay::Definition definition;
  definition.push.title = definition.push.body = "x";
  if (kind == "webhook") definition.channel = provider.channel = belay::Channel::webhook;
  const auto made = make_sender(definition, belay::CampaignId{1}, provider, belay::channel::local_tokens());
  CHECK(made.has_value());
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  static const auto fcm = sender("fcm"), webhook = sender("webhook");
  if (size < 2) return 0;
  const int status = 100 + (data[0] << 1 | data[1] >> 7);
  std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto retry_after = body.substr(0, data[1] & 0x7f);
  body.remove_prefix(retry_after.size());
  constexpr WallTime now = wall_from_micros(1'457'432'766'000'000);
  for (const auto& one : {fcm, webhook}) {
    const channel::Verdict verdict = one->judge(status, body, retry_after, now);
    CHECK(verdict.detail.size() <= 1024);
    if (verdict.retry_after) CHECK(verdict.retry_after->count() >= 0);
  }
  return 0;
}
