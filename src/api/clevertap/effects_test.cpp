// What came of a campaign's messages: views and clicks that come in as events, conversions, and where they
// are told: result.json, message/report.json and the native campaign.
#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;

class EffectsTest : public ::testing::Test {
 protected:
  // Three people with a device each; the clock stands at 2016-03-08 15:56:06 in Kolkata.
  void SetUp() override {
    for (const char* name : {"ann", "bob", "cid"})
      upload(fmt::format(R"({{"type":"profile","identity":"{0}","objectId":"dev-{0}","profileData":{{}}}},
                             {{"type":"token","objectId":"dev-{0}","tokenData":{{"id":"tok-{0}","type":"fcm"}}}})",
                         name));
  }
  std::string upload(std::string_view records) {
    return desk.post(who, "/1/upload", fmt::format(R"({{"d":[{}]}})", records)).body;
  }
  std::int64_t now() { return to_epoch_seconds(desk.clock.wall()); }
  std::string event(std::string_view who_, std::string_view name, std::string_view data, std::int64_t at) {
    return upload(fmt::format(R"({{"type":"event","identity":"{}","evtName":"{}","evtData":{},"ts":{}}})",
                              who_, name, data, at));
  }
  CampaignId create(std::string_view more = "", std::string_view when = "\"now\"") {
    const auto reply =
        desk.post(who, "/1/targets/create.json",
                  fmt::format(R"({{"name":"Spring","where":{{}},"title":"t","body":"b","when":{},)"
                              R"("labels":["spring"],"devices":["android"]{}}})",
                              when, more));
    CHECK(reply.status == 200);
    return CampaignId{std::stoll(field(reply, "id"))};
  }
  // Everybody's message is accepted now, but cid's, which fails.
  void deliver(CampaignId id, Epoch epoch = Epoch{1}) {
    const WallTime at = desk.clock.wall();
    ASSERT_TRUE(desk.control().move({id, State::scheduled, State::planning, epoch, at, ""}));
    store::AudienceSet all;
    std::int64_t last = 0;
    for (const char* name : {"ann", "bob", "cid"}) {
      const auto person = *desk.profiles().find(desk.id_of(who), {store::IdentityKind::identity, name});
      const auto address = desk.profiles().addresses_of(desk.id_of(who), person->id)->at(0);
      ASSERT_GT(address.id.value, last);
      last = address.id.value;
      all.add(address.id);
    }
    all.compact();
    const auto run =
        desk.journal().freeze(*desk.control().campaign({}, id), RecipientKind::address, all, 10, at);
    ASSERT_TRUE(run);
    store::GroupCommit group;
    group.at = at;
    group.admissions.push_back({run->id, id, epoch, run->slices[0].no, 0, 3});
    group.blocks.push_back({run->id, pack({{0, Entry::accepted, Reason::none, 1, true},
                                           {1, Entry::accepted, Reason::none, 1, true},
                                           {2, Entry::failed, Reason::rejected, 1, true}})});
    ASSERT_TRUE(desk.journal().commit(group));
  }
  void stop(CampaignId id) {
    ASSERT_EQ(desk.post(who, "/1/targets/stop.json", fmt::format(R"({{"id":{}}})", id)).status, 200);
  }
  std::string result(CampaignId id) {
    return desk.post(who, "/1/targets/result.json", fmt::format(R"({{"id":{}}})", id)).body;
  }
  std::string effects(CampaignId id) {
    const auto reply = desk.call(desk.as(who, desk.request("GET", fmt::format("/api/v1/campaigns/{}", id))));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return field(reply, "engagement");
  }
  net::HttpReply report(std::string_view more = "") {
    return desk.post(who, "/1/message/report.json",
                     fmt::format(R"({{"from":"20160301","to":"20160331"{}}})", more));
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567"), other = desk.add_account("TEST-765-4321");
  ProviderId provider = desk.add_provider(who, "fcm");
};

