#include <gtest/gtest.h>

#include "api/testing_api.h"
#include "audience/query.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;

constexpr std::string_view create_path = "/1/targets/create.json";

class CreateTest : public ::testing::Test {
 protected:
  // A sound request with some keys set otherwise; null takes a key out.
  std::string body(std::string_view changes = "{}") const {
    json::object o = parse_json(R"({"name":"Sale","target_mode":"push","where":{},
      "content":{"title":"Hi","body":"There"},"devices":["android","ios"],"when":"now"})")
                         ->as_object();
    const json::value changed = *parse_json(changes);
    for (const auto& [key, value] : changed.as_object()) {
      if (value.is_null())
        o.erase(key);
      else
        o[key] = value;
    }
    return to_text(o);
  }
  net::HttpReply create(std::string_view changes = "{}") {
    return desk.post(who, create_path, body(changes));
  }
  Campaign created(std::string_view changes = "{}") {
    const auto reply = create(changes);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return *desk.control().campaign(desk.id_of(who), CampaignId{std::stoll(field(reply, "id"))});
  }
  void upload(std::string_view records) {
    const auto reply = desk.post(who, "/1/upload", fmt::format(R"({{"d":[{}]}})", records));
    ASSERT_EQ(field(reply, "status"), R"("success")") << reply.body;
  }
  void upload_people() {
    upload(R"({"type":"profile","identity":"a","objectId":"d1","profileData":{"Plan":"gold"}},
              {"type":"profile","identity":"b","objectId":"d2","profileData":{"Plan":"gold"}},
              {"type":"profile","identity":"c","objectId":"d3","profileData":{"Plan":"tin"}},
              {"type":"token","objectId":"d1","tokenData":{"id":"t1","type":"fcm"}},
              {"type":"token","objectId":"d2","tokenData":{"id":"t2","type":"apns"}},
              {"type":"token","objectId":"d3","tokenData":{"id":"t3","type":"fcm"}})");
  }
  std::size_t campaigns() { return desk.control().campaigns({})->size(); }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567");
  ProviderId provider = desk.add_provider(who, "fcm");
};

TEST_F(CreateTest, keeps_when_a_campaign_recurs_and_refuses_what_is_one_moment_beside_it) {
  constexpr std::string_view when =
      R"("when":{"type":"recurring","repeats_every":2,"repeat_type":"week","start_time":"20160309 10:00",)"
      R"("repeat_on_days_of_week":[2,4],"end_by_date":"20160401"})";
  const Campaign c = created(fmt::format("{{{}}}", when));
  ASSERT_TRUE(c.definition.recurrence);
  EXPECT_EQ(c.occurrence, 1);
  EXPECT_EQ(in_words(*c.definition.recurrence),
            "every 2 weeks on Mon, Wed at 10:00 Asia/Kolkata, until 2016-04-01");
  const auto refused = [&](std::string_view beside) {
    return create(fmt::format("{{{},{}}}", when, beside));
  };
  EXPECT_NE(refused(R"("ttl":{"value":201603101000})").body.find("absolute ttl"), std::string::npos);
  EXPECT_NE(refused(R"("guardrails":{"cut_off":"20160401 10:00"})").body.find("cut_off"), std::string::npos);
  EXPECT_EQ(refused(R"("ttl":{"ttl_type":"relative","value":60})").status, 200);
}

TEST_F(CreateTest, answers_status_id_and_estimates_in_that_order) {
  upload_people();
  const auto reply = create();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"status":"success","id":1457432766,"estimates":{"android":2,"ios":1}})");
}

TEST_F(CreateTest, ids_are_epoch_seconds_made_unique) {
  EXPECT_EQ(field(create(), "id"), "1457432766");
  EXPECT_EQ(field(create(), "id"), "1457432767");
  desk.clock.advance(Seconds{100});
  EXPECT_EQ(field(create(), "id"), "1457432866");
}

