#include "dispatch/engine.h"

#include "base/log.h"
#include "dispatch/brake.h"
#include "dispatch/planner.h"
#include "dispatch/registry.h"
#include "dispatch/runner.h"
#include "dispatch/sender_loop.h"
#include "dispatch/stop_book.h"
#include "dispatch/trials.h"

namespace belay::dispatch {

using RuleCounts = std::array<std::atomic<std::uint64_t>, rule_names.size()>;

// What a guardrail does is an ordinary stop. Only a failing store makes it ask again.
static auto stopping_guardrail(Engine& engine, RuleCounts& counts) {
  return [&engine, &counts](const Scope& scope, Breach breach, Executor* answer_on,
                            std::function<void(bool)> done) {
    const Rule rule = breach.rule;
    log_warning("guardrail", {{"rule", name_of(rule)},
                              {"campaign", scope.campaign},
                              {"account", scope.account},
                              {"reason", breach.reason}});
    engine.stop({scope, "guardrail", std::move(breach.reason), false},
                [&counts, rule, answer_on, d = std::move(done)](const auto& record) {
                  if (record) ++counts[static_cast<std::size_t>(rule)];
                  const bool stopped = record || record.error().code != StopCode::store;
                  answer_on->post([d, stopped] { d(stopped); });
                });
  };
}

struct Engine::Parts {
  Ports ports;
  EngineOptions options;
  RunRegistry registry;
  Trials trials;
  std::vector<std::unique_ptr<SenderLoop>> loops;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Planner> planner;
  std::unique_ptr<Brake> brake;
  std::atomic<std::uint64_t> mismatches{0};
  std::atomic<bool> started = false;
  RuleCounts guardrail_stops{};

  // Given up, and the store could not say so: asked again until it can. On the brake's executor.
  std::vector<std::pair<CampaignId, std::string>> given_up;
  std::unique_ptr<Executor::Timer> give_up_timer;