TEST_F(EffectsTest, views_and_clicks_come_in_as_events_and_count_people) {
  const CampaignId id = create();
  deliver(id);
  const std::string tag = fmt::format(R"({{"wzrk_id":"{}"}})", id);
  event("ann", "Notification Clicked", tag, now());
  event("ann", "Notification Clicked", tag, now() + 5);
  event("bob", "Notification Clicked", fmt::format(R"({{"campaign_id":{}}})", id), now());
  event("bob", "Notification Viewed", fmt::format(R"({{"Campaign id":"{}_20160308"}})", id), now());
  event("ann", "Push Impressions", tag, now());
  event("cid", "Push Impressions", R"({"other":1})", now());
  event("cid", "Notification Viewed", R"({"wzrk_id":"1400000000"})", now());
  EXPECT_EQ(effects(id), R"({"viewed":2,"clicked":2,"conversions":null,"revenue":null})");
  stop(id);
  EXPECT_EQ(
      result(id),
      R"({"result":{"clicked":2,"sent":2,"viewed":2,"audience":3,"handed_over":3,"failed":1,"skipped":0,)"
      R"("withheld":0,"in_doubt":0,"in_flight":0},"status":"success"})");
}

TEST_F(EffectsTest, an_event_of_a_message_must_say_which) {
  EXPECT_NE(event("ann", "Notification Clicked", "{}", now()).find("\"code\":513"), std::string::npos);
  EXPECT_NE(event("ann", "Notification Sent", R"({"wzrk_id":"1"})", now()).find("\"code\":513"),
            std::string::npos);
  const std::string wrong = event("ann", "Notification Viewed", R"({"wzrk_id":"spring"})", now());
  EXPECT_NE(wrong.find("\"code\":512"), std::string::npos);
  EXPECT_NE(wrong.find("wzrk_id"), std::string::npos) << wrong;
}

// People who turn out to be one count once; who is deleted does not count any more.
TEST_F(EffectsTest, follow_people_through_a_merge_and_their_end) {
  const CampaignId id = create();
  const std::string tag = fmt::format(R"({{"wzrk_id":"{}"}})", id);
  event("ann", "Notification Clicked", tag, now());
  upload(fmt::format(
      R"({{"type":"event","objectId":"new-phone","evtName":"Notification Clicked","evtData":{}}})", tag));
  EXPECT_EQ(effects(id), R"({"viewed":0,"clicked":2,"conversions":null,"revenue":null})");
  upload(R"({"type":"profile","identity":"ann","objectId":"new-phone","profileData":{}})");
  EXPECT_EQ(effects(id), R"({"viewed":0,"clicked":1,"conversions":null,"revenue":null})");
  ASSERT_EQ(desk.post(who, "/1/delete/profiles.json", R"({"identity":"ann"})").status, 200);
  EXPECT_EQ(effects(id), R"({"viewed":0,"clicked":0,"conversions":null,"revenue":null})");
}

TEST_F(EffectsTest, conversions_are_people_with_the_goal_after_their_message) {
  const CampaignId id = create(
      R"(,"conversion_goal":{"event_name":"Charged","filter_type":{},"conversion_time":"1H",)"
      R"("revenue_property":"Amount"})");
  event("ann", "Charged", R"({"Amount":1000})", now() - 60);  // before it
  deliver(id);
  EXPECT_EQ(effects(id), R"({"viewed":0,"clicked":0,"conversions":0,"revenue":0})");
  event("ann", "Charged", R"({"Amount":12.5})", now());
  event("ann", "Charged", R"({"Amount":"7"})", now() + 3600);  // the last second
  event("ann", "Charged", R"({"Amount":2000})", now() + 3601);
  event("bob", "Other", R"({"Amount":2000})", now());
  event("cid", "Charged", R"({"Amount":2000})", now());  // had no message
  EXPECT_EQ(effects(id), R"({"viewed":0,"clicked":0,"conversions":1,"revenue":1.95E1})");
  event("bob", "Charged", R"({"Currency":"INR"})", now() + 10);
  stop(id);
  EXPECT_NE(result(id).find(R"("conversions":2,"revenue":19.5},"status":"success"})"), std::string::npos)
      << result(id);
}

