// Counts and exports (contract 5.2): what is counted, the polling of what takes long, cursors and pages.
#include <gtest/gtest.h>

#include "api/clevertap/exports.h"
#include "api/clevertap/jobs.h"
#include "api/sign_in.h"
#include "api/testing_api.h"

namespace belay::api::clevertap {
namespace {

using testing::Credentials;
using testing::Desk;
using testing::field;
using testing::KeptAnswer;

class ReadingTest : public ::testing::Test {
 protected:
  ReadingTest() {
    // 2016-10-23 in Kolkata, and the day after.
    upload(R"({"type":"profile","identity":"ann","objectId":"phone","profileData":{"Plan":"gold","Email":"a@x.org"}},
              {"type":"token","objectId":"phone","tokenData":{"id":"t","type":"apns"}},
              {"type":"profile","identity":"bob","profileData":{"Plan":"silver"}},
              {"type":"profile","identity":"cid","profileData":{}},
              {"type":"event","identity":"ann","evtName":"Ate","ts":1477161256,"evtData":{"food":"pizza","price":10}},
              {"type":"event","identity":"ann","evtName":"Ate","ts":1477164856,"evtData":{"food":"sushi","price":95}},
              {"type":"event","identity":"bob","evtName":"Ate","ts":1477251256,"evtData":{"food":"pizza","price":11}},
              {"type":"event","identity":"bob","evtName":"Slept","ts":1477251256,"evtData":{}})");
  }
  void upload(std::string_view records) {
    const auto reply = post("/1/upload", fmt::format(R"({{"d":[{}]}})", records));
    EXPECT_EQ(field(reply, "status"), "\"success\"") << reply.body;
  }
  net::HttpReply post(std::string_view path, std::string body) { return desk.post(who, path, std::move(body)); }
  net::HttpReply get(std::string_view target) { return desk.call(desk.as(who, desk.request("GET", target))); }
  // What follows the status in a success.
  std::string members(const net::HttpReply& reply) {
    constexpr std::string_view head = R"({"status":"success",)";
    return reply.body.starts_with(head) ? reply.body.substr(head.size()) : reply.body;
  }
  std::string text(const net::HttpReply& reply, std::string_view key) {
    std::string value = field(reply, key);
    std::erase(value, '"');
    return value;
  }

