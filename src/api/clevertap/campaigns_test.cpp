// list.json, result.json, send/push.json, and that no account sees another's.
#include <gtest/gtest.h>

#include "api/testing_api.h"
#include "audience/query.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;

class CampaignsTest : public ::testing::Test {
 protected:
  CampaignId create(const Credentials& owner, std::string_view name, std::string_view when) {
    const auto reply = desk.post(
        owner, "/1/targets/create.json",
        fmt::format(R"({{"name":"{}","where":{{}},"title":"t","body":"b","when":"{}"}})", name, when));
    CHECK(reply.status == 200);
    return CampaignId{std::stoll(field(reply, "id"))};
  }
  net::HttpReply list(std::string_view body) {
    return desk.post(who, "/1/targets/list.json", std::string(body));
  }
  net::HttpReply result(CampaignId id) {
    return desk.post(who, "/1/targets/result.json", fmt::format(R"({{"id":{}}})", id));
  }
  void stop(CampaignId id) {
    ASSERT_EQ(desk.post(who, "/1/targets/stop.json", fmt::format(R"({{"id":{}}})", id)).status, 200);
  }
  // Three recipients; one accepted, one failed, the third never admitted.
  void deliver(CampaignId id) {
    const WallTime now = desk.clock.wall();
    ASSERT_TRUE(desk.control().move({id, State::scheduled, State::planning, Epoch{1}, now, ""}));
    store::AudienceSet three;
    for (int i = 1; i <= 3; ++i) three.add(RecipientId{i});
    three.compact();
    const auto run =
        desk.journal().freeze(*desk.control().campaign({}, id), RecipientKind::address, three, 10, now);
    ASSERT_TRUE(run);
    store::GroupCommit group;
    group.admissions.push_back({run->id, id, Epoch{1}, run->slices[0].no, 0, 2});
    group.blocks.push_back({run->id, pack({{0, Entry::accepted, Reason::none, 1, true},
                                           {1, Entry::failed, Reason::rejected, 1, true}})});
    ASSERT_TRUE(desk.journal().commit(group));
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567"), other = desk.add_account("TEST-765-4321");
  ProviderId provider = desk.add_provider(who, "fcm"), others_provider = desk.add_provider(other, "fcm");
};

TEST_F(CampaignsTest, S57_list_names_each_by_its_start_in_the_accounts_zone) {
  const CampaignId first = create(who, "One \\\"1\\\"", "20160309 00:00"),
                   second = create(who, "Two", "20160310 23:59");
  create(who, "Before", "20160308 23:59");
  create(who, "After", "20160311 00:00");
  create(other, "Foreign", "20160309 12:00");
  stop(second);
  EXPECT_EQ(
      list(R"({"from":20160309,"to":20160310})").body,
      fmt::format(
          R"({{"status":"success","targets":[{{"id":{},"name":"Two","scheduled_on":201603102359,)"
          R"("status":"stopped"}},{{"id":{},"name":"One \"1\"","scheduled_on":201603090000,"status":"pending"}}]}})",
          second, first));
  EXPECT_EQ(list(R"({"from":"20160309","to":"20160309"})").body.find("Two"), std::string::npos);
  EXPECT_EQ(list(R"({"from":20150101,"to":20150102})").body, R"({"status":"success","targets":[]})");
}

