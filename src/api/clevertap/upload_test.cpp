#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;

class UploadTest : public ::testing::Test {
 protected:
  net::HttpReply upload(std::string_view records, std::string_view query = "") {
    return desk.post(who, fmt::format("/1/upload{}", query), fmt::format(R"({{"d":[{}]}})", records));
  }
  // The profile's properties, or "" if there is none.
  std::string properties(store::IdentityKind kind, std::string_view value) {
    const auto found = desk.profiles().find(desk.id_of(who), {kind, value});
    CHECK(found);
    return *found ? (*found)->properties : "";
  }
  std::string property(std::string_view identity, std::string_view name) {
    const auto all = parse_json(properties(store::IdentityKind::identity, identity));
    const json::value* found = all->as_object().if_contains(name);
    return found ? to_text(*found) : "";
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567");
};

TEST_F(UploadTest, stores_profiles_as_they_were_sent) {
  const auto reply = upload(
      R"({"identity":"a","type":"profile","ts":1457432000,
          "profileData":{"Name":"J\u00fcrgen \"J\"","Score":1.10,"Big":12345678901,"Since":"$D_1457432766",
                         "Vip":true,"Tags":["x","y"],"Gone":null,"Phone":"+35922333232","Age":"18"}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"status":"success","processed":1,"unprocessed":[]})");
  EXPECT_EQ(property("a", "Name"), "\"J\u00fcrgen \\\"J\\\"\"");
  EXPECT_NE(properties(store::IdentityKind::identity, "a").find("1.10"), std::string::npos);
  EXPECT_EQ(property("a", "Big"), "12345678901");
  EXPECT_EQ(property("a", "Vip"), "true");
  EXPECT_EQ(property("a", "Tags"), R"(["x","y"])");
  EXPECT_EQ(property("a", "Gone"), "");
}

TEST_F(UploadTest, takes_whole_numbers_beyond_64_bits_with_every_digit) {
  EXPECT_EQ(field(upload(R"({"identity":"a","type":"profile",
                             "profileData":{"Order":66666666666666666666,"Debt":-9223372036854775809}})"),
                  "processed"),
            "1");
  EXPECT_EQ(properties(store::IdentityKind::identity, "a"),
            R"({"Order":66666666666666666666,"Debt":-9223372036854775809})");
  EXPECT_EQ(upload(R"({"identity":"a","type":"profile","profileData":{"Order":0166666666666666666666}})").status, 400);
  EXPECT_EQ(upload(R"({"identity":"a","type":"profile","profileData":{"Order":1e999}})").status, 400);
}

TEST_F(UploadTest, knows_people_by_each_kind_of_id) {
  EXPECT_EQ(field(upload(R"({"identity":18,"type":"profile","profileData":{"N":1}},
                            {"objectId":"dev","type":"profile","profileData":{"N":2}},
                            {"FBID":"34322423","type":"profile","profileData":{"N":3}},
                            {"GPID":"1928","type":"profile","profileData":{"N":4}})"),
                  "processed"),
            "4");
  EXPECT_EQ(properties(store::IdentityKind::identity, "18"), R"({"N":1})");
  EXPECT_EQ(properties(store::IdentityKind::object_id, "dev"), R"({"N":2})");
  EXPECT_EQ(properties(store::IdentityKind::fb_id, "34322423"), R"({"N":3})");
  EXPECT_EQ(properties(store::IdentityKind::gp_id, "1928"), R"({"N":4})");
}

TEST_F(UploadTest, stores_tokens_under_the_platform_of_their_type) {
  struct {
    std::string type;
    Platform platform;
  } const cases[] = {{"apns", Platform::ios},   {"gcm", Platform::android}, {"fcm", Platform::android},
                     {"chrome", Platform::web}, {"wns", Platform::windows}, {"mpns", Platform::windows}};
  for (const auto& c : cases) {
    const auto reply = upload(
        fmt::format(R"({{"type":"token","objectId":"dev-{0}","tokenData":{{"id":"tok-{0}","type":"{0}",)"
                    R"("keys":{{"p256dh":"k","auth":"a"}}}}}})",
                    c.type));
    ASSERT_EQ(field(reply, "processed"), "1") << reply.body;
    const auto profile =
        desk.profiles().find(desk.id_of(who), {store::IdentityKind::object_id, "dev-" + c.type});
    ASSERT_TRUE(profile && *profile);
    const auto addresses = desk.profiles().addresses_of(desk.id_of(who), (*profile)->id);
    ASSERT_TRUE(addresses && addresses->size() == 1);
    EXPECT_EQ(addresses->front().platform, c.platform);
    EXPECT_EQ(addresses->front().token, "tok-" + c.type);
  }
}

