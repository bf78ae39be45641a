// Single people: looking one up, deleting, parting, and their word on messages (contract 5.2, 5.3).
#include <gtest/gtest.h>

#include "api/testing_api.h"
#include "store/people.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;

class PeopleTest : public ::testing::Test {
 protected:
  net::HttpReply post(std::string_view path, std::string body) { return desk.post(who, path, std::move(body)); }
  net::HttpReply get(std::string_view target) { return desk.call(desk.as(who, desk.request("GET", target))); }
  void upload(std::string_view records) {
    const auto reply = post("/1/upload", fmt::format(R"({{"d":[{}]}})", records));
    ASSERT_EQ(field(reply, "status"), "\"success\"") << reply.body;
  }
  void furnish() {
    upload(R"({"type":"token","objectId":"phone","tokenData":{"id":"token-1","type":"apns"}},
              {"type":"profile","identity":"ann","objectId":"phone","profileData":
                {"Email":"Ann+1@x.org","Phone":"+4915111111","Score":1.10}},
              {"type":"event","identity":"ann","evtName":"Charged","ts":1457962417},
              {"type":"event","identity":"ann","evtName":"Charged","ts":1458041276},
              {"type":"profile","identity":"bob","profileData":{"Phone":4915111111}})");
  }
  bool known(std::string_view identity) {
    return desk.profiles().find(desk.id_of(who), {store::IdentityKind::identity, identity})->has_value();
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567");
};

TEST_F(PeopleTest, connect_says_that_the_credentials_are_right) {
  EXPECT_EQ(get("/v1/connect?partner=lokalise").body, R"({"status":"success"})");
  auto wrong = desk.request("GET", "/v1/connect?partner=x");
  wrong.headers.emplace_back("X-CleverTap-Account-Id", who.account);
  wrong.headers.emplace_back("X-CleverTap-Passcode", "nope");
  EXPECT_EQ(desk.call(wrong).status, 401);
}

TEST_F(PeopleTest, a_profile_is_answered_with_its_events_and_devices) {
  furnish();
  const std::string whole =
      R"({"status":"success","record":{"email":"Ann+1@x.org","identity":"ann","profileData":)"
      R"({"Email":"Ann+1@x.org","Phone":"+4915111111","Score":1.10},)"
      R"("events":{"Charged":{"count":2,"first_seen":1457962417,"last_seen":1458041276}},)"
      R"("platformInfo":[{"platform":"iOS","push_token":"token-1","objectId":"phone"}]}})";
  EXPECT_EQ(get("/1/profile.json?identity=ann").body, whole);
  EXPECT_EQ(get("/1/profile.json?objectId=phone").body, whole);
  EXPECT_EQ(get("/1/profile.json?email=Ann%2B1@x.org").body, whole);
  EXPECT_EQ(get("/1/profile.json?email=Ann+1@x.org").body, whole) << "the official client does not encode '+'";
  EXPECT_EQ(get("/1/profile.json?identity=bob").body,
            R"({"status":"success","record":{"identity":"bob","profileData":{"Phone":4915111111},)"
            R"("events":{},"platformInfo":[]}})");
}

TEST_F(PeopleTest, a_profile_must_be_named_in_one_way_and_be_there) {
  EXPECT_EQ(get("/1/profile.json").status, 400);
  EXPECT_EQ(get("/1/profile.json?identity=").status, 400);
  EXPECT_EQ(get("/1/profile.json?identity=a&email=b").status, 400);
  const auto reply = get("/1/profile.json?email=nobody@x.org");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"status":"fail","error":"Profile not found","code":404})");
}

TEST_F(PeopleTest, deletes_by_identity_and_by_guid) {
  furnish();
  EXPECT_EQ(post("/1/delete/profiles.json", R"({"identity":"bob"})").body, R"({"status":"success"})");
  EXPECT_FALSE(known("bob"));
  EXPECT_TRUE(known("ann"));
  EXPECT_EQ(post("/1/delete/profiles.json", R"({"guid":["phone","phone"],"identity":["nobody"]})").body,
            R"({"status":"success"})");
  EXPECT_FALSE(known("ann"));
  EXPECT_EQ(post("/1/delete/profiles.json", R"({"identity":"ann"})").body, R"({"status":"success"})");
}