TEST_F(CreateTest, skip_estimate_answers_the_id_alone) {
  EXPECT_EQ(create(R"({"skip_estimate":true})").body, R"({"status":"success","id":1457432766})");
}

TEST_F(CreateTest, estimate_only_creates_nothing) {
  upload_people();
  const auto reply = create(
      R"({"estimate_only":true,"devices":null,
          "where":{"common_profile_properties":{
            "profile_fields":[{"name":"Plan","operator":"equals","value":"gold"}]}}})");
  EXPECT_EQ(reply.body, R"({"status":"success","estimates":{"android":1,"ios":1,"web":0,"windows":0}})");
  EXPECT_EQ(campaigns(), 0u);
}

TEST_F(CreateTest, stores_the_whole_definition) {
  const Campaign c =
      created(R"({"labels":["onboarding","marketing"],"send_to_all_devices":true,"tag_group":"g",
    "ttl":{"ttl_type":"relative","value":90},"skip_estimate":true,
    "where":{"common_profile_properties":{"profile_fields":[{"name":"Plan","operator":"equals","value":"gold"}]}},
    "content":{"title":"Hi {{Profile.Name | default: \"you\"}}","body":"There","platform_specific":{
      "android":{"wzrk_cid":"engagement","default_sound":true,"deep_link":"example.com"},"ios":{"badge_count":1}}}})");
  EXPECT_EQ(c.state, State::scheduled);
  EXPECT_EQ(c.provider, provider);
  EXPECT_EQ(c.due, desk.clock.wall());
  EXPECT_EQ(c.definition.name, "Sale");
  EXPECT_EQ(c.definition.labels, (std::vector<std::string>{"onboarding", "marketing"}));
  EXPECT_EQ(c.definition.devices, (std::vector{Platform::android, Platform::ios}));
  EXPECT_TRUE(c.definition.send_to_all_devices);
  EXPECT_EQ(c.definition.tag_group, "g");
  EXPECT_EQ(c.definition.ttl.lasting, Seconds{5400});
  EXPECT_EQ(c.definition.push.title, "Hi {{Profile.Name | default: \"you\"}}");
  EXPECT_EQ(c.definition.push.android,
            (KeyValues{{"wzrk_cid", "engagement"}, {"default_sound", "true"}, {"deep_link", "example.com"}}));
  EXPECT_EQ(c.definition.push.ios, (KeyValues{{"badge_count", "1"}}));
  EXPECT_NE(c.definition.where.find("Plan"), std::string::npos);
}

TEST_F(CreateTest, takes_the_forms_of_old_clients) {
  // No target_mode, no segment, title and body at the top.
  const Campaign c = created(R"({"target_mode":null,"content":null,"title":"Hi","body":"There"})");
  EXPECT_EQ(c.definition.channel, Channel::push);
  EXPECT_EQ(c.definition.push.title, "Hi");
  EXPECT_EQ(created(R"({"target_mode":"Push","devices":["Android"]})").definition.devices,
            std::vector{Platform::android});
  EXPECT_EQ(created(R"({"where":null,"segment":"all"})").definition.where, "{}");
  EXPECT_EQ(created(R"({"segment":"all"})").definition.where, "{}");
  EXPECT_EQ(created(R"({"where":null})").definition.where,
            "{}");  // nothing said: the whole base, as documented
}

TEST_F(CreateTest, tolerates_what_asks_for_nothing) {
  created(R"({"project":"x","anything":{"deep":[1]},"respect_frequency_caps":false,"exclude_segments":[],
              "draft":false,"control_group":{},"conversion_goal":{"event_name":"Charged","filter_type":{}}})");
}

TEST_F(CreateTest, keeps_who_gets_it) {
  const Definition d = created(R"({"users_limit_overall":101,"users_limit_per_run":50,
    "upper_cap_for_target_segment":"100","control_group":{"type":"campaign","percentage":10},
    "system_control_group_include":false,"respect_frequency_caps":false})")
                           .definition;
  EXPECT_EQ(d.limits, (PeopleLimits{101, 50, 100}));
  EXPECT_EQ(d.control_group, (ControlGroup{10, {}}));
  EXPECT_FALSE(d.system_control_group);
  EXPECT_FALSE(d.respect_frequency_caps);
  const Definition silent = created().definition;
  EXPECT_TRUE(silent.limits.empty());
  EXPECT_FALSE(silent.control_group);
  EXPECT_TRUE(silent.system_control_group && silent.respect_frequency_caps);
}