TEST_F(UploadTest, takes_events) {
  EXPECT_EQ(field(upload(R"({"FBID":"34322423","ts":1468308340,"type":"event","evtName":"Charged",
                             "evtData":{"Amount":59.99,"Items":[{"Name":"Watch"},{"Name":"Strap"}]}},
                            {"identity":"a","type":"event","evtName":"Seen"})"),
                  "processed"),
            "2");
}

TEST_F(UploadTest, refuses_records_with_the_documented_codes_and_recorded_texts) {
  struct {
    std::string record;
    int code;
    std::string text;  // "" where none is recorded
  } const cases[] = {
      {R"({"identity":"a","type":"profile","profileData":{"Gender":"Male"}})", 514,
       "Profile data is incorrect. Gender needs to be M/F.Skipped record number : 1"},
      {R"({"identity":"a","type":"profile","profileData":{"Email":"$$$$$"}})", 515,
       "Profile data is incorrect. Email is not valid.Skipped record number : 1"},
      {R"({"identity":"a","type":"profile","profileData":{"Phone":"nope"}})", 516,
       "Profile data is incorrect. Phone number is not valid.Skipped record number : 1"},
      {R"({"identity":"a","type":"profile","profileData":{"Employed":"x"}})", 517,
       "Profile data is incorrect. Employed needs to be Y/N.Skipped record number : 1"},
      {R"({"identity":"a","type":"profile","profileData":{"Education":"x"}})", 518,
       "Profile data is incorrect. Education needs to be School/College/Graduate..Skipped record number : 1"},
      {R"({"identity":"a","type":"profile","profileData":{"Married":"x"}})", 519,
       "Profile data is incorrect. Married needs to be Y/N.Skipped record number : 1"},
      {R"({"identity":"a","type":"profile","profileData":{"Age":"aa"}})", 520,
       "Profile data is incorrect. Age is invalid.Skipped record number : 1"},
      {R"({"type":"profile","profileData":{"Name":"x"}})", 523,
       "'identity' or 'fbId' or 'gpId' or 'objectId' is necessary under 120 chars to identify the user. "
       "Skipped "
       "record number : 1"},
      {R"({"identity":"a","ts":0,"type":"profile","profileData":{}})", 525,
       "Timestamp should be present in the Unix Epoch format. Skipped record number : 1"},
      {R"({"identity":"a","ts":"soon","type":"profile","profileData":{}})", 525, ""},
      {R"({"identity":"a","ts":1457432766000,"type":"profile","profileData":{}})", 525, ""},
      {R"({"identity":"a","ts":-5,"type":"event","evtName":"x"})", 525, ""},
      {R"({"identity":"a","type":"event"})", 509,
       "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. Skipped record number : 1"},
      {R"({"identity":"a","type":"event","evtName":"x","evtData":[1]})", 512, ""},
      {R"({"identity":"a","type":"event","evtName":"Notification Sent"})", 513, ""},
      {R"({"identity":"a","type":"profile"})", 512, ""},
      {R"({"identity":"a","type":"profile","profileData":{"Tags":[["x"]]}})", 512, ""},
      {R"({"identity":"a","type":"profile","profileData":{"":1}})", 512, ""},
      {R"({"identity":"a"})", 524, ""},
      {R"({"identity":"a","type":"person"})", 524, ""},
      {R"(7)", 524, ""},
      {R"({"identity":"a","objectId":{},"type":"profile","profileData":{}})", 526, ""},
      {R"({"type":"token","tokenData":{"id":"t","type":"fcm"}})", 530, ""},
      {R"({"type":"token","objectId":"o"})", 531, ""},
      {R"({"type":"token","objectId":"o","tokenData":"t"})", 531, ""},
      {R"({"type":"token","objectId":"o","tokenData":{"type":"fcm"}})", 532, ""},
      {R"({"type":"token","objectId":"o","tokenData":{"id":"t"}})", 533, ""},
      {R"({"type":"token","objectId":"o","tokenData":{"id":"t","type":"pigeon"}})", 534, ""},
      {R"({"type":"token","objectId":"o","tokenData":{"id":"t","type":"chrome","keys":"k"}})", 535, ""},
  };
  for (const auto& c : cases) {
    const auto reply = upload(c.record);
    EXPECT_EQ(reply.status, 200);
    const auto answer = parse_json(reply.body);
    ASSERT_TRUE(answer) << reply.body;
    EXPECT_EQ(answer->at("status").as_string(), "fail");
    EXPECT_EQ(answer->at("processed").as_int64(), 0);
    const json::value& row = answer->at("unprocessed").at(0);
    EXPECT_EQ(row.at("code").as_int64(), c.code) << c.record << " -> " << reply.body;
    EXPECT_EQ(row.at("record"), *parse_json(c.record));
    if (!c.text.empty()) {
      EXPECT_EQ(row.at("error").as_string(), c.text);
    }
    EXPECT_TRUE(row.at("error").as_string().ends_with("Skipped record number : 1"));
  }
  EXPECT_EQ(*desk.profiles().count(desk.id_of(who), RecipientKind::profile), 0u);
}