TEST_F(EffectsTest, a_goal_s_filter_is_honoured_whole) {
  const auto with = [&](std::string_view filter) {
    const CampaignId id = create(fmt::format(
        R"(,"conversion_goal":{{"event_name":"Charged","filter_type":{},"revenue_property":"Amount"}})",
        filter));
    deliver(id);
    const std::string said = effects(id);
    stop(id);
    return said.substr(said.find("\"conversions\""));
  };
  const auto counted = [](int people, std::string_view revenue) {
    return fmt::format(R"("conversions":{},"revenue":{}}})", people, revenue);
  };
  // 2016-03-08 is a Tuesday; 15:56:06 in Kolkata.
  event("ann", "Charged", R"({"Amount":1,"Items":[{"Book name":"Zen"}]})", now() + 60);  // 15:57
  event("ann", "Charged", R"({"Amount":2})", now() + 4 * 3600);                          // 19:56
  event("bob", "Charged", R"({"Amount":4})", now() - 7200);                              // before any message
  event("bob", "Charged", R"({"Amount":8})", now() + 9 * 3600);                          // Wednesday 00:56
  EXPECT_EQ(with("{}"), counted(2, "11"));
  EXPECT_EQ(with(R"({"event_property":[{"property_name":"Items|Book name","operator":"equals",
      "property_value":"Zen"}]})"),
            counted(1, "1"));
  EXPECT_EQ(
      with(R"({"event_property":[{"property_name":"Amount","operator":"greater_than","property_value":1}]})"),
      counted(2, "10"));
  EXPECT_EQ(with(R"({"first_time":"yes"})"), counted(1, "1"));  // bob's first was before
  EXPECT_EQ(with(R"({"last_time":"yes"})"), counted(2, "10"));
  EXPECT_EQ(with(R"({"time_of_day":[["19:00","20:00"],["00:56","00:56"]]})"), counted(2, "10"));
  EXPECT_EQ(with(R"({"time_of_day":[["23:00","15:57"]]})"), counted(2, "9"));
  EXPECT_EQ(with(R"({"day_of_week":[3]})"), counted(1, "3"));
  EXPECT_EQ(with(R"({"day_of_month":[9,10]})"), counted(1, "8"));
}

TEST_F(EffectsTest, what_was_counted_is_kept_until_something_happens) {
  const CampaignId id = create(R"(,"conversion_goal":{"event_name":"Charged","filter_type":{}})");
  deliver(id);
  EXPECT_EQ(effects(id), effects(id));
  event("ann", "Charged", "{}", now());
  EXPECT_EQ(effects(id), R"({"viewed":0,"clicked":0,"conversions":1,"revenue":0})");
}

// A run of a series is known by its own id, or by the series' with the day.
TEST_F(EffectsTest, of_a_series_count_over_its_runs_each_person_once) {
  const CampaignId series =
      create(R"(,"conversion_goal":{"event_name":"Charged","filter_type":{},"conversion_time":"1W"})",
             R"({"type":"recurring","repeats_every":1,"repeat_type":"day","start_time":"20160309 10:00",)"
             R"("end_by_occurrences":2})");
  std::vector<CampaignId> runs;
  for (int i = 0; i < 2; ++i) {
    const Campaign s = *desk.control().campaign({}, series);
    desk.clock.step_wall(s.due - desk.clock.wall());
    const auto run = desk.control().fire({series, s.epoch, s.occurrence, s.due});
    ASSERT_TRUE(run) << run.error().text;
    runs.push_back(run->id);
    deliver(run->id);
  }
  event("ann", "Notification Clicked", fmt::format(R"({{"wzrk_id":"{}_20160309"}})", series), now());
  event("ann", "Notification Clicked", fmt::format(R"({{"wzrk_id":"{}"}})", runs[1]), now());
  event("bob", "Notification Clicked", fmt::format(R"({{"wzrk_id":"{}_20160310"}})", series), now());
  event("ann", "Charged", "{}", now() + 5);
  EXPECT_NE(effects(runs[0]).find(R"("clicked":1,"conversions":1)"), std::string::npos) << effects(runs[0]);
  EXPECT_NE(effects(runs[1]).find(R"("clicked":2,"conversions":1)"), std::string::npos) << effects(runs[1]);
  EXPECT_NE(effects(series).find(R"("clicked":2,"conversions":1)"), std::string::npos) << effects(series);
}

