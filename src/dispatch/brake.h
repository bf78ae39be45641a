// The brake: takes a stop from question to durable answer. Lives on its own executor with its own
// sessions; nothing else runs there, so nothing else can delay it.
//
//   1. find the campaigns of the scope that could still send
//   2. ask every loop: each closes its gates, takes back what has not left, answers with its counts
//   3. write it down: stop, states, epochs, what the loops know and the journal may not, the latch
//   4. answer; the rest (settling) happens behind the answer
//
// A stop that can't be written down still has closed the gates: nothing leaves, the caller is told to
// ask again, and nothing has been promised.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "dispatch/engine.h"
#include "dispatch/registry.h"
#include "dispatch/sender_loop.h"
#include "dispatch/stop_book.h"

namespace belay::dispatch {

class Trials;

class Brake {
 public:
  struct Hooks {
    std::function<void(CampaignId, StopId)> stopped;  // durable: let the runner wind it up and settle
    std::function<void(CampaignId)> paused;           // likewise; there is nothing to settle
    // What a resumption has to write down, once the paused run has been wound up.
    std::function<void(CampaignId, std::function<void(store::Result<PausedRest>)>)> rest;
    std::function<void(const Campaign&)> resumed;  // durable: running, or due to be planned
  };

  Brake(const Ports& ports, std::vector<SenderLoop*> loops, RunRegistry& registry, Trials& trials, Hooks hooks);
  ~Brake();

  // On the brake's executor.
  void stop(StopRequest request, StopDone done);
  void pause(PauseRequest request, PauseDone done);
  void resume(ResumeRequest request, ResumeDone done);

  std::atomic<std::uint64_t> stops{0}, pauses{0}, errors{0};  // any thread
  std::array<std::atomic<std::uint64_t>, stop_latency_bounds.size() + 1> latency_buckets{};
  std::atomic<std::int64_t> latency_sum{0};

 private:
  struct Case;
  struct Resumption;
  using CasePtr = std::shared_ptr<Case>;
  bool book();
  void begin(const CasePtr& c);
  void begin_on_final(const CasePtr& c);
  void ask(const CasePtr& c, const std::vector<GateOrder>& campaigns);
  void answered(const CasePtr& c);
  Result<store::StopEvidence, StopError> evidence(const CasePtr& c, const Campaign& campaign);
  bool still_to_stop(const CasePtr& c);
  void write(const CasePtr& c);
  void write_pause(const CasePtr& c);
  void go_on(const std::shared_ptr<Resumption>& r, const store::Result<PausedRest>& rest);
  void resume_runs(const std::shared_ptr<Resumption>& r);
  void look_at_paused(const std::shared_ptr<Resumption>& r);
  void succeed(const CasePtr& c, StopRecord record);
  void give_up(const CasePtr& c, StopError error);
  void give_up(const CasePtr& c, PauseError error);
  void close_from_memory(const CasePtr& c, const std::string& why);

  const Ports& ports_;
  std::vector<SenderLoop*> loops_;
  RunRegistry& registry_;
  Trials& trials_;
  Hooks hooks_;
  std::optional<StopBook> book_;
};

}  // namespace belay::dispatch
