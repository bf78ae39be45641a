// A sender loop: one thread's worth of hand-overs. It owns its provider connections, takes batches
// from the runner, hands their messages over, reports outcomes, and answers the brake's question.
// Everything runs on its executor; nothing here blocks, locks or touches a disk.
//
// The gate: a campaign is closed on this loop from the moment the question is heard, for its epoch and all
// before it; a stopped one gets no other, a resumed one does. Since
// a loop does one thing at a time, one look before each hand-over is enough, and a batch that comes
// later finds the gate closed.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/executor.h"
#include "dispatch/lease.h"
#include "dispatch/parcel.h"
#include "dispatch/route.h"

namespace belay::dispatch {

// What a loop has done since the process started, over all runs.
struct LoopTotals {
  std::uint64_t hand_overs = 0, accepted = 0, failed = 0, skipped = 0, in_doubt = 0, deferred = 0;
};

class SenderLoop final : private RouteOwner {
 public:
  using OutcomeSink = std::function<void(std::shared_ptr<const OutcomeBatch>)>;  // any thread
  using AnswerSink = std::function<void(std::vector<LoopAnswer>)>;

  SenderLoop(LoopNo no, const LoopSeat& seat, const Clock& clock, const EngineOptions& options,
             OutcomeSink sink, const Lease* lease = nullptr);
  ~SenderLoop() override;

  Executor& executor() { return executor_; }

  // From here on: only on the executor.
  void deliver(Batch batch);
  // The runner has made that batch of outcomes durable.
  void acknowledged(CampaignId campaign, std::uint64_t seq);
  // The question. `answer` is called once, here, when not one more message of these campaigns can
  // leave this loop.
  void ask_to_stop(const std::vector<GateOrder>& campaigns, AnswerSink answer);
  // Calls back, here, once no message of the (closed) campaign is unfinished on this loop and its
  // outcomes have gone to the sink.
  void when_quiet(CampaignId campaign, Task task);
  // No batch of the campaign will come any more and everything is durable: drop what is kept of it.
  void forget(CampaignId campaign, Epoch epoch);
  // Gives back what has not left, waits for what has; then `done`.
  void drain(Micros patience, Task done);

  std::uint32_t queued() const { return queued_live_.load(std::memory_order_relaxed); }        // any thread
  std::uint32_t in_flight() const { return in_flight_live_.load(std::memory_order_relaxed); }  // any thread
  LoopTotals totals() const;                                                                   // any thread

 private:
  struct Held;       // a batch and how much of it is still needed
  struct LocalRun;   // a campaign on this loop
  struct Wire;       // a message between submit and its final event
  struct RouteSeat;  // a route and the runs that use it
  struct Question;

  LocalRun& local(const std::shared_ptr<const OpenRun>& run);
  RouteSeat& seat_of(const OpenRun& run);
  void schedule(RouteSeat& seat);
  void pump(RouteSeat& seat);
  bool lapsed();
  void watch_lease();
  bool send_next(RouteSeat& seat, LocalRun& run);
  bool submit(RouteSeat& seat, LocalRun& run, net::Link& link, Held* held, std::size_t index);
  bool authorize(RouteSeat& seat, const OpenRun& run);
  void skip(LocalRun& run, const Parcel& parcel, Reason reason);
  void too_late(LocalRun& run, const Parcel& parcel);
  void let_go(LocalRun& run, Held* held);

  void handed_over(net::Token token) override;
  void answered(net::Token token, const net::Answer& answer) override;
  void lost(net::Token token, net::LinkError error) override;
  void unsent(net::Token token, net::LinkError error) override;
  bool may_write() const override;

  Wire& wire(net::Token token);
  net::Token take_wire();
  void free_wire(net::Token token);
  void defer(Wire& w, Reason reason, std::optional<Micros> retry_after);
  void settle(Wire& w, const channel::Verdict& verdict);
  void record(LocalRun& run, JournalEntry entry);
  void ship(LocalRun& run);
  void ship_all();
  void close_gate(const GateOrder& order);
  void drop(LocalRun& run, const Parcel& parcel);
  void give_back(LocalRun& run);
  void look_at_cut_off(LocalRun& run);
  void half_done(LocalRun& run);
  LoopAnswer answer_for(CampaignId campaign);
  void answer_if_ready(Question& question);
  void check_drained();
  void check_quiet(LocalRun& run);
  void publish();

  LoopNo no_;
  Executor& executor_;
  net::Transport& transport_;
  const Clock& clock_;
  const EngineOptions options_;
  OutcomeSink sink_;
  const Lease* lease_;
  std::unordered_map<CampaignId, std::unique_ptr<LocalRun>> runs_;
  std::unordered_map<CampaignId, Epoch> closed_;  // gates, up to that epoch; an entry leaves only by forget()
  std::unordered_map<ProviderId, std::unique_ptr<RouteSeat>> routes_;
  std::vector<Wire> wires_;
  std::vector<std::uint32_t> free_wires_;
  std::vector<std::unique_ptr<Question>> questions_;
  std::vector<net::HeaderView> headers_;  // scratch
  std::unique_ptr<Executor::Timer> ship_timer_, drain_timer_, lease_timer_;
  bool draining_ = false;
  Task drained_;
  std::uint32_t queued_ = 0, on_wire_ = 0, unfinished_ = 0;
  std::atomic<std::uint32_t> queued_live_{0}, in_flight_live_{0};
  std::atomic<std::uint64_t> hand_overs_{0};
  std::array<std::atomic<std::uint64_t>, 8> by_entry_{};
};

}  // namespace belay::dispatch
