// Conditions on events and devices, against the real store: what a scan finds is held against an evaluator
// that is as plain as can be, over random people, events and queries.
#include "audience/facts.h"

#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>

#include "audience/planner_scan.h"
#include "base/manual.h"
#include "store/sqlite/open.h"

namespace belay::audience {
namespace {

using store::IdentityKind;

constexpr std::int64_t day = 86'400, india = 19'800;  // Asia/Kolkata, all the year
constexpr std::int64_t now_second = 1'457'432'766;    // 2016-03-08 15:56:06 there

struct Event {
  std::string name;
  std::int64_t at = 0;
  int amount = 0;
  std::vector<std::string> categories;
};
struct Human {
  std::string plan;
  std::vector<Event> events;
  std::vector<Platform> live;
};

std::int64_t local_day(std::int64_t second) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{(second + india) / day}}};
  return int{date.year()} * 10'000 + unsigned{date.month()} * 100 + unsigned{date.day()};
}

// ---- the plain evaluator -------------------------------------------------------------------------

bool compare(const std::string& op, std::int64_t a, std::int64_t b) {
  if (op == "equals") return a == b;
  if (op == "greater_than") return a > b;
  if (op == "greater_than_equals") return a >= b;
  if (op == "less_than") return a < b;
  return a <= b;
}

bool property_holds(const json::object& test, const Event& event) {
  const std::string name(test.at("name").as_string()), op(test.at("operator").as_string());
  if (name == "Amount") return compare(op, event.amount, test.at("value").as_int64());
  const std::string wanted(test.at("value").as_string());
  const bool has = std::ranges::find(event.categories, wanted) != event.categories.end();
  return has == (op == "equals");
}

bool session_holds(const json::object& test, const Event& event, const Human& human) {
  if (test.at("name").as_string() == "time_of_day") {
    const auto minute = [](const json::value& v) {
      const std::string text(v.as_string());
      return std::stoi(text.substr(0, 2)) * 60 + std::stoi(text.substr(3));
    };
    const int from = minute(test.at("value").at(0)), to = minute(test.at("value").at(1));
    const auto clock = static_cast<int>((event.at + india) % day / 60);
    return from <= to ? from <= clock && clock <= to : clock >= from || clock <= to;
  }
  const bool first = std::ranges::none_of(
      human.events, [&](const Event& other) { return other.name == event.name && other.at < event.at; });
  return first == (test.at("value").as_string() == "True");
}

// The beginning of the day that is the first of 365, today being the last.
const std::int64_t a_year_ago = ((now_second + india) / day - 364) * day - india;

bool is_meant(const json::object& description, const Event& event, const Human& human) {
  if (event.name != description.at("event_name").as_string()) return false;
  if (const json::value* from = description.if_contains("from")) {
    const std::int64_t on = local_day(event.at);
    if (on < from->as_int64() || on > description.at("to").as_int64()) return false;
  } else if (event.at < a_year_ago || event.at >= a_year_ago + 365 * day) {
    return false;
  }
  if (const json::value* list = description.if_contains("event_properties"))
    for (const json::value& test : list->as_array())
      if (!property_holds(test.as_object(), event)) return false;
  if (const json::value* list = description.if_contains("session_properties"))
    for (const json::value& test : list->as_array())
      if (!session_holds(test.as_object(), event, human)) return false;
  return true;
}

bool often_enough(const json::object& where_it_says, std::int64_t times) {
  if (!where_it_says.contains("value")) return times >= 1;
  return compare(std::string(where_it_says.at("operator").as_string()), times,
                 where_it_says.at("value").as_int64());
}

bool did(const json::object& description, const Human& human) {
  return often_enough(description, std::ranges::count_if(human.events, [&](const Event& event) {
                        return is_meant(description, event, human);
                      }));
}

bool did_any(const json::object& any, const Human& human) {
  const json::array& events = any.at("any_events").as_array();
  if (!any.contains("value"))
    return std::ranges::any_of(events, [&](const json::value& each) { return did(each.as_object(), human); });
  return often_enough(any, std::ranges::count_if(human.events, [&](const Event& event) {
                        return std::ranges::any_of(events, [&](const json::value& each) {
                          return is_meant(each.as_object(), event, human);
                        });
                      }));
}