TEST_F(UploadTest, keeps_the_limits_of_keys_values_and_ids) {
  const auto code_of = [&](std::string_view key, std::string_view value, std::string_view identity = "a") {
    const auto reply = upload(fmt::format(
        R"({{"identity":"{}","type":"profile","profileData":{{"{}":"{}"}}}})", identity, key, value));
    const auto answer = parse_json(reply.body);
    const auto& refused = answer->at("unprocessed").as_array();
    return refused.empty() ? 0 : refused[0].at("code").as_int64();
  };
  EXPECT_EQ(code_of(std::string(120, 'k'), std::string(512, 'v'), std::string(120, 'i')), 0);
  EXPECT_EQ(code_of(std::string(121, 'k'), "v"), 512);
  EXPECT_EQ(code_of("k", std::string(513, 'v')), 512);
  EXPECT_EQ(code_of("k", "v", std::string(121, 'i')), 523);
  // The key is named by its beginning, never by half a character.
  const auto named = upload(fmt::format(
      R"({{"identity":"a","type":"profile","profileData":{{"x{}":1}}}})", std::string(8, 'k') + [] {
        std::string wide;
        for (int i = 0; i < 60; ++i) wide += "\u00e9";
        return wide;
      }()));
  EXPECT_NE(named.body.find("The key xkkkkkkkk\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9... is longer"),
            std::string::npos)
      << named.body;
  const auto with_keys = [&](int keys, std::string_view type, std::string_view data) {
    std::string pairs;
    for (int i = 0; i < keys; ++i) pairs += fmt::format(R"({}"k{}":{})", i ? "," : "", i, i);
    return upload(
               fmt::format(R"({{"identity":"a","type":"{}","evtName":"e","{}":{{{}}}}})", type, data, pairs))
        .body;
  };
  EXPECT_NE(with_keys(256, "profile", "profileData").find("\"processed\":1"), std::string::npos);
  EXPECT_NE(with_keys(257, "profile", "profileData").find("\"code\":512"), std::string::npos);
  EXPECT_NE(with_keys(100, "event", "evtData").find("\"processed\":1"), std::string::npos);
  EXPECT_NE(with_keys(101, "event", "evtData").find("\"code\":522"), std::string::npos);
  desk.services().upload_limits.event_properties = 256;
  EXPECT_NE(with_keys(256, "event", "evtData").find("\"processed\":1"), std::string::npos);
  EXPECT_NE(with_keys(257, "event", "evtData").find("\"code\":522"), std::string::npos);
}

