// The runner and the schedule's finer rules: whom it lets wait, and whom it leaves out.
#include "base/log.h"
#include "dispatch/runner_plan.h"

namespace belay::dispatch {
namespace {

// Entries of a turn and run: a block of about 32 KB.
constexpr std::uint32_t turn_left_out = 8192;
// Whatever waits for a time of day is looked at this often, because the wall clock may be set.
constexpr Micros look_at_least_every = Seconds{1};

}  // namespace

// Moves cursors past whom nothing leaves for any more, their entries in the same commit.
void Runner::plan_left_out(ActiveRun& run, Plan& plan) {
  if (!leaves_out(run)) return;
  std::uint32_t most = turn_left_out;
  for (std::size_t s = run.slice; s < run.slices.size() && most > 0; ++s) {
    const store::Slice& slice = run.slices[s];
    const Leave& leave = run.departures.of_slice(s, plan.group.at);
    const std::uint32_t count = std::min(most, slice.end - slice.cursor);
    if (count == 0 || leave.now != Leave::Now::left_out) continue;
    std::vector<JournalEntry> entries;
    entries.reserve(count);
    for (Ordinal o = slice.cursor; o < slice.cursor + count; ++o)
      entries.push_back({o, Entry::skipped, leave.left_out, 1, false});
    plan.group.admissions.push_back({run.open->run, run.open->campaign, run.open->epoch, slice.no,
                                     slice.cursor, slice.cursor + count, 0, pack(entries)});
    plan.news.push_back({&run, count, leave.left_out});
    most -= count;
  }
}

bool Runner::leaves_out(ActiveRun& run) {
  return run.departures.timed() && !run.halted() && !run.guard.breached && !draining_ &&
         run.departures.any(Leave::Now::left_out, run.slices, run.slice, ports_.clock.wall());
}

// It is durable that nothing leaves for so many who had not been admitted.
void Runner::leave_out(ActiveRun& run, std::uint32_t count, Reason reason) {
  run.finals += count;
  run.left_out += count;
  run.open->by_runner.skipped[static_cast<std::size_t>(reason)].fetch_add(count, std::memory_order_relaxed);
}

// Of those whose further attempt is due: who may leave now. The others wait on, or it is over for them.
std::vector<Granted> Runner::may_leave_again(ActiveRun& run, std::vector<Granted> due, Plan& plan) {
  if (!run.departures.timed()) return due;
  const WallTime wall = plan.group.at;
  const SteadyTime now = ports_.clock.steady();
  std::vector<Granted> leaving, over;
  std::vector<JournalEntry> ends;
  for (const Granted& g : due) {
    const Leave& leave = run.departures.of(g.ordinal, wall);
    if (leave.now == Leave::Now::may_leave) {
      leaving.push_back(g);
    } else if (leave.now == Leave::Now::waits) {
      run.retries.add(now + std::clamp<Micros>(leave.until - wall, Millis{1}, look_at_least_every), g);
    } else {
      over.push_back(g);
      // Whoever has had an attempt that left was not left out: there is just no time for another.
      if (g.handed_before)
        ends.push_back({g.ordinal, Entry::failed, Reason::attempts_used_up, g.attempt, true});
      else
        ends.push_back({g.ordinal, Entry::skipped, leave.left_out, g.attempt, false});
    }
  }
  if (!ends.empty()) {
    plan.group.readmissions.push_back({run.open->run, run.open->campaign, run.open->epoch, pack(ends)});
    plan.furthers.push_back({&run, std::move(over), std::move(ends)});
  }
  return leaving;
}

void Runner::end_waiting(ActiveRun& run, const std::vector<Granted>& who,
                         const std::vector<JournalEntry>& how) {
  LiveTally& tally = run.open->by_runner;
  run.finals += static_cast<std::uint32_t>(how.size());
  for (const JournalEntry& e : how) {
    if (e.entry == Entry::failed)
      tally.failed.fetch_add(1, std::memory_order_relaxed);
    else
      tally.skipped[static_cast<std::size_t>(e.reason)].fetch_add(1, std::memory_order_relaxed);
  }
  for (const Granted& g : who)
    if (g.handed_before) tally.deferred.fetch_sub(1, std::memory_order_relaxed);
}

// False while there is nothing to do but to wait for a time of day: that is no standstill.
bool Runner::on_time(ActiveRun& run) {
  return !run.departures.timed() || run.unresolved > 0 ||
         run.departures.any(Leave::Now::may_leave, run.slices, run.slice, ports_.clock.wall());
}

SteadyTime Runner::next_departure(ActiveRun& run, SteadyTime now) {
  if (!run.departures.timed() || (run.admitted_whole() && run.retries.empty())) return SteadyTime::max();
  const WallTime wall = ports_.clock.wall();
  const WallTime next = run.departures.next_change(wall);
  if (next - wall >= look_at_least_every) return now + look_at_least_every;
  return now + std::max<Micros>(next - wall, Millis{1});
}

}  // namespace belay::dispatch