bool is_meant(const json::object& where, const Human& human) {
  if (where.contains("event_name") && !did(where, human)) return false;
  if (const json::value* common = where.if_contains("common_profile_properties")) {
    const json::object& parts = common->as_object();
    if (const json::value* fields = parts.if_contains("profile_fields"))
      if (fields->at(0).at("value").as_string() != human.plan) return false;
    if (const json::value* reach = parts.if_contains("reachability"))
      if ((reach->at(0).at("value").as_string() == "True") == human.live.empty()) return false;
    if (const json::value* tech = parts.if_contains("technographics"))
      if (std::ranges::find(human.live, Platform::ios) == human.live.end() &&
          tech->at(0).at("value").as_string() == "iOS")
        return false;
  }
  const json::value* advanced = where.if_contains("advanced_query");
  if (!advanced) return true;
  if (const json::value* all = advanced->as_object().if_contains("did_all"))
    for (const json::value& each : all->as_array())
      if (!did(each.as_object(), human)) return false;
  if (const json::value* any = advanced->as_object().if_contains("did_any"))
    if (!did_any(any->as_object(), human)) return false;
  if (const json::value* none = advanced->as_object().if_contains("did_none"))
    for (const json::value& each : none->as_array())
      if (did(each.as_object(), human)) return false;
  return true;
}

// ---- random people and queries -------------------------------------------------------------------

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  int below(int n) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  template <std::size_t n>
  std::string any_of(const char* const (&words)[n]) {
    return words[below(n)];
  }

 private:
  SeededRandom random_;
};

constexpr const char* names[] = {"Charged", "Opened", "Left"};
constexpr const char* categories[] = {"books", "food", "cars"};
constexpr const char* plans[] = {"Gold", "Silver"};
constexpr const char* comparisons[] = {"equals", "greater_than", "greater_than_equals", "less_than",
                                       "less_than_equals"};

Event some_event(Chance& chance) {
  Event event{.name = chance.any_of(names), .at = 0, .amount = chance.below(4), .categories = {}};
  // Most within five days, to the minute, so that days and their ends are met; some long ago, or to come.
  event.at = now_second - chance.below(5 * 1440) * 60;
  if (chance.one_in(10)) event.at = a_year_ago + chance.below(3) - 1;
  if (chance.one_in(20)) event.at = a_year_ago + 365 * day + chance.below(3) - 1;
  for (int i = chance.below(3); i > 0; --i) event.categories.push_back(chance.any_of(categories));
  return event;
}

json::object description(Chance& chance, bool counted) {
  json::object out{{"event_name", chance.any_of(names)}};
  if (!chance.one_in(4)) {
    const std::int64_t from = now_second - chance.below(6) * day;
    out["from"] = local_day(from);
    out["to"] = local_day(from + chance.below(4) * day);
  }
  json::array properties;
  if (chance.one_in(3))
    properties.push_back(json::object{
        {"name", "Amount"}, {"operator", chance.any_of(comparisons)}, {"value", chance.below(4)}});
  if (chance.one_in(4))
    properties.push_back(json::object{{"name", "Items|Category"},
                                      {"operator", chance.one_in(2) ? "equals" : "not_equals"},
                                      {"value", chance.any_of(categories)}});
  if (!properties.empty()) out["event_properties"] = std::move(properties);
  json::array session;
  if (chance.one_in(4))
    session.push_back(json::object{{"name", "first_time"}, {"value", chance.one_in(2) ? "True" : "False"}});
  if (chance.one_in(4))
    session.push_back(json::object{{"name", "time_of_day"},
                                   {"value", json::array{fmt::format("{:02}:00", chance.below(24)),
                                                         fmt::format("{:02}:59", chance.below(24))}}});
  if (!session.empty()) out["session_properties"] = std::move(session);
  if (counted && chance.one_in(3))
    out["operator"] = chance.any_of(comparisons), out["value"] = chance.below(4);
  return out;
}

json::array descriptions(Chance& chance, bool counted) {
  json::array out;
  for (int i = chance.below(3); i >= 0; --i) out.push_back(description(chance, counted));
  return out;
}