TEST_F(UploadTest, an_account_has_so_many_kinds_of_events_and_no_more) {
  desk.services().upload_limits.event_types = 3;
  const auto event = [](std::string_view name) {
    return fmt::format(R"({{"identity":"a","type":"event","evtName":"{}","evtData":{{}}}})", name);
  };
  const auto three = upload(event("A") + "," + event("B") + "," + event("A"));
  EXPECT_EQ(field(three, "processed"), "3") << three.body;
  const std::string one_too_many = event("C") + "," + event("D") + "," + event("A");
  for (const std::string_view query : {"?dryRun=1", ""}) {  // the dry run makes nothing known
    const auto reply = upload(one_too_many, query);
    EXPECT_EQ(field(reply, "processed"), "2") << reply.body;
    EXPECT_NE(reply.body.find(R"("code":528,"error":"Event Name is incorrect. The account has 3 kinds of events )"
                              R"(already. Skipped record number : 2")"),
              std::string::npos)
        << reply.body;
  }
  EXPECT_EQ(desk.profiles().event_names(desk.id_of(who), 9).value(), (std::vector<std::string>{"A", "B", "C"}));
  const auto click = upload(
      R"({"identity":"a","type":"event","evtName":"Notification Clicked","evtData":{"wzrk_id":"1457432766"}})");
  EXPECT_EQ(field(click, "processed"), "1") << click.body;
  // A record that is refused for something else takes no name.
  const Credentials other = desk.add_account("OTHER-1");
  (void)desk.post(other, "/1/upload",
                  R"({"d":[{"identity":"a","type":"event","evtName":"X","evtData":{},"ts":0}]})");
  EXPECT_TRUE(desk.profiles().event_names(desk.id_of(other), 9)->empty());
}

TEST_F(UploadTest, an_identity_that_is_not_valid_never_means_somebody_else) {
  const auto reply =
      upload(fmt::format(R"({{"identity":"{}","objectId":"dev","type":"profile","profileData":{{"N":1}}}})",
                         std::string(121, 'i')));
  EXPECT_NE(reply.body.find("\"code\":523"), std::string::npos) << reply.body;
  EXPECT_EQ(properties(store::IdentityKind::object_id, "dev"), "");
}

TEST_F(UploadTest, stores_the_sound_records_of_a_batch_and_numbers_the_others) {
  const auto reply = upload(R"({"identity":"3","type":"profile","profileData":{"N":1}},
                               {"identity":"4","type":"profile","profileData":{"Email":"$$$$$"}},
                               {"identity":"5","type":"profile","profileData":{"N":3}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"status":"partial","processed":2,"unprocessed":[{"status":"fail","code":515,)"
            R"("error":"Profile data is incorrect. Email is not valid.Skipped record number : 2",)"
            R"("record":{"identity":"4","type":"profile","profileData":{"Email":"$$$$$"}}}]})");
  EXPECT_EQ(properties(store::IdentityKind::identity, "4"), "");
  EXPECT_EQ(properties(store::IdentityKind::identity, "5"), R"({"N":3})");
}

TEST_F(UploadTest, dry_run_checks_and_stores_nothing) {
  const std::string_view record = R"({"identity":"a","type":"profile","profileData":{"N":1}})";
  EXPECT_EQ(field(upload(record, "?dryRun=1"), "processed"), "1");
  EXPECT_EQ(properties(store::IdentityKind::identity, "a"), "");
  EXPECT_EQ(field(upload(record, "?dryRun=0"), "processed"), "1");
  EXPECT_EQ(properties(store::IdentityKind::identity, "a"), R"({"N":1})");
}

TEST_F(UploadTest, refuses_whole_requests_above_the_limits) {
  const auto many = [&](int n, std::string_view record) {
    std::string all;
    for (int i = 0; i < n; ++i) all += (i ? "," : "") + fmt::format(fmt::runtime(record), i);
    return upload(all);
  };
  const std::string_view profile = R"({{"identity":"p{}","type":"profile","profileData":{{}}}})";
  EXPECT_EQ(field(many(1000, profile), "processed"), "1000");
  EXPECT_EQ(many(1001, profile).status, 400);
  const std::string_view token =
      R"({{"type":"token","objectId":"o{0}","tokenData":{{"id":"t{0}","type":"fcm"}}}})";
  EXPECT_EQ(field(many(100, token), "processed"), "100");
  EXPECT_EQ(many(101, token).status, 400);
}

TEST_F(UploadTest, refuses_bodies_that_are_not_what_they_should_be) {
  for (const char* bad :
       {"", "{", "[]", "null", "{}", R"({"d":{}})", R"({"d":null})", R"({"d":[1,]})", R"({"d":[]}x)",
        R"({"d":[],"d":[]})", R"({"d":[{"identity":"a","type":"profile","profileData":{"N":1x}}]})",
        R"({"d":[{"identity":"a","type":"profile","profileData":{"N":tru}}]})",
        R"({"d":[{"identity":"a","type":"profile","profileData":{"N":"\ud800"}}]})",
        R"({"d":[{"identity":"a","type":"profile","unknown":[1,{"x":nul}]}]})",
        "{\"d\":[{\"identity\":\"\xff\",\"type\":\"profile\",\"profileData\":{}}]}"}) {
    const auto reply = desk.post(who, "/1/upload", bad);
    EXPECT_EQ(reply.status, 400) << bad << " -> " << reply.body;
    EXPECT_EQ(field(reply, "status"), R"("fail")");
  }
  std::string deep = R"({"d":[{"identity":"a","type":"profile","profileData":{"N":)";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + "}}]}";
  EXPECT_EQ(desk.post(who, "/1/upload", deep).status, 400);
  EXPECT_EQ(*desk.profiles().count(desk.id_of(who), RecipientKind::profile), 0u);
}

TEST_F(UploadTest, refuses_operations_that_make_no_sense_and_says_which) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"("Score":{"$incr":0})", "Score $incr takes a number above 0"},
      {R"("Score":{"$decr":"1"})", "Score $decr takes a number above 0"},
      {R"("Tags":{"$add":[]})", "Tags $add has an empty list"},
      {R"("Tags":{"$add":[["x"]]})", "Tags $add takes a text, a number, a boolean or a list of these"},
      {R"("Tags":{"$add":"x","$remove":"y"})", "Tags is an object, and none with one operator"},
      {R"("Tags":{"$push":"x"})", "Tags has the operator $push"},
      {R"("Tags":{})", "Tags is an object, and none with one operator"},
      {R"("Email":{"$add":"no mail"})", "Email takes no operator but $delete"},
  };
  for (const auto& [property, why] : cases) {
    const auto reply =
        upload(fmt::format(R"({{"identity":"a","type":"profile","profileData":{{{}}}}})", property));
    EXPECT_NE(reply.body.find(fmt::format("Profile data is incorrect. {}", why)), std::string::npos) << reply.body;
    EXPECT_NE(reply.body.find("\"code\":512"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(properties(store::IdentityKind::identity, "a"), "");
}

TEST_F(UploadTest, operators_change_what_is_there) {
  upload(R"({"identity":"a","type":"profile","profileData":{"Tags":["x"],"Score":10,"Email":"a@x.org"}})");
  EXPECT_EQ(field(upload(R"({"identity":"a","type":"profile","profileData":{"Tags":{"$add":["y","x"]},
                             "Score": {"$decr": 3}, "Email":{"$delete":1}, "Visits":{ "$incr":1.5 }}})"),
                  "processed"),
            "1");
  EXPECT_EQ(properties(store::IdentityKind::identity, "a"), R"({"Tags":["x","y"],"Score":7,"Visits":1.5})");
  EXPECT_EQ(field(upload(R"({"identity":"a","type":"profile","profileData":{"Tags":{"$remove":"x"}}})", "?dryRun=1"),
                  "processed"),
            "1");
  EXPECT_EQ(property("a", "Tags"), R"(["x","y"])");
}

