// The whole engine in one thread: real planner, runner, loops and brake on the real SQLite store, with
// virtual time, a virtual provider, and a seeded choice of whose turn it is. Crashes are exact: what
// was not committed is gone.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/manual.h"
#include "campaign/run_account.h"
#include "dispatch/engine.h"
#include "dispatch/testing_provider.h"
#include "store/sqlite/open.h"

namespace belay::dispatch::testing {

class World {
 public:
  explicit World(std::uint64_t seed, EngineOptions options = small());
  ~World();

  static EngineOptions small() {
    EngineOptions o;
    o.window = 64;
    o.slice_size = 50;
    o.turn_messages = 4;
    o.retry_initial = Millis{100};
    o.answer_within = Seconds{5};
    return o;
  }

  // Profiles p0 .. pn-1, each with one token t0 .. tn-1.
  void people(unsigned n);
  CampaignId campaign(Definition definition = push("hi {{Profile.Name}}"), WallTime due = {});
  // How most tests begin: n people and a server; and a campaign to all of them.
  void start_with(unsigned n) { people(n), start(); }
  CampaignId send_to(unsigned n) { return start_with(n), campaign(); }
  static Definition push(std::string title);

  bool step();  // one task, or one timer's worth of time; false when nothing is left to happen
  void run(std::size_t steps);
  template <class Done>
  bool run_until(Done done, std::size_t most = 200'000) {
    for (std::size_t i = 0; i < most; ++i) {
      if (done()) return true;
      if (!step()) return done();
    }
    return false;
  }
  void run_dry();  // until nothing but the schedule's own look-outs is left

  std::optional<StopRecord> stop(CampaignId id);      // asks and steps until it is answered
  void ask_stop(StopRequest request, StopDone done);  // only asks
  std::optional<PauseAnswer> pause(CampaignId id);    // nothing: refused
  Result<Campaign, PauseError> resume(CampaignId id, store::PastDue past_due = store::PastDue::grace);
  State state(CampaignId id);
  Tally account(CampaignId id);  // folded from the journal
  // What the journal says of the person with token t<n>.
  RunAccount::Recipient person(CampaignId id, unsigned n);
  StopRecord record(StopId id);
  void crash();  // everything in memory is gone
  void start();
  void drain();  // in good order
  std::string folder() const { return folder_.string(); }

  ManualClock clock;
  SeededRandom random;
  VirtualProvider provider;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Engine> engine;
  AccountId account_id;
  ProviderId provider_id;
  std::uint32_t max_per_second = 0;

 private:
  std::vector<ManualExecutor*> all();
  void open();

  EngineOptions options_;
  std::filesystem::path folder_;
  std::unique_ptr<store::ControlSession> control_;
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace belay::dispatch::testing