  Desk desk;
  Credentials who = desk.add_account("TEST-123-4567");
  const std::string ate = R"("event_name":"Ate","from":20161022,"to":20161030)";
};

TEST_F(ReadingTest, counts_events_by_their_days_and_properties) {
  const auto count = [&](std::string_view more) {
    return members(post("/1/counts/events.json", fmt::format("{{{}{}}}", ate, more)));
  };
  EXPECT_EQ(count(""), R"("count":3})");
  EXPECT_EQ(count(R"(,"event_properties":[{"name":"food","operator":"contains","value":"piz"}])"), R"("count":2})");
  EXPECT_EQ(count(R"(,"props":[{"name":"price","operator":"greater_than","value":50}])"), R"("count":1})");
  EXPECT_EQ(count(R"(,"common_profile_properties":{"profile_fields":[{"name":"Plan","value":"gold"}]})"),
            R"("count":2})");
  EXPECT_EQ(count(R"(,"session_properties":[{"name":"first_time","value":"True"}])"), R"("count":2})");
  EXPECT_EQ(members(post("/1/counts/events.json", R"({"event_name":"Ate","from":20161024,"to":20161024})")),
            R"("count":1})");
}

TEST_F(ReadingTest, refuses_events_and_days_as_recorded) {
  const auto unknown = post("/1/counts/events.json", R"({"event_name":"Uninstalled","from":20161022,"to":20161030})");
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(unknown.body, R"({"status":"fail","error":"[\"Invalid event : Uninstalled\"]","code":400})");
  const auto days = post("/1/counts/events.json", R"({"event_name":"Ate","from":20161030,"to":20161022})");
  EXPECT_EQ(field(days, "code"), "4002");
  EXPECT_EQ(post("/1/counts/events.json", "{}").status, 400);
}

TEST_F(ReadingTest, counts_profiles) {
  EXPECT_EQ(members(post("/1/counts/profiles.json", "{}")), R"("count":3})");
  EXPECT_EQ(members(post("/1/counts/profiles.json",
                         R"({"common_profile_properties":{"profile_fields":[{"name":"Plan","operator":"exists"}]}})")),
            R"("count":2})");
  EXPECT_EQ(members(post("/1/counts/profiles.json", fmt::format("{{{}}}", ate))), R"("count":2})");
  const std::string never = fmt::format(R"({{"advanced_query":{{"did_none":[{{{}}}]}}}})", ate);
  EXPECT_EQ(members(post("/1/counts/profiles.json", never)), R"("count":1})");
}

TEST_F(ReadingTest, ranks_values_under_the_callers_names) {
  EXPECT_EQ(members(post("/1/counts/top.json", fmt::format(
      R"({{{},"groups":{{"foo":{{"property_type":"event_properties","name":"price"}},)"
      R"("bar":{{"property_type":"profile_fields","name":"Plan","top_n":2,"order":"asc"}},)"
      R"("one":{{"property_type":"event_properties","name":"food","top_n":1}}}}}})", ate))),
            R"("foo":{"NUMBER":{"10-20":2,"90-100":1}},"bar":{"STR":{"silver":1,"gold":2}},)"
            R"("one":{"STR":{"pizza":2}}})");
  for (const char* bad : {"{}", R"({"a":7})", R"({"a":{"property_type":"x","name":"b"}})",
                          R"({"a":{"property_type":"profile_fields","name":"b","top_n":101}})"})
    EXPECT_NE(post("/1/counts/top.json", fmt::format(R"({{{},"groups":{}}})", ate, bad)).body.find("Invalid group"),
              std::string::npos)
        << bad;
}

TEST_F(ReadingTest, counts_days_weeks_and_months_of_the_accounts_calendar) {
  const std::string days = R"("event_name":"Ate","from":20161022,"to":20161024)";
  const std::string groups =
      R"("groups":{"d":{"trend_type":"daily"},"w":{"trend_type":"weekly"},"m":{"trend_type":"monthly"}})";
  const auto trends = [&](std::string_view more) {
    return members(post("/1/counts/trends.json", fmt::format("{{{},{}{}}}", days, groups, more)));
  };
  EXPECT_EQ(trends(""), R"("d":{"20161022":0,"20161023":2,"20161024":1},"w":{"201642":2,"201643":1},)"
                        R"("m":{"201610":3}})");
  EXPECT_EQ(trends(R"(,"unique":true)"),
            R"("d":{"20161022":0,"20161023":1,"20161024":1},"w":{"201642":1,"201643":1},"m":{"201610":2}})");
  EXPECT_EQ(trends(R"(,"unique":false,"sum_event_prop":"price")"),
            R"("d":{"20161022":0,"20161023":105,"20161024":11},"w":{"201642":105,"201643":11},"m":{"201610":116}})");
  EXPECT_EQ(post("/1/counts/trends.json",
                 R"({"event_name":"Ate","from":20150101,"to":20161024,"groups":{"d":{"trend_type":"daily"}}})")
                .status,
            400);
}

TEST_F(ReadingTest, counts_who_is_active_now) {
  const auto seconds = to_micros(desk.clock.wall()) / 1'000'000;
  upload(fmt::format(R"({{"type":"event","identity":"ann","evtName":"Ate","ts":{}}},
                        {{"type":"event","identity":"ann","evtName":"Slept","ts":{}}},
                        {{"type":"event","identity":"cid","evtName":"Ate","ts":{}}})",
                     seconds - 10, seconds - 20, seconds - 301));
  EXPECT_EQ(members(post("/1/now.json", R"({"user_type":true,"os":false})")),
            fmt::format(R"("count":1,"user_type":{{"unavailable":1}},"last_processed_ts":{}}})", seconds));
  EXPECT_EQ(members(post("/1/now.json", "{}")), fmt::format(R"("count":1,"last_processed_ts":{}}})", seconds));
}

TEST_F(ReadingTest, exports_events_page_by_page_until_there_is_no_next) {
  const auto begun = post("/1/events.json?batch_size=2", fmt::format("{{{}}}", ate));
  const auto first = get("/1/events.json?cursor=" + text(begun, "cursor"));
  const auto record = R"({"profile":{"objectId":"phone","email":"a@x.org","identity":"ann","profileData":)"
                      R"({"Plan":"gold","Email":"a@x.org"},"id":)";
  EXPECT_NE(first.body.find(record), std::string::npos) << first.body;
  EXPECT_NE(first.body.find(R"("ts":20161023000416,"event_props":{"food":"pizza","price":10},"session_props":{}})"),
            std::string::npos)
      << first.body;
  const auto count = [](const net::HttpReply& reply) {
    return parse_json(reply.body)->at("records").as_array().size();
  };
  EXPECT_EQ(count(first), 2u);
  EXPECT_EQ(field(first, "previous_cursor"), "");
  // Later events are not of this export, and a page may be asked for again.
  upload(R"({"type":"event","identity":"cid","evtName":"Ate","ts":1477251256})");
  const std::string next = text(first, "next_cursor");
  const auto second = get("/1/events.json?cursor=" + next);
  EXPECT_EQ(count(second), 1u);
  EXPECT_EQ(field(second, "next_cursor"), "");
  EXPECT_EQ(text(second, "previous_cursor"), next);
  EXPECT_EQ(get("/1/events.json?cursor=" + next).body, second.body);
}

TEST_F(ReadingTest, exports_profiles_with_their_devices) {
  const auto begun = post(
      "/1/profiles.json?batch_size=1",
      R"({"common_profile_properties":{"profile_fields":[{"name":"Plan","operator":"exists"}]}})");
  const auto first = get("/1/profiles.json?cursor=" + text(begun, "cursor"));
  EXPECT_NE(first.body.find(R"("records":[{"email":"a@x.org","identity":"ann","profileData":)"
                            R"({"Plan":"gold","Email":"a@x.org"},"platformInfo":)"
                            R"([{"platform":"iOS","push_token":"t","objectId":"phone"}]}]})"),
            std::string::npos)
      << first.body;
  const auto second = get("/1/profiles.json?cursor=" + text(first, "next_cursor"));
  EXPECT_NE(second.body.find(R"("identity":"bob")"), std::string::npos);
  EXPECT_EQ(field(second, "next_cursor"), "");
}

TEST_F(ReadingTest, old_clients_ask_with_get_and_get_the_first_page) {
  const auto first =
      get("/1/events.json?batch_size=23&query=%7B%22event_name%22%3A%22Ate%22%2C%22from%22%3A20161022%2C%22to%22%3A"
          "20161030%7D");
  EXPECT_EQ(parse_json(first.body)->at("records").as_array().size(), 3u) << first.body;
  EXPECT_EQ(field(first, "next_cursor"), "");
  const auto people = get("/1/profiles.json?batch_size=2&query=%7B%7D");
  EXPECT_EQ(parse_json(people.body)->at("records").as_array().size(), 2u) << people.body;
  EXPECT_EQ(parse_json(get("/1/profiles.json?cursor=" + text(people, "next_cursor")).body)
                ->at("records")
                .as_array()
                .size(),
            1u);
}

TEST_F(ReadingTest, a_cursor_is_its_accounts_and_ends) {
  const std::string cursor = text(post("/1/events.json", fmt::format("{{{}}}", ate)), "cursor");
  const auto error = [&](std::string_view target) { return text(get(target), "error"); };
  EXPECT_EQ(error("/1/events.json?cursor=nonsense"), "Invalid cursor");
  EXPECT_EQ(error("/1/profiles.json?cursor=" + cursor), "Invalid cursor");
  const Credentials other = desk.add_account("OTHER-1");
  EXPECT_EQ(desk.call(desk.as(other, desk.request("GET", "/1/events.json?cursor=" + cursor))).status, 400);
  const auto twice = get("/1/events.json?cursor=ab%252Dcd");
  EXPECT_EQ(text(twice, "error"), "Incorrect Usage");
  EXPECT_EQ(field(twice, "code"), "3");
  for (int i = 0; i < 4; ++i) {
    desk.clock.advance(std::chrono::minutes(59));
    EXPECT_EQ(get("/1/events.json?cursor=" + cursor).status, 200);
  }
  desk.clock.advance(std::chrono::minutes(5));
  EXPECT_EQ(error("/1/events.json?cursor=" + cursor), "CURSOR_INVALIDATED") << "after four hours";
  const std::string idle = text(post("/1/events.json", fmt::format("{{{}}}", ate)), "cursor");
  const std::string people = text(post("/1/profiles.json", "{}"), "cursor");
  desk.clock.advance(std::chrono::minutes(61));
  EXPECT_EQ(error("/1/events.json?cursor=" + idle), "CURSOR_INVALIDATED") << "after an hour without use";
  EXPECT_EQ(get("/1/profiles.json?cursor=" + people).status, 200);
  EXPECT_EQ(post("/1/events.json?batch_size=0", fmt::format("{{{}}}", ate)).status, 400);
  EXPECT_EQ(get("/1/events.json").status, 400);
}

TEST(Exports, keep_no_more_than_they_may_and_drop_the_least_recently_used) {
  Exports table;
  SeededRandom random(1);
  std::vector<std::string> cursors;
  for (std::size_t i = 0; i <= Exports::most_of_account; ++i) {
    auto one = std::make_shared<Export>();
    one->account = AccountId{1};
    cursors.push_back(table.add(std::move(one), random, wall_from_micros(static_cast<std::int64_t>(i))));
  }
  EXPECT_FALSE(table.find(cursors.front(), AccountId{1}, false, wall_from_micros(100)));
  EXPECT_TRUE(table.find(cursors[1], AccountId{1}, false, wall_from_micros(100)));
  EXPECT_TRUE(table.find(cursors.back(), AccountId{1}, false, wall_from_micros(100)));
}

// ---- what takes long -------------------------------------------------------------------------------

class Slow final : public Work {
 public:
  explicit Slow(int steps) : steps_(steps) {}
  store::Result<bool> step(Worker&) override { return --steps_ <= 0; }
  net::HttpReply answer() override {
    net::HttpReply reply;
    reply.body = R"({"status":"success","count":7})";
    return reply;
  }

