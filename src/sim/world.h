// One virtual world: nodes on one disk, a provider, and a seeded choice of whose turn it is. Everything
// that happens goes into the history. The same seed and the same program give the same history.
//
// Threads are interleaved at two kinds of points: between tasks, and (at a chance that differs from run
// to run) where a thread is about to queue for a write. There others run while it waits.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/manual.h"
#include "sim/history.h"
#include "sim/node.h"

namespace belay::sim {

// What can happen in a run. Each run has its own, so that runs differ in what goes wrong at all.
struct Weather {
  int nodes = 1;
  unsigned interleave_of_100 = 0;  // other threads run while one waits for its turn to write
  unsigned stall_of_10000 = 0;     // a thread does not get the processor for a while
  std::int64_t drift_ppm = 0;      // clocks run so much too fast or too slow at most
  WallTime begins = wall_from_micros(1'457'432'766'000'000);
  std::string zone = "UTC";  // of recurring campaigns
  dispatch::EngineOptions engine;
};

// A prepared disk with an account, a provider and people on it. Made once a program.
struct Prepared {
  DiskImage image;
  std::uint32_t people = 0;   // by their devices
  std::uint32_t persons = 0;  // as many as that, or fewer: then some have several devices
  AccountId account;
  ProviderId provider;
};
Prepared prepare_disk(std::uint32_t people, std::uint32_t persons);

struct Totals {
  std::uint64_t steps = 0, stops = 0, crashes = 0, power_losses = 0, hand_overs = 0, disk_faults = 0,
                takeovers = 0;
};

struct NewCampaign {
  Micros due_in{0};
  Seconds grace{3600};
  std::string label;
  std::optional<Recurrence> recurrence;
  Timing timing;
  bool respects_caps = true;
};

// Where people are, by their number: what the profiles of the prepared disk say.
std::string zone_of(seen::Person person);

class World {
 public:
  World(std::uint64_t seed, const Weather& weather, const Prepared& prepared);
  ~World();

  SeededRandom random;
  seen::History history;
  Totals totals;
  Provider provider;
  DiskFaults disk_faults;  // of every process that starts from now on

  // ---- for scripts: what is to happen, after so many steps or so much time ----
  void after_steps(std::uint64_t steps, Task task);
  void after_time(Micros delay, Task task);

  // ---- what people do ----
  void create(const NewCampaign& campaign);
  void set_caps(std::vector<FrequencyCap> caps);
  void continue_campaign();  // one of those that were created: who of it did not get it
  void stop_campaign();      // one of those that were created
  void stop_newest();
  void stop_run();  // of a series, the newest
  void stop(Scope scope, seen::CampaignNo campaign, bool latch);
  void pause_campaign();   // one of those that were created
  void resume_campaign();  // likewise
  void release_latches();
  void read();
  std::size_t created() const { return created_.size(); }

  // ---- what fate does ----
  void start(int node);
  void kill(int node);
  void kill_in_call(int node, std::uint64_t calls);  // at the n-th call that changes the disk
  void end_in_order(int node);
  void lose_power();
  void pause(int node, Micros length);
  void pause_owner(Micros length);
  void suspend_until(WallTime when);  // every machine, as when the lid is closed
  void step_clock(int node, Micros by);
  void fail_call(int node, std::uint64_t calls);  // the n-th call that changes the disk fails
  void set_disk_faults(const DiskFaults& faults);
  void fill_disk(bool full);
  int some_node() { return static_cast<int>(random.below(nodes_.size())); }

  void run_script();  // until everything planned has happened
  void settle();      // nothing breaks any more: until everything has come to its end
  void read_the_end();

  Micros now() const { return time_.now; }
  const Weather& weather() const { return weather_; }
  void record(seen::Event event);
  std::function<void(const seen::Entry&)> trace;

 private:
  struct Node {
    std::unique_ptr<NodeClock> clock;
    std::unique_ptr<Process> process;
    Micros paused_until{0};
    Micros start_at = Micros::max();  // restarts by itself
    Micros wall_set{0};
    int lives = 0;
  };
  bool step();
  bool run_something();
  void pass_time();
  void interleave();
  void happen();
  void reap();
  void bury(int node, const std::string& how);
  // A node with an engine, by chance.
  Process* serving();
  int node_of(const Process* process) const;
  bool settled();
  void answered(int question, int node, Result<StopRecord, dispatch::StopError> record);
  void pause(seen::CampaignNo campaign, bool resume);
  void ask_again();
  void put(const Campaign& campaign, seen::CampaignNo no, seen::CampaignNo continues, Process& at);
  void ask_for_caps();
  void end_paused(const std::vector<Campaign>& unfinished);
  bool waits_for_a_word(const Campaign& campaign);
  std::optional<seen::CampaignNo> some_campaign();
  std::optional<Scope> scope_of(seen::CampaignNo campaign) const;
  bool runs(const Node& node) const {
    return node.process && !node.process->dead() && node.paused_until <= time_.now;
  }

  Weather weather_;
  const Prepared& prepared_;
  TrueTime time_;
  Disk disk_;
  Surroundings around_;
  std::vector<Node> nodes_;
  std::multimap<std::uint64_t, Task> by_steps_;
  std::multimap<Micros, Task> by_time_;
  std::uint64_t clock_steps_ = 0;  // steps, and idle time in their place
  int depth_ = 0;
  bool healing_ = false;
  int campaigns_ = 0, questions_ = 0, open_questions_ = 0;
  std::map<seen::CampaignNo, CampaignId> created_;
  std::vector<seen::CampaignNo> stopped_;  // of these, and it was answered
  std::vector<LatchId> latches_;
  std::optional<std::vector<FrequencyCap>> wanted_caps_;  // not yet set
  std::map<int, int> asked_;  // open question -> node
  std::vector<Task> again_;   // what could not be done and must be asked once more
};

}  // namespace belay::sim