// A recurring campaign is one entry, by its next run; its numbers are the sums over its runs.
TEST_F(CampaignsTest, recurring_is_one_entry_and_has_its_runs_numbers) {
  const auto reply = desk.post(
      who, "/1/targets/create.json",
      R"({"name":"Daily","where":{},"title":"t","body":"b","when":{"type":"recurring","repeats_every":1,)"
      R"("repeat_type":"day","start_time":"20160309 10:00","end_by_occurrences":2}})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const CampaignId id{std::stoll(field(reply, "id"))};
  const auto entry = [&](std::int64_t on, std::string_view status) {
    return fmt::format(
        R"({{"status":"success","targets":[{{"id":{},"name":"Daily","scheduled_on":{},"status":"{}"}}]}})",
        id, on, status);
  };
  const char* march = R"({"from":20160308,"to":20160331})";
  EXPECT_EQ(list(march).body, entry(201603091000, "pending"));
  for (const std::int64_t number : {1, 2}) {
    const Campaign series = *desk.control().campaign({}, id);
    const auto run = desk.control().fire({id, series.epoch, series.occurrence, series.due});
    ASSERT_TRUE(run) << run.error().text;
    EXPECT_EQ(run->occurrence, number);
    EXPECT_EQ(list(march).body, entry(201603101000, "running"));
    deliver(run->id);
    EXPECT_EQ(result(id).status, number == 1 ? 409 : 200);
    stop(run->id);
  }
  EXPECT_EQ(list(march).body, entry(201603101000, "completed"));
  EXPECT_EQ(list(R"({"from":20160309,"to":20160309})").body, R"({"status":"success","targets":[]})");
  const auto numbers = result(id);
  EXPECT_NE(numbers.body.find(R"("sent":2,"viewed":0,"audience":6,"handed_over":4)"), std::string::npos)
      << numbers.body;
}

TEST_F(CampaignsTest, list_refuses_ranges_that_are_none) {
  for (const char* bad : {"{}", R"({"from":20160309})", R"({"from":20160310,"to":20160309})",
                          R"({"from":20160230,"to":20160301})", R"({"from":2016,"to":2017})",
                          R"({"from":"2016-03-09","to":"2016-03-10"})", R"({"from":null,"to":null})", "[]"}) {
    const auto reply = list(bad);
    EXPECT_EQ(reply.status, 400) << bad << " -> " << reply.body;
    EXPECT_EQ(field(reply, "status"), R"("fail")");
  }
}

TEST_F(CampaignsTest, list_goes_through_more_than_a_page) {
  for (int i = 0; i < 501; ++i) create(who, "n", "now");
  const auto reply = list(R"({"from":20160301,"to":20160331})");
  EXPECT_EQ(parse_json(reply.body)->at("targets").as_array().size(), 501u);
}

TEST_F(CampaignsTest, result_is_409_until_it_is_over) {
  const CampaignId id = create(who, "n", "now");
  const auto reply = result(id);
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.body, R"({"status":"fail","error":"This target hasn't been completed","code":409})");
  stop(id);
  EXPECT_EQ(result(id).body, R"({"status":"fail","error":"This target has no result as of yet","code":409})");
}

TEST_F(CampaignsTest, result_of_a_stopped_campaign_counts_everybody_once) {
  const CampaignId id = create(who, "n", "now");
  deliver(id);
  EXPECT_EQ(result(id).status, 409);
  stop(id);
  const auto reply = result(id);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"result":{"clicked":0,"sent":1,"viewed":0,"audience":3,"handed_over":2,"failed":1,"skipped":0,)"
            R"("withheld":1,"in_doubt":0,"in_flight":0},"status":"success"})");
}

TEST_F(CampaignsTest, result_refuses_ids_as_stop_does) {
  const CampaignId theirs = create(other, "n", "now");
  EXPECT_EQ(result(theirs).body, R"({"status":"fail","error":"Invalid campaign id","code":400})");
  EXPECT_EQ(result(CampaignId{17}).body, result(theirs).body);
  EXPECT_EQ(desk.post(who, "/1/targets/result.json", R"({"id":-1})").status, 400);
}

TEST_F(CampaignsTest, send_push_queues_a_campaign_that_can_be_stopped) {
  const auto reply =
      desk.post(who, "/1/send/push.json", R"({"to":{"FBID":["1"],"GPID":["2"],"Email":["john@doe.com"],
    "Identity":["JohnDoe"],"objectId":["_asd"]},"tag_group":"mytaggroup","respect_frequency_caps":false,
    "content":{"title":"Welcome","body":"Smsbody","platform_specific":{
      "ios":{"badge_count":1},"android":{"wzrk_cid":"engagement"}}}})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.body, R"({"message":"Added to queue for processing","status":"success"})");
  const CampaignId id{std::stoll(header(reply, "Belay-Campaign"))};
  const auto campaign = desk.control().campaign(desk.id_of(who), id);
  ASSERT_TRUE(campaign);
  EXPECT_EQ(campaign->due, desk.clock.wall());
  EXPECT_EQ(campaign->definition.tag_group, "mytaggroup");
  const auto query = audience::Query::parse_stored(campaign->definition.where);
  ASSERT_TRUE(query && query->ids());
  EXPECT_EQ(query->ids()->size(), 5u);
  EXPECT_EQ(query->ids()->identity, std::vector<std::string>{"JohnDoe"});
  stop(id);
}