 private:
  int steps_;
};

class JobsTest : public ::testing::Test {
 protected:
  JobsTest() { worker.executor = &executor; }
  std::shared_ptr<std::optional<net::HttpReply>> ask(Jobs& jobs, std::shared_ptr<Work> work, std::string query = "") {
    auto kept = std::make_shared<std::optional<net::HttpReply>>();
    net::HttpRequest request = desk.request("GET", "/1/counts/events.json" + query);
    Call call{std::move(request), account, "", "", {}, desk.services(), worker, sign_in, nullptr};
    Answer answer(std::make_unique<KeptAnswer>(kept));
    if (work)
      jobs.begin(std::move(call), std::move(answer), std::move(work));
    else
      jobs.poll(std::move(call), std::move(answer));
    return kept;
  }
  ManualClock clock;
  ManualExecutor executor{clock};
  Desk desk;
  SignIn sign_in{desk.services().store, desk.services().hash_key, {}};
  Worker worker;
  AccountId account{1};
};

TEST_F(JobsTest, what_is_ready_in_time_is_answered_at_once) {
  Jobs jobs;
  const auto reply = ask(jobs, std::make_shared<Slow>(3));
  EXPECT_FALSE(reply->has_value()) << "other calls may come in between";
  executor.run_ready();
  EXPECT_EQ((*reply)->body, R"({"status":"success","count":7})");
}

TEST_F(JobsTest, what_takes_long_is_asked_for_again_by_its_number) {
  Jobs jobs(Micros{0});
  const auto reply = ask(jobs, std::make_shared<Slow>(3));
  ASSERT_TRUE(reply->has_value());
  EXPECT_EQ(field(**reply, "status"), "\"partial\"");
  const std::string number = field(**reply, "req_id");
  EXPECT_EQ(number.size(), 15u);
  const auto poll = [&] { return (*ask(jobs, nullptr, "?req_id=" + number))->body; };
  EXPECT_EQ(poll(), (*reply)->body);
  executor.run_ready();
  EXPECT_EQ(poll(), R"({"status":"success","count":7})");
  EXPECT_EQ(poll(), R"({"status":"success","count":7})");
  account = AccountId{2};
  EXPECT_EQ(poll(), R"({"status":"fail","error":"Invalid request id","code":400})") << "another account's";
  EXPECT_EQ((*ask(jobs, nullptr, "?req_id=x"))->status, 400);
}

TEST_F(JobsTest, of_one_account_only_so_many_go_on) {
  Jobs jobs(Micros{0});
  for (std::size_t i = 0; i < Jobs::most_running; ++i)
    EXPECT_EQ(field(**ask(jobs, std::make_shared<Slow>(3)), "status"), "\"partial\"");
  EXPECT_EQ((*ask(jobs, std::make_shared<Slow>(3)))->status, 429);
  account = AccountId{2};
  EXPECT_EQ((*ask(jobs, std::make_shared<Slow>(3)))->status, 200);
  account = AccountId{1};
  executor.run_ready();
  EXPECT_EQ((*ask(jobs, std::make_shared<Slow>(3)))->status, 200) << "those are done";
}

}  // namespace
}  // namespace belay::api::clevertap
