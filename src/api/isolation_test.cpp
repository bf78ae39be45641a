// Two accounts know nothing of each other, on every route of the route table. Every request that names
// something is made twice: in a world where the other account has it, and in one where nobody does. The two
// answers must be the same to the byte, and the other account must be left as it was. A route that has no
// line in the table below fails the test.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "api/testing_api.h"
#include "base/json.h"

namespace belay::api {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::Session;

struct Ask {
  std::string target;  // "" the route's own pattern
  std::string body;
  std::string idempotency_key;
};

// What the other account has; the braces are filled in from there. Own things are called my_….
const std::map<std::string, std::vector<Ask>, std::less<>> lines{
    {"POST /1/targets/stop.json", {{"", R"({"id":{campaign}})"}, {"", R"({"id":"{stopped}"})"}}},
    {"POST /1/upload", {{"", R"({"d":[{"type":"profile","identity":"{identity}","profileData":{"Name":"Eve"}},
               {"type":"profile","objectId":"{object}","profileData":{"Name":"Eve"}},
               {"type":"event","identity":"{identity}","evtName":"Bought","evtData":{}},
               {"type":"token","objectId":"{object}","tokenData":{"id":"{token}","type":"fcm"}}]})"}}},
    {"POST /1/targets/create.json",
     {{"", R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"provider_nick_name":"{provider}"})"},
      {"",
       R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"labels":["{label}"],"estimate_only":true})"},
      {"", R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"labels":["{label}"]})"}}},
    {"POST /1/targets/list.json", {{"", R"({"from":20160101,"to":20161231})"}}},
    {"POST /1/targets/result.json", {{"", R"({"id":{campaign}})"}, {"", R"({"id":{stopped}})"}}},
    {"POST /1/send/push.json",
     {{"", R"({"to":{"Identity":["{identity}"]},"content":{"title":"t","body":"b"}})"},
      {"", R"({"to":{"objectId":["{object}"]},"content":{"title":"t","body":"b"}})"},
      {"",
       R"({"to":{"Identity":["x"]},"content":{"title":"t","body":"b"},"provider_nick_name":"{provider}"})"}}},
    {"POST /1/message/report.json", {{"", R"({"from":"20160101","to":"20991231"})"},
                                     {"", R"({"from":"20160101","to":"20991231","daily":true})"}}},
    {"POST /1/send/sms.json",
     {{"", R"({"to":{"Identity":["{identity}"]},"content":{"body":"b"},"campaign_id":{campaign}})"}}},
    {"POST /1/send/email.json", {{"", R"({"to":{"Identity":["{identity}"]},)"
                                      R"("content":{"subject":"s","body":"b","sender_name":"n"}})"}}},
    {"POST /1/send/webpush.json",
     {{"", R"({"to":{"Identity":["{identity}"]},"content":{"title":"t","body":"b"}})"}}},
    {"POST /1/send/whatsapp.json",
     {{"", R"({"to":{"Identity":["{identity}"]},"message_id":"m","message_type":"Freeform","msg":"b"})"}}},
    {"POST /1/targets/estimate.json",
     {{"", R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"when":"now"})"}}},
    {"POST /1/send/externaltrigger.json",
     {{"", R"({"to":{"identity":["{identity}"]},"campaign_id":"{campaign}"})"}}},
    {"POST /2/send/externaltrigger.json",
     {{"", R"({"to":{"identity":["{identity}"]},"campaign_id_list":[{campaign}]})"}}},
    {"POST /api/v1/triggers",
     {{"", R"({"name":"n","content":{"title":"t","body":"b"},"provider_nick_name":"{provider}"})"}}},
    {"GET /v1/connect", {{}, {"?partner=lokalise"}}},
    {"POST /1/counts/events.json", {{"", R"({"event_name":"Their event","from":20160101,"to":20161231})"}}},
    {"GET /1/counts/events.json", {{"?req_id=384649162721759"}}},
    {"POST /1/counts/profiles.json", {{"", "{}"}}},
    {"GET /1/counts/profiles.json", {{"?req_id=384649162721759"}}},
    {"POST /1/counts/top.json", {{"", R"({"event_name":"Their event","from":20160101,"to":20161231,
               "groups":{"a":{"property_type":"profile_fields","name":"Name"}}})"}}},
    {"GET /1/counts/top.json", {{"?req_id=384649162721759"}}},
    {"POST /1/counts/trends.json",
     {{"",
       R"({"event_name":"Their event","from":20160101,"to":20161231,"groups":{"a":{"trend_type":"daily"}}})"}}},
    {"GET /1/counts/trends.json", {{"?req_id=384649162721759"}}},
    {"POST /1/now.json", {{"", "{}"}}},
    {"GET /1/events.json", {{"?cursor=0123-0"}, {"?query=%7B%22event_name%22%3A%22Their%20event%22%7D"}}},
    {"GET /1/profiles.json", {{"?cursor=0123-0"}, {"?query=%7B%7D"}}},
    {"POST /1/events.json", {{"", R"({"event_name":"Their event","from":20160101,"to":20161231})"}}},
    {"POST /1/profiles.json", {{"", "{}"}}},
    {"GET /1/profile.json",
     {{"/1/profile.json?identity={identity}"},
      {"/1/profile.json?objectId={object}"},
      {"/1/profile.json?email=their@person.org"}}},
    {"POST /1/delete/profiles.json",
     {{"", R"({"identity":"{identity}"})"}, {"", R"({"guid":["{object}"]})"}}},
    {"POST /1/demerge/profiles.json", {{"", R"({"identities":["{identity}","{object}"]})"}}},
    {"POST /1/subscribe",
     {{"", R"({"d":[{"type":"email","value":"their@person.org","status":"Unsubscribe"}]})"}}},
    {"POST /1/disassociate", {{"", R"({"d":[{"type":"phone","value":"+4915111111"}]})"}}},
    {"GET /api/v1/campaigns",
     {{},
      {"?label={label}"},
      {"?state=stopped"},
      {"?cursor={campaign}"},
      {"?account={account}"},
      {"?q=secret&sort=state&order=desc"},
      {"?q={campaign}"},
      {"?sort=name&cursor={campaign}"},
      {"?sort=due&cursor={campaign}.1457517366000000"}}},
    {"GET /api/v1/campaigns/events", {{"?ids={campaign},{stopped}"}, {}}},
    {"GET /api/v1/campaigns/{id}", {{"/api/v1/campaigns/{campaign}"}, {"/api/v1/campaigns/{stopped}"}}},
    {"GET /api/v1/campaigns/{id}/recipients",
     {{"/api/v1/campaigns/{campaign}/recipients"},
      {"/api/v1/campaigns/{stopped}/recipients?outcome=withheld"}}},
    {"GET /api/v1/campaigns/{id}/events",
     {{"/api/v1/campaigns/{campaign}/events"}, {"/api/v1/campaigns/{stopped}/events"}}},
    {"GET /api/v1/campaigns/{id}/course",
     {{"/api/v1/campaigns/{campaign}/course"}, {"/api/v1/campaigns/{stopped}/course"}}},
    {"GET /api/v1/campaigns/{id}/timeline",
     {{"/api/v1/campaigns/{campaign}/timeline"}, {"/api/v1/campaigns/{stopped}/timeline"}}},
    {"GET /api/v1/campaigns/{id}/errors",
     {{"/api/v1/campaigns/{campaign}/errors"}, {"/api/v1/campaigns/{stopped}/errors"}}},
    {"POST /api/v1/campaigns/{id}/pause", {{"/api/v1/campaigns/{campaign}/pause", "{}"}}},
    {"POST /api/v1/campaigns/{id}/resume", {{"/api/v1/campaigns/{campaign}/resume", "{}"}}},
    {"POST /api/v1/campaigns/{id}/continue",
     {{"/api/v1/campaigns/{stopped}/continue", R"({"scopes":["withheld"]})"},
      {"/api/v1/campaigns/{stopped}/continue", "{}"}}},
    {"POST /api/v1/campaigns/{id}/correct",
     {{"/api/v1/campaigns/{stopped}/correct", R"({"content":{"title":"t","body":"b"}})"},
      {"/api/v1/campaigns/{stopped}/correct", "{}"}}},
    {"POST /api/v1/campaigns/{id}/release", {{"/api/v1/campaigns/{campaign}/release", "{}"}}},
    {"POST /api/v1/campaigns/{id}/canary", {{"/api/v1/campaigns/{campaign}/canary", "{}"}}},
    {"POST /api/v1/stops",
     {{"", R"({"scope":{"campaign":{campaign}}})"},
      {"", R"({"scope":{"campaign":"{stopped}"}})"},
      {"", R"({"scope":{"label":"{label}"},"dry_run":true})"},
      {"", R"({"scope":{"provider":"{provider}"}})"},
      {"", R"({"scope":{"account":"{absent or account}"}})"},
      {"", R"({"scope":{"label":"{label}"},"latch":true})", "{key}"},
      {"", R"({"scope":{"channel":"push"}})"},
      {"", R"({"scope":{"all":true},"latch":true})"}}},
    {"POST /api/v1/stops/preview",
     {{"", R"({"scope":{"campaign":{campaign}}})"},
      {"", R"({"scope":{"label":"{label}"}})"},
      {"", R"({"scope":{"provider":"{provider}"}})"},
      {"", R"({"scope":{"account":"{absent or account}"}})"},
      {"", R"({"scope":{"all":true}})"}}},
    {"PATCH /api/v1/stops/{id}", {{"/api/v1/stops/{stop}", R"({"reason":"mine now"})"}}},
    {"GET /api/v1/stops", {{}, {"?cursor=1000"}}},
    {"GET /api/v1/stops/{id}", {{"/api/v1/stops/{stop}"}}},
    {"GET /api/v1/latches", {{}}},
    {"DELETE /api/v1/latches/{id}", {{"/api/v1/latches/{latch}"}}},
    {"GET /api/v1/drafts", {{}}},
    {"GET /api/v1/drafts/{id}", {{"/api/v1/drafts/{draft}"}}},
    {"PUT /api/v1/drafts/{id}", {{"/api/v1/drafts/{draft}", "[]"}}},
    {"DELETE /api/v1/drafts/{id}", {{"/api/v1/drafts/{draft}"}}},
    {"GET /api/v1/settings", {{}}},
    {"PUT /api/v1/settings", {{"", R"({"confirm_from":7})"}}},
    {"GET /api/v1/properties", {{}}},
    {"POST /api/v1/audience/estimate",
     {{"", R"({"where":{}})"},
      {"", R"({"where":{},"target_mode":"webhook"})"},
      {"", R"({"segment":{segment}})"},
      {"", R"({"where":{},"exclude_segments":["{segment}"]})"},
      {"", R"({"where":{"event_name":"Bought"}})"}}},
    {"POST /api/v1/audience/explain",
     {{"", R"({"where":{}})"},
      {"", R"({"segment":{segment}})"},
      {"", R"({"where":{"advanced_query":{"did_none":[{"event_name":"Bought"}]}}})"}}},
    {"POST /api/v1/schedule/preview",
     {{"", R"({"where":{},"when":"now"})"},
      {"", R"({"segment":{segment},"when":"now"})"},
      {"", R"({"where":{},"when":"now","provider_nick_name":"{provider}"})"}}},
    {"POST /1/segments/list.json", {{"", "{}"}}},
    {"POST /1/segments/get.json",
     {{"", R"({"segment_id":{segment}})"}, {"", R"({"segment_id":"{segment}"})"}}},
    {"GET /api/v1/segments", {{}}},
    {"POST /api/v1/segments", {{"", R"({"name":"their-segment","where":{}})"}}},
    {"GET /api/v1/segments/{id}", {{"/api/v1/segments/{segment}"}}},
    {"PUT /api/v1/segments/{id}", {{"/api/v1/segments/{segment}", R"({"name":"their-segment","where":{}})"}}},
    {"DELETE /api/v1/segments/{id}", {{"/api/v1/segments/{segment}"}}},
    {"POST /api/v1/content/render",
     {{"", R"({"content":{"title":"{{ Profile.Name }}","body":"b"},"identity":"theirs"})"}}},
    {"GET /api/v1/webhooks", {{}}},
    {"POST /api/v1/webhooks", {{"", R"({"url":"https://hooks.example.com/theirs"})"}}},
    {"DELETE /api/v1/webhooks/{id}", {{"/api/v1/webhooks/{webhook}"}}},
    {"GET /api/v1/webhooks/{id}/deliveries",
     {{"/api/v1/webhooks/{webhook}/deliveries"}, {"/api/v1/webhooks/{webhook}/deliveries?cursor=1000"}}},
    {"POST /api/v1/deliveries/{id}/resend", {{"/api/v1/deliveries/{delivery}/resend", "{}"}}},
};
// The same for what is only for sessions; asked by an Admin.
const std::map<std::string, std::vector<Ask>, std::less<>> session_lines{
    {"GET /api/v1/session", {{}}},
    {"DELETE /api/v1/session", {{}}},
    {"DELETE /api/v1/sessions", {{}}},
    {"POST /api/v1/session/password", {{"", R"({"password":"x","new_password":"y"})"}}},
    {"GET /api/v1/users", {{}}},
    {"POST /api/v1/users", {{"", R"({"name":"their-user","role":"admin"})"}}},
    {"PATCH /api/v1/users/{id}", {{"/api/v1/users/{user}", R"({"role":"member"})"}}},
    {"DELETE /api/v1/users/{id}", {{"/api/v1/users/{user}"}}},
    {"POST /api/v1/users/{id}/link", {{"/api/v1/users/{user}/link", "{}"}}},
    {"GET /api/v1/accounts/{account}/passcodes", {{"/api/v1/accounts/{account}/passcodes"}}},
    {"POST /api/v1/accounts/{account}/passcodes", {{"/api/v1/accounts/{account}/passcodes", "{}"}}},
    {"DELETE /api/v1/accounts/{account}/passcodes/{passcode}",
     {{"/api/v1/accounts/{account}/passcodes/{passcode}"},
      {"/api/v1/accounts/TEST-123-4567/passcodes/{passcode}"}}},
    {"GET /api/v1/accounts/{account}/providers", {{"/api/v1/accounts/{account}/providers"}}},
    {"POST /api/v1/accounts/{account}/providers",
     {{"/api/v1/accounts/{account}/providers", R"({"nick_name":"their-provider","kind":"fcm"})"}}},
    {"POST /api/v1/accounts/{account}/providers/{nick_name}/test",
     {{"/api/v1/accounts/{account}/providers/{provider}/test", R"({"to":"x"})"},
      {"/api/v1/accounts/TEST-123-4567/providers/{provider}/test", R"({"to":"x"})"}}},
    {"GET /api/v1/audit", {{}, {"?campaign={campaign}"}, {"?cursor=1000"}}},
    {"DELETE /api/v1/accounts/{account}/providers/{nick_name}",
     {{"/api/v1/accounts/{account}/providers/{provider}"},
      {"/api/v1/accounts/TEST-123-4567/providers/{provider}"}}},
    {"GET /api/v1/accounts/{account}/guardrails", {{"/api/v1/accounts/{account}/guardrails"}}},
    {"POST /api/v1/accounts/{account}/guardrails", {{"/api/v1/accounts/{account}/guardrails", "{}"}}},
    {"GET /api/v1/accounts/{account}/reach", {{"/api/v1/accounts/{account}/reach"}}},
    {"POST /api/v1/accounts/{account}/reach", {{"/api/v1/accounts/{account}/reach", "{}"}}},
};
// Without credentials, so they must say nothing of any account.
const std::set<std::string> open_to_everybody{"GET /healthz",
                                              "GET /readyz",
                                              "GET /metrics",
                                              "POST /api/v1/session",
                                              "POST /api/v1/session/demo",
                                              "POST /api/v1/session/link"};

std::string name_of(const Route& route) {
  return fmt::format("{} {}", route.method, route.pattern);
}

// One server with two accounts, of which the other may have something.
class World {
 public:
  explicit World(bool furnished) {
    mine_ = desk_.add_account("TEST-123-4567");
    theirs_ = desk_.add_account("TEST-765-4321");
    desk_.add_provider(mine_, "mine");
    create(mine_, "my-label");
    for (const store::Role role : {store::Role::member, store::Role::creator, store::Role::admin})
      my_sessions_.push_back(desk_.sign_in(mine_, std::string(store::name_of(role)), role));
    const WallTime later = desk_.clock.wall() + Seconds{3600};
    if (furnished) furnish();
    desk_.clock.advance(later -
                        desk_.clock.wall());  // whatever is created from here on has the same number in both
  }

  std::string fill(std::string text) const {
    for (const auto& [name, value] : names_)
      for (std::size_t at; (at = text.find("{" + name + "}")) != std::string::npos;)
        text.replace(at, name.size() + 2, value);
    return text;
  }

  // The answer to the first account, as text without what is only a number given out in turn.
  std::string answer_to_me(const Route& route, const Ask& ask, bool by_session = false) {
    std::string target = ask.target.empty() || ask.target.starts_with('?')
                             ? std::string(route.pattern) + ask.target
                             : ask.target;
    net::HttpRequest request = desk_.request(std::string(route.method), target, ask.body);
    if (!ask.idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", ask.idempotency_key);
    const auto reply = desk_.call(by_session ? desk_.by(my_sessions_.back(), std::move(request))
                                             : desk_.as(mine_, std::move(request)));
    std::string text = fmt::format("{}\n", reply.status);
    for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\n", name, value);
    text += reply.body;
    static const std::regex given_out(
        "(stop|latch|webhook|delivery|notice|user)-[0-9]+|\"audit\":\\{\"id\":[0-9]+,\"hash\":\"[0-9a-f]{64}"
        "\"\\}"
        "|[0-9a-f]{64}|\"passcode\":\"[^\"]*\"|\"prefix\":\"[^\"]*\""
        "|\"id\":\"[0-9a-f]{12}\"|whsec_[0-9a-f]+|\"took_us\":[0-9]+"
        "|\"latency_us\":[0-9]+|Server-Timing: [^\n]*|[0-9a-f]{32}-[0-9a-f]+");
    return std::regex_replace(text, given_out, "$1-N");
  }

  // All that the other account can see of itself.
  std::string everything_of_theirs() {
    std::string text;
    for (std::string_view target :
         {"/api/v1/campaigns", "/api/v1/stops", "/api/v1/latches", "/api/v1/webhooks",
          "/api/v1/webhooks/{webhook}/deliveries", "/api/v1/drafts/{draft}", "/api/v1/segments/{segment}",
          "/api/v1/campaigns/{campaign}", "/api/v1/campaigns/{stopped}", "/api/v1/stops/{stop}",
          "/api/v1/settings"}) {
      const auto reply = desk_.call(desk_.as(theirs_, desk_.request("GET", fill(std::string(target)))));
      EXPECT_EQ(reply.status, 200) << target << reply.body;
      text += reply.body + "\n";
    }
    const auto profile =
        desk_.profiles().find(desk_.id_of(theirs_), {store::IdentityKind::identity, names_.at("identity")});
    CHECK(profile && *profile);
    text += (*profile)->properties;
    const auto addresses = desk_.profiles().addresses_of(desk_.id_of(theirs_), (*profile)->id);
    CHECK(addresses);
    for (const auto& a : *addresses) text += fmt::format(" {} {}", a.token, a.live);
    const AccountId they = desk_.id_of(theirs_);
    const auto users = *desk_.users().users(they);
    const auto sessions = *desk_.users().sessions();
    const auto passcodes = *desk_.control().passcodes(they);
    const auto providers = *desk_.control().providers(they);
    for (const auto& u : users)
      text += fmt::format(" {} {} {}", u.name, store::name_of(u.role), u.password.empty());
    for (const auto& s : sessions)
      if (s.account_key == theirs_.account) text += s.session.hash;
    for (const auto& p : passcodes) text += p.hash;
    for (const auto& p : providers) text += p.nick_name + p.url;
    return text;
  }

  const std::vector<Route>& routes() { return desk_.api().routes(); }
  const std::map<std::string, std::string>& names() const { return names_; }
  void borrow(const World& other) { names_ = other.names_; }
  net::HttpReply answer_to(store::Role role, std::string_view method, std::string_view target) {
    return desk_.call(my_sessions_.at(static_cast<std::size_t>(role)), std::string(method), target, "{}");
  }
  int status(std::string_view method, std::string_view target) {
    return desk_.call(desk_.as(mine_, desk_.request(std::string(method), target, "{}"))).status;
  }

 private:
  std::string create(const Credentials& owner, const std::string& label) {
    const auto reply = desk_.post(
        owner, "/1/targets/create.json",
        fmt::format(R"({{"name":"A secret name","where":{{}},"content":{{"title":"t","body":"b"}},)"
                    R"("when":"20160309 10:00","labels":["{}"]}})",
                    label));
    CHECK(reply.status == 200);
    return field(reply, "id");
  }
  std::string post(std::string_view target, std::string body, std::string_view key, int status = 200) {
    const auto reply = desk_.post(theirs_, target, std::move(body));
    EXPECT_EQ(reply.status, status) << target << reply.body;
    std::string text = field(reply, key);
    std::erase(text, '"');
    return text;
  }
  void furnish() {
    desk_.clock.advance(Seconds{60});
    desk_.add_provider(theirs_, "their-provider");
    names_ = {{"provider", "their-provider"}, {"identity", "their-person"},
              {"object", "their-device"},     {"token", "their-token"},
              {"label", "their-label"},       {"key", "their-key"},
              {"account", theirs_.account},   {"absent or account", theirs_.account}};
    post(
        "/1/upload",
        R"({"d":[{"type":"profile","identity":"their-person","objectId":"their-device","profileData":{"Name":"Ann"}},
             {"type":"event","identity":"their-person","evtName":"Bought","evtData":{}},
             {"type":"token","objectId":"their-device","tokenData":{"id":"their-token","type":"fcm"}}]})",
        "status");
    (void)desk_.sign_in(theirs_, "their-user", store::Role::admin);
    names_["user"] = fmt::format("user-{}", (*desk_.users().find(desk_.id_of(theirs_), "their-user"))->id);
    names_["passcode"] = keyed_hash("test key", theirs_.passcode).substr(0, 12);
    names_["webhook"] = post("/api/v1/webhooks", R"({"url":"https://hooks.example.com/theirs"})", "id", 201);
    names_["draft"] = "their-draft";
    const auto put = desk_.call(desk_.as(
        theirs_, desk_.request("PUT", "/api/v1/drafts/their-draft", R"({"name":"A secret draft"})")));
    EXPECT_EQ(put.status, 200) << put.body;
    names_["segment"] = post("/api/v1/segments", R"({"name":"their-segment","where":{}})", "id", 201);
    names_["campaign"] = create(theirs_, "their-label");
    desk_.clock.advance(Seconds{1});
    names_["stopped"] = create(theirs_, "their-other-label");
    net::HttpRequest stop = desk_.request("POST", "/api/v1/stops",
                                          fmt::format(R"({{"scope":{{"campaign":{}}}}})", names_["stopped"]));
    stop.headers.emplace_back("Idempotency-Key", "their-key");
    auto stopped = desk_.call(desk_.as(theirs_, std::move(stop)));
    EXPECT_EQ(stopped.status, 200) << stopped.body;
    names_["stop"] = field(stopped, "id");
    std::erase(names_["stop"], '"');
    names_["latch"] =
        post("/api/v1/stops", R"({"scope":{"label":"their-third-label"},"latch":true})", "latch");
    const auto deliveries = desk_.call(desk_.as(
        theirs_, desk_.request("GET", fmt::format("/api/v1/webhooks/{}/deliveries", names_["webhook"]))));
    static const std::regex delivery("delivery-[0-9]+");
    std::smatch found;
    EXPECT_TRUE(std::regex_search(deliveries.body, found, delivery)) << deliveries.body;
    names_["delivery"] = found.str();
  }

  Desk desk_;
  Credentials mine_, theirs_;
  std::vector<Session> my_sessions_;  // by role
  std::map<std::string, std::string> names_;
};

struct Worlds {
  World with{true}, without{false};
  Worlds() { without.borrow(with); }
};

// By a passcode, or by an Admin's session. How many questions were asked.
std::size_t ask_everything(bool by_session) {
  auto worlds = std::make_unique<Worlds>();
  const std::vector<Route> routes = worlds->with.routes();
  std::size_t asked = 0;
  bool changed = false;
  for (const Route& route : routes) {
    const std::string name = name_of(route);
    const bool for_sessions = route.access == Access::session || route.access == Access::operator_or_session;
    if (route.access != Access::account && !(by_session && for_sessions)) continue;
    const auto& table = for_sessions ? session_lines : lines;
    const auto line = table.find(name);
    if (line == table.end()) {
      ADD_FAILURE() << name << " is a route without a line in this test: give it one for every id that it takes";
      continue;
    }
    if (changed) worlds = std::make_unique<Worlds>();
    changed = route.method != "GET";
    for (const Ask& ask : line->second) {
      const Ask filled{worlds->with.fill(ask.target), worlds->with.fill(ask.body),
                       worlds->with.fill(ask.idempotency_key)};
      SCOPED_TRACE(name + " " + filled.target + " " + filled.body);
      const std::string before = worlds->with.everything_of_theirs();
      const std::string there = worlds->with.answer_to_me(route, filled, by_session);
      const std::string nowhere = worlds->without.answer_to_me(route, filled, by_session);
      EXPECT_EQ(there, nowhere) << "tells that the other account has it";
      EXPECT_EQ(there.find("A secret name"), there.rfind("A secret name"))
          << "only my own campaign has that name";
      EXPECT_EQ(worlds->with.everything_of_theirs(), before) << "changed something of the other account";
      ++asked;
    }
  }
  return asked;
}

TEST(Isolation, of_accounts_holds_on_every_route_and_every_kind_of_id) {
  EXPECT_GT(ask_everything(false), 30u);
}

TEST(Isolation, of_accounts_holds_for_sessions_too) {
  EXPECT_GT(ask_everything(true), 50u);
}

// With ids that nobody has.
std::string some_target(const Route& route) {
  return std::regex_replace(
      std::regex_replace(std::string(route.pattern), std::regex("\\{account\\}"), "TEST-123-4567"),
      std::regex("\\{[a-z_]+\\}"), "9999");
}

TEST(Isolation, a_role_may_what_the_route_table_says_and_nothing_more) {
  World world(false);
  std::size_t refused = 0;
  for (const Route& route : std::vector<Route>(world.routes())) {
    if (route.access == Access::open || route.access == Access::operator_) continue;
    const bool own_session = route.access == Access::session;
    const bool only_shows = route.pattern == "/api/v1/content/render";
    if (route.method != "GET" && !own_session && !only_shows) {
      EXPECT_GE(least_role(route), store::Role::creator) << name_of(route) << ": a Member changes nothing";
    }
    for (const store::Role role : {store::Role::member, store::Role::creator, store::Role::admin}) {
      if (own_session && route.method == "DELETE") continue;  // would end the session that asks
      const auto reply = world.answer_to(role, route.method, some_target(route));
      const bool says_why = reply.body.find("takes a") != std::string::npos;
      if (role < least_role(route)) {
        EXPECT_EQ(reply.status, 403) << name_of(route) << store::name_of(role);
        EXPECT_TRUE(says_why) << reply.body;
        ++refused;
      } else {
        EXPECT_FALSE(says_why) << name_of(route) << store::name_of(role) << reply.body;
        const bool wants_its_token = reply.body.find("X-CleverTap-Token") != std::string::npos;
        EXPECT_TRUE(reply.status != 401 || wants_its_token) << name_of(route) << store::name_of(role);
      }
    }
  }
  EXPECT_GT(refused, 30u);
}

TEST(Isolation, an_id_in_the_path_that_is_anothers_is_not_found) {
  Worlds worlds;
  for (const Route& route : std::vector<Route>(worlds.with.routes())) {
    const auto line = lines.find(name_of(route));
    if (route.access != Access::account || line == lines.end()) continue;
    if (route.pattern.find('{') == std::string_view::npos) continue;
    for (const Ask& ask : line->second) {
      const std::string answer =
          worlds.with.answer_to_me(route, {worlds.with.fill(ask.target), worlds.with.fill(ask.body), ""});
      // A body that is wrong for anybody's may be refused first.
      EXPECT_TRUE(answer.starts_with("404") || answer.starts_with("400")) << name_of(route) << answer;
      if (route.method == "GET" || route.method == "DELETE") {
        EXPECT_TRUE(answer.starts_with("404")) << name_of(route) << answer;
      }
    }
  }
}

TEST(Isolation, the_operators_routes_are_closed_to_accounts) {
  World world(true);
  for (const Route& route : std::vector<Route>(world.routes())) {
    if (route.access != Access::operator_) continue;
    std::string target(route.pattern);
    for (const auto& [from, to] : {std::pair{"{account}", "TEST-765-4321"},
                                   {"{nick_name}", "their-provider"},
                                   {"{passcode}", "0123456789ab"},
                                   {"{id}", "1"}})
      if (const auto at = target.find(from); at != target.npos) target.replace(at, std::strlen(from), to);
    EXPECT_EQ(target.find('{'), target.npos) << target << ": a new kind of id";
    EXPECT_EQ(world.status(route.method, target), 403) << name_of(route);
    EXPECT_EQ(world.answer_to(store::Role::admin, route.method, target).status, 403) << name_of(route);
  }
}

TEST(Isolation, what_is_open_to_everybody_is_named_here) {
  World world(true);
  for (const Route& route : std::vector<Route>(world.routes())) {
    if (route.access != Access::open) continue;
    EXPECT_TRUE(open_to_everybody.contains(name_of(route))) << name_of(route);
    const std::string answer = world.answer_to_me(route, {});
    for (const auto& [what, value] : world.names())
      if (value.size() > 5) {
        EXPECT_EQ(answer.find(value), answer.npos) << name_of(route) << " tells " << value;
      }
  }
}

}  // namespace
}  // namespace belay::api