TEST_F(CreateTest, S61_names_what_is_wrong_about_who_gets_it) {
  struct {
    std::string changes, says;
  } const cases[] = {
      {R"({"users_limit_overall":99})",
       "users_limit_overall must be a whole number from 100 to 1000000000, and is 99"},
      {R"({"users_limit_per_run":0})", "users_limit_per_run must be a whole number from 1"},
      {R"({"upper_cap_for_target_segment":true})", "upper_cap_for_target_segment must be a whole number"},
      {R"({"users_limit_per_run":5,"send_to_all_devices":true})", "do not go with"},
      {R"({"control_group":10})", "control_group must be an object like"},
      {R"({"control_group":{"type":"campaign"}})", "control_group needs"},
      {R"({"control_group":{"percentage":100}})",
       "percentage must be a whole number from 1 to 99, and is 100"},
      {R"({"control_group":{"percentage":5,"size":1}})", "control_group: unknown key"},
      {R"({"system_control_group_include":"yes"})", "system_control_group_include"},
      {R"({"respect_frequency_caps":"no"})", "respect_frequency_caps"},
      {R"({"draft":1})", "draft"},
  };
  for (const auto& c : cases) {
    const auto reply = create(c.changes);
    EXPECT_EQ(reply.status, 400) << c.changes << " -> " << reply.body;
    EXPECT_NE(field(reply, "error").find(c.says), std::string::npos) << c.changes << " -> " << reply.body;
  }
  EXPECT_EQ(campaigns(), 0u);
}

TEST_F(CreateTest, an_estimate_is_of_who_is_expected_to_get_it) {
  for (int first = 0; first < 400; first += 100) {  // a batch has no more tokens than that
    std::string people;
    for (int n = first; n < first + 100; ++n)
      people += fmt::format(R"({0}{{"type":"profile","identity":"p{1}","objectId":"o{1}","profileData":{{}}}},)"
                            R"({{"type":"token","objectId":"o{1}","tokenData":{{"id":"t{1}","type":"{2}"}}}})",
                            n == first ? "" : ",", n, n % 4 == 0 ? "apns" : "fcm");
    upload(people);
  }
  const auto estimate = [&](std::string_view changes) {
    json::object o = parse_json(changes)->as_object();
    o["estimate_only"] = true;
    return field(create(to_text(o)), "estimates");
  };
  EXPECT_EQ(estimate("{}"), R"({"android":300,"ios":100})");
  EXPECT_EQ(estimate(R"({"users_limit_per_run":100})"), R"({"android":75,"ios":25})");
  EXPECT_EQ(estimate(R"({"control_group":{"percentage":10}})"), R"({"android":270,"ios":90})");
  ASSERT_TRUE(
      desk.control().put_reach_rules(desk.id_of(who), {.frequency_caps = {}, .control_group_percent = 20}));
  EXPECT_EQ(estimate("{}"), R"({"android":240,"ios":80})");
  EXPECT_EQ(estimate(R"({"system_control_group_include":false})"), R"({"android":300,"ios":100})");
}

