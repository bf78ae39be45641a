#include "dispatch/engine.h"

#include "dispatch/brake.h"
#include "dispatch/planner.h"
#include "dispatch/registry.h"
#include "dispatch/runner.h"
#include "dispatch/sender_loop.h"

namespace belay::dispatch {

struct Engine::Parts {
  Ports ports;
  EngineOptions options;
  RunRegistry registry;
  std::vector<std::unique_ptr<SenderLoop>> loops;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Planner> planner;
  std::unique_ptr<Brake> brake;
  std::atomic<std::uint64_t> mismatches{0};

  Parts(Ports p, EngineOptions o) : ports(std::move(p)), options(o) {}
};

Engine::Engine(Ports ports, EngineOptions options)
    : parts_(std::make_unique<Parts>(std::move(ports), options)) {
  Parts& p = *parts_;
  std::vector<SenderLoop*> loops;
  for (std::size_t i = 0; i < p.ports.loops.size(); ++i) {
    p.loops.push_back(std::make_unique<SenderLoop>(
        LoopNo{static_cast<std::int32_t>(i)}, p.ports.loops[i], p.ports.clock, p.options,
        [&p](std::shared_ptr<const OutcomeBatch> batch) {
          p.ports.runner.post([&p, b = std::move(batch)]() mutable { p.runner->outcomes(std::move(b)); });
        }));
    loops.push_back(p.loops.back().get());
  }
  // A campaign that can't be delivered is stopped like any other, with the reason in its receipt.
  const auto give_up = [this](CampaignId id, std::string reason) {
    Scope scope;
    scope.campaign = id;
    stop({scope, "belay", "can't be delivered: " + reason, false}, [](auto) {});
  };
  p.runner = std::make_unique<Runner>(
      p.ports, p.options, loops, p.registry,
      Runner::Hooks{give_up, [&p](CampaignId id, StopId stop) {
                      p.ports.planner.post([&p, id, stop] { p.planner->settle(id, stop); });
                    }});
  p.planner = std::make_unique<Planner>(
      p.ports, p.options,
      Planner::Hooks{[&p](CampaignId id) { p.ports.runner.post([&p, id] { p.runner->take_up(id); }); },
                     give_up,
                     [&p](CampaignId id) { p.ports.runner.post([&p, id] { p.runner->settled(id); }); },
                     [&p] { ++p.mismatches; }});
  p.brake =
      std::make_unique<Brake>(p.ports, loops, p.registry, Brake::Hooks{[&p](CampaignId id, StopId stop) {
                                p.ports.runner.post([&p, id, stop] { p.runner->stopped(id, stop); });
                              }});
}

Engine::~Engine() = default;

void Engine::start() {
  parts_->ports.planner.post([&p = *parts_] { p.planner->start(); });
}

void Engine::stop(StopRequest request, StopDone done) {
  parts_->ports.brake.post([&p = *parts_, r = std::move(request), d = std::move(done)]() mutable {
    p.brake->stop(std::move(r), std::move(d));
  });
}

void Engine::preview(StopRequest request, StopDone done) {
  parts_->ports.brake.post([&p = *parts_, r = std::move(request), d = std::move(done)]() mutable {
    p.brake->preview(std::move(r), std::move(d));
  });
}

void Engine::wake() {
  parts_->ports.planner.post([&p = *parts_] { p.planner->wake(); });
}

std::optional<LiveRun> Engine::live(CampaignId campaign) const {
  const auto run = parts_->registry.find(campaign);
  if (!run) return std::nullopt;
  return LiveRun{live_tally(*run, run->stopped), run->base.span};
}

EngineMetrics Engine::metrics() const {
  const Parts& p = *parts_;
  EngineMetrics m;
  for (const auto& run : p.registry.all()) {
    ++m.active_runs;
    m.audience_total += run->base.tally.audience;
    m.accounted_total += run->accounted.load(std::memory_order_relaxed);
  }
  m.planning = p.planner->planning;
  m.stops = p.brake->stops;
  m.stop_errors = p.brake->errors;
  for (const auto& bucket : p.brake->latency_buckets) m.stop_latency_buckets.push_back(bucket);
  m.stop_latency_sum = Micros{p.brake->latency_sum.load()};
  m.commits = p.runner->commits;
  m.fenced = p.runner->fenced;
  m.store_errors = p.runner->store_errors;
  m.settle_mismatches = p.mismatches;
  for (const auto& loop : p.loops) {
    m.queued_per_loop.push_back(loop->queued());
    m.in_flight_per_loop.push_back(loop->in_flight());
    const LoopTotals totals = loop->totals();
    m.hand_overs += totals.hand_overs;
    m.accepted += totals.accepted;
    m.failed += totals.failed;
    m.skipped += totals.skipped;
    m.in_doubt += totals.in_doubt;
    m.deferred += totals.deferred;
  }
  return m;
}

void Engine::drain(Micros patience, Task done) {
  Parts& p = *parts_;
  p.ports.planner.post([&p] { p.planner->drain(); });
  p.ports.runner.post(
      [&p, patience, d = std::move(done)]() mutable { p.runner->drain(patience, std::move(d)); });
}

}  // namespace belay::dispatch
