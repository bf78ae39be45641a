#include <gtest/gtest.h>

#include "api/call_caps.h"
#include "api/observed_responder.h"
#include "api/route_table.h"
#include "api/testing_api.h"

namespace belay::api {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::header;
using testing::KeptAnswer;

constexpr std::string_view stop_path = "/1/targets/stop.json";

net::HttpReply stop_with(Desk& desk, std::vector<std::pair<std::string, std::string>> headers) {
  auto request = desk.request("POST", stop_path, R"({"id":1457432766})");
  for (auto& h : headers) request.headers.push_back(std::move(h));
  return desk.call(std::move(request));
}

TEST(Api, refuses_bad_credentials_with_the_recorded_texts) {
  Desk desk;
  desk.add_account("TEST-123-4567");
  struct {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string error;
  } const cases[] = {
      {{}, "Invalid Credentials"},
      {{{"X-CleverTap-Account-Id", "TEST-123-4567"}}, "Invalid Credentials"},
      {{{"X-CleverTap-Passcode", "pass-TEST-123-4567"}}, "Invalid Credentials"},
      {{{"X-CleverTap-Account-Id", "NO-SUCH-ONE"}, {"X-CleverTap-Passcode", "x"}}, "Account ID is not valid"},
      {{{"X-CleverTap-Account-Id", "TEST-123-4567"}, {"X-CleverTap-Passcode", "x"}}, "Passcode Invalid"},
  };
  for (const auto& c : cases) {
    const auto reply = stop_with(desk, c.headers);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.body, fmt::format(R"({{"status":"fail","error":"{}","code":401}})", c.error));
    EXPECT_EQ(reply.content_type, "application/json;charset=utf-8");
  }
}

TEST(Api, takes_header_names_in_any_case) {
  Desk desk;
  const Credentials who = desk.add_account("TEST-123-4567");
  const auto reply =
      stop_with(desk, {{"x-clevertap-account-id", who.account}, {"X-CLEVERTAP-PASSCODE", who.passcode}});
  EXPECT_EQ(field(reply, "error"), R"("Invalid campaign id")");
}

TEST(Api, accepts_every_passcode_of_an_account_and_none_of_another) {
  Desk desk;
  const Credentials a = desk.add_account("TEST-A"), b = desk.add_account("TEST-B");
  ASSERT_TRUE(desk.control().put_passcode(
      {desk.id_of(a), keyed_hash("test key", "second"), "sec", desk.clock.wall()}));
  desk.api().forget_credentials();
  EXPECT_EQ(desk.post({a.account, "second"}, stop_path, "{}").status, 400);
  EXPECT_EQ(desk.post(a, stop_path, "{}").status, 400);
  EXPECT_EQ(desk.post({b.account, "second"}, stop_path, "{}").status, 401);
  EXPECT_EQ(desk.post({a.account, b.passcode}, stop_path, "{}").status, 401);
  ASSERT_TRUE(desk.control().remove_passcode(desk.id_of(a), keyed_hash("test key", "second")));
  desk.api().forget_credentials();
  EXPECT_EQ(desk.post({a.account, "second"}, stop_path, "{}").status, 401);
}

TEST(Api, says_404_405_and_415_in_json) {
  Desk desk;
  const Credentials who = desk.add_account("TEST-123-4567");
  const auto unknown = desk.post(who, "/1/targets/nothing.json", "{}");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(field(unknown, "status"), R"("fail")");
  EXPECT_EQ(field(unknown, "code"), "404");

  const auto method = desk.call(desk.as(who, desk.request("GET", stop_path)));
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.body, R"({"status":"fail","error":"Method Not Allowed","code":405})");
  EXPECT_EQ(header(method, "Allow"), "POST");

  const auto native = desk.call(desk.as(who, desk.request("GET", "/api/v1/nothing")));
  EXPECT_EQ(native.status, 404);
  EXPECT_EQ(native.body, R"({"error":{"type":"not_found","message":"No such resource: /api/v1/nothing"}})");
}