TEST_F(UploadTest, takes_where_a_record_comes_from_and_keeps_nothing_of_it) {
  EXPECT_EQ(field(upload(R"({"identity":"a","type":"profile","source":"Segment","$source":"x","profileData":{"N":1}},
                            {"identity":"a","type":"event","$source":"x","evtName":"Seen"})"),
                  "processed"),
            "2");
  EXPECT_EQ(properties(store::IdentityKind::identity, "a"), R"({"N":1})");
}

TEST_F(UploadTest, takes_timestamps_as_segment_sends_them) {
  EXPECT_EQ(
      field(upload(R"({"identity":"a","type":"profile","ts":"2026-03-08T15:56:00.250Z","profileData":{}},
                            {"identity":"b","type":"profile","ts":"2026-03-08T15:56:00+05:30","profileData":{}},
                            {"identity":"c","type":"profile","ts":"1457432766","profileData":{}})"),
            "processed"),
      "3");
  for (const char* bad : {"2026-13-08T15:56:00Z", "2026-02-30T15:56:00Z", "2026-03-08T24:00:00Z",
                          "2026-03-08", "2026-03-08T15:56:00", "2026-03-08T15:56:00.Zz", ""})
    EXPECT_EQ(
        field(upload(fmt::format(R"({{"identity":"a","type":"profile","ts":"{}","profileData":{{}}}})", bad)),
              "processed"),
        "0")
        << bad;
}

}  // namespace
}  // namespace belay::api::clevertap
