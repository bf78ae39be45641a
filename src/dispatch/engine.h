// The engine: everything between a stored campaign and its hand-overs, and the brake that stops it.
// One Engine a process. Made and destroyed by main; every method may be called from any thread and
// none blocks: results arrive through callbacks.
//
// Who runs where (each an Executor, passed in):
//   loops    hold the provider connections; never touch the store
//   runner   admits, reads recipients, journals outcomes; waits for the store
//   planner  finds due campaigns, freezes audiences, settles receipts; waits for the store
//   brake    takes stops; its own way to the store
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "campaign/stop.h"
#include "net/link.h"
#include "store/store.h"

namespace belay::net {
class OutboundGuard;
}

namespace belay::dispatch {

class Lease;
class Trials;

struct LoopSeat {
  Executor* executor;
  net::Transport* transport;
};

struct Ports {
  const Clock& clock;
  Random& random;
  store::Store& store;
  std::vector<LoopSeat> loops;
  Executor& runner;
  Executor& planner;
  Executor& brake;
  Executor& courier;                                     // fetches access tokens; waits for the network
  const Lease* lease = nullptr;                          // where several nodes share the store: see lease.h
  std::shared_ptr<const net::OutboundGuard> outbound{};  // where token endpoints may be; null: anywhere
};

struct EngineOptions {
  std::uint32_t window = 8192;        // most recipients of a run that are admitted without an outcome
  std::uint32_t slice_size = 50'000;  // recipients
  std::uint32_t links_per_route = 2;  // connections to one provider, per loop
  std::uint32_t turn_messages = 64;   // most hand-overs of a loop before it listens for questions
  std::uint8_t max_attempts = 5;
  Micros retry_initial = Seconds{1};  // doubles with each attempt, with jitter
  Micros retry_most = Seconds{60};
  Micros answer_within = Seconds{10};   // a provider's answer; then the recipient is in doubt
  Micros stalled_after = Seconds{120};  // without an attempt or an outcome: the run counts as stalled
  Micros flush_patience = Millis{50};   // how long a stop waits for a message that is half in the socket
};

// Why a stop could not be answered with a receipt.
enum class StopCode {
  not_found,  // no such campaign in this account
  store,      // the gates are closed, but the stop is not on disk: ask again
  shutting_down,
};
using StopError = ErrorOf<StopCode>;

struct StopRequest {
  Scope scope;
  std::string actor, reason;
  bool latch = false;
};

using StopDone = std::function<void(Result<StopRecord, StopError>)>;

// Why a campaign could not be paused or resumed.
enum class PauseCode {
  not_found,
  conflict,  // it is over, or expired: the text says what can be done
  latched,
  store,  // a pause: nothing more is being sent, but that is not on disk: ask again
  shutting_down,
};
using PauseError = ErrorOf<PauseCode>;

struct PauseRequest {
  AccountId account;  // none: the operator
  CampaignId campaign;
  std::string actor, reason;
};

struct PauseAnswer {
  Campaign campaign;  // as it is now
  bool planned = false;
  Tally tally;  // who has not left is pending; what is in flight gets its verdict
  HandOverSpan span;
  Micros latency{};
};
using PauseDone = std::function<void(Result<PauseAnswer, PauseError>)>;

struct ResumeRequest {
  AccountId account;
  CampaignId campaign;
  std::string actor;
  store::PastDue past_due = store::PastDue::grace;
};
using ResumeDone = std::function<void(Result<Campaign, PauseError>)>;

// One campaign as it stands this instant.
struct LiveRun {
  Tally tally;
  HandOverSpan span;
  double per_second = 0;  // messages, over the last few seconds
};

// Numbers for /metrics. Sums over the life of this process.
struct EngineMetrics {
  std::uint64_t hand_overs = 0, accepted = 0, failed = 0, skipped = 0, in_doubt = 0, deferred = 0;
  std::uint64_t stops = 0, stop_errors = 0;
  std::uint64_t commits = 0, fenced = 0, store_errors = 0;
  std::array<std::uint64_t, rule_names.size()> guardrail_stops{};  // by Rule
  std::uint64_t settle_mismatches = 0;  // must stay 0: a receipt that the journal does not bear out
  std::vector<std::uint64_t> stop_latency_buckets;  // counts by upper bound, see stop_latency_bounds
  Micros stop_latency_sum{};
  std::uint64_t audience_total = 0,
                accounted_total = 0;  // both sides of the accounting, over the active runs
  std::uint32_t active_runs = 0, planning = 0;
  // Of the active ones: neither an attempt nor an outcome for `stalled_after`.
  std::uint32_t stalled_runs = 0;
  std::vector<std::uint32_t> queued_per_loop, in_flight_per_loop;
};
inline constexpr std::array<std::int64_t, 12> stop_latency_bounds{
    // microseconds
    250, 500, 1'000, 2'000, 3'000, 5'000, 10'000, 25'000, 50'000, 100'000, 1'000'000, 10'000'000};

class Engine {
 public:
  Engine(Ports ports, EngineOptions options);
  // The executors must have been stopped before (no task of the engine may run any more).
  ~Engine();

  // Begins: recovers what a crash left (unanswered admissions become in doubt), goes on with running
  // campaigns, watches the schedule. Stops are taken from construction on; nothing is sent before this.
  void start();

  // The stop. `done` runs on the brake's executor, after the stop is durable and every loop has
  // answered. Repeats give the first receipt again.
  void stop(StopRequest request, StopDone done);
  // What such a stop would do now. Nothing changes; the record has no id. Blocks on the store, on the caller's
  // thread: reading every campaign of a scope takes its time, and no stop may wait behind it.
  Result<StopRecord, StopError> preview(const StopRequest& request) const;
  // Test messages, which a stop takes back.
  Trials& trials();

  // The pause: like a stop of one campaign, and it can be resumed. `done` runs on the brake's executor,
  // after it is durable and every loop has answered: nothing leaves until it is resumed. Of a paused
  // campaign the same again; one that is over is refused.
  void pause(PauseRequest request, PauseDone done);
  // Goes on where it was paused. Waits for what was on the wire at the pause, at most as long as a provider
  // may take to answer. One that is not paused is left as it is.
  void resume(ResumeRequest request, ResumeDone done);

  // A campaign was created or a latch released: look at the schedule now.
  void wake();
  // An account's guardrails, or its reach rules, are others now.
  void guardrails_changed(AccountId account);

  // The run of a campaign that is being delivered; nullopt when it isn't (the store knows the rest).
  std::optional<LiveRun> live(CampaignId campaign) const;
  // The same as it would be if it were stopped this instant: nothing is pending.
  std::optional<LiveRun> if_stopped(CampaignId campaign) const;
  EngineMetrics metrics() const;

  // Ends in good order: no further hand-over; what is on the wire gets its verdict within `patience`;
  // what was admitted and not sent goes back. `done` runs on the runner.
  void drain(Micros patience, Task done);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// A stop without a running server: the same record and receipt, straight in the store. The caller
// holds the data folder's lock. Blocks.
Result<StopRecord, StopError> stop_offline(store::Store& store, const Clock& clock, StopRequest request);
// Likewise; a resumed campaign is taken up at the next start.
Result<PauseAnswer, PauseError> pause_offline(store::Store& store, const Clock& clock, PauseRequest request);
Result<Campaign, PauseError> resume_offline(store::Store& store, const Clock& clock, ResumeRequest request);
Result<StopRecord, StopError> preview_offline(store::Store& store, const Clock& clock, StopRequest request);

}  // namespace belay::dispatch