TEST_F(CreateTest, keeps_a_draft_and_schedules_nothing) {
  const auto reply = create(R"({"draft":true,"users_limit_per_run":5,"segment":"all","where":null})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(campaigns(), 0u);
  const auto drafts = desk.control().drafts(desk.id_of(who));
  ASSERT_EQ(drafts->size(), 1u);
  EXPECT_EQ(reply.body, fmt::format(R"({{"status":"success","draft":"{}"}})", drafts->front().id));
  const json::value kept = *parse_json(drafts->front().body);
  EXPECT_EQ(kept.at("name"), json::value("Sale"));
  const json::object& request = kept.at("request").as_object();
  EXPECT_EQ(request.at("where"), json::value(json::object{}));
  EXPECT_EQ(request.at("users_limit_per_run"), json::value(5));
  EXPECT_FALSE(request.contains("draft") || request.contains("segment"));
  EXPECT_EQ(create(R"({"draft":true,"content":{}})").status, 400) << "checked like any other";
  EXPECT_EQ(create(R"({"draft":true,"exclude_segments":[1]})").status, 400);
  EXPECT_EQ(desk.control().drafts(desk.id_of(who))->size(), 1u);
}

// S57: the schedule is validated and echoed back.
TEST_F(CreateTest, S57_reads_when_in_the_accounts_zone) {
  EXPECT_EQ(created(R"({"when":"20160309 10:00"})").due, wall_from_micros(1'457'497'800'000'000));
  EXPECT_EQ(created(R"({"when":{"type":"now"}})").due, desk.clock.wall());
  EXPECT_EQ(created(R"({"when":{"type":"later","delivery_date_time":["20160309 10:00"]}})").due,
            wall_from_micros(1'457'497'800'000'000));
}

TEST_F(CreateTest, refuses_what_is_not_sound_and_stores_nothing) {
  struct {
    std::string changes, says;
  } const cases[] = {
      {R"({"name":null})", "name is required"},
      {R"({"name":""})", "name is required"},
      {R"({"name":7})", "name must be a text"},
      {R"({"target_mode":"carrier pigeon"})", "not known"},
      {R"({"target_mode":1})", "target_mode must be a text"},
      {R"({"where":null,"wehre":{"common_profile_properties":{}}})",
       "where or segment is required beside the unknown key"},
      {R"({"where":[]})", "where must be an object"},
      {R"({"where":{"evnt_name":"x"}})", "evnt_name"},
      {R"({"segment":1.5})", "segment must be"},
      {R"({"content":null})", "content.title is required"},
      {R"({"content":"Hi"})", "content must be an object"},
      {R"({"content":{"title":"Hi"}})", "content.body is required"},
      {R"({"content":{"title":"Hi","body":5}})", "body must be a text"},
      {R"({"content":{"title":"Hi","body":"There","platform_specific":[]}})",
       "platform_specific must be an object"},
      {R"({"content":{"title":"Hi","body":"There","platform_specific":{"palm":{}}}})", "palm"},
      {R"({"content":{"title":"Hi","body":"There","platform_specific":{"ios":{"a":{"b":1}}}}})",
       "ios.a must be"},
      {R"({"content":{"title":"Hi {{ Profile.Name","body":"There"}})", "line 1, column"},
      {R"({"devices":"android"})", "devices must be a list"},
      {R"({"devices":["palm"]})", "palm"},
      {R"({"devices":[1]})", "devices must be a list"},
      {R"({"labels":"x"})", "labels must be a list"},
      {R"({"labels":[""]})", "labels"},
      {R"({"estimate_only":"yes"})", "estimate_only must be true or false"},
      {R"({"skip_estimate":1})", "skip_estimate must be true or false"},
      {R"({"respect_frequency_caps":"no"})", "respect_frequency_caps must be true or false"},
      {R"({"when":null})", "when"},
      {R"({"when":"tomorrow"})", "when"},
      {R"({"when":"20160101 10:00"})", "when"},
      {R"({"ttl":{"ttl_type":"relative","value":-1}})", "ttl"},
      {R"({"provider_nick_name":"nobody"})", "nobody"},
      {R"({"target_mode":"webhook"})", "devices is for"},
      {R"({"target_mode":"webhook","devices":null})", "no provider for target_mode webhook"},
  };
  for (const auto& c : cases) {
    const auto reply = create(c.changes);
    EXPECT_EQ(reply.status, 400) << c.changes;
    EXPECT_EQ(field(reply, "status"), R"("fail")");
    EXPECT_NE(field(reply, "error").find(c.says), std::string::npos) << c.changes << " -> " << reply.body;
  }
  EXPECT_EQ(campaigns(), 0u);
}

// S61: an option is honoured or refused: never a silent "everybody", never silently at another time.
TEST_F(CreateTest, S61_refuses_by_name_what_is_documented_and_not_there_yet) {
  struct {
    std::string changes, names;
  } const cases[] = {
      {R"({"target_mode":"in-app"})", "in-app"},
      {R"({"target_mode":"notificationinbox"})", "notificationinbox"},
      {R"({"where":null,"segment":12345})", "segment 12345 is not known"},
      {R"({"where":null,"segment":"12345"})", "segment"},
      {R"({"exclude_segments":[1]})", "exclude_segments"},
      {R"({"dnd":{"message_state":"delay"}})", "dnd"},
      {R"({"control_group":{"type":"custom","name":"Christmas"}})", "control_group of type"},
      {R"({"where":{"segment":12345}})", "segment 12345 is not known"},
      {R"({"where":{"exclude_segments":[12345]}})", "segment 12345 is not known"},
      {R"({"where":{"prompt":"my best customers"}})", "prompt"},
      {R"({"where":{"advanced_query":{"did_not":[{"event_name":"Charged"}]}}})", "did_none"},
      {R"({"where":{"$all":[{}]}})", "$all"},
      {R"({"when":{"type":"later","delivery_date_time":["20160309 10:00"],"delivery_timezone":"mars"}})",
       "delivery_timezone"},
  };
  for (const auto& c : cases) {
    const auto reply = create(c.changes);
    EXPECT_EQ(reply.status, 400) << c.changes << " -> " << reply.body;
    EXPECT_NE(field(reply, "error").find(c.names), std::string::npos) << c.changes << " -> " << reply.body;
  }
  EXPECT_EQ(campaigns(), 0u);
}

// A campaign keeps what the segment meant when it was made.
TEST_F(CreateTest, copies_the_segments_that_it_names) {
  const auto save = [&](std::string_view name, std::string_view city) {
    const auto reply = desk.post(
        who, "/api/v1/segments",
        fmt::format(
            R"({{"name":"{}","where":{{"common_profile_properties":{{"profile_fields":[{{"name":"City",)"
            R"("value":"{}"}}]}}}}}})",
            name, city));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return field(reply, "id");
  };
  const std::string pune = save("pune", "Pune"), delhi = save("delhi", "Delhi");
  const auto of_pune = created(fmt::format(R"({{"where":null,"segment":{}}})", pune));
  EXPECT_EQ(audience::Query::parse_stored(of_pune.definition.where)->in_words(), R"(City is "Pune")");
  const auto by_text =
      created(fmt::format(R"({{"where":null,"segment":"{}","exclude_segments":[{}]}})", pune, delhi));
  EXPECT_EQ(audience::Query::parse_stored(by_text.definition.where)->in_words(),
            R"(City is "Pune", and not: City is "Delhi")");
  const auto inside = created(
      fmt::format(R"({{"where":{{"event_name":"A","segment":{},"exclude_segments":[{}]}}}})", pune, delhi));
  EXPECT_EQ(audience::Query::parse_stored(inside.definition.where)->in_words(),
            R"(did "A" in the last 365 days, and City is "Pune", and not: City is "Delhi")");
  const auto others = created(fmt::format(R"({{"where":{{}},"exclude_segments":{}}})", delhi));
  EXPECT_EQ(audience::Query::parse_stored(others.definition.where)->in_words(), R"(not: City is "Delhi")");
  const auto both = create(fmt::format(R"({{"where":{{"event_name":"A"}},"segment":{}}})", pune));
  EXPECT_EQ(both.status, 400);
  EXPECT_NE(both.body.find("segment and where exclude each other"), std::string::npos) << both.body;
}

TEST_F(CreateTest, wants_the_android_channel_as_recorded) {
  const auto reply =
      create(R"({"content":{"title":"Hi","body":"There","platform_specific":{"android":{"key":"v"}}}})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(
      reply.body,
      R"({"status":"fail","error":"Notification channel is required for devices having Android 8.0 or above",)"
      R"("code":9})");
}

TEST_F(CreateTest, picks_the_provider_by_nick_name_when_there_are_several) {
  const ProviderId second = desk.add_provider(who, "fcm-2");
  const auto reply = create();
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("fcm, fcm-2"), std::string::npos) << reply.body;
  EXPECT_EQ(created(R"({"provider_nick_name":"fcm-2"})").provider, second);
  EXPECT_EQ(created(R"({"provider_nick_name":"fcm"})").provider, provider);
}

TEST_F(CreateTest, webhooks_carry_their_fields_and_pairs) {
  upload_people();
  const ProviderId hook = desk.add_provider(who, "crm", Channel::webhook);
  const auto reply =
      create(R"({"target_mode":"webhook","content":null,"devices":null,"webhook_endpoint_name":"crm",
      "webhook_fields":["identities"],"webhook_key_value":{"a":"b"}})");
  EXPECT_EQ(field(reply, "estimates"), R"({"webhook":3})") << reply.body;
  const auto c = desk.control().campaign({}, CampaignId{1457432766});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->provider, hook);
  EXPECT_EQ(c->definition.webhook.key_values, (KeyValues{{"a", "b"}}));
  EXPECT_TRUE(c->definition.webhook.identities);
  EXPECT_FALSE(c->definition.webhook.tokens);
  EXPECT_FALSE(c->definition.webhook.profile_attributes);
}

TEST_F(CreateTest, needs_an_account) {
  auto request = desk.request("POST", create_path, body());
  request.over_unix_socket = true;
  const auto reply = desk.call(std::move(request));
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("X-CleverTap-Account-Id"), std::string::npos);
}

TEST_F(CreateTest, a_latch_refuses_it_and_is_named) {
  store::StopWrite write;
  write.scope = {Scope::Kind::account, desk.id_of(who), {}, ""};
  write.actor = "cli:root";
  write.at = desk.clock.wall();
  write.latch = true;
  ASSERT_TRUE(desk.control().stop(write));
  const auto reply = create();
  EXPECT_EQ(reply.status, 403) << reply.body;
  EXPECT_EQ(field(reply, "code"), "403");
  EXPECT_EQ(campaigns(), 0u);
}

TEST(Create, counts_a_large_audience_in_steps_that_let_other_calls_in) {
  ManualClock clock;
  ManualExecutor executor(clock);
  Desk desk(&executor);
  const Credentials who = desk.add_account("TEST-123-4567");
  desk.add_provider(who, "fcm");
  for (int batch = 0; batch < 11; ++batch) {
    std::vector<std::string> ids;
    std::vector<store::UploadRecord> records;
    ids.reserve(1000);
    for (int i = 0; i < 1000; ++i) {
      ids.push_back(fmt::format("{}-{}", batch, i));
      store::AddressWrite write;
      write.object_id = ids.back();
      write.token = ids.back();
      records.emplace_back(write);
    }
    ASSERT_TRUE(desk.profiles().apply(desk.id_of(who), records));
  }
  const auto begin = [&](std::string_view path, std::string body) {
    return desk.begin(desk.as(who, desk.request("POST", path, std::move(body))));
  };
  const auto created = begin(create_path, R"({"name":"n","where":{},"title":"t","body":"b","when":"now"})");
  const auto listed = begin("/1/targets/list.json", R"({"from":20160301,"to":20160331})");
  while (!listed->has_value()) ASSERT_TRUE(executor.run_one());
  EXPECT_FALSE(created->has_value());  // still counting
  executor.run_ready();
  ASSERT_TRUE(created->has_value());
  EXPECT_NE((*created)->body.find(R"("android":11000)"), std::string::npos) << (*created)->body;
}

}  // namespace
}  // namespace belay::api::clevertap
