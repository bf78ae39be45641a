#include "app/metrics.h"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace belay::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric sample(MetricType type, double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric m;
  m.label = std::move(labels);
  if (type == MetricType::Counter)
    m.counter.value = value;
  else
    m.gauge.value = value;
  return m;
}

class Families {
 public:
  void counter(std::string name, std::string help, double value) {
    add(MetricType::Counter, std::move(name), std::move(help))
        .metric.push_back(sample(MetricType::Counter, value));
  }
  void gauge(std::string name, std::string help, double value, std::vector<ClientMetric::Label> labels = {}) {
    add(MetricType::Gauge, std::move(name), std::move(help))
        .metric.push_back(sample(MetricType::Gauge, value, std::move(labels)));
  }
  MetricFamily& add(MetricType type, std::string name, std::string help) {
    MetricFamily family;
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = type;
    return families_.emplace_back(std::move(family));
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void add_outcomes(Families& out, const dispatch::EngineMetrics& m) {
  out.counter("belay_hand_overs_total", "Messages whose last byte entered the operating system",
              static_cast<double>(m.hand_overs));
  auto& outcomes = out.add(MetricType::Counter, "belay_outcomes_total",
                           "What became of hand-overs and recipients; deferred ones are tried again");
  const std::pair<const char*, std::uint64_t> rows[] = {{"accepted", m.accepted},
                                                        {"failed", m.failed},
                                                        {"skipped", m.skipped},
                                                        {"in_doubt", m.in_doubt},
                                                        {"deferred", m.deferred}};
  for (const auto& [name, value] : rows)
    outcomes.metric.push_back(sample(MetricType::Counter, static_cast<double>(value), {{"outcome", name}}));
}

void add_stops(Families& out, const dispatch::EngineMetrics& m) {
  out.counter("belay_stops_total", "Stops that were answered with a receipt", static_cast<double>(m.stops));
  out.counter("belay_stop_errors_total", "Stops that could not be made durable",
              static_cast<double>(m.stop_errors));
  auto& by_rule = out.add(MetricType::Counter, "belay_guardrail_stops_total",
                          "Stops that a guardrail asked for, by its rule");
  for (std::size_t i = 0; i < rule_names.size(); ++i)
    by_rule.metric.push_back(sample(MetricType::Counter, static_cast<double>(m.guardrail_stops[i]),
                                    {{"rule", std::string(rule_names[i])}}));
  auto& family = out.add(MetricType::Histogram, "belay_stop_latency_seconds",
                         "From a stop's arrival to its durable answer by every loop");
  ClientMetric metric;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < dispatch::stop_latency_bounds.size(); ++i) {
    if (i < m.stop_latency_buckets.size()) so_far += m.stop_latency_buckets[i];
    metric.histogram.bucket.push_back({so_far, static_cast<double>(dispatch::stop_latency_bounds[i]) / 1e6});
  }
  for (std::size_t i = dispatch::stop_latency_bounds.size(); i < m.stop_latency_buckets.size(); ++i)
    so_far += m.stop_latency_buckets[i];
  metric.histogram.bucket.push_back({so_far, std::numeric_limits<double>::infinity()});
  metric.histogram.sample_count = so_far;
  metric.histogram.sample_sum = static_cast<double>(m.stop_latency_sum.count()) / 1e6;
  family.metric.push_back(std::move(metric));
}

void add_accounting(Families& out, const dispatch::EngineMetrics& m) {
  out.gauge("belay_audience_recipients", "Recipients in the audiences of the active runs",
            static_cast<double>(m.audience_total));
  out.gauge("belay_accounted_recipients", "The same, counted by where each of them is; must be equal",
            static_cast<double>(m.accounted_total));
  out.counter("belay_settle_mismatches_total", "Receipts that the journal does not bear out; must stay 0",
              static_cast<double>(m.settle_mismatches));
  out.gauge("belay_active_runs", "Campaigns being delivered", m.active_runs);
  out.gauge("belay_stalled_runs", "Of these, without an attempt or an outcome for two minutes", m.stalled_runs);
  out.gauge("belay_planning_runs", "Campaigns whose audience is being frozen", m.planning);
  out.counter("belay_journal_commits_total", "Group commits", static_cast<double>(m.commits));
  out.counter("belay_fenced_total", "Admissions refused because a stop came first",
              static_cast<double>(m.fenced));
  out.counter("belay_store_errors_total", "Failed store calls", static_cast<double>(m.store_errors));
}

void add_loops(Families& out, std::string name, std::string help, const std::vector<std::uint32_t>& by_loop) {
  auto& family = out.add(MetricType::Gauge, std::move(name), std::move(help));
  for (std::size_t i = 0; i < by_loop.size(); ++i)
    family.metric.push_back(sample(MetricType::Gauge, by_loop[i], {{"loop", std::to_string(i)}}));
}

void add_engine(Families& out, const dispatch::EngineMetrics& m) {
  add_outcomes(out, m);
  add_stops(out, m);
  add_accounting(out, m);
  add_loops(out, "belay_loop_queued", "Messages admitted and waiting on a sender loop", m.queued_per_loop);
  add_loops(out, "belay_loop_in_flight", "Messages handed over whose verdict is awaited",
            m.in_flight_per_loop);
}

void add_calls(Families& out, const api::CallCounts::Rows& calls) {
  auto& family = out.add(MetricType::Counter, "belay_http_requests_total",
                         "Requests answered; route is the pattern of the route table, none or unreadable");
  for (const auto& [row, count] : calls)
    family.metric.push_back(
        sample(MetricType::Counter, static_cast<double>(count),
               {{"route", std::string(row.first)}, {"status", std::to_string(row.second)}}));
}

void add_notices(Families& out, const notify::Counts& n) {
  auto& family = out.add(MetricType::Counter, "belay_notices_total",
                         "What came of telling subscribers; refused ones are tried again");
  const std::pair<const char*, std::uint64_t> rows[] = {{"delivered", n.delivered},
                                                        {"refused", n.refused},
                                                        {"undelivered", n.undelivered},
                                                        {"in_doubt", n.in_doubt}};
  for (const auto& [name, value] : rows)
    family.metric.push_back(sample(MetricType::Counter, static_cast<double>(value), {{"result", name}}));
}

void add_process(Families& out) {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  out.gauge("process_resident_memory_bytes", "Resident memory",
            resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  out.counter("process_cpu_seconds_total", "CPU time, user and system",
              seconds(used.ru_utime) + seconds(used.ru_stime));
}

}  // namespace

std::string metrics_text(const dispatch::EngineMetrics& m, const api::CallCounts::Rows& calls) {
  Families out;
  add_engine(out, m);
  add_calls(out, calls);
  return out.text();
}

std::string Metrics::text(const api::CallCounts::Rows& calls) const {
  Families out;
  out.gauge("belay_build_info", "The version that runs", 1, {{"version", version_}});
  add_engine(out, engine_.metrics());
  add_calls(out, calls);
  if (notifier_ != nullptr) add_notices(out, notifier_->counts());
  add_process(out);
  out.gauge("process_start_time_seconds", "Start of the process, Unix time",
            static_cast<double>(to_epoch_seconds(started_)));
  return out.text();
}

}  // namespace belay::app
