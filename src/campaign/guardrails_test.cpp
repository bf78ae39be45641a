#include "campaign/guardrails.h"

#include <gtest/gtest.h>

#include "campaign/guardrails_json.h"

namespace belay {
namespace {

JournalEntry final_entry(Entry e) {
  return {0, e, Reason::none, 1, true};
}

Guardrails errors_above(double percent, std::uint32_t sample) {
  Guardrails g;
  g.error_rate = {percent, sample};
  return g;
}

Result<Guardrails, std::string> parsed(std::string_view text, GuardrailsOf whose = GuardrailsOf::campaign) {
  return parse_guardrails(*parse_json(text), whose, *TimeZone::named("Asia/Kolkata"));
}

TEST(GuardrailWatch, judges_nothing_below_the_sample) {
  GuardrailWatch w(errors_above(10, 100));
  for (int i = 0; i < 99; ++i) w.count(final_entry(Entry::failed));
  EXPECT_FALSE(w.judge());
  w.count(final_entry(Entry::failed));
  ASSERT_TRUE(w.judge());
  EXPECT_EQ(w.judge()->rule, Rule::error_rate);
  EXPECT_EQ(w.judge()->reason, "error rate 100.0 % over all 100 is above 10 %");
}

TEST(GuardrailWatch, a_rate_at_the_limit_is_allowed) {
  GuardrailWatch w(errors_above(10, 100));
  for (int i = 0; i < 90; ++i) w.count(final_entry(Entry::accepted));
  for (int i = 0; i < 10; ++i) w.count(final_entry(Entry::failed));
  EXPECT_FALSE(w.judge());
  w.count(final_entry(Entry::failed));
  EXPECT_TRUE(w.judge());
}

TEST(GuardrailWatch, sees_trouble_that_begins_late_in_a_long_run) {
  GuardrailWatch w(errors_above(10, 100));
  for (int i = 0; i < 1'000'000; ++i) w.count(final_entry(Entry::accepted));
  for (int i = 0; i < 100; ++i) w.count(final_entry(Entry::failed));
  EXPECT_FALSE(w.judge());
  w.count(final_entry(Entry::failed));
  ASSERT_TRUE(w.judge());
  EXPECT_EQ(w.judge()->reason, "error rate 10.1 % over the last 1,000 is above 10 %");
}

TEST(GuardrailWatch, skipped_and_deferred_are_no_verdicts) {
  GuardrailWatch w(errors_above(10, 10));
  for (int i = 0; i < 100; ++i) {
    w.count(final_entry(Entry::skipped));
    w.count(final_entry(Entry::deferred));
  }
  for (int i = 0; i < 9; ++i) w.count(final_entry(Entry::failed));
  EXPECT_FALSE(w.judge());
}

TEST(GuardrailWatch, counts_doubt_apart_from_errors) {
  Guardrails g = errors_above(10, 10);
  g.in_doubt_rate = {20, 10};
  GuardrailWatch w(g);
  for (int i = 0; i < 7; ++i) w.count(final_entry(Entry::accepted));
  for (int i = 0; i < 3; ++i) w.count(final_entry(Entry::in_doubt));
  ASSERT_TRUE(w.judge());
  EXPECT_EQ(w.judge()->rule, Rule::in_doubt_rate);
}

TEST(GuardrailWatch, verdicts_from_before_a_restart_count_and_can_be_forgotten) {
  GuardrailWatch w(errors_above(10, 100));
  w.begin_with(80, 20);
  EXPECT_TRUE(w.judge());
  w.forget_verdicts();
  EXPECT_FALSE(w.judge());
}

// Whatever the steps: never more than the limit within any 60 seconds, and all of it.
TEST(GuardrailWatch, lets_through_exactly_so_many_a_minute) {
  Guardrails g;
  g.max_hand_overs_per_minute = 100;
  GuardrailWatch w(g);
  std::vector<std::pair<std::int64_t, std::uint32_t>> taken;
  SteadyTime now{Seconds{1000}};
  for (int i = 0; i < 2000; ++i) {
    now += Millis{(i * 37) % 700};
    taken.emplace_back(now.time_since_epoch().count(), w.take(static_cast<std::uint32_t>(i % 5), now));
  }
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    std::uint64_t minute = 0;
    for (std::size_t k = i; k < taken.size() && taken[k].first - taken[i].first < 59'000'000; ++k)
      minute += taken[k].second;
    EXPECT_LE(minute, 100u);
    all += taken[i].second;
  }
  EXPECT_GE(all, 1000u);
}

TEST(Ramp, doubles_and_ends) {
  const Ramp r{10, Seconds{30}};
  EXPECT_EQ(r.per_second(Seconds{0}), 10u);
  EXPECT_EQ(r.per_second(Seconds{29}), 10u);
  EXPECT_EQ(r.per_second(Seconds{30}), 20u);
  EXPECT_EQ(r.per_second(Seconds{90}), 80u);
  EXPECT_EQ(r.per_second(Seconds{30 * 17}), 0u);
  EXPECT_EQ(r.per_second(Seconds{30 * 1000}), 0u);
}

TEST(GuardrailsJson, reads_everything_and_writes_it_back) {
  const std::string text =
      R"({"error_rate":{"percent":2.5,"min_sample":1000},"in_doubt_rate":{"percent":1,"min_sample":50},)"
      R"("max_hand_overs_per_minute":6,"expect_audience_max":5,"canary":100,)"
      R"("ramp":{"start_per_second":10,"double_every":60},"cut_off":"20300131 20:00",)"
      R"("max_per_run":7,"max_per_day":8,"max_total":9})";
  const auto g = parsed(text);
  ASSERT_TRUE(g) << g.error();
  EXPECT_EQ(g->error_rate, (RateRule{2.5, 1000}));
  EXPECT_EQ(g->canary, 100u);
  EXPECT_EQ(g->ramp, (Ramp{10, Seconds{60}}));
  EXPECT_EQ(to_epoch_seconds(*g->cut_off), 1896100200);  // 14:30 UTC
  const auto again = parsed(to_text(to_json(*g)));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *g);
  EXPECT_TRUE(parsed("{}")->empty());
}

TEST(GuardrailsJson, refuses_by_name) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"([])", "object"},
      {R"({"canari":1})", "canari"},
      {R"({"canary":0})", "canary"},
      {R"({"canary":-1})", "canary"},
      {R"({"canary":"5"})", "canary"},
      {R"({"max_total":1.5})", "max_total"},
      {R"({"error_rate":10})", "error_rate"},
      {R"({"error_rate":{"percent":10}})", "min_sample"},
      {R"({"error_rate":{"percent":0,"min_sample":5}})", "percent"},
      {R"({"error_rate":{"percent":100,"min_sample":5}})", "percent"},
      {R"({"error_rate":{"percent":5,"min_sample":5,"x":1}})", "\"x\""},
      {R"({"ramp":{"start_per_second":0,"double_every":1}})", "start_per_second"},
      {R"({"cut_off":"tomorrow"})", "cut_off"},
      {R"({"cut_off":true})", "cut_off"},
  };
  for (const auto& [text, word] : cases) {
    const auto g = parsed(text);
    ASSERT_FALSE(g) << text;
    EXPECT_NE(g.error().find(word), std::string::npos) << g.error();
  }
  EXPECT_TRUE(parsed(R"({"max_per_day":5})", GuardrailsOf::account));
  EXPECT_FALSE(parsed(R"({"canary":5})", GuardrailsOf::account));
}

}  // namespace
}  // namespace belay