  Parts(Ports p, EngineOptions o) : ports(std::move(p)), options(o) {}
  void give_up(Engine& engine, CampaignId id, const std::string& reason);
};

void Engine::Parts::give_up(Engine& engine, CampaignId id, const std::string& reason) {
  Scope scope;
  scope.campaign = id;
  engine.stop({scope, "belay", "can't be delivered: " + reason, false},
              [this, &engine, id, reason](const auto& record) {
                if (record || record.error().code != StopCode::store) return;
                given_up.emplace_back(id, reason);
                if (given_up.size() > 1) return;
                give_up_timer = ports.brake.after(Millis{500}, [this, &engine] {
                  for (const auto& [campaign, why] : std::exchange(given_up, {}))
                    give_up(engine, campaign, why);
                });
              });
}

Engine::Engine(Ports ports, EngineOptions options)
    : parts_(std::make_unique<Parts>(std::move(ports), options)) {
  Parts& p = *parts_;
  std::vector<SenderLoop*> loops;
  for (std::size_t i = 0; i < p.ports.loops.size(); ++i) {
    p.loops.push_back(std::make_unique<SenderLoop>(
        LoopNo{static_cast<std::int32_t>(i)}, p.ports.loops[i], p.ports.clock, p.options,
        [&p](std::shared_ptr<const OutcomeBatch> batch) {
          p.ports.runner.post([&p, b = std::move(batch)]() mutable { p.runner->outcomes(std::move(b)); });
        },
        p.ports.lease));
    loops.push_back(p.loops.back().get());
  }
  // A campaign that can't be delivered is stopped like any other, with the reason in its receipt.
  const auto give_up = [this](CampaignId id, std::string reason) { parts_->give_up(*this, id, reason); };
  const auto guardrail = stopping_guardrail(*this, p.guardrail_stops);
  const auto hold = [this](CampaignId id, std::string reason, std::function<void(bool)> done) {
    pause({AccountId{}, id, "guardrail", std::move(reason)}, [this, d = std::move(done)](const auto& answer) {
      const bool held = answer || answer.error().code != PauseCode::store;
      parts_->ports.runner.post([d, held] { d(held); });
    });
  };
  p.runner = std::make_unique<Runner>(
      p.ports, p.options, loops, p.registry,
      Runner::Hooks{give_up,
                    [&p](CampaignId id, StopId stop) {
                      p.ports.planner.post([&p, id, stop] { p.planner->settle(id, stop); });
                    },
                    [&p, guardrail](const Scope& scope, Breach breach, std::function<void(bool)> done) {
                      guardrail(scope, std::move(breach), &p.ports.runner, std::move(done));
                    },
                    hold});
  p.planner = std::make_unique<Planner>(
      p.ports, p.options,
      Planner::Hooks{[&p](CampaignId id) { p.ports.runner.post([&p, id] { p.runner->take_up(id); }); },
                     give_up,
                     [&p](CampaignId id) { p.ports.runner.post([&p, id] { p.runner->settled(id); }); },
                     [&p, guardrail](CampaignId id, Breach breach, std::function<void(bool)> done) {
                       Scope scope;
                       scope.campaign = id;
                       guardrail(scope, std::move(breach), &p.ports.planner, std::move(done));
                     },
                     [&p] { ++p.mismatches; }});
  p.brake = std::make_unique<Brake>(
      p.ports, loops, p.registry, p.trials,
      Brake::Hooks{[&p](CampaignId id, StopId stop) {
                     p.ports.runner.post([&p, id, stop] { p.runner->stopped(id, stop); });
                   },
                   [&p](CampaignId id) { p.ports.runner.post([&p, id] { p.runner->paused(id); }); },
                   [&p](CampaignId id, Runner::RestDone done) {
                     p.ports.runner.post(
                         [&p, id, d = std::move(done)]() mutable { p.runner->rest(id, std::move(d)); });
                   },
                   [&p](const Campaign& c) {
                     if (!p.started) return;  // the start finds it
                     if (c.state == State::running)
                       p.ports.runner.post([&p, id = c.id] { p.runner->take_up(id); });
                     else
                       p.ports.planner.post([&p] { p.planner->wake(); });
                   }});
}

Engine::~Engine() = default;

void Engine::start() {
  parts_->started = true;
  parts_->ports.planner.post([&p = *parts_] { p.planner->start(); });
}

void Engine::stop(StopRequest request, StopDone done) {
  parts_->ports.brake.post([&p = *parts_, r = std::move(request), d = std::move(done)]() mutable {
    p.brake->stop(std::move(r), std::move(d));
  });
}

// What a stop would find of a run that this server delivers.
static Receipt foreseen(const Campaign& campaign, const OpenRun& run) {
  Receipt r;
  r.campaign = campaign.id;
  r.campaign_name = campaign.definition.name;
  r.found_in = campaign.state;
  r.planned = true;
  r.tally = live_tally(run, true);
  r.span = run.base.span;
  return r;
}

Result<StopRecord, StopError> Engine::preview(const StopRequest& request) const {
  auto book = StopBook::open(parts_->ports.store);
  if (!book) return fail(StopCode::store, book.error().text);
  TRY_ASSIGN(const std::vector<Campaign> found, book->campaigns(request.scope));
  StopRecord record = preview_of(request, parts_->ports.clock.wall());
  for (const Campaign& campaign : found) {
    if (const auto run = parts_->registry.find(campaign.id)) {  // no need to read its journal
      record.receipts.push_back(foreseen(campaign, *run));
      continue;
    }
    auto numbers = book->from_journal(campaign);
    if (!numbers) return fail(StopCode::store, numbers.error().text);
    record.receipts.push_back(std::move(numbers->receipt));
  }
  return record;
}

Trials& Engine::trials() {
  return parts_->trials;
}

void Engine::pause(PauseRequest request, PauseDone done) {
  parts_->ports.brake.post([&p = *parts_, r = std::move(request), d = std::move(done)]() mutable {
    p.brake->pause(std::move(r), std::move(d));
  });
}

void Engine::resume(ResumeRequest request, ResumeDone done) {
  parts_->ports.brake.post([&p = *parts_, r = std::move(request), d = std::move(done)]() mutable {
    p.brake->resume(std::move(r), std::move(d));
  });
}

void Engine::wake() {
  parts_->ports.planner.post([&p = *parts_] { p.planner->wake(); });
}

void Engine::guardrails_changed(AccountId account) {
  parts_->ports.runner.post([&p = *parts_, account] { p.runner->guardrails_changed(account); });
}

std::optional<LiveRun> Engine::live(CampaignId campaign) const {
  const auto run = parts_->registry.find(campaign);
  if (!run) return std::nullopt;
  LiveRun live{live_tally(*run, run->stopped), run->base.span};
  live.per_second = run->meter.per_second(parts_->ports.clock.steady(), live.tally.attempts);
  return live;
}

std::optional<LiveRun> Engine::if_stopped(CampaignId campaign) const {
  const auto run = parts_->registry.find(campaign);
  if (!run) return std::nullopt;
  return LiveRun{live_tally(*run, true), run->base.span};
}

EngineMetrics Engine::metrics() const {
  const Parts& p = *parts_;
  EngineMetrics m;
  for (const auto& run : p.registry.all()) {
    ++m.active_runs;
    m.audience_total += run->base.tally.audience;
    m.accounted_total += run->accounted.load(std::memory_order_relaxed);
    const SteadyTime forward{Micros{run->forward_at.load(std::memory_order_relaxed)}};
    if (!run->stopped && p.ports.clock.steady() - forward > p.options.stalled_after) ++m.stalled_runs;
  }
  m.planning = p.planner->planning;
  m.stops = p.brake->stops;
  m.stop_errors = p.brake->errors;
  for (const auto& bucket : p.brake->latency_buckets) m.stop_latency_buckets.push_back(bucket);
  m.stop_latency_sum = Micros{p.brake->latency_sum.load()};
  m.commits = p.runner->commits;
  m.fenced = p.runner->fenced;
  m.store_errors = p.runner->store_errors;
  for (std::size_t i = 0; i < m.guardrail_stops.size(); ++i) m.guardrail_stops[i] = p.guardrail_stops[i];
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
