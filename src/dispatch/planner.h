// The planner: finds campaigns that are due, freezes their audiences, settles receipts. Lives on its
// own executor, which may wait for the store. It works in bounded steps, several campaigns in turn, so
// that a large audience delays neither a small one nor the notice of a stop.
#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "audience/planner_scan.h"
#include "audience/zone_sort.h"
#include "dispatch/engine.h"

namespace belay::dispatch {

class Planner {
 public:
  struct Hooks {
    std::function<void(CampaignId)> planned;                      // frozen and running: deliver it
    std::function<void(CampaignId, std::string reason)> give_up;  // can't be planned
    std::function<void(CampaignId)> settled;                      // its receipt is final in the store
    std::function<void(CampaignId, Breach, std::function<void(bool stopped)> done)> guardrail;
    std::function<void()> mismatch;  // a receipt the journal does not bear out
  };

  Planner(const Ports& ports, const EngineOptions& options, Hooks hooks);
  ~Planner();

  // All on the planner's executor.
  void start();  // resumes what a restart interrupted, then watches the schedule
  void wake();   // something may be due
  void settle(CampaignId campaign, StopId stop);
  void drain() { draining_ = true; }

  std::atomic<std::uint32_t> planning{0};  // any thread

 private:
  struct Job {
    Campaign campaign;
    audience::Scan scan;
    bool by_query = false;  // nobody else's people: known after the first step
    std::optional<audience::ZoneSort> zones = std::nullopt;  // who is known: where are they?
  };
  bool sessions();
  void resume();
  void look();
  void fire(const Campaign& series, WallTime now);
  void could_not_fire(CampaignId series, const std::string& why);
  void begin(const Campaign& campaign);
  void add_job(const Campaign& campaign);
  void work();
  bool step(Job& job);  // false: the job is over
  bool found(Job& job, store::AudienceSet people);
  bool step_zones(Job& job);
  bool step_failed(const Job& job, const store::Error& error);
  void freeze(const Campaign& campaign, const store::AudienceSet& audience,
              std::span<const store::Wave> waves = {});
  void freeze_failed(const Campaign& campaign, const store::Error& error);
  void look_again_in(Micros delay);
  void schedule_work();
  bool settle_now(CampaignId campaign, StopId stop);
  void settle_rest(StopId stop);
  void after_a_pause(Task task);

  const Ports& ports_;
  const EngineOptions& options_;
  Hooks hooks_;
  std::unique_ptr<store::ControlSession> control_;
  std::unique_ptr<store::JournalSession> journal_;
  std::unique_ptr<store::ProfileSession> profiles_;
  std::deque<Job> jobs_;
  std::map<CampaignId, std::string> not_fired_;  // series, and why: said when it changes
  bool started_ = false;
  bool resumed_ = false;
  bool working_ = false;
  bool draining_ = false;
  bool paused_ = false;  // the store is in trouble: no planning until the pause is over
  std::vector<Task> after_pause_;
  std::unique_ptr<Executor::Timer> look_timer_, pause_timer_;
};

}  // namespace belay::dispatch
