// belay-sim: runs the engine under the simulator, seed after seed, and checks the promise.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/json.h"
#include "sim/run.h"

namespace belay::sim {
namespace {

struct Options {
  std::uint64_t seeds = 100, from = 1;
  std::optional<std::uint64_t> seed;
  std::string workload;
  bool trace = false, as_json = false, until_violation = false, quiet = false;
};

struct Sum {
  std::uint64_t seeds = 0, failed = 0;
  Totals totals;
  Micros virtual_time{0};
  std::uint64_t hash = 0;

  void add(const Outcome& o) {
    ++seeds;
    failed += o.violations.empty() ? 0 : 1;
    totals.steps += o.totals.steps;
    totals.stops += o.totals.stops;
    totals.crashes += o.totals.crashes;
    totals.power_losses += o.totals.power_losses;
    totals.hand_overs += o.totals.hand_overs;
    totals.disk_faults += o.totals.disk_faults;
    totals.takeovers += o.totals.takeovers;
    virtual_time += o.virtual_time;
    hash = hash * 0x100000001b3u + o.hash;
  }
  double hours() const { return static_cast<double>(virtual_time.count()) / 3.6e9; }
};

void print(const Sum& s, bool as_json) {
  if (as_json) {
    const json::object line{{"seeds", s.seeds},
                            {"failed", s.failed},
                            {"stops", s.totals.stops},
                            {"crashes", s.totals.crashes},
                            {"power_losses", s.totals.power_losses},
                            {"takeovers", s.totals.takeovers},
                            {"disk_faults", s.totals.disk_faults},
                            {"hand_overs", s.totals.hand_overs},
                            {"steps", s.totals.steps},
                            {"virtual_hours", s.hours()},
                            {"hash", fmt::format("{:016x}", s.hash)}};
    std::cout << to_text(line) << std::endl;
    return;
  }
  std::cout
      << fmt::format(
             "{} seeds: {} stops answered, {} crashes, {} power losses, {} takeovers, {} disk faults, {} "
             "hand-overs, {} steps, {:.1f} virtual hours, history {:016x}: {}",
             s.seeds, s.totals.stops, s.totals.crashes, s.totals.power_losses, s.totals.takeovers,
             s.totals.disk_faults, s.totals.hand_overs, s.totals.steps, s.hours(), s.hash,
             s.failed == 0 ? "the promise held" : fmt::format("{} seeds broke the promise", s.failed))
      << std::endl;
}

void print(const Outcome& o, std::uint64_t seed, const Workload& w) {
  for (const Violation& v : o.violations)
    std::cout << fmt::format("seed {}: line {}: {}\n", seed, v.line, v.what);
  std::cout << fmt::format("replay: belay-sim --seed {} --workload {} --trace", seed, w.name) << std::endl;
}

int run(const Options& options) {
  const Workload* named = options.workload.empty() ? nullptr : workload_named(options.workload);
  if (named == nullptr && !options.workload.empty()) {
    std::cerr << "no workload " << options.workload << "; there are:\n";
    for (const Workload& w : workloads()) std::cerr << fmt::format("  {:10} {}\n", w.name, w.what);
    return 2;
  }
  const std::uint64_t first = options.seed.value_or(options.from);
  const std::uint64_t count = options.seed ? 1 : options.seeds;
  std::function<void(const seen::Entry&)> trace;
  if (options.trace) trace = [](const seen::Entry& e) { std::cout << seen::to_text(e) << "\n"; };
  Simulator simulator;
  Sum sum;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Workload& workload = named != nullptr ? *named : workload_of(seed);
    if (options.until_violation) std::cout << "seed " << seed << std::endl;
    const Outcome outcome = simulator.run(seed, workload, trace);
    sum.add(outcome);
    if (!outcome.violations.empty()) print(outcome, seed, workload);
    if (!outcome.violations.empty() && options.until_violation) break;
    if (!options.quiet && !options.as_json && count > 1 && sum.seeds % 100 == 0)
      std::cout << fmt::format("... {} of {} seeds, {} stops", sum.seeds, count, sum.totals.stops)
                << std::endl;
  }
  print(sum, options.as_json);
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace belay::sim

int main(int argc, char** argv) {
  belay::sim::Options options;
  CLI::App app("Runs Belay's engine in a virtual world, seed after seed, and checks its promise.",
               "belay-sim");
  app.add_option("--seeds", options.seeds, "How many seeds")->capture_default_str();
  app.add_option("--from", options.from, "The first seed")->capture_default_str();
  app.add_option("--seed", options.seed, "One seed alone");
  app.add_option("--workload", options.workload, "One workload; else each seed has its own");
  app.add_flag("--trace", options.trace, "Print the history, and the engine's log");
  app.add_flag("--json", options.as_json, "Print the figures as JSON");
  app.add_flag("--until-violation", options.until_violation, "End at the first seed that breaks the promise");
  app.add_flag("--quiet", options.quiet, "No progress");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(options.trace ? spdlog::level::debug : spdlog::level::off);
  spdlog::set_pattern("             [%l] %v");
  return belay::sim::run(options);
}
