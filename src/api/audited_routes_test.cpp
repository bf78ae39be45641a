// Whatever changes something leaves a row in the audit trail, by whoever asked for it: on every route of the
// route table. A route that is neither in the table below nor among the exceptions fails the test.
#include <gtest/gtest.h>

#include <map>

#include "api/testing_api.h"

namespace belay::api {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;

struct Change {
  std::string target;  // "": the route's own pattern; braces are filled in
  std::string body;
};

const std::map<std::string, Change, std::less<>> changes{
    {"POST /1/targets/stop.json", {"", R"({"id":{campaign}})"}},
    {"POST /1/targets/create.json",
     {"", R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"when":"now",)"
          R"("provider_nick_name":"fcm"})"}},
    {"POST /1/send/push.json", {"", R"({"to":{"Identity":["me"]},"content":{"title":"t","body":"b"}})"}},
    {"POST /1/send/externaltrigger.json", {"", R"({"to":{"identity":["me"]},"campaign_id":"{trigger}"})"}},
    {"POST /2/send/externaltrigger.json",
     {"", R"({"to":{"identity":["me"]},"campaign_id_list":[{trigger}]})"}},
    {"POST /api/v1/triggers",
     {"", R"({"name":"n","content":{"title":"t","body":"b"},"provider_nick_name":"fcm"})"}},
    {"POST /api/v1/campaigns/{id}/pause", {"/api/v1/campaigns/{campaign}/pause", "{}"}},
    {"POST /api/v1/campaigns/{id}/resume", {"/api/v1/campaigns/{paused}/resume", "{}"}},
    {"POST /api/v1/campaigns/{id}/continue", {"/api/v1/campaigns/{stopped}/continue", "{}"}},
    {"POST /api/v1/campaigns/{id}/correct",
     {"/api/v1/campaigns/{stopped}/correct", R"({"content":{"title":"t","body":"b"}})"}},
    {"POST /api/v1/stops", {"", R"({"scope":{"label":"nobody's"}})"}},
    {"PATCH /api/v1/stops/{id}", {"/api/v1/stops/{stop}", R"({"reason":"wrong price"})"}},
    {"POST /api/v1/users", {"", R"({"name":"bea","role":"creator","password":"correct horse battery"})"}},
    {"PATCH /api/v1/users/{id}", {"/api/v1/users/{user}", R"({"role":"creator"})"}},
    {"DELETE /api/v1/users/{id}", {"/api/v1/users/{user}", ""}},
    {"POST /api/v1/users/{id}/link", {"/api/v1/users/{user}/link", "{}"}},
    {"DELETE /api/v1/latches/{id}", {"/api/v1/latches/{latch}", ""}},
    {"POST /api/v1/segments", {"", R"({"name":"new","where":{}})"}},
    {"PUT /api/v1/segments/{id}", {"/api/v1/segments/{segment}", R"({"name":"gold","where":{}})"}},
    {"DELETE /api/v1/segments/{id}", {"/api/v1/segments/{segment}", ""}},
    {"POST /api/v1/webhooks", {"", R"({"url":"https://hooks.example.com/new"})"}},
    {"DELETE /api/v1/webhooks/{id}", {"/api/v1/webhooks/{webhook}", ""}},
    {"POST /api/v1/deliveries/{id}/resend", {"/api/v1/deliveries/{delivery}/resend", "{}"}},
    {"POST /api/v1/accounts", {"", R"({"id":"NEW-1"})"}},
    {"DELETE /api/v1/accounts/{account}", {"/api/v1/accounts/EMPTY-1", ""}},
    {"POST /api/v1/accounts/{account}/passcodes", {"/api/v1/accounts/{account}/passcodes", "{}"}},
    {"DELETE /api/v1/accounts/{account}/passcodes/{passcode}",
     {"/api/v1/accounts/{account}/passcodes/{passcode}", ""}},
    {"POST /api/v1/accounts/{account}/providers",
     {"/api/v1/accounts/{account}/providers",
      R"({"nick_name":"new","kind":"webhook","url":"https://hooks.example.com/"})"}},
    {"DELETE /api/v1/accounts/{account}/providers/{nick_name}",
     {"/api/v1/accounts/{account}/providers/spare", ""}},
    {"PUT /api/v1/settings", {"", R"({"confirm_from":50})"}},
    {"POST /api/v1/accounts/{account}/guardrails",
     {"/api/v1/accounts/{account}/guardrails", R"({"max_per_day":1000})"}},
    {"POST /api/v1/accounts/{account}/reach",
     {"/api/v1/accounts/{account}/reach", R"({"frequency_caps":[{"messages":2,"per":"day"}]})"}},
};

const std::map<std::string, std::string, std::less<>> exceptions{
    {"POST /1/upload", "profiles and events are data, not acts; profiles.db has no trail"},
    {"POST /1/delete/profiles.json", "as POST /1/upload, and the trail must not keep who was deleted"},
    {"POST /1/demerge/profiles.json", "as POST /1/upload"},
    {"POST /1/subscribe", "as POST /1/upload"},
    {"POST /1/disassociate", "as POST /1/upload"},
    {"POST /1/targets/list.json", "reads"},
    {"POST /1/targets/estimate.json", "reads, like create.json with estimate_only"},
    {"POST /1/counts/events.json", "reads"},
    {"POST /1/counts/profiles.json", "reads"},
    {"POST /1/counts/top.json", "reads"},
    {"POST /1/counts/trends.json", "reads"},
    {"POST /1/now.json", "reads"},
    {"POST /1/events.json", "reads"},
    {"POST /1/profiles.json", "reads"},
    {"POST /1/targets/result.json", "reads"},
    {"POST /1/message/report.json", "reads"},
    {"POST /1/send/sms.json", "refuses: nothing sends it yet"},
    {"POST /1/send/email.json", "refuses: nothing sends it yet"},
    {"POST /1/send/webpush.json", "refuses: nothing sends it yet"},
    {"POST /1/send/whatsapp.json", "refuses: nothing sends it yet"},
    {"POST /api/v1/stops/preview", "reads"},
    {"POST /api/v1/audience/estimate", "reads"},
    {"POST /api/v1/audience/explain", "reads"},
    {"POST /api/v1/schedule/preview", "reads"},
    {"POST /1/segments/list.json", "reads"},
    {"POST /1/segments/get.json", "reads"},
    {"POST /api/v1/content/render", "reads"},
    {"POST /api/v1/session", "whoever signs in is not known before: session_test.cpp looks at the rows"},
    {"DELETE /api/v1/session", "needs a session: session_test.cpp"},
    {"DELETE /api/v1/sessions", "needs a session: session_test.cpp"},
    {"POST /api/v1/session/demo", "as POST /api/v1/session"},
    {"POST /api/v1/session/link", "as POST /api/v1/session"},
    {"POST /api/v1/session/password", "needs a session: session_test.cpp"},
    {"PUT /api/v1/drafts/{id}", "a client's own notes: nobody is sent to by them"},
    {"DELETE /api/v1/drafts/{id}", "a client's own notes: nobody is sent to by them"},
    {"POST /api/v1/accounts/{account}/providers/{nick_name}/test",
     "changes nothing; its one message belongs to no campaign, and the log has it"},
    {"POST /api/v1/adopt", "Home::adopt writes the row, together with the mark: home_test.cpp"},
    {"POST /api/v1/test/clock", "is there under --test-clock only"},
};

std::string name_of(const Route& route) {
  return fmt::format("{} {}", route.method, route.pattern);
}

// A server with one of everything that can be changed.
class World {
 public:
  World() {
    who_ = desk_.add_account("TEST-123-4567");
    desk_.add_account("EMPTY-1");
    desk_.add_provider(who_, "fcm");
    desk_.add_provider(who_, "spare", Channel::webhook);
    names_["account"] = who_.account;
    names_["passcode"] = keyed_hash("test key", who_.passcode).substr(0, 12);
    names_["webhook"] = kept("/api/v1/webhooks", R"({"url":"https://hooks.example.com/"})", "id");
    names_["segment"] = kept("/api/v1/segments", R"({"name":"gold","where":{}})", "id");
    names_["campaign"] = create("first");
    desk_.clock.advance(Seconds{1});
    names_["trigger"] =
        kept("/api/v1/triggers",
             R"({"name":"n","content":{"title":"t","body":"b"},"provider_nick_name":"fcm"})", "id");
    names_["paused"] = create("second");
    kept(fmt::format("/api/v1/campaigns/{}/pause", names_["paused"]), "{}", "state");
    names_["stopped"] = create("third");
    kept("/1/targets/stop.json", fmt::format(R"({{"id":{}}})", names_["stopped"]), "status");
    names_["stop"] = kept("/api/v1/stops", R"({"scope":{"label":"nobody's"}})", "id");
    names_["user"] =
        kept_by_operator("/api/v1/users", R"({"name":"ann","password":"correct horse battery"})");
    names_["latch"] = kept("/api/v1/stops", R"({"scope":{"label":"held"},"latch":true})", "latch");
    CHECK(desk_.services().reads.front()->notices->recover(true));  // what waited to be sent is decided
    names_["delivery"] = "1";
  }

  std::vector<AuditEntry> trail() {
    auto rows = desk_.control().audit({});
    CHECK(rows);
    return std::move(*rows);
  }
  net::HttpReply make(const Route& route, const Change& change) {
    const std::string target = change.target.empty() ? std::string(route.pattern) : change.target;
    net::HttpRequest request = desk_.request(std::string(route.method), fill(target), fill(change.body));
    if (route.pattern.starts_with("/2/")) request.headers.emplace_back("X-CleverTap-Token", "token");
    if (route.access == Access::account) return desk_.call(desk_.as(who_, std::move(request)));
    return by_operator(std::move(request));
  }
  const std::vector<Route>& routes() { return desk_.api().routes(); }

 private:
  std::string fill(std::string text) const {
    for (const auto& [name, value] : names_)
      for (std::size_t at; (at = text.find("{" + name + "}")) != std::string::npos;)
        text.replace(at, name.size() + 2, value);
    return text;
  }
  std::string kept(std::string_view target, std::string body, std::string_view key) {
    const auto reply = desk_.post(who_, target, std::move(body));
    EXPECT_LT(reply.status, 300) << target << reply.body;
    std::string text = field(reply, key);
    std::erase(text, '"');
    return text;
  }
  net::HttpReply by_operator(net::HttpRequest request) {
    request.headers.emplace_back("X-CleverTap-Account-Id", who_.account);
    request.over_unix_socket = true;
    request.peer = "unix:uid=0,pid=1";
    return desk_.call(std::move(request));
  }
  std::string kept_by_operator(std::string_view target, std::string body) {
    std::string id = field(by_operator(desk_.request("POST", std::string(target), std::move(body))), "id");
    std::erase(id, '"');
    return id;
  }
  std::string create(std::string_view name) {
    desk_.clock.advance(Seconds{1});
    return kept("/1/targets/create.json",
                fmt::format(R"({{"name":"{}","where":{{}},"content":{{"title":"t","body":"b"}},)"
                            R"("when":"20990309 10:00","provider_nick_name":"fcm"}})",
                            name),
                "id");
  }

  Desk desk_;
  Credentials who_;
  std::map<std::string, std::string> names_;
};

TEST(AuditedRoutes, whatever_changes_something_leaves_a_row_by_its_caller) {
  const std::vector<Route> routes = World().routes();
  std::size_t made = 0;
  for (const Route& route : routes) {
    const std::string name = name_of(route);
    if (route.method == "GET" || exceptions.contains(name)) continue;
    SCOPED_TRACE(name);
    World world;
    const auto before = world.trail();
    const auto change = changes.find(name);
    const auto reply = world.make(route, change == changes.end() ? Change{"", "{}"} : change->second);
    if (change == changes.end()) {
      ADD_FAILURE() << "a route that is in neither table of this test: " << reply.body;
      continue;
    }
    EXPECT_LT(reply.status, 300) << reply.body;
    const auto after = world.trail();
    EXPECT_GT(after.size(), before.size()) << "left no row in the audit trail";
    for (std::size_t i = before.size(); i < after.size(); ++i)
      EXPECT_TRUE(after[i].actor.starts_with(route.access == Access::account ? "api:TEST-123-4567" : "cli:"))
          << after[i].action << " by " << after[i].actor;
    ++made;
  }
  EXPECT_EQ(made, changes.size()) << "a route that the tables name is gone";
}

TEST(AuditedRoutes, what_only_reads_leaves_none) {
  World world;
  const auto before = world.trail().size();
  for (const Route& route : std::vector<Route>(world.routes()))
    if (exceptions.contains(name_of(route)) && exceptions.at(name_of(route)) == "reads")
      world.make(route, {"", R"({"from":20160101,"to":20161231})"});
  EXPECT_EQ(world.trail().size(), before);
}

}  // namespace
}  // namespace belay::api
