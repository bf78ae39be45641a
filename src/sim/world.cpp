#include "sim/world.h"

#include "base/check.h"

namespace belay::sim {
namespace {

constexpr std::uint64_t idle_steps = 40;  // a wait counts as so many steps of a script
constexpr std::uint64_t most_steps = 3'000'000;
constexpr Micros most_time = std::chrono::hours{100 * 24};

Weather sane(Weather w) {
  w.nodes = std::max(w.nodes, 1);
  return w;
}

}  // namespace

World::World(std::uint64_t seed, const Weather& weather, const Prepared& prepared)
    : random(seed),
      provider(random, [this](seen::Event e) { record(std::move(e)); }),
      weather_(sane(weather)),
      prepared_(prepared),
      disk_(prepared.image),
      around_{time_,
              disk_,
              random,
              provider,
              weather.engine,
              [this] { interleave(); },
              [this](seen::Event e) { record(std::move(e)); },
              weather.nodes > 1},
      nodes_(static_cast<std::size_t>(weather_.nodes)) {
  // SQLite has a random number generator of its own, one a program.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed | 1), nullptr);
  sqlite3_randomness(0, nullptr);
  history.people = prepared.people;
  for (seen::Person p = 0; p < prepared.people; ++p) {
    history.zones.push_back(zone_of(p));
    history.persons.push_back(p % prepared.persons);
  }
  history.begins = weather_.begins;
  history.window = weather.engine.window;
  history.max_attempts = weather.engine.max_attempts;
  for (Node& node : nodes_) {
    const auto span = static_cast<std::uint64_t>(2 * weather_.drift_ppm + 1);
    const auto ppm = static_cast<std::int64_t>(random.below(span)) - weather_.drift_ppm;
    node.clock = std::make_unique<NodeClock>(
        time_, weather_.begins, Micros{static_cast<std::int64_t>(random.below(1'000'000'000'000))}, ppm);
  }
}

World::~World() {
  for (Node& node : nodes_)
    if (node.process) node.process->kill();
  nodes_.clear();
}

void World::record(seen::Event event) {
  // What a process does after its death has not happened.
  history.entries.push_back({time_.now, std::move(event)});
  if (std::holds_alternative<seen::HandedOver>(history.entries.back().event)) ++totals.hand_overs;
  if (std::holds_alternative<seen::StopAnswered>(history.entries.back().event)) ++totals.stops;
  if (const auto* owned = std::get_if<seen::Owned>(&history.entries.back().event))
    totals.takeovers += owned->term > 1 ? 1 : 0;
  if (trace) trace(history.entries.back());
}

void World::after_steps(std::uint64_t steps, Task task) {
  by_steps_.emplace(clock_steps_ + steps, std::move(task));
}

void World::after_time(Micros delay, Task task) {
  by_time_.emplace(time_.now + delay, std::move(task));
}

// ---- whose turn it is ----------------------------------------------------------------------------

bool World::run_something() {
  std::array<SimExecutor*, 64> ready;
  std::size_t count = 0;
  for (Node& node : nodes_) {
    if (!runs(node)) continue;
    for (SimExecutor* thread : node.process->threads())
      if (count < ready.size() && thread->can_run()) ready[count++] = thread;
  }
  if (count == 0) return false;
  SimExecutor* chosen = ready[random.below(count)];
  if (weather_.stall_of_10000 > 0 && !healing_ && random.below(10'000) < weather_.stall_of_10000) {
    static constexpr std::int64_t lengths[] = {1'000, 20'000, 200'000, 2'000'000};
    chosen->stall_until(time_.now + Micros{static_cast<std::int64_t>(
                                        random.below(static_cast<std::uint64_t>(lengths[random.below(4)])))});
    return true;
  }
  chosen->run_one();
  return true;
}

void World::interleave() {
  if (depth_ >= 3 || weather_.interleave_of_100 == 0 || random.below(100) >= weather_.interleave_of_100)
    return;
  ++depth_;
  const std::uint64_t turns = random.below(12);
  for (std::uint64_t i = 0; i < turns && run_something(); ++i) time_.now += Micros{random.below(50)};
  --depth_;
}

void World::happen() {
  while (!by_steps_.empty() && by_steps_.begin()->first <= clock_steps_) {
    Task task = std::move(by_steps_.begin()->second);
    by_steps_.erase(by_steps_.begin());
    task();
    reap();
  }
  while (!by_time_.empty() && by_time_.begin()->first <= time_.now) {
    Task task = std::move(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
    task();
    reap();
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].start_at <= time_.now && nodes_[i].paused_until <= time_.now) start(static_cast<int>(i));
}

// Nothing is ready: on to the next moment at which something is.
void World::pass_time() {
  Micros next = Micros::max();
  for (Node& node : nodes_) {
    if (!node.process) {
      next = std::min(next, std::max(node.start_at, node.paused_until));
      continue;
    }
    for (const SimExecutor* thread : node.process->threads())
      next = std::min(next, std::max(thread->next(), node.paused_until));
  }
  if (!by_time_.empty()) next = std::min(next, by_time_.begin()->first);
  if (next == Micros::max()) next = time_.now + Seconds{1};
  time_.now = std::max(time_.now, next);
  clock_steps_ += idle_steps;
}

bool World::step() {
  CHECK(depth_ == 0);
  ++totals.steps;
  ++clock_steps_;
  happen();
  if (!run_something()) pass_time();
  if (random.below(4) == 0) time_.now += Micros{static_cast<std::int64_t>(random.below(40))};
  reap();
  return totals.steps < most_steps && time_.now < most_time;
}

// ---- life and death ------------------------------------------------------------------------------

void World::start(int index) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  node.start_at = Micros::max();
  if (node.process) return;
  const std::string name = fmt::format("belay-sim-{}-{}", index, ++node.lives);
  node.process = std::make_unique<Process>(around_, index, *node.clock, name);
  node.process->port().faults = disk_faults;
  record(seen::Started{index});
  ++depth_;  // nobody else has its turn while it opens
  ++depth_;
  ++depth_;
  const bool up = node.process->start();
  depth_ -= 3;
  if (!up && !node.process->dead()) bury(index, "its store can't be opened");
  reap();
}

void World::bury(int index, const std::string& how) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  totals.disk_faults += node.process->port().injected;
  std::erase_if(asked_, [&](const auto& q) { return q.second == index; });
  node.process.reset();
  record(seen::Died{index, how});
  node.start_at = time_.now + Millis{static_cast<int>(random.below(3000))};
}

void World::reap() {
  if (depth_ > 0) return;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    if (!node.process) continue;
    if (node.process->dead()) {
      ++totals.crashes;
      bury(static_cast<int>(i), "killed");
    } else if (node.process->ended()) {
      bury(static_cast<int>(i),
           node.process->lost_the_store() ? "lost the store" : std::string(seen::ended_in_order));
    }
  }
}