TEST_F(PeopleTest, refuses_to_delete_what_is_not_named_rightly) {
  furnish();
  std::string many = "\"x\"";
  for (int i = 0; i < 100; ++i) many += ",\"x\"";
  for (const std::string& body :
       {std::string("{}"), std::string(R"({"identity":[]})"), std::string(R"({"identity":[""]})"),
        std::string(R"({"identity":{"a":1}})"), std::string(R"({"guid":true})"), std::string("[]"),
        fmt::format(R"({{"identity":[{}]}})", many)}) {
    const auto reply = post("/1/delete/profiles.json", body);
    EXPECT_EQ(reply.status, 400) << body << reply.body;
    EXPECT_EQ(field(reply, "status"), "\"fail\"");
  }
  EXPECT_EQ(post("/1/demerge/profiles.json", "{}").status, 400);
  EXPECT_TRUE(known("ann"));
}

TEST_F(PeopleTest, demerge_parts_a_person_from_the_device) {
  furnish();
  EXPECT_EQ(post("/1/demerge/profiles.json", R"({"identities":["ann"]})").body, R"({"status":"success"})");
  EXPECT_NE(get("/1/profile.json?identity=ann").body.find(R"("platformInfo":[])"), std::string::npos);
  EXPECT_EQ(get("/1/profile.json?objectId=phone").body,
            R"({"status":"success","record":{"profileData":{},"events":{},)"
            R"("platformInfo":[{"platform":"iOS","push_token":"token-1","objectId":"phone"}]}})");
}

TEST_F(PeopleTest, words_on_messages_are_kept_one_by_one) {
  EXPECT_EQ(post("/1/subscribe", R"({"d":[{"type":"email","value":"A@x.org","status":"Unsubscribe"},
                                        {"type":"phone","value":"+4915","status":"Unsubscribe"},
                                        {"type":"whatsapp","value":4916,"status":"Unsubscribe"}]})")
                .body,
            R"({"status":"success","processed":3,"unprocessed":[]})");
  const auto wanted = [&](store::ContactKind kind, std::string_view value) {
    return *store::people_of(desk.profiles()).wanted(desk.id_of(who), kind, store::contact_value(kind, value));
  };
  EXPECT_FALSE(wanted(store::ContactKind::email, "a@X.org"));
  EXPECT_FALSE(wanted(store::ContactKind::phone, "4915"));
  EXPECT_FALSE(wanted(store::ContactKind::whatsapp, "+4916"));
  desk.clock.advance(Seconds{1});
  EXPECT_EQ(post("/1/subscribe", R"({"d":[{"type":"email","value":"a@x.org","status":"Resubscribe"},
                                        {"type":"pigeon","value":"x","status":"Unsubscribe"}]})")
                .body,
            R"({"status":"partial","processed":1,"unprocessed":[{"status":"fail","code":400,"error":)"
            R"("type must be phone, email or whatsapp. Skipped record number : 2",)"
            R"("record":{"type":"pigeon","value":"x","status":"Unsubscribe"}}]})");
  EXPECT_TRUE(wanted(store::ContactKind::email, "A@x.org"));
  EXPECT_EQ(field(post("/1/subscribe", R"({"d":[{"type":"email","value":"a","status":"unsubscribed"},7,
                                              {"type":"email","status":"Unsubscribe"}]})"),
                  "processed"),
            "0");
  EXPECT_EQ(post("/1/subscribe", R"({"d":{}})").status, 400);
}

TEST_F(PeopleTest, disassociate_takes_a_phone_number_from_whoever_has_it) {
  furnish();
  EXPECT_EQ(post("/1/disassociate", R"({"d":[{"type":"phone","value":"+4915111111"},
                                           {"type":"email","value":"a@x.org"}]})")
                .body,
            R"({"status":"partial","processed":1,"unprocessed":[{"status":"fail","code":400,)"
            R"("error":"type must be phone. Skipped record number : 2",)"
            R"("record":{"type":"email","value":"a@x.org"}}]})");
  EXPECT_EQ(get("/1/profile.json?identity=ann").body.find("Phone"), std::string::npos);
  EXPECT_EQ(get("/1/profile.json?identity=bob").body.find("Phone"), std::string::npos);
  EXPECT_NE(get("/1/profile.json?identity=ann").body.find("Score"), std::string::npos);
  EXPECT_EQ(post("/1/disassociate", R"({"d":[{"type":"phone","value":"4915111111"}]})").body,
            R"({"status":"success","processed":1,"unprocessed":[]})");
}

}  // namespace
}  // namespace belay::api::clevertap
