// The native API's handlers over a real store, without an engine: as the command line calls them when
// no server runs. What needs deliveries is in tests/wire.
#include <gtest/gtest.h>

#include "api/testing_api.h"

namespace belay::api {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;

class NativeTest : public ::testing::Test {
 protected:
  CampaignId create(const Credentials& owner, std::string_view name, std::string_view labels = "[]") {
    const auto reply =
        desk.post(owner, "/1/targets/create.json",
                  fmt::format(R"({{"name":"{}","where":{{}},"content":{{"title":"Hi","body":"There"}},)"
                              R"("when":"20160309 10:00","labels":{}}})",
                              name, labels));
    CHECK(reply.status == 200);
    return CampaignId{std::stoll(field(reply, "id"))};
  }
  net::HttpReply get(const Credentials& caller, std::string_view target) {
    return desk.call(desk.as(caller, desk.request("GET", target)));
  }
  // Over the Unix socket: the operator.
  net::HttpReply local(std::string method, std::string_view target, std::string body = "") {
    net::HttpRequest r = desk.request(std::move(method), target, std::move(body));
    r.peer = "unix:uid=0,pid=17";
    r.over_unix_socket = true;
    return desk.call(std::move(r));
  }
  net::HttpReply stop(const Credentials& caller, std::string_view scope, std::string_view more = "") {
    return desk.post(caller, "/api/v1/stops", fmt::format(R"({{"scope":{}{}}})", scope, more));
  }
  State state_of(CampaignId id) { return desk.control().campaign({}, id)->state; }
  static std::string error_type(const net::HttpReply& reply) {
    const auto body = parse_json(reply.body);
    CHECK(body);
    return std::string(body->at("error").at("type").as_string());
  }