TEST(Api, wants_json_and_says_which_header_to_send) {
  Desk desk;
  const Credentials who = desk.add_account("TEST-123-4567");
  const auto with_type = [&](std::optional<std::string> type) {
    auto request = desk.as(who, desk.request("POST", stop_path, R"({"id":1})"));
    std::erase_if(request.headers, [](const auto& h) { return h.first == "content-type"; });
    if (type) request.headers.emplace_back("Content-Type", *type);
    return desk.call(std::move(request));
  };
  for (const char* bad : {"application/x-www-form-urlencoded", "text/plain",
                          "multipart/form-data; boundary=x", "application/jsonp", "application"}) {
    const auto reply = with_type(bad);
    EXPECT_EQ(reply.status, 415) << bad;
    EXPECT_NE(reply.body.find("Content-Type: application/json"), std::string::npos);
  }
  for (const char* good :
       {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"})
    EXPECT_EQ(with_type(good).status, 400) << good;  // the id is unknown: the body has been read
  EXPECT_EQ(with_type(std::nullopt).status, 400);
}

TEST(Api, lets_the_operator_in_over_the_unix_socket_without_a_passcode) {
  Desk desk;
  const Credentials who = desk.add_account("TEST-123-4567");
  auto request = desk.request("POST", stop_path, R"({"id":1457432766})");
  request.over_unix_socket = true;
  request.peer = "unix:uid=0,pid=17";
  EXPECT_EQ(field(desk.call(request), "error"), R"("Invalid campaign id")");
  request.headers.emplace_back("X-CleverTap-Account-Id", who.account);
  EXPECT_EQ(desk.call(request).status, 400);
  request.headers.back().second = "NO-SUCH-ONE";
  EXPECT_EQ(desk.call(request).status, 401);
}

TEST(Api, refuses_the_operators_routes_over_tcp) {
  Desk desk;
  const Credentials who = desk.add_account("TEST-123-4567");
  std::size_t seen = 0;
  for (const Route& route : desk.api().routes()) {
    if (route.access != Access::operator_ || route.pattern.find('{') != std::string_view::npos) continue;
    ++seen;
    EXPECT_EQ(desk.call(desk.as(who, desk.request(std::string(route.method), route.pattern, "{}"))).status,
              403)
        << route.pattern;
  }
  EXPECT_GT(seen, 0u);
}

// S08: a refusal for want of permission is an error, never a silent success.
TEST(Api, S08_every_account_route_refuses_without_credentials) {
  Desk desk;
  desk.add_account("TEST-123-4567");
  for (const Route& route : desk.api().routes()) {
    if (route.access != Access::account) continue;
    const auto reply = desk.call(desk.request(std::string(route.method), route.pattern, "{}"));
    EXPECT_EQ(reply.status, 401) << route.method << ' ' << route.pattern;
    EXPECT_TRUE(parse_json(reply.body));
  }
}

TEST(Api, refuses_messages_of_channels_that_nothing_sends) {
  Desk desk;
  const Credentials who = desk.add_account("TEST-123-4567");
  const auto error = [&](std::string_view mode, std::string_view rest) {
    const auto reply = desk.post(who, fmt::format("/1/send/{}.json", mode),
                                 fmt::format(R"({{"to":{{"Identity":["ann"]}},{}}})", rest));
    EXPECT_EQ(reply.status, 400);
    return field(reply, "error");
  };
  const auto good = [](std::string_view mode) {
    return fmt::format("\"No provider for target_mode {} exists in this version of Belay. The request is good, and "
                       "nothing was sent\"",
                       mode);
  };
  EXPECT_EQ(error("sms", R"("content":{"body":"Hi {{ Profile.Name }}"},"tag_group":"g","notification_sent":true)"),
            good("sms"));
  EXPECT_EQ(error("email", R"("content":{"subject":"s","body":"b","sender_name":"n"},"provider_nick_name":"p")"),
            good("email"));
  EXPECT_EQ(error("webpush", R"("content":{"title":"t","body":"b"},"respect_frequency_caps":false)"),
            good("webpush"));
  const std::string_view template_of_whatsapp = R"("content":{"template_name":"t","locale":"en"})";
  EXPECT_EQ(error("whatsapp", fmt::format(R"({},"message_id":"m1")", template_of_whatsapp)), good("whatsapp"));
  EXPECT_EQ(error("whatsapp", template_of_whatsapp), "\"message_id is required: a text of at most 8 bytes\"");
  EXPECT_EQ(error("whatsapp", fmt::format(R"({},"message_id":"123456789")", template_of_whatsapp)),
            "\"message_id must not be longer than 8 bytes\"");
  EXPECT_EQ(error("sms", R"("content":{"body":"b"},"message_id":"m")"), "\"message_id is for whatsapp\"");
  EXPECT_EQ(error("sms", R"("content":{})"), "\"content.body is required\"");
  EXPECT_EQ(error("email", R"("content":{"subject":"s","body":"b"})"), "\"content.sender_name is required\"");
  EXPECT_EQ(error("sms", R"("content":{"body":"{% if %}"})"),
            "\"content.body: Unexpected \\\"%\\\" in a tag (line 1, column 7)\"");
  EXPECT_EQ(error("sms", R"("content":{"body":"b"},"notification_sent":1)"),
            "\"notification_sent must be true or false\"");
  EXPECT_EQ(error("sms", R"("content":{"body":"b"},"respect_communication_preference":"no")"),
            "\"respect_communication_preference must be true or false\"");
  EXPECT_EQ(error("sms", R"("content":{"body":"b"},"campaign_id":7)"), "\"Invalid campaign id\"");
  EXPECT_EQ(error("sms", R"("content":{"body":"b"},"campaign_id":"x")"),
            "\"campaign_id must be a campaign's id, a positive integer\"");
  EXPECT_EQ(field(desk.post(who, "/1/send/sms.json", R"({"to":{"Phone":["1"]},"content":{"body":"b"}})"), "error"),
            "\"to.Phone is not known: Identity, objectId, Email, FBID and GPID are\"");
}

TEST(Api, caps_concurrent_calls_per_account_and_api_but_never_a_stop) {
  ManualClock clock;
  ManualExecutor executor(clock);
  Desk desk(&executor);
  const Credentials a = desk.add_account("TEST-A"), b = desk.add_account("TEST-B");
  const auto begin = [&](const Credentials& who, std::string_view path) {
    return desk.begin(desk.as(who, desk.request("POST", path, "{}")));
  };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(begin(a, "/1/targets/list.json")->has_value());
  const auto fourth = begin(a, "/1/targets/list.json");
  ASSERT_TRUE(fourth->has_value());
  EXPECT_EQ((*fourth)->status, 429);
  EXPECT_EQ((*fourth)->body, R"({"status":"fail","error":"Too many concurrent requests","code":429})");
  EXPECT_FALSE(begin(a, "/1/targets/result.json")->has_value());  // another API has its own cap
  EXPECT_FALSE(begin(b, "/1/targets/list.json")->has_value());    // and another account
  for (int i = 0; i < 15; ++i) EXPECT_FALSE(begin(a, "/1/upload")->has_value());
  EXPECT_EQ((*begin(a, "/1/upload"))->status, 429);
  std::vector<std::shared_ptr<std::optional<net::HttpReply>>> stops;
  for (int i = 0; i < 2000; ++i) stops.push_back(begin(a, stop_path));
  executor.run_ready();
  for (const auto& stop : stops) {
    ASSERT_TRUE(stop->has_value());
    EXPECT_EQ((*stop)->status, 400);  // each was looked at
  }
  EXPECT_FALSE(begin(a, "/1/targets/list.json")->has_value());  // places were given back
  executor.run_ready();  // a call must not wait longer than what answers it lives
}

TEST(Api, bounds_what_waits_for_a_worker) {
  ManualClock clock;
  ManualExecutor executor(clock);
  Desk desk(&executor);
  desk.add_account("TEST-A");
  std::size_t refused = 0;
  std::vector<std::shared_ptr<std::optional<net::HttpReply>>> calls;
  for (int i = 0; i < 1100; ++i) {
    auto request = desk.request("POST", "/1/targets/list.json", "{}");
    request.over_unix_socket = true;  // no cap
    calls.push_back(desk.begin(std::move(request)));
    if (calls.back()->has_value()) {
      EXPECT_EQ((**calls.back()).status, 503);
      ++refused;
    }
  }
  EXPECT_EQ(refused, 1100u - 1024u);
  executor.run_ready();
  for (const auto& call : calls) EXPECT_TRUE(call->has_value());
}

TEST(ObservedResponder, answers_500_for_a_handler_that_drops_the_call_and_503_for_one_that_never_ran) {
  ManualClock clock;
  const auto counts = std::make_shared<CallCounts>();
  net::HttpRequest request;
  request.path = "/1/upload";
  auto kept = std::make_shared<std::optional<net::HttpReply>>();
  {
    ObservedResponder dropped(std::make_unique<KeptAnswer>(kept), request, clock, counts);
    dropped.begun();
  }
  ASSERT_TRUE(kept->has_value());
  EXPECT_EQ((*kept)->status, 500);
  EXPECT_EQ(field(**kept, "code"), "500");
  request.path = "/api/v1/stops";
  { ObservedResponder never_ran(std::make_unique<KeptAnswer>(kept), request, clock, counts); }
  EXPECT_EQ((*kept)->status, 503);
  EXPECT_NE((*kept)->body.find(R"("type":"shutting_down")"), std::string::npos);
  const CallCounts::Rows counted{{{CallCounts::no_route, 500}, 1}, {{CallCounts::no_route, 503}, 1}};
  EXPECT_EQ(counts->rows(), counted);
}

// Or the client's next call, sent on sight of this answer, might be refused.
TEST(ObservedResponder, gives_the_place_back_before_the_client_can_have_the_answer) {
  struct Looks final : net::Responder {
    explicit Looks(CallCaps& counted, bool& seen) : caps(counted), free(seen) {}
    void reply(net::HttpReply) override { free = caps.take(AccountId{1}, "x", 1).has_value(); }
    std::shared_ptr<net::HttpStream> stream(net::HttpReply) override { return nullptr; }
    CallCaps& caps;
    bool& free;
  };
  ManualClock clock;
  const auto counts = std::make_shared<CallCounts>();
  const auto caps = std::make_shared<CallCaps>();
  bool free = false;
  ObservedResponder responder(std::make_unique<Looks>(*caps, free), net::HttpRequest{}, clock, counts);
  responder.hold(*caps->take(AccountId{1}, "x", 1));
  responder.reply({});
  EXPECT_TRUE(free);
}

TEST(RouteTable, matches_segments_and_names_what_they_held) {
  const auto nothing = [](Call, Answer) {};
  const RouteTable table({{"GET", "/a/{id}", Access::open, Lane::inline_, Cap::none, nothing},
                          {"DELETE", "/a/{id}", Access::open, Lane::inline_, Cap::none, nothing},
                          {"GET", "/a/{id}/b/{name}", Access::open, Lane::inline_, Cap::none, nothing}});
  EXPECT_EQ(table.find("GET", "/a/17").params, std::vector<std::string>{"17"});
  EXPECT_EQ(table.find("GET", "/a/17/b/x").params, (std::vector<std::string>{"17", "x"}));
  EXPECT_EQ(table.find("POST", "/a/17").allow, "GET, DELETE");
  for (const char* path : {"/a", "/a/", "/a/1/", "/a/1/b", "/a/1/b/", "/a/1/c/x", "/a/1/b/x/y", "/", ""}) {
    EXPECT_EQ(table.find("GET", path).route, nullptr) << path;
    EXPECT_EQ(table.find("GET", path).allow, "") << path;
  }
}

TEST(RouteTable, the_servers_routes_do_not_shadow_each_other) {
  Desk desk;
  const auto& routes = desk.api().routes();
  for (std::size_t i = 0; i < routes.size(); ++i)
    for (std::size_t j = i + 1; j < routes.size(); ++j)
      EXPECT_FALSE(routes[i].method == routes[j].method && routes[i].pattern == routes[j].pattern)
          << routes[i].pattern;
}

TEST(CallCaps, gives_places_back_when_slots_go) {
  const auto caps = std::make_shared<CallCaps>();
  auto first = caps->take(AccountId{1}, "x", 2);
  auto second = caps->take(AccountId{1}, "x", 2);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(caps->take(AccountId{1}, "x", 2));
  CallCaps::Slot moved = std::move(*first);
  first.reset();
  EXPECT_FALSE(caps->take(AccountId{1}, "x", 2));
  moved = {};
  EXPECT_TRUE(caps->take(AccountId{1}, "x", 2));
}

}  // namespace
}  // namespace belay::api
