// Conversions against the real store: one by one and by going through all events they are the same.
#include "audience/conversions.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "store/sqlite/open.h"

namespace belay::audience {
namespace {

using store::IdentityKind;

constexpr std::int64_t start = 1'457'432'766;

WallTime second(std::int64_t at) {
  return wall_from_micros(at * 1'000'000);
}

class ConversionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "belay-conversions-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    store_ = std::move(*store::open_sqlite(folder_));
    account_ = (*store_->control(store::Lane::ordinary))->put_account({{}, "TEST-1", "Asia/Kolkata", ""})->id;
    profiles_ = std::move(*store_->profiles());
  }
  void TearDown() override {
    profiles_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void event(std::string_view who, std::string_view name, std::int64_t at,
             std::string_view properties = "{}") {
    const store::UploadRecord one =
        store::EventWrite{{IdentityKind::identity, who}, name, properties, second(at)};
    CHECK(profiles_->apply(account_, std::span(&one, 1)));
  }
  std::uint32_t id_of(std::string_view who) {
    return static_cast<std::uint32_t>((*profiles_->find(account_, {IdentityKind::identity, who}))->id.value);
  }
  static ConversionGoal goal(std::string_view text) {
    auto parsed = ConversionGoal::parse_stored(text);
    CHECK(parsed);
    return std::move(*parsed);
  }
  // "people revenue"; `by_scan`: with so many more messages that everybody's events are gone through.
  std::string count(std::string_view goal_text, std::vector<HandedTo> messages, bool by_scan) {
    if (by_scan)
      for (std::uint32_t i = 0; i <= Conversions::most_one_by_one; ++i)
        messages.push_back({1'000'000 + i, 1});
    Conversions conversions(goal(goal_text), account_, *TimeZone::named("Asia/Kolkata"), std::move(messages));
    for (;;) {
      const auto done = conversions.step(*profiles_);
      CHECK(done);
      if (*done) return fmt::format("{} {}", conversions.people(), conversions.revenue());
    }
  }

  std::string folder_;
  std::unique_ptr<store::Store> store_;
  AccountId account_;
  std::unique_ptr<store::ProfileSession> profiles_;
};

TEST_F(ConversionsTest, an_event_counts_within_its_time_after_any_message) {
  constexpr std::int64_t hour = 3600;
  event("ann", "Charged", start - 1, R"({"Amount":1})");
  event("ann", "Charged", start, R"({"Amount":2})");
  event("ann", "Charged", start + hour, R"({"Amount":4})");
  event("ann", "Charged", start + hour + 1, R"({"Amount":8})");
  event("ann", "Charged", start + 10 * hour, R"({"Amount":16})");
  event("ann", "Other", start + 1, R"({"Amount":32})");
  event("bob", "Charged", start + 2 * hour, R"({"Amount":64})");
  constexpr std::string_view hourly =
      R"({"event_name":"Charged","filter_type":{},"conversion_time":"1H","revenue_property":"Amount"})";
  const auto at = [](std::int64_t offset) { return static_cast<std::uint32_t>(start + offset); };
  for (const bool by_scan : {false, true}) {
    SCOPED_TRACE(by_scan);
    EXPECT_EQ(count(hourly, {{id_of("ann"), at(0)}}, by_scan), "1 6");
    EXPECT_EQ(count(hourly, {{id_of("ann"), at(0)}, {id_of("ann"), at(9 * hour + 1800)}}, by_scan), "1 22");
    EXPECT_EQ(count(hourly, {{id_of("ann"), at(0)}, {id_of("bob"), at(hour)}}, by_scan), "2 70");
    EXPECT_EQ(count(hourly, {{id_of("bob"), at(2 * hour + 1)}}, by_scan), "0 0");
    EXPECT_EQ(count(hourly, {}, false), "0 0");
  }
}

TEST_F(ConversionsTest, first_and_last_are_the_persons_own) {
  event("ann", "Charged", start - 100);
  event("ann", "Charged", start + 10);
  event("bob", "Charged", start + 20);
  event("bob", "Charged", start + 90'000);
  const std::vector<HandedTo> both{{id_of("ann"), start}, {id_of("bob"), start}};
  for (const bool by_scan : {false, true}) {
    EXPECT_EQ(count(R"({"event_name":"Charged","filter_type":{"first_time":"yes"}})", both, by_scan), "1 0");
    EXPECT_EQ(count(R"({"event_name":"Charged","filter_type":{"last_time":"yes"}})", both, by_scan), "1 0");
    EXPECT_EQ(count(R"({"event_name":"Charged","filter_type":{}})", both, by_scan), "2 0");
  }
}

TEST(ConversionGoal, names_what_is_wrong) {
  const auto error = [](std::string_view text) {
    const auto goal = ConversionGoal::parse_stored(text);
    return goal ? std::string("good") : goal.error();
  };
  EXPECT_EQ(
      error(R"({"event_name":"e","filter_type":{"event_property":[{"property_name":"p","operator":"like",
      "property_value":1}]}})")
          .find("conversion_goal.filter_type.event_property: "),
      0u);
  EXPECT_EQ(error(R"({"event_name":"e","filter_type":{"event_property":[{"property_name":"p","value":1}]}})"),
            "conversion_goal.filter_type.event_property[0].value is not known");
  EXPECT_EQ(
      error(
          R"({"event_name":"e","filter_type":{"event_property":[{"property_name":"p","operator":"exists"}]}})"),
      "good");
}

TEST(ConversionGoal, revenue_is_what_a_number_or_its_text_says) {
  const auto goal =
      ConversionGoal::parse_stored(R"({"event_name":"e","filter_type":{},"revenue_property":"Amount"})");
  ASSERT_TRUE(goal);
  EXPECT_EQ(goal->revenue(R"({"Amount":12.5})"), 12.5);
  EXPECT_EQ(goal->revenue(R"({"Amount":"7"})"), 7);
  for (const std::string_view none :
       {R"({})", R"({"Amount":null})", R"({"Amount":"much"})", R"({"Amount":[1]})",
        R"({"Amount":"$D_1457432766"})", R"({"Amount":true})"})
    EXPECT_EQ(goal->revenue(none), 0) << none;
  EXPECT_EQ(goal->within(), Seconds{86'400});
}

}  // namespace
}  // namespace belay::audience