  Desk desk;
  Credentials mine = desk.add_account("TEST-123-4567"), theirs = desk.add_account("TEST-765-4321");
  ProviderId my_provider = desk.add_provider(mine, "fcm"), their_provider = desk.add_provider(theirs, "fcm");
};

TEST_F(NativeTest, a_stop_answers_with_its_receipt_and_where_to_find_it) {
  const CampaignId id = create(mine, "Sale");
  const auto reply = stop(mine, fmt::format(R"({{"campaign":{}}})", id), R"(,"reason":"wrong price")");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(field(reply, "campaign"), fmt::format("{}", id));
  EXPECT_EQ(field(reply, "found_in"), "\"scheduled\"");
  EXPECT_EQ(field(reply, "planned"), "false");
  EXPECT_EQ(field(reply, "actor"), "\"api:TEST-123-4567\"");
  EXPECT_EQ(field(reply, "reason"), "\"wrong price\"");
  EXPECT_EQ(field(reply, "settled"), "true");
  EXPECT_EQ("\"" + header(reply, "Belay-Stop") + "\"", field(reply, "id"));
  EXPECT_EQ(state_of(id), State::stopped);
  EXPECT_EQ(get(mine, header(reply, "Location")).body, reply.body);
  const std::string number = header(reply, "Belay-Stop").substr(5);
  EXPECT_EQ(get(mine, "/api/v1/stops/" + number).body, reply.body);
}

TEST_F(NativeTest, a_campaign_is_named_by_number_or_digits) {
  const CampaignId id = create(mine, "Sale");
  EXPECT_EQ(stop(mine, fmt::format(R"({{"campaign":"{}"}})", id)).status, 200);
  EXPECT_EQ(state_of(id), State::stopped);
}

TEST_F(NativeTest, a_provider_whose_files_cannot_be_used_is_refused_when_it_is_added) {
  const std::string at = "/api/v1/accounts/TEST-123-4567/providers";
  const auto no_account =
      local("POST", at, R"({"nick_name":"p","kind":"fcm","service_account":"/not/there.json"})");
  EXPECT_EQ(no_account.status, 400);
  EXPECT_NE(no_account.body.find("service_account"), std::string::npos) << no_account.body;
  EXPECT_NE(no_account.body.find("/not/there.json"), std::string::npos) << no_account.body;
  const auto no_authorities =
      local("POST", at,
            R"({"nick_name":"p","kind":"webhook","url":"https://a.example","ca_file":"/not/there.pem"})");
  EXPECT_EQ(no_authorities.status, 400);
  EXPECT_NE(no_authorities.body.find("/not/there.pem"), std::string::npos) << no_authorities.body;
  EXPECT_EQ(desk.control().providers(desk.id_of(mine))->size(), 1u);
}

TEST_F(NativeTest, a_dry_run_changes_nothing) {
  const CampaignId id = create(mine, "Sale");
  const auto reply = stop(mine, fmt::format(R"({{"campaign":{}}})", id), R"(,"dry_run":true)");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(field(reply, "id"), "null");
  EXPECT_EQ(header(reply, "Belay-Stop"), "");
  EXPECT_EQ(state_of(id), State::scheduled);
  EXPECT_EQ(field(get(mine, "/api/v1/stops"), "stops"), "[]");
}

TEST_F(NativeTest, an_account_reaches_nothing_but_its_own) {
  const CampaignId here = create(mine, "Mine", R"(["sale"])"),
                   there = create(theirs, "Theirs", R"(["sale"])");
  EXPECT_EQ(stop(mine, fmt::format(R"({{"campaign":{}}})", there)).status, 404);
  EXPECT_EQ(stop(mine, R"({"account":"TEST-765-4321"})").status, 404);
  EXPECT_EQ(get(mine, fmt::format("/api/v1/campaigns/{}", there)).status, 404);
  EXPECT_EQ(get(mine, fmt::format("/api/v1/campaigns/{}/recipients", there)).status, 404);
  for (const char* scope :
       {R"({"label":"sale"})", R"({"channel":"push"})", R"({"provider":"fcm"})", R"({"all":true})"})
    EXPECT_EQ(stop(mine, scope).status, 200) << scope;
  EXPECT_EQ(state_of(here), State::stopped);
  EXPECT_EQ(state_of(there), State::scheduled);
  EXPECT_EQ(field(get(theirs, "/api/v1/stops"), "stops"), "[]");
  EXPECT_EQ(get(theirs, "/api/v1/stops/stop-1").status, 404);
}

TEST_F(NativeTest, of_the_operators_stop_an_account_sees_its_own_part) {
  const CampaignId here = create(mine, "Mine"), there = create(theirs, "Theirs");
  const auto all = local("POST", "/api/v1/stops", R"({"scope":{"all":true}})");
  ASSERT_EQ(all.status, 200) << all.body;
  EXPECT_EQ(field(all, "actor"), "\"cli:root\"");
  EXPECT_EQ(state_of(here), State::stopped);
  EXPECT_EQ(state_of(there), State::stopped);
  const auto seen = get(mine, "/api/v1/stops/" + header(all, "Belay-Stop"));
  EXPECT_EQ(field(seen, "campaign"), fmt::format("{}", here));
  EXPECT_EQ(seen.body.find("Theirs"), std::string::npos);
  // Nor does repeating the stop show more.
  const auto repeated = stop(mine, fmt::format(R"({{"campaign":{}}})", here));
  EXPECT_EQ(header(repeated, "Belay-Stop"), header(all, "Belay-Stop"));
  EXPECT_EQ(repeated.body.find("Theirs"), std::string::npos);
}

TEST_F(NativeTest, the_operator_may_limit_a_label_to_an_account) {
  const CampaignId here = create(mine, "Mine", R"(["sale"])"),
                   there = create(theirs, "Theirs", R"(["sale"])");
  EXPECT_EQ(local("POST", "/api/v1/stops", R"({"scope":{"label":"sale","account":"TEST-765-4321"}})").status,
            200);
  EXPECT_EQ(state_of(here), State::scheduled);
  EXPECT_EQ(state_of(there), State::stopped);
  EXPECT_EQ(local("POST", "/api/v1/stops", R"({"scope":{"account":"TEST-0"}})").status, 404);
}

TEST_F(NativeTest, what_is_wrong_with_a_stop_is_said) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "Empty"},
      {"[]", "object"},
      {"{}", "scope"},
      {R"({"scope":7})", "scope"},
      {R"({"scope":{}})", "scope"},
      {R"({"scope":{"everything":true}})", "scope"},
      {R"({"scope":{"campaign":1,"label":"a"}})", "scope"},
      {R"({"scope":{"campaign":0}})", "campaign"},
      {R"({"scope":{"campaign":-5}})", "campaign"},
      {R"({"scope":{"campaign":1.5}})", "campaign"},
      {R"({"scope":{"campaign":"x"}})", "campaign"},
      {R"({"scope":{"all":false}})", "all"},
      {R"({"scope":{"label":""}})", "label"},
      {R"({"scope":{"channel":"pigeon"}})", "pigeon"},
      {R"({"scope":{"all":true},"latch":"yes"})", "latch"},
      {R"({"scope":{"all":true},"dry_run":1})", "dry_run"},
      {R"({"scope":{"all":true},"reason":5})", "reason"},
      {R"({"scope":{"all":true},"because":"x"})", "because"},
      {R"({"scope":{"all":true},"scope":{"all":true}})", "Duplicate"},
  };
  for (const auto& [body, word] : wrong) {
    const auto reply = desk.post(mine, "/api/v1/stops", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(error_type(reply), "invalid") << body;
    EXPECT_NE(reply.body.find(word), std::string::npos) << body << " -> " << reply.body;
  }
  EXPECT_EQ(stop(mine, R"({"provider":"nobody"})").status, 404);
}