TEST_F(EffectsTest, answers_without_a_result_can_be_those_that_were_observed) {
  const CampaignId id = create();
  const auto answer = [&](NoResult as) {
    desk.services().compatibility.no_result = as;
    const auto reply = desk.post(who, "/1/targets/result.json", fmt::format(R"({{"id":{}}})", id));
    return fmt::format("{} {}", reply.status, reply.body);
  };
  EXPECT_EQ(answer(NoResult::conflict),
            R"(409 {"status":"fail","error":"This target hasn't been completed","code":409})");
  EXPECT_EQ(answer(NoResult::error),
            R"(500 {"status":"fail","error":"This target has no result as of yet","code":500})");
  EXPECT_EQ(answer(NoResult::success),
            R"(200 {"status":"success","error":"This target hasn't been completed","code":200})");
  stop(id);
  EXPECT_EQ(answer(NoResult::conflict),
            R"(409 {"status":"fail","error":"This target has no result as of yet","code":409})");
  EXPECT_EQ(answer(NoResult::error),
            R"(500 {"status":"fail","error":"This target has no result as of yet","code":500})");
}

TEST_F(EffectsTest, the_report_has_each_message_with_its_start_in_the_accounts_zone) {
  const CampaignId id = create();
  deliver(id);
  event("ann", "Notification Clicked", fmt::format(R"({{"wzrk_id":"{}"}})", id), now());
  event("ann", "Notification Viewed", fmt::format(R"({{"wzrk_id":"{}"}})", id), now());
  EXPECT_EQ(
      report().body,
      fmt::format(
          R"({{"status":"success","total_results":1,"messages":[{{"message id":{},"message_name":"Spring",)"
          R"("channel":"push","delivery":"one_time","message_type":"single",)"
          R"("start_date":"08 Mar, 2016 15:56:06","status":"running","labels":["spring"],)"
          R"("device":["android"],"sent":2,"viewed":1,"clicked":1}}]}})",
          id));
  stop(id);
  EXPECT_NE(report().body.find(R"("status":"stopped")"), std::string::npos);
  EXPECT_EQ(desk.post(other, "/1/message/report.json", R"({"from":20160301,"to":20160331})").body,
            R"({"status":"success","total_results":0,"messages":[]})");
}

TEST_F(EffectsTest, the_report_filters) {
  const CampaignId id = create();
  const auto found = [&](std::string_view more) {
    const auto reply = report(fmt::format(",{}", more));
    EXPECT_EQ(reply.status, 200) << more << reply.body;
    return field(reply, "total_results");
  };
  for (const char* yes :
       {R"("channel":["email","push"])", R"("channel":"email,push")", R"("delivery":["one_time"])",
        R"("status":["scheduled"])", R"("message_type":["single"])", R"("label":["spring"])",
        R"("channel":[],"label":null)"})
    EXPECT_EQ(found(yes), "1") << yes;
  for (const char* no : {R"("channel":["email"])", R"("delivery":["api","recurring"])",
                         R"("status":["running"])", R"("message_type":["ab"])", R"("label":["summer"])"})
    EXPECT_EQ(found(no), "0") << no;
  ASSERT_EQ(
      desk.post(who, "/1/send/push.json", R"({"to":{"Identity":["ann"]},"content":{"title":"t","body":"b"}})")
          .status,
      200);
  EXPECT_EQ(found(R"("delivery":["api"])"), "1");
  EXPECT_EQ(field(desk.post(who, "/1/message/report.json", R"({"from":"20160307","to":"20160307"})"),
                  "total_results"),
            "0");
  stop(id);
}

TEST_F(EffectsTest, the_report_refuses_by_name) {
  const auto error = [&](std::string_view body) {
    const auto reply = desk.post(who, "/1/message/report.json", std::string(body));
    EXPECT_EQ(reply.status, 400) << reply.body;
    return field(reply, "error");
  };
  EXPECT_NE(error("{}").find("from is required"), std::string::npos);
  EXPECT_NE(error(R"({"from":"20160301"})").find("to is required"), std::string::npos);
  EXPECT_NE(error(R"({"from":"20160302","to":"20160301"})").find("must not be later"), std::string::npos);
  EXPECT_NE(error(R"({"from":"20160230","to":"20160301"})").find("20160230"), std::string::npos);
  const auto with = [&](std::string_view more) {
    return error(fmt::format(R"({{"from":"20160301","to":"20160331",{}}})", more));
  };
  EXPECT_NE(with(R"("channel":["pigeon"])").find("channel \\\"pigeon\\\" is not known: push"),
            std::string::npos);
  EXPECT_NE(with(R"("delivery":["never"])").find("delivery \\\"never\\\""), std::string::npos);
  EXPECT_NE(with(R"("status":["paused"])").find("status \\\"paused\\\""), std::string::npos);
  EXPECT_NE(with(R"("message_type":["x"])").find("message_type \\\"x\\\""), std::string::npos);
  EXPECT_NE(with(R"("label":[1])").find("label must be"), std::string::npos);
  EXPECT_NE(with(R"("daily":"yes")").find("daily must be true or false"), std::string::npos);
}

TEST_F(EffectsTest, the_report_by_days_has_what_fell_on_each) {
  const CampaignId id = create();
  deliver(id);
  event("ann", "Notification Clicked", fmt::format(R"({{"wzrk_id":"{}"}})", id), now() + 86'400);
  const auto reply = report(R"(,"daily":true)");
  EXPECT_EQ(field(reply, "total_results"), "2") << reply.body;
  EXPECT_NE(reply.body.find(R"("date":"08 Mar, 2016","sent":2,"viewed":0,"clicked":0)"), std::string::npos)
      << reply.body;
  EXPECT_NE(reply.body.find(R"("date":"09 Mar, 2016","sent":0,"viewed":0,"clicked":1)"), std::string::npos);
}

// A message to named people counts for the campaign that it names, and is stopped with it.
TEST_F(EffectsTest, a_message_to_named_people_can_be_a_run_of_a_campaign) {
  const auto made =
      desk.post(who, "/api/v1/triggers", R"({"name":"API","content":{"title":"t","body":"b"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const CampaignId id{std::stoll(field(made, "id"))};
  const auto send = [&](CampaignId campaign) {
    return desk.post(
        who, "/1/send/push.json",
        fmt::format(
            R"({{"to":{{"Identity":["ann"]}},"campaign_id":{},"content":{{"title":"t","body":"b"}}}})",
            campaign));
  };
  const auto sent = send(id);
  ASSERT_EQ(sent.status, 200) << sent.body;
  const CampaignId run{std::stoll(header(sent, "Belay-Campaign"))};
  EXPECT_EQ(desk.control().campaign({}, run)->series, id);
  deliver(run);
  event("ann", "Notification Clicked", fmt::format(R"({{"wzrk_id":"{}"}})", run), now());
  const auto reports = report(R"(,"delivery":["api"])");
  EXPECT_NE(reports.body.find(R"("sent":2,"viewed":0,"clicked":1)"), std::string::npos) << reports.body;
  stop(id);
  EXPECT_EQ(desk.control().campaign({}, run)->state, State::stopped);
  EXPECT_NE(result(id).find(R"("clicked":1,"sent":2)"), std::string::npos) << result(id);
  EXPECT_EQ(field(send(id), "error"), fmt::format("\"Campaign {} is stopped\"", id));
  EXPECT_EQ(field(send(CampaignId{7}), "error"), "\"Invalid campaign id\"");
  EXPECT_EQ(field(send(create()), "error").find("is not started by a trigger") != std::string::npos, true);
}

}  // namespace
}  // namespace belay::api::clevertap