void World::kill(int index) {
  if (auto& process = nodes_[static_cast<std::size_t>(index)].process) process->kill();
}

void World::kill_in_call(int index, std::uint64_t calls) {
  if (auto& process = nodes_[static_cast<std::size_t>(index)].process) process->port().crash_after(calls, {});
}

void World::end_in_order(int index) {
  if (auto& process = nodes_[static_cast<std::size_t>(index)].process) process->end_in_order();
}

void World::lose_power() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    kill(static_cast<int>(i));
    nodes_[i].paused_until = Micros{0};
  }
  reap();
  disk_.lose_power(random);
  ++totals.power_losses;
  record(seen::PowerLost{});
}

void World::pause(int index, Micros length) {
  nodes_[static_cast<std::size_t>(index)].paused_until = time_.now + length;
  record(seen::Paused{index, length});
}

void World::pause_owner(Micros length) {
  if (Process* p = serving()) pause(node_of(p), length);
}

void World::suspend_until(WallTime when) {
  const Micros length = when - weather_.begins - time_.now;
  if (length <= Micros{0}) return;
  time_.now += length;
  record(seen::Paused{0, length});
}

void World::step_clock(int index, Micros by) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  node.clock->step_wall(by);
  node.wall_set += by;
  record(seen::ClockStepped{index, by});
}

