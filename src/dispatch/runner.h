// The runner: admits recipients, reads them, sends them to the loops, journals what became of them.
// Lives on its own executor, which may wait for the store. One turn is one group commit: the outcomes
// that have come in and the admissions that come next, for all runs, in one transaction.
//
// What bounds it: per run at most `window` recipients are admitted without an outcome, so that is all
// a crash can leave in doubt; who waits for a retry is bounded by not admitting anybody new.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dispatch/active_run.h"
#include "dispatch/engine.h"
#include "dispatch/pacing.h"
#include "dispatch/recover.h"
#include "dispatch/registry.h"
#include "dispatch/sender_loop.h"

namespace belay::dispatch {

class Runner {
 public:
  struct Hooks {
    // The run can't be delivered at all (no such provider, unreadable key): stop it, and say why.
    std::function<void(CampaignId, std::string reason)> give_up;
    // Every verdict of the stopped run is durable: its receipt can be settled.
    std::function<void(CampaignId, StopId)> settle;
    // A guardrail has had enough: stop that scope. `done` runs on the runner; false: the store failed, ask
    // again.
    std::function<void(const Scope&, Breach, std::function<void(bool)> done)> guardrail;
    // A canary is out: pause it. Likewise.
    std::function<void(CampaignId, std::string reason, std::function<void(bool)> done)> hold;
  };

  Runner(const Ports& ports, const EngineOptions& options, std::vector<SenderLoop*> loops,
         RunRegistry& registry, Hooks hooks);
  ~Runner();

  // All on the runner's executor.
  void take_up(CampaignId campaign);  // in state running, after planning or a restart
  void outcomes(std::shared_ptr<const OutcomeBatch> batch);
  void stopped(CampaignId campaign, StopId stop);
  void settled(CampaignId campaign);  // its numbers are in the store: forget it
  void paused(CampaignId campaign);
  // Of a paused campaign, what its resumption has to write down: known once everything that was on the
  // wire has its verdict in the journal. `done` runs on the runner.
  using RestDone = std::function<void(store::Result<PausedRest>)>;
  void rest(CampaignId campaign, RestDone done);
  void guardrails_changed(AccountId account);
  void drain(Micros patience, Task done);

  std::atomic<std::uint64_t> commits{0}, fenced{0}, store_errors{0};  // any thread

 private:
  struct Plan;  // what one turn wants to commit
  bool sessions();
  store::Result<std::shared_ptr<OpenRun>> open(const Campaign& campaign, const store::Run& run);
  store::Result<void> begin(const Campaign& campaign, const store::Run& run);
  std::shared_ptr<channel::AccessTokens> tokens_for(const store::Provider& provider, std::string& why_not);
  void schedule();
  void take_up_later(CampaignId id);
  void turn();
  std::uint32_t allowance(ActiveRun& run);
  void publish(ActiveRun& run);
  void chart(ActiveRun& run, store::GroupCommit& group);
  bool has_work(ActiveRun& run);
  void plan_run(ActiveRun& run, Plan& plan);
  void plan_new(ActiveRun& run, std::uint32_t most, Plan& plan);
  void plan_retries(ActiveRun& run, std::uint32_t& most, Plan& plan);
  // runner_waves.cpp
  void plan_left_out(ActiveRun& run, Plan& plan);
  std::vector<Granted> may_leave_again(ActiveRun& run, std::vector<Granted> due, Plan& plan);
  void leave_out(ActiveRun& run, std::uint32_t count, Reason reason);
  void end_waiting(ActiveRun& run, const std::vector<Granted>& who, const std::vector<JournalEntry>& how);
  bool leaves_out(ActiveRun& run);
  bool on_time(ActiveRun& run);
  SteadyTime next_departure(ActiveRun& run, SteadyTime now);
  bool commit(Plan& plan);
  bool resync();
  void undo(Plan& plan);
  void apply(Plan& plan, const store::GroupResult& result);
  void grant(ActiveRun& run, Ordinal from, Ordinal to);
  void absorb(const OutcomeBatch& batch);
  void mark_dead(const std::vector<std::shared_ptr<const OutcomeBatch>>& batches);
  store::Result<void> read_granted(const OpenRun& run, std::span<const RecipientId> ids,
                                   const std::function<void(const store::RecipientRow&)>& visit);
  void hand_to_loops(ActiveRun& run);
  void send(ActiveRun& run, Batch batch);
  bool finish_if_done(ActiveRun& run);
  void wait_for_more();
  void close_books();
  void await_quiet(ActiveRun& run);
  Pace& pace_of(const OpenRun& run);