TEST_F(NativeTest, an_idempotency_key_gives_the_first_answer_again_and_stops_nothing_new) {
  const CampaignId first = create(mine, "First");
  const auto ask = [&](std::string_view body) {
    auto request = desk.as(mine, desk.request("POST", "/api/v1/stops", std::string(body)));
    request.headers.emplace_back("Idempotency-Key", "panic-1");
    return desk.call(std::move(request));
  };
  const auto answer = ask(R"({"scope":{"all":true}})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(state_of(first), State::stopped);
  const CampaignId second = create(mine, "Second");
  const auto again = ask(R"({"scope":{"all":true}})");
  EXPECT_EQ(again.body, answer.body);
  EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
  EXPECT_EQ(state_of(second), State::scheduled);
  const auto other = ask(R"({"scope":{"label":"x"}})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(error_type(other), "conflict");
}

TEST_F(NativeTest, a_latch_refuses_new_starts_until_it_is_released) {
  const auto latched = stop(mine, R"({"label":"sale"})", R"(,"latch":true)");
  ASSERT_EQ(latched.status, 200) << latched.body;
  const std::string latch = field(latched, "latch");
  const auto refused = desk.post(
      mine, "/1/targets/create.json",
      R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"when":"now","labels":["sale"]})");
  EXPECT_NE(refused.status, 200);
  EXPECT_NE(field(get(mine, "/api/v1/latches"), "latches").find(latch), std::string::npos);
  const std::string path = "/api/v1/latches/" + latch.substr(1, latch.size() - 2);
  EXPECT_EQ(desk.call(desk.as(theirs, desk.request("DELETE", path))).status, 404);
  EXPECT_EQ(desk.call(desk.as(mine, desk.request("DELETE", path))).status, 200);
  EXPECT_EQ(desk.call(desk.as(mine, desk.request("DELETE", path))).status, 404);
  create(mine, "Released", R"(["sale"])");
}

TEST_F(NativeTest, campaigns_come_in_pages) {
  std::vector<CampaignId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(create(mine, fmt::format("c{}", i)));
  create(theirs, "Theirs");
  std::vector<std::int64_t> seen;
  std::string target = "/api/v1/campaigns?limit=2";
  while (!target.empty()) {
    const auto page = parse_json(get(mine, target).body);
    ASSERT_TRUE(page);
    for (const json::value& c : page->at("campaigns").as_array()) seen.push_back(c.at("id").as_int64());
    const json::value& next = page->at("next");
    target = next.is_null() ? "" : "/api/v1/campaigns?limit=2&cursor=" + std::string(next.as_string());
  }
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen.front(), ids.back().value);
  EXPECT_EQ(seen.back(), ids.front().value);
}

TEST_F(NativeTest, wrong_filters_and_ids_are_refused) {
  const CampaignId id = create(mine, "Sale");
  EXPECT_EQ(get(mine, "/api/v1/campaigns?state=asleep").status, 400);
  EXPECT_EQ(get(mine, "/api/v1/campaigns?limit=0").status, 400);
  EXPECT_EQ(get(mine, "/api/v1/campaigns?cursor=x").status, 400);
  EXPECT_EQ(get(mine, "/api/v1/campaigns/x").status, 400);
  EXPECT_EQ(get(mine, "/api/v1/campaigns/12").status, 404);
  EXPECT_EQ(get(mine, fmt::format("/api/v1/campaigns/{}/recipients?outcome=lost", id)).status, 400);
  EXPECT_EQ(get(mine, fmt::format("/api/v1/campaigns/{}/recipients?format=xml", id)).status, 400);
  EXPECT_EQ(get(mine, "/api/v1/stops/yesterday").status, 400);
  EXPECT_EQ(get(mine, "/api/v1/stops/stop-99").status, 404);
}

TEST_F(NativeTest, a_campaign_that_was_never_planned_has_no_counts_and_no_recipients) {
  const CampaignId id = create(mine, "Sale", R"(["a","b"])");
  const auto shown = get(mine, fmt::format("/api/v1/campaigns/{}", id));
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(field(shown, "counts"), "null");
  EXPECT_EQ(field(shown, "stop"), "null");
  EXPECT_EQ(field(shown, "labels"), R"(["a","b"])");
  EXPECT_EQ(field(shown, "provider"), "\"fcm\"");
  EXPECT_EQ(get(mine, fmt::format("/api/v1/campaigns/{}/recipients", id)).body,
            R"({"recipients":[],"next":null})");
}

TEST_F(NativeTest, administration_is_for_the_operator_alone) {
  EXPECT_EQ(get(mine, "/api/v1/accounts").status, 403);
  EXPECT_EQ(desk.post(mine, "/api/v1/accounts", R"({"id":"X"})").status, 403);
  EXPECT_EQ(local("GET", "/api/v1/accounts").status, 200);
}