json::object some_where(Chance& chance) {
  json::object out;
  if (chance.one_in(2)) out = description(chance, false);
  json::object common, advanced;
  if (chance.one_in(4))
    common["profile_fields"] = json::array{json::object{{"name", "Plan"}, {"value", chance.any_of(plans)}}};
  if (chance.one_in(6))
    common["reachability"] =
        json::array{json::object{{"name", "has_token"}, {"value", chance.one_in(2) ? "True" : "False"}}};
  if (chance.one_in(6))
    common["technographics"] = json::array{json::object{{"name", "Platform"}, {"value", "iOS"}}};
  if (!common.empty()) out["common_profile_properties"] = std::move(common);
  if (chance.one_in(3)) advanced["did_all"] = descriptions(chance, true);
  if (chance.one_in(3)) advanced["did_none"] = descriptions(chance, true);
  if (chance.one_in(3)) {
    json::object any;
    const bool together = chance.one_in(2);
    any["any_events"] = descriptions(chance, !together);
    if (together) any["operator"] = chance.any_of(comparisons), any["value"] = chance.below(5);
    advanced["did_any"] = std::move(any);
  }
  if (!advanced.empty()) out["advanced_query"] = std::move(advanced);
  return out;
}

// ---- the world -----------------------------------------------------------------------------------

