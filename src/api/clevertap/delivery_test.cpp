// The seed's story through the API with the engine behind it: create, deliver, stop half-way, report.
// One thread, virtual time and provider, real store.
#include <gtest/gtest.h>

#include "api/testing_api.h"
#include "dispatch/testing_world.h"

namespace belay::api::clevertap {
namespace {

using dispatch::testing::World;
using testing::field;
using testing::header;
using testing::KeptAnswer;

// The API of a world: calls run at once, except that a stop is answered when the engine has.
class WorldApi {
 public:
  explicit WorldApi(World& world) : world_(world) {
    for (Worker* worker : {&reads_, &brake_}) {
      worker->control = *world.store->control(worker == &brake_ ? store::Lane::brake : store::Lane::ordinary);
      worker->journal = *world.store->journal();
      worker->profiles = *world.store->profiles();
    }
    services_ = std::unique_ptr<Services>(
        new Services{.clock = world.clock, .random = world.random, .store = *world.store});
    services_->engine = world.engine.get();
    services_->hash_key = Secret("test key");
    services_->reads = services_->uploads = {&reads_};
    services_->brake = &brake_;
    CHECK(reads_.control->put_passcode(
        {world.account_id, keyed_hash("test key", "pass"), "pas", world.clock.wall()}));
    api_ = std::make_unique<Api>(*services_);
    key_ = reads_.control->accounts()->at(0).key;
  }

  std::shared_ptr<std::optional<net::HttpReply>> begin(std::string path, std::string body) {
    net::HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers = {{"Content-Type", "application/json"},
                       {"X-CleverTap-Account-Id", key_},
                       {"X-CleverTap-Passcode", "pass"}};
    auto kept = std::make_shared<std::optional<net::HttpReply>>();
    api_->handle(std::move(request), std::make_unique<KeptAnswer>(kept));
    return kept;
  }
  net::HttpReply call(std::string path, std::string body) {
    const auto kept = begin(std::move(path), std::move(body));
    CHECK(world_.run_until([&] { return kept->has_value(); }));
    return **kept;
  }

 private:
  World& world_;
  Worker reads_, brake_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Api> api_;
  std::string key_;
};

CampaignId create(WorldApi& api) {
  const auto reply =
      api.call("/1/targets/create.json",
               R"({"name":"Sale","where":{},"content":{"title":"Hi","body":"There"},"when":"now"})");
  CHECK(reply.status == 200);
  return CampaignId{std::stoll(field(reply, "id"))};
}

TEST(Delivery, a_created_campaign_goes_out_and_its_result_is_what_the_provider_got) {
  World world(1);
  world.people(150);
  world.start();
  WorldApi api(world);
  const CampaignId id = create(api);
  ASSERT_TRUE(world.run_until([&] { return world.state(id) == State::completed; }));
  EXPECT_EQ(world.provider.got.size(), 150u);
  const auto result = api.call("/1/targets/result.json", fmt::format(R"({{"id":{}}})", id));
  EXPECT_EQ(parse_json(field(result, "result"))->at("sent").as_int64(), 150);
  // A stop that comes too late is a success, and the campaign stays completed.
  EXPECT_EQ(api.call("/1/targets/stop.json", fmt::format(R"({{"id":{}}})", id)).body,
            R"({"status":"success"})");
  EXPECT_EQ(world.state(id), State::completed);
}

// S06, S15: the answer is given when it is true, and nothing leaves after it.
TEST(Delivery, S06_nothing_leaves_after_the_stop_is_answered) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World world(seed);
    world.provider.behaviour.delay = Millis{3};
    world.people(150);
    world.start();
    WorldApi api(world);
    const CampaignId id = create(api);
    world.run(world.random.below(900));
    const std::string body = fmt::format(R"({{"id":{}}})", id);
    const auto stopped = api.call("/1/targets/stop.json", body);
    ASSERT_EQ(stopped.body, R"({"status":"success"})") << seed;
    const auto got_at_answer = world.provider.got;
    EXPECT_EQ(header(api.call("/1/targets/stop.json", body), "Belay-Stop"), header(stopped, "Belay-Stop"));
    world.run_dry();
    EXPECT_EQ(world.provider.got, got_at_answer) << seed;
    const std::string number = header(stopped, "Belay-Stop").substr(std::string_view("stop-").size());
    const Receipt receipt = world.record(StopId{std::stoll(number)}).receipts.at(0);
    EXPECT_EQ(receipt.tally.handed_over, got_at_answer.size()) << seed;
    EXPECT_TRUE(receipt.settled) << seed;
  }
}

// Two stops at once: both succeed, with one receipt.
TEST(Delivery, two_stops_at_once_share_a_receipt) {
  World world(5);
  world.people(150);
  world.start();
  WorldApi api(world);
  const CampaignId id = create(api);
  world.run(400);
  const std::string body = fmt::format(R"({{"id":{}}})", id);
  const auto first = api.begin("/1/targets/stop.json", body),
             second = api.begin("/1/targets/stop.json", body);
  ASSERT_TRUE(world.run_until([&] { return first->has_value() && second->has_value(); }));
  EXPECT_EQ((*first)->status, 200);
  EXPECT_EQ((*second)->status, 200);
  EXPECT_EQ(header(**first, "Belay-Stop"), header(**second, "Belay-Stop"));
}

}  // namespace
}  // namespace belay::api::clevertap
