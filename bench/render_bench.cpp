// What one recipient costs before the network: reading two properties, rendering a push body,
// holding a profile against a query.
#include <benchmark/benchmark.h>

#include "audience/query.h"
#include "channel/channel.h"
#include "content/template.h"

namespace belay {
namespace {

// 193 bytes, as an upload leaves it in the store.
constexpr std::string_view profile =
    R"({"Name":"Priya Sharma","Email":"priya.sharma17@example.com","Phone":"+919812345678","Gender":"F",)"
    R"("City":"Bengaluru","Plan":"Gold","Age":31,"Points":1520,"Born":"$D_852076800","Subscribed":true})";
constexpr std::string_view title = "Hello {{ Profile.Name | default: \"there\" }}";
constexpr std::string_view text = "You have {{ Profile.Points }} points. Come and use them before Sunday.";
// 152 bytes, the length of a real FCM registration token.
constexpr std::string_view token =
    "dXJ2Q8kTQ0mXk1b0aYh3yZ:"
    "APA91bH1vYtVx2m5mJ0b8c7d6e5f4g3h2i1j0kAlBmCnDoEpFqGrHsItJuKvLwMxNyOzP0Q1R2S3T4U5V6W7X8Y9Z0a1"
    "b2c3d4e5f6g7h8i9j0kLmNoPqRsTuVwXyZ01";

void two_fields(benchmark::State& state) {
  for (auto _ : state) {
    content::Properties properties(profile);
    benchmark::DoNotOptimize(properties.find("Name"));
    benchmark::DoNotOptimize(properties.find("Points"));
  }
}
BENCHMARK(two_fields);

void template_with_two_fields(benchmark::State& state) {
  const auto compiled =
      content::Template::parse("Hello {{ Profile.Name }}, you have {{ Profile.Points }} points");
  std::string out;
  for (auto _ : state) {
    out.clear();
    content::Properties properties(profile);
    benchmark::DoNotOptimize(compiled->render(properties, out, content::Escape::json));
  }
}
BENCHMARK(template_with_two_fields);

void fcm_body(benchmark::State& state) {
  Definition definition;
  definition.push.title = title;
  definition.push.body = text;
  definition.push.android = {{"wzrk_cid", "news"}, {"deep_link", "app://offers"}};
  store::Provider provider;
  provider.kind = "fcm";
  const auto sender =
      channel::make_sender(definition, CampaignId{1457432766}, provider, channel::local_tokens()).value();
  const channel::Recipient who{RecipientId{1}, 0, Platform::android, token, "id-1", "device-1", profile};
  std::string body;
  for (auto _ : state) {
    body.clear();
    benchmark::DoNotOptimize(sender->render(who, WallTime{}, body));
  }
  state.counters["body_bytes"] = static_cast<double>(body.size());
}
BENCHMARK(fcm_body);

void judge_accepted(benchmark::State& state) {
  Definition definition;
  definition.push.title = title;
  store::Provider provider;
  provider.kind = "fcm";
  const auto sender =
      channel::make_sender(definition, CampaignId{1}, provider, channel::local_tokens()).value();
  for (auto _ : state)
    benchmark::DoNotOptimize(sender->judge(200, R"({"name":"projects/p/messages/1"})", "", WallTime{}));
}
BENCHMARK(judge_accepted);

void query_two_conditions(benchmark::State& state) {
  const auto query = audience::Query::parse_text(
      R"({"common_profile_properties":{"profile_fields":[
          {"name":"Plan","operator":"equals","value":["Gold","Silver"]},
          {"name":"Age","operator":"greater_than","value":30}]}})");
  for (auto _ : state) benchmark::DoNotOptimize(query->matches(profile));
  state.SetItemsProcessed(state.iterations());  // profiles
}
BENCHMARK(query_two_conditions);

}  // namespace
}  // namespace belay

BENCHMARK_MAIN();