TEST_F(NativeTest, an_account_is_made_with_a_passcode_that_is_shown_once) {
  desk.services().credentials_changed = [this] { desk.api().forget_credentials(); };
  const auto made = local("POST", "/api/v1/accounts", R"({"id":"TEST-NEW","timezone":"Europe/Berlin"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string quoted = field(made, "passcode");
  ASSERT_GT(quoted.size(), 16u);
  const Credentials fresh{"TEST-NEW", quoted.substr(1, quoted.size() - 2)};
  EXPECT_EQ(get(fresh, "/api/v1/campaigns").status, 200);
  const auto listed = local("GET", "/api/v1/accounts/TEST-NEW/passcodes");
  EXPECT_EQ(listed.body.find(fresh.passcode), std::string::npos);
  const auto id = parse_json(listed.body)->at("passcodes").at(0).at("id");
  const auto removed = local("DELETE", "/api/v1/accounts/TEST-NEW/passcodes/" + std::string(id.as_string()));
  EXPECT_EQ(removed.status, 200) << removed.body;
  EXPECT_EQ(get(fresh, "/api/v1/campaigns").status, 401);
  EXPECT_EQ(local("POST", "/api/v1/accounts", R"({"id":"TEST-NEW","region":"us1"})").status, 200);
  EXPECT_EQ(local("DELETE", "/api/v1/accounts/TEST-NEW").status, 200);
  EXPECT_EQ(local("DELETE", "/api/v1/accounts/TEST-NEW").status, 404);
}

TEST_F(NativeTest, an_account_with_unfinished_campaigns_is_not_removed) {
  create(mine, "Sale");
  const auto reply = local("DELETE", "/api/v1/accounts/TEST-123-4567");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(error_type(reply), "conflict");
}

TEST_F(NativeTest, wrong_accounts_and_providers_are_refused) {
  for (const char* body :
       {R"({})", R"({"id":""})", R"({"id":"a b"})", R"({"id":"X","timezone":"Mars/Olympus"})",
        R"({"id":"X","zone":"UTC"})", R"({"id":"X","passcode":"short"})"})
    EXPECT_EQ(local("POST", "/api/v1/accounts", body).status, 400) << body;
  const std::string providers = "/api/v1/accounts/TEST-123-4567/providers";
  for (const char* body :
       {R"({})", R"({"nick_name":"p"})", R"({"nick_name":"p","kind":"pigeon"})",
        R"({"nick_name":"p","kind":"webhook"})", R"({"nick_name":"p","kind":"fcm","mode":"webhook"})",
        R"({"nick_name":"p","kind":"fcm","url":"ftp://x"})",
        R"({"nick_name":"p","kind":"fcm","max_per_second":-1})"})
    EXPECT_EQ(local("POST", providers, body).status, 400) << body;
  const auto good =
      local("POST", providers,
            R"({"nick_name":"crm","kind":"webhook","url":"https://crm.example.com/x","max_per_second":5})");
  EXPECT_EQ(good.status, 200) << good.body;
  EXPECT_NE(local("GET", providers).body.find("crm.example.com"), std::string::npos);
  EXPECT_EQ(local("DELETE", providers + "/crm").status, 200);
  EXPECT_EQ(local("DELETE", providers + "/crm").status, 404);
}

TEST_F(NativeTest, the_test_clock_is_not_there_unless_asked_for) {
  EXPECT_EQ(local("POST", "/api/v1/test/clock", R"({"advance_ms":1000})").status, 404);
  desk.services().test_clock = true;
  desk.services().advance_test_clock = [this](Micros by) { desk.clock.advance(by); };
  const WallTime before = desk.clock.wall();
  EXPECT_EQ(local("POST", "/api/v1/test/clock", R"({"advance_ms":1000})").status, 200);
  EXPECT_EQ(desk.clock.wall() - before, Seconds{1});
  EXPECT_EQ(local("POST", "/api/v1/test/clock", R"({"advance_ms":-1})").status, 400);
}

TEST_F(NativeTest, health_needs_no_credentials) {
  EXPECT_EQ(desk.call(desk.request("GET", "/healthz")).body, R"({"status":"ok"})");
  EXPECT_EQ(desk.call(desk.request("GET", "/readyz")).status, 200);
  desk.services().not_ready = [] { return std::string("starting"); };
  EXPECT_EQ(desk.call(desk.request("GET", "/readyz")).status, 503);
  desk.services().metrics = [] { return std::string("belay_up 1\n"); };
  EXPECT_EQ(desk.call(desk.request("GET", "/metrics")).body, "belay_up 1\n");
}

}  // namespace
}  // namespace belay::api
