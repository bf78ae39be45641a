#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;

constexpr std::string_view stop_path = "/1/targets/stop.json";
constexpr std::string_view success = R"({"status":"success"})";

class StopTest : public ::testing::Test {
 protected:
  CampaignId create(const Credentials& owner, std::string_view when = "now") {
    const auto reply = desk.post(
        owner, "/1/targets/create.json",
        fmt::format(R"({{"name":"Sale","where":{{}},"content":{{"title":"Hi","body":"There"}},"when":"{}"}})",
                    when));
    CHECK(reply.status == 200);
    return CampaignId{std::stoll(field(reply, "id"))};
  }
  net::HttpReply stop(std::string body) { return desk.post(who, stop_path, std::move(body)); }
  State state_of(CampaignId id) { return desk.control().campaign({}, id)->state; }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567"), other = desk.add_account("TEST-765-4321");
  ProviderId provider = desk.add_provider(who, "fcm"), others_provider = desk.add_provider(other, "fcm");
};

TEST_F(StopTest, of_a_scheduled_campaign_answers_success_and_nothing_else) {
  const CampaignId id = create(who, "20160309 10:00");
  const auto reply = stop(fmt::format(R"({{ "id": {}}})", id));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, success);
  EXPECT_EQ(reply.content_type, "application/json;charset=utf-8");
  EXPECT_TRUE(header(reply, "Belay-Stop").starts_with("stop-"));
  EXPECT_EQ(state_of(id), State::stopped);
}

// S09: every state has its answer. Repeats give the first receipt and change nothing.
TEST_F(StopTest, S09_repeats_answer_the_first_receipt) {
  const CampaignId id = create(who);
  const auto first = stop(fmt::format(R"({{"id":{}}})", id));
  desk.clock.advance(Seconds{5});
  const auto second = stop(fmt::format(R"({{"id":{}}})", id));
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, success);
  EXPECT_EQ(header(second, "Belay-Stop"), header(first, "Belay-Stop"));
}

TEST_F(StopTest, S09_of_a_completed_campaign_is_a_success_and_leaves_it_completed) {
  const CampaignId id = create(who);
  const WallTime now = desk.clock.wall();
  ASSERT_TRUE(desk.control().move({id, State::scheduled, State::planning, Epoch{1}, now, ""}));
  ASSERT_TRUE(desk.control().move({id, State::planning, State::completed, Epoch{1}, now, "nobody matched"}));
  const auto reply = stop(fmt::format(R"({{"id":{}}})", id));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, success);
  EXPECT_NE(header(reply, "Belay-Stop"), "");
  EXPECT_EQ(state_of(id), State::completed);
}

// S11, S12: legal in every state that is not final.
TEST_F(StopTest, S11_of_a_planning_and_of_a_running_campaign) {
  const CampaignId planning = create(who), running = create(who);
  const WallTime now = desk.clock.wall();
  for (const CampaignId id : {planning, running})
    ASSERT_TRUE(desk.control().move({id, State::scheduled, State::planning, Epoch{1}, now, ""}));
  store::AudienceSet nobody;
  nobody.compact();
  ASSERT_TRUE(
      desk.journal().freeze(*desk.control().campaign({}, running), RecipientKind::address, nobody, 10, now));
  for (const CampaignId id : {planning, running}) {
    EXPECT_EQ(stop(fmt::format(R"({{"id":{}}})", id)).body, success);
    EXPECT_EQ(state_of(id), State::stopped);
  }
}

TEST_F(StopTest, takes_digits_as_text) {
  const CampaignId id = create(who);
  EXPECT_EQ(stop(fmt::format(R"({{"id":"{}"}})", id)).body, success);
  EXPECT_EQ(state_of(id), State::stopped);
}

TEST_F(StopTest, does_not_tell_an_unknown_campaign_from_another_accounts) {
  const CampaignId theirs = create(other);
  const auto unknown = stop(R"({"id":1400000000})");
  const auto foreign = stop(fmt::format(R"({{"id":{}}})", theirs));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.body, R"({"status":"fail","error":"Invalid campaign id","code":400})");
  EXPECT_EQ(foreign.status, unknown.status);
  EXPECT_EQ(foreign.body, unknown.body);
  EXPECT_EQ(foreign.headers, unknown.headers);
  EXPECT_EQ(state_of(theirs), State::scheduled);
}