  // runner_guard.cpp
  store::Result<void> guard(ActiveRun& run, const Campaign& campaign, const Recovered& past);
  store::Result<AccountGuard*> account_guard(AccountId id);
  store::Result<void> read_rules(AccountId id, AccountGuard& account);
  bool counts_days(const ActiveRun& run) const;
  std::uint32_t recipients_left(const ActiveRun& run) const;
  std::uint32_t messages_left(const ActiveRun& run) const;
  std::uint32_t let_through(ActiveRun& run, std::uint32_t wanted, SteadyTime now);
  void charge(ActiveRun& run, std::uint32_t let, std::uint32_t used, std::uint32_t fresh);
  void uncharge(ActiveRun& run, std::uint32_t used, std::uint32_t fresh);
  void roll_days();
  SteadyTime next_look(const ActiveRun& run, SteadyTime now) const;
  bool ramping(const ActiveRun& run, SteadyTime now) const;
  void look_after(ActiveRun& run);
  std::optional<Breach> breach_of(const ActiveRun& run) const;
  void breach(ActiveRun& run, Breach breach);
  void breach_account(AccountId id, Breach breach);
  void hold(ActiveRun& run);

  // runner_reach.cpp
  Reason left_out(ActiveRun& run, const Granted& who, const store::RecipientRow& row);
  bool in_control_group(const ActiveRun& run, const store::RecipientRow& row) const;
  bool within_caps(ActiveRun& run, FrequencyBook& book, Ordinal ordinal, ProfileId person);
  void settle_counts(ActiveRun& run, const std::vector<JournalEntry>& entries);
  void uncount_held(ActiveRun& run);
  void uncount(const ActiveRun& run, ProfileId person, const RunReach::Message& message);
  void keep_book(AccountId id, AccountGuard& account);
  bool at_the_loops(AccountId id) const;
  void count_past(AccountId id);
  void count_what_waited();
  void roll_books();

  const Ports& ports_;
  const EngineOptions& options_;
  std::vector<SenderLoop*> loops_;
  RunRegistry& registry_;
  Hooks hooks_;
  std::unique_ptr<store::ControlSession> control_;
  std::unique_ptr<store::JournalSession> journal_;
  std::unique_ptr<store::ProfileSession> profiles_;
  std::unordered_map<CampaignId, std::unique_ptr<ActiveRun>> runs_;
  std::unordered_map<AccountId, std::unique_ptr<AccountGuard>> accounts_;
  std::unordered_map<ProviderId, Pace> paces_;
  std::unordered_map<ProviderId, std::shared_ptr<channel::AccessTokens>> tokens_;
  std::vector<std::shared_ptr<const OutcomeBatch>> inbox_;
  std::unordered_map<CampaignId, std::vector<RestDone>> awaiting_rest_;
  std::vector<store::Block> extra_blocks_;  // entries that come from no loop
  bool scheduled_ = false;
  std::vector<CampaignId> later_;  // to be taken up when the store is well again
  std::unique_ptr<Executor::Timer> later_timer_;
  bool unsure_ = false;  // a commit failed: it may have happened all the same
  std::unique_ptr<Executor::Timer> timer_;
  SteadyTime timer_at_ = SteadyTime::max();
  SteadyTime store_not_before_{};
  bool draining_ = false;
  std::size_t draining_loops_ = 0;
  Task drained_;
};

}  // namespace belay::dispatch