class FactsTest : public testing::Test {
 protected:
  FactsTest() {
    folder_ =
        std::filesystem::path(testing::TempDir()) /
        fmt::format("facts-{}-{}", getpid(), testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store_ = store::open_sqlite(folder_.string()).value();
    auto control = store_->control(store::Lane::ordinary).value();
    account_ =
        control->put_account({.id = {}, .key = "TEST-1", .time_zone = "Asia/Kolkata", .region = "eu1"})->id;
    session_ = store_->profiles().value();
  }
  ~FactsTest() override {
    session_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void apply(const store::UploadRecord& record) { ASSERT_TRUE(session_->apply(account_, {&record, 1})); }
  void profile(const std::string& identity, const std::string& device, const std::string& plan) {
    const std::string text = fmt::format("\"{}\"", plan);
    const std::pair<std::string_view, std::string_view> set[] = {{"Plan", text}};
    apply(store::ProfileWrite{{IdentityKind::identity, identity}, device, set, WallTime{}});
  }
  void event(store::IdentityRef who, const Event& event) {
    json::array items;
    for (const std::string& category : event.categories)
      items.push_back(json::object{{"Category", category}});
    const std::string properties =
        to_text(json::object{{"Amount", event.amount}, {"Items", std::move(items)}});
    apply(store::EventWrite{who, event.name, properties, wall_from_micros(event.at * 1'000'000)});
  }

  // Each known by a name and a device; with every second one the device was somebody of its own at first,
  // with events, and then turned out to be theirs.
  void add(const Human& human) {
    const std::size_t number = humans_.size();
    const std::string identity = fmt::format("p{}", number), device = fmt::format("d{}", number);
    const bool two = number % 2 == 0;
    profile(identity, two ? "" : device, human.plan);
    for (std::size_t i = 0; i < human.events.size(); ++i)
      event(two && i % 2 == 0 ? store::IdentityRef{IdentityKind::object_id, device}
                              : store::IdentityRef{IdentityKind::identity, identity},
            human.events[i]);
    for (std::size_t i = 0; i < human.live.size(); ++i) {
      const std::string more = i == 0 ? device : fmt::format("{}-{}", device, i);
      apply(store::AddressWrite{more, human.live[i], fmt::format("t{}-{}", number, i), ""});
      profile(identity, more, human.plan);
    }
    if (two) profile(identity, device, human.plan);
    humans_.push_back(human);
    ids_.push_back(session_->find(account_, {IdentityKind::identity, identity}).value()->id);
  }

  ScanSpec spec(RecipientKind kind, std::uint32_t chunk) const {
    return {.account = account_,
            .kind = kind,
            .chunk = chunk,
            .zone = TimeZone::named("Asia/Kolkata").value(),
            .now = wall_from_micros(now_second * 1'000'000)};
  }
  store::AudienceSet found(Query query, ScanSpec spec) {
    Scan scan(std::move(query), std::move(spec));
    while (!scan.step(*session_).value()) {
    }
    return scan.take();
  }
  std::vector<std::string> people(std::string_view where, std::uint32_t chunk = 100) {
    const auto audience = found(Query::parse_text(where).value(), spec(RecipientKind::profile, chunk));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (audience.contains(RecipientId{ids_[i].value})) out.push_back(fmt::format("p{}", i));
    return out;
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::ProfileSession> session_;
  AccountId account_;
  std::vector<Human> humans_;
  std::vector<ProfileId> ids_;
};

using Names = std::vector<std::string>;

TEST_F(FactsTest, random_queries_find_whom_the_plain_evaluator_finds) {
  Chance chance(20160308);
  for (int i = 0; i < 60; ++i) {
    Human human{.plan = chance.any_of(plans), .events = {}, .live = {}};
    for (int n = chance.below(9); n > 0; --n) human.events.push_back(some_event(chance));
    for (int n = chance.below(3); n > 0; --n)
      human.live.push_back(chance.one_in(2) ? Platform::ios : Platform::android);
    add(human);
  }
  std::size_t some = 0;
  for (int i = 0; i < 600; ++i) {
    const json::object where = some_where(chance);
    Names expected;
    for (std::size_t h = 0; h < humans_.size(); ++h)
      if (is_meant(where, humans_[h])) expected.push_back(fmt::format("p{}", h));
    const std::uint32_t chunk = static_cast<std::uint32_t>(1 + chance.below(80));
    ASSERT_EQ(people(to_text(where), chunk), expected) << "query " << i << ": " << to_text(where);
    some += !expected.empty() && expected.size() < humans_.size();
  }
  EXPECT_GT(some, 200u) << "queries that tell people apart";
}

TEST_F(FactsTest, days_are_the_accounts_and_both_are_meant) {
  const std::int64_t midnight = 1'457'375'400;  // 2016-03-08 00:00 there
  for (const std::int64_t at : {midnight - 1, midnight, midnight + day - 1, midnight + day})
    add({.plan = "Gold", .events = {{"Opened", at, 0, {}}}, .live = {}});
  EXPECT_EQ(people(R"({"event_name":"Opened","from":20160308,"to":20160308})"), (Names{"p1", "p2"}));
  EXPECT_EQ(people(R"({"event_name":"Opened","from":20160307,"to":20160308})"), (Names{"p0", "p1", "p2"}));
  EXPECT_EQ(people(R"({"event_name":"opened","from":20160307,"to":20160309})"), Names{});
  EXPECT_EQ(people(R"({"event_name":"Never seen"})"), Names{});
  EXPECT_EQ(people(R"({"advanced_query":{"did_none":[{"event_name":"Never seen"}]}})").size(), 4u);
}

// What a device did before anybody knew whose it is counts for its owner.
TEST_F(FactsTest, events_of_merged_profiles_count_together) {
  add({.plan = "Gold", .events = {{"Opened", now_second, 0, {}}, {"Opened", now_second, 0, {}}}, .live = {}});
  EXPECT_EQ(
      people(R"({"advanced_query":{"did_all":[{"event_name":"Opened","operator":"equals","value":2}]}})"),
      Names{"p0"});
  // And on: who was merged into is merged into somebody else.
  event({IdentityKind::object_id, "old"}, {"Left", now_second, 0, {}});
  apply(store::ProfileWrite{{IdentityKind::object_id, "d9"}, "", {}, WallTime{}});
  apply(store::ProfileWrite{{IdentityKind::object_id, "d9"}, "old", {}, WallTime{}});
  profile("p0", "d9", "Gold");
  profile("p0", "old", "Gold");
  EXPECT_EQ(people(R"({"event_name":"Left"})"), Names{"p0"});
}

TEST_F(FactsTest, finds_the_devices_of_whom_it_finds) {
  add({.plan = "Gold",
       .events = {{"Opened", now_second, 0, {}}},
       .live = {Platform::android, Platform::ios}});
  add({.plan = "Gold", .events = {{"Left", now_second, 0, {}}}, .live = {Platform::ios}});
  const Query opened = Query::parse_text(R"({"event_name":"Opened"})").value();
  EXPECT_EQ(found(opened, spec(RecipientKind::address, 1)).size(), 1u);
  ScanSpec all = spec(RecipientKind::address, 1);
  all.send_to_all_devices = true;
  EXPECT_EQ(found(opened, all).size(), 2u);
}

}  // namespace
}  // namespace belay::audience