// S06: success only if true; whatever is not understood is refused with what is wrong.
TEST_F(StopTest, S06_refuses_every_body_that_names_no_campaign) {
  const CampaignId id = create(who);
  struct {
    std::string body, says;
  } const cases[] = {
      {"", "Empty request body"},
      {"   ", "JSON"},
      {"{", "JSON"},
      {"id=1457432766", "JSON"},
      {"{\"id\":1457432766} trailing", "JSON"},
      {"{'id':1457432766}", "JSON"},
      {"// c\n{\"id\":1457432766}", "JSON"},
      {"null", "object"},
      {"[]", "object"},
      {"1457432766", "object"},
      {"\"1457432766\"", "object"},
      {"[{\"id\":1457432766}]", "object"},
      {"{}", "id is missing"},
      {R"({"ID":1457432766})", "id is missing"},
      {R"({"id":null})", "id is not valid"},
      {R"({"id":0})", "id is not valid"},
      {R"({"id":-5})", "id is not valid"},
      {R"({"id":1457432766.5})", "id is not valid"},
      {R"({"id":1457432766.0})", "id is not valid"},
      {R"({"id":1e9})", "id is not valid"},
      {R"({"id":"abc"})", "id is not valid"},
      {R"({"id":""})", "id is not valid"},
      {R"({"id":"-5"})", "id is not valid"},
      {R"({"id":"+5"})", "id is not valid"},
      {R"({"id":" 5"})", "id is not valid"},
      {R"({"id":"0"})", "id is not valid"},
      {R"({"id":"5.0"})", "id is not valid"},
      {R"({"id":true})", "id is not valid"},
      {R"({"id":[1457432766]})", "id is not valid"},
      {R"({"id":{"id":1457432766}})", "id is not valid"},
      {R"({"id":9223372036854775808})", "id is not valid"},
      {R"({"id":18446744073709551616})", "id is not valid"},
      {R"({"id":"9223372036854775808"})", "id is not valid"},
      {R"({"id":99999999999999999999999999})", "id is not valid"},
      {R"({"id":1457432766,"id":1457432766})", "Duplicate key"},
      {"{\"id\":\"\xff\"}", "JSON"},
  };
  for (const auto& c : cases) {
    const auto reply = stop(c.body);
    EXPECT_EQ(reply.status, 400) << c.body;
    EXPECT_EQ(field(reply, "status"), R"("fail")") << c.body;
    EXPECT_EQ(field(reply, "code"), "400") << c.body;
    EXPECT_NE(field(reply, "error").find(c.says), std::string::npos) << c.body << " -> " << reply.body;
    EXPECT_EQ(header(reply, "Belay-Stop"), "");
  }
  EXPECT_EQ(state_of(id), State::scheduled);
}

TEST_F(StopTest, takes_the_largest_id_there_can_be) {
  EXPECT_EQ(field(stop(R"({"id":9223372036854775807})"), "error"), R"("Invalid campaign id")");
}

TEST_F(StopTest, is_recorded_with_its_actor) {
  const CampaignId id = create(who);
  stop(fmt::format(R"({{"id":{}}})", id));
  const auto stop_id = desk.control().stop_of(id);
  ASSERT_TRUE(stop_id && *stop_id);
  const auto record = desk.control().stop(desk.id_of(who), **stop_id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->actor, "api:TEST-123-4567");
  EXPECT_FALSE(desk.control().stop(desk.id_of(other), **stop_id));
}

TEST_F(StopTest, the_operator_stops_any_accounts_campaign_over_the_unix_socket) {
  const CampaignId id = create(other);
  auto request = desk.request("POST", stop_path, fmt::format(R"({{"id":{}}})", id));
  request.over_unix_socket = true;
  request.peer = "unix:uid=0,pid=17";
  EXPECT_EQ(desk.call(std::move(request)).body, success);
  EXPECT_EQ(desk.control().stop({}, **desk.control().stop_of(id))->actor, "cli:root");
}

}  // namespace
}  // namespace belay::api::clevertap