TEST_F(CampaignsTest, send_push_refuses_what_it_cannot_address) {
  const auto send = [&](std::string_view to, std::string_view content = R"({"title":"t","body":"b"})") {
    return desk.post(who, "/1/send/push.json", fmt::format(R"({{"to":{},"content":{}}})", to, content));
  };
  for (const char* bad : {"null", "[]", "{}", R"({"Identity":[]})", R"({"identity":["a"]})",
                          R"({"Identity":"a"})", R"({"Identity":[1]})", R"({"Identity":[""]})"})
    EXPECT_EQ(send(bad).status, 400) << bad;
  const auto people = [](int n) {
    json::array ids;
    for (int i = 0; i < n; ++i) ids.emplace_back(fmt::format("p{}", i));
    return to_text(json::object{{"Identity", ids}});
  };
  EXPECT_EQ(send(people(1000)).status, 200);
  EXPECT_EQ(send(people(1001)).status, 400);
  EXPECT_EQ(send(R"({"Identity":["a"]})", R"({"title":"t"})").status, 400);
  EXPECT_EQ(
      field(send(R"({"Identity":["a"]})", R"({"title":"t","body":"b","platform_specific":{"android":{}}})"),
            "code"),
      "9");
}

// What one account may say and see never depends on another's: every path that names a campaign.
TEST_F(CampaignsTest, accounts_do_not_see_each_other) {
  const CampaignId theirs = create(other, "Secret", "now");
  ASSERT_EQ(desk.post(other, "/1/upload", R"({"d":[{"type":"profile","identity":"x","profileData":{"N":1}},
      {"type":"token","objectId":"dev","tokenData":{"id":"tok","type":"fcm"}}]})")
                .status,
            200);
  EXPECT_EQ(list(R"({"from":20160301,"to":20160331})").body, R"({"status":"success","targets":[]})");
  for (const char* path : {"/1/targets/stop.json", "/1/targets/result.json"})
    EXPECT_EQ(desk.post(who, path, fmt::format(R"({{"id":{}}})", theirs)).body,
              desk.post(who, path, R"({"id":1400000000})").body);
  EXPECT_EQ(
      field(
          desk.post(
              who, "/1/targets/create.json",
              R"({"name":"n","where":{},"title":"t","body":"b","estimate_only":true,"devices":["android"]})"),
          "estimates"),
      R"({"android":0})");
  desk.add_provider(other, "theirs");
  EXPECT_EQ(
      desk.post(
              who, "/1/targets/create.json",
              R"({"name":"n","where":{},"title":"t","body":"b","when":"now","provider_nick_name":"theirs"})")
          .status,
      400);
  const auto mine = desk.profiles().find(desk.id_of(who), {store::IdentityKind::identity, "x"});
  ASSERT_TRUE(mine);
  EXPECT_FALSE(*mine);
  for (const Route& route : desk.api().routes()) {
    if (route.access != Access::account || route.pattern.find("{id}") == std::string_view::npos) continue;
    std::string path(route.pattern);
    path.replace(path.find("{id}"), 4, fmt::format("{}", theirs));
    std::string unknown(route.pattern);
    unknown.replace(unknown.find("{id}"), 4, "1400000000");
    const auto reply = desk.call(desk.as(who, desk.request(std::string(route.method), path)));
    EXPECT_GE(reply.status, 400) << route.pattern;
    EXPECT_EQ(reply.body.find("Secret"), std::string::npos) << route.pattern;
    EXPECT_EQ(reply.status, desk.call(desk.as(who, desk.request(std::string(route.method), unknown))).status);
  }
  EXPECT_EQ(desk.control().campaign({}, theirs)->state, State::scheduled);
}

}  // namespace
}  // namespace belay::api::clevertap
