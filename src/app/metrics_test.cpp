#include "app/metrics.h"

#include <gtest/gtest.h>

namespace belay::app {
namespace {

bool has_line(const std::string& text, std::string_view line) {
  return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

TEST(Metrics, show_both_sides_of_the_accounting_and_every_outcome) {
  dispatch::EngineMetrics m;
  m.hand_overs = 12;
  m.accepted = 7;
  m.in_doubt = 1;
  m.audience_total = 100;
  m.accounted_total = 99;
  m.queued_per_loop = {3, 4};
  const std::string text = metrics_text(m);
  EXPECT_TRUE(has_line(text, "belay_hand_overs_total 12")) << text;
  EXPECT_TRUE(has_line(text, "belay_outcomes_total{outcome=\"accepted\"} 7"));
  EXPECT_TRUE(has_line(text, "belay_outcomes_total{outcome=\"in_doubt\"} 1"));
  EXPECT_TRUE(has_line(text, "belay_audience_recipients 100"));
  EXPECT_TRUE(has_line(text, "belay_accounted_recipients 99"));
  EXPECT_TRUE(has_line(text, "belay_loop_queued{loop=\"1\"} 4"));
}

TEST(Metrics, the_stop_latency_histogram_is_cumulative) {
  dispatch::EngineMetrics m;
  m.stop_latency_buckets.assign(dispatch::stop_latency_bounds.size(), 0);
  m.stop_latency_buckets[0] = 2;
  m.stop_latency_buckets[3] = 5;
  m.stop_latency_sum = Millis{9};
  const std::string text = metrics_text(m);
  EXPECT_TRUE(has_line(text, "belay_stop_latency_seconds_bucket{le=\"0.00025\"} 2")) << text;
  EXPECT_TRUE(has_line(text, "belay_stop_latency_seconds_bucket{le=\"0.002\"} 7"));
  EXPECT_TRUE(has_line(text, "belay_stop_latency_seconds_bucket{le=\"+Inf\"} 7"));
  EXPECT_TRUE(has_line(text, "belay_stop_latency_seconds_count 7"));
}

TEST(Metrics, count_requests_by_route_and_status) {
  const std::string text =
      metrics_text({}, {{{"/1/upload", 200}, 3}, {{api::CallCounts::no_request, 400}, 2}});
  EXPECT_TRUE(has_line(text, "belay_http_requests_total{route=\"/1/upload\",status=\"200\"} 3")) << text;
  EXPECT_TRUE(has_line(text, "belay_http_requests_total{route=\"unreadable\",status=\"400\"} 2"));
}

}  // namespace
}  // namespace belay::app