void World::fail_call(int index, std::uint64_t calls) {
  auto& process = nodes_[static_cast<std::size_t>(index)].process;
  if (!process) return;
  process->port().faults.fail_after = calls;
  record(seen::DiskTrouble{fmt::format("call {} of node {}", calls, index)});
}

void World::set_disk_faults(const DiskFaults& faults) {
  disk_faults = faults;
  for (Node& node : nodes_)
    if (node.process) node.process->port().faults = faults;
  record(
      seen::DiskTrouble{fmt::format("of 10000 calls: read {} write {} sync {} open {}", faults.read_of_10000,
                                    faults.write_of_10000, faults.sync_of_10000, faults.open_of_10000)});
}

void World::fill_disk(bool full) {
  disk_.full = full;
  record(seen::DiskTrouble{full ? "full" : "has room"});
}

// ---- the whole run -------------------------------------------------------------------------------

void World::run_script() {
  while (!by_steps_.empty() || !by_time_.empty())
    if (!step()) return record(seen::Stuck{"the script does not end"});
}

void World::settle() {
  healing_ = true;
  provider.mood = {};
  disk_faults = {};
  disk_.full = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    node.paused_until = Micros{0};
    if (node.process) node.process->port().faults = {};
    if (node.wall_set != Micros{0}) step_clock(static_cast<int>(i), -node.wall_set);
    if (!node.process && node.start_at == Micros::max()) node.start_at = time_.now;
  }
  record(seen::Healed{});
  release_latches();
  const Micros until = time_.now + std::chrono::hours{2};
  std::uint64_t look = 0;
  while (time_.now < until) {
    if (!step()) break;
    if (++look % 64 == 0 && settled()) return;
  }
  record(seen::Stuck{"campaigns or receipts have not come to their end"});
}

bool World::settled() {
  if (!asked_.empty()) return false;
  Process* p = serving();
  if (p == nullptr) return false;
  release_latches();
  Scope all;
  all.kind = Scope::Kind::all;
  const auto unfinished = p->control().in_scope(all);
  const auto unsettled = p->control().unsettled();
  if (!unfinished || !unsettled) return false;
  if (!again_.empty()) {
    ask_again();
    return false;
  }
  end_paused(*unfinished);
  return unfinished->empty() && unsettled->empty();
}

// Who was told to ask again asks again.
void World::ask_again() {
  for (Task& task : std::exchange(again_, {})) task();
}

// It does not end by itself, or not today.
bool World::waits_for_a_word(const Campaign& c) {
  const bool another_day = c.state == State::scheduled && c.definition.recurrence &&
                           c.due > weather_.begins + time_.now + std::chrono::hours{1};
  const auto& local = c.definition.timing.local;
  const bool another_wave = c.state == State::running && local &&
                            weather_.begins + time_.now < last_anywhere(*local) + std::chrono::hours{48};
  return c.state == State::paused || another_day || another_wave;
}

// When only those are left that wait for somebody's word.
void World::end_paused(const std::vector<Campaign>& unfinished) {
  if (!std::all_of(unfinished.begin(), unfinished.end(),
                   [this](const Campaign& c) { return waits_for_a_word(c); }))
    return;
  for (const Campaign& c : unfinished) {
    // What is said of a series is said of its runs.
    if (std::any_of(unfinished.begin(), unfinished.end(),
                    [&](const Campaign& s) { return s.id == c.series; }))
      continue;
    const seen::CampaignNo no = seen::number_of(c);
    created_[no] = c.id;  // the answer may have been lost
    if (c.state != State::paused || random.below(2) == 0)
      stop(*scope_of(no), no, false);
    else
      pause(no, true);
  }
}

int World::node_of(const Process* process) const {
  const auto at =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& n) { return n.process.get() == process; });
  return static_cast<int>(at - nodes_.begin());
}

Process* World::serving() {
  std::vector<Process*> all;
  for (Node& node : nodes_)
    if (runs(node) && node.process->engine() != nullptr) all.push_back(node.process.get());
  return all.empty() ? nullptr : all[random.below(all.size())];
}

}  // namespace belay::sim
