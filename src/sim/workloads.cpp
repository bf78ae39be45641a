#include "sim/workloads.h"

#include "campaign/schedule.h"

namespace belay::sim {
namespace {

Micros up_to(Random& random, Micros most) {
  return Micros{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

bool one_in(Random& random, unsigned n) {
  return random.below(n) == 0;
}

// Each kind of trouble is there at all in one run of four, so that runs differ in kind.
unsigned sometimes(Random& random, unsigned most) {
  return one_in(random, 4) ? static_cast<unsigned>(1 + random.below(most)) : 0;
}

Weather common(Random& random) {
  Weather w;
  w.engine.window = 64;
  w.engine.slice_size = 50;
  w.engine.turn_messages = 4;
  w.engine.retry_initial = Millis{100};
  w.engine.answer_within = Seconds{5};
  static constexpr unsigned interleave[] = {0, 20, 60, 90};
  w.interleave_of_100 = interleave[random.below(4)];
  w.stall_of_10000 = one_in(random, 3) ? 30 : 0;
  w.drift_ppm = one_in(random, 3) ? 5'000 : 0;
  return w;
}

Weather several(Random& random) {
  Weather w = common(random);
  w.nodes = 2 + static_cast<int>(random.below(2));
  return w;
}

Mood moody(Random& random) {
  Mood m;
  m.streams = 2 + random.below(15);
  m.later_of_100 = sometimes(random, 40);
  m.throttled_of_100 = sometimes(random, 5);
  m.dead_of_100 = sometimes(random, 10);
  m.rejected_of_100 = sometimes(random, 10);
  m.lose_of_100 = sometimes(random, 4);
  m.cut_of_100 = sometimes(random, 4);
  m.stuck_of_100 = sometimes(random, 8);
  m.refuse_of_100 = sometimes(random, 8);
  m.hang_of_100 = sometimes(random, 10);
  m.twice_of_100 = sometimes(random, 20);
  m.late_of_100 = sometimes(random, 5);
  m.unreachable_of_100 = sometimes(random, 40);
  static constexpr std::int64_t slowest[] = {0, 2'000, 50'000, 2'000'000};
  m.slowest = Micros{slowest[random.below(4)]};
  return m;
}

void crashes(World& w, std::size_t most, std::uint64_t within) {
  for (std::uint64_t n = w.random.below(most + 1); n > 0; --n) {
    w.after_steps(w.random.below(within), [&w] {
      const int node = w.some_node();
      switch (w.random.below(6)) {
        case 0:
          return w.kill(node);
        case 1:
          return w.lose_power();
        case 2:
          return w.end_in_order(node);
        default:
          return w.kill_in_call(node, 1 + w.random.below(25));
      }
    });
  }
}

void stops(World& w, std::size_t most, std::uint64_t within) {
  for (std::uint64_t n = w.random.below(most) + 1; n > 0; --n)
    w.after_steps(w.random.below(within), [&w] { w.stop_campaign(); });
}

void creates(World& w, std::size_t most, std::uint64_t within, Micros due_within) {
  for (std::uint64_t n = w.random.below(most) + 1; n > 0; --n) {
    NewCampaign c;
    if (one_in(w.random, 2)) c.due_in = up_to(w.random, due_within);
    if (one_in(w.random, 3)) c.label = "promo";
    const std::uint64_t at = w.random.below(within);
    w.after_steps(at, [&w, c] { w.create(c); });
    // Now and then it is a mistake, noticed while it is being planned.
    if (one_in(w.random, 4)) w.after_steps(at + 1 + w.random.below(14), [&w] { w.stop_newest(); });
  }
}

void reads(World& w, std::size_t most, std::uint64_t within) {
  for (std::uint64_t n = w.random.below(most) + 1; n > 0; --n)
    w.after_steps(w.random.below(within), [&w] { w.read(); });
}

void pauses(World& w, std::size_t most, std::uint64_t within) {
  for (std::uint64_t n = w.random.below(most + 1); n > 0; --n) {
    const std::uint64_t at = w.random.below(within);
    w.after_steps(at, [&w] { w.pause_campaign(); });
    w.after_steps(at + w.random.below(within), [&w] { w.resume_campaign(); });
  }
}

void disk_trouble(World& w, std::uint64_t within) {
  w.after_steps(w.random.below(within), [&w] {
    DiskFaults f;
    f.read_of_10000 = sometimes(w.random, 30);
    f.write_of_10000 = sometimes(w.random, 200);
    f.sync_of_10000 = sometimes(w.random, 400);
    f.open_of_10000 = sometimes(w.random, 1000);
    w.set_disk_faults(f);
  });
  w.after_steps(w.random.below(within), [&w] { w.fail_call(w.some_node(), 1 + w.random.below(40)); });
  if (one_in(w.random, 2)) {
    w.after_steps(w.random.below(within), [&w] {
      w.fill_disk(true);
      // Somebody notices, and asks for a stop that can't be written down.
      if (one_in(w.random, 2)) w.after_steps(w.random.below(80), [&w] { w.stop_newest(); });
    });
    w.after_steps(within + w.random.below(within), [&w] { w.fill_disk(false); });
  }
}

// ---- the workloads -------------------------------------------------------------------------------

void storm(World& w) {
  w.provider.mood = moody(w.random);
  creates(w, 6, 1500, Seconds{20});
  stops(w, 6, 2500);
  pauses(w, 3, 2000);
  reads(w, 4, 2500);
}

void crashing(World& w) {
  storm(w);
  crashes(w, 5, 2500);
  if (one_in(w.random, 2)) return;
  // Right in the beginning of a run: in one of its first commits.
  w.after_steps(3, [&w] { w.create({}); });
  w.after_steps(5 + w.random.below(40), [&w] { w.kill_in_call(w.some_node(), 1 + w.random.below(20)); });
}

void disk(World& w) {
  storm(w);
  disk_trouble(w, 2000);
  crashes(w, 3, 2500);
}

// Everybody is on the wire when the disk fills, people ask for a stop, and the provider says "later".
void full(World& w) {
  w.provider.mood.later_of_100 = 30 + static_cast<unsigned>(w.random.below(60));
  w.provider.mood.slowest = Millis{200};
  w.after_steps(5, [&w] { w.create({}); });
  w.after_steps(10 + w.random.below(150), [&w] {
    w.fill_disk(true);
    w.set_disk_faults({.sync_of_10000 = 10'000});
    w.stop_newest();
  });
  w.after_time(Seconds{3} + up_to(w.random, Seconds{5}), [&w] {
    w.fill_disk(false);
    w.set_disk_faults({});
  });
  crashes(w, 1, 2000);
}

void latch(World& w) {
  storm(w);
  const auto pull = [&w] {
    Scope scope;
    scope.kind = one_in(w.random, 3) ? Scope::Kind::label : Scope::Kind::all;
    if (scope.kind == Scope::Kind::label) scope.name = "promo";
    w.stop(scope, -1, true);
  };
  w.after_steps(w.random.below(1500), pull);
  creates(w, 4, 3000, Seconds{5});
  w.after_steps(1500 + w.random.below(1500), [&w] { w.release_latches(); });
  crashes(w, 2, 2500);
}

void past_due(World& w) {
  w.provider.mood = moody(w.random);
  for (std::uint64_t n = 1 + w.random.below(5); n > 0; --n) {
    NewCampaign c;
    c.due_in = up_to(w.random, Seconds{30});
    c.grace = Seconds{static_cast<int>(w.random.below(40))};
    w.after_steps(w.random.below(200), [&w, c] { w.create(c); });
  }
  w.after_time(up_to(w.random, Seconds{20}), [&w] { w.lose_power(); });
  w.after_time(up_to(w.random, Seconds{40}), [&w] { w.pause(w.some_node(), up_to(w.random, Seconds{60})); });
  w.after_time(up_to(w.random, Seconds{40}),
               [&w] { w.step_clock(w.some_node(), up_to(w.random, Seconds{240}) - Seconds{120}); });
  stops(w, 3, 2000);
}

void retries(World& w) {
  w.provider.mood = moody(w.random);
  w.provider.mood.later_of_100 = 40 + static_cast<unsigned>(w.random.below(60));
  creates(w, 2, 100, Seconds{1});
  stops(w, 3, 4000);
  pauses(w, 3, 2000);
  crashes(w, 4, 3000);
}

void zombie(World& w) {
  w.provider.mood = moody(w.random);
  creates(w, 4, 2500, Seconds{40});
  if (one_in(w.random, 2)) {
    // The owner is away in the middle of a run; its successor is asked to stop; it comes back.
    w.provider.mood.streams = 2 + w.random.below(4);
    w.provider.mood.slowest = Millis{500};
    w.after_steps(300 + w.random.below(900), [&w] {
      w.pause_owner(Seconds{20} + up_to(w.random, Seconds{30}));
      w.after_time(Seconds{14} + up_to(w.random, Seconds{6}), [&w] { w.stop_campaign(); });
    });
  }
  for (std::uint64_t n = 1 + w.random.below(4); n > 0; --n)
    w.after_steps(w.random.below(3000), [&w] { w.pause(w.some_node(), up_to(w.random, Seconds{40})); });
  stops(w, 6, 4000);
  reads(w, 3, 3000);
  crashes(w, 2, 3000);
}

// ---- recurring -----------------------------------------------------------------------------------

// The last day before the clocks change, half an hour or a whole one, and a zone where they do not.
constexpr struct {
  const char* zone;
  std::int64_t eve;
} changes[] = {{"Europe/Berlin", 20160326},       {"Europe/Berlin", 20161029},
               {"America/New_York", 20160312},    {"America/New_York", 20161105},
               {"Australia/Lord_Howe", 20160402}, {"Australia/Lord_Howe", 20161001},
               {"Asia/Kolkata", 20160401}};

Weather before_a_change(Random& random) {
  Weather w = common(random);
  const auto& change = changes[random.below(std::size(changes))];
  w.drift_ppm = 0;  // over days, that would be hours
  w.zone = change.zone;
  w.begins = TimeZone::named(change.zone)->day(change.eve)->first;
  return w;
}

void trouble_of_a_day(World& w) {
  if (one_in(w.random, 2)) crashes(w, 3, 800);
  if (one_in(w.random, 4)) stops(w, 1, 1200);
  if (one_in(w.random, 4)) w.after_steps(w.random.below(1200), [&w] { w.stop_run(); });
  if (one_in(w.random, 3)) pauses(w, 1, 900);
  if (one_in(w.random, 5))
    w.after_steps(w.random.below(600),
                  [&w] { w.step_clock(0, up_to(w.random, Seconds{4800}) - Seconds{2400}); });
  if (!one_in(w.random, 8)) return;
  w.after_steps(w.random.below(900), [&w] {
    Scope scope;
    scope.kind = Scope::Kind::all;
    w.stop(scope, -1, true);
  });
  w.after_steps(900 + w.random.below(900), [&w] { w.release_latches(); });
}

// Every machine sleeps until shortly before a run, or right over it.
void days(World& w, LocalTime next, int left) {
  if (left == 0) return;
  const Micros around =
      one_in(w.random, 4) ? Micros{up_to(w.random, std::chrono::hours{3})} : -up_to(w.random, Seconds{5});
  w.suspend_until(TimeZone::named(w.weather().zone)->instant(next) + around);
  trouble_of_a_day(w);
  w.after_time(Seconds{20} + up_to(w.random, Seconds{40}), [&w, next, left] {
    days(w, {next.day + 1, next.minute}, left - 1);
  });
}

void recurring(World& w) {
  w.provider.mood = moody(w.random);
  const TimeZone zone = *TimeZone::named(w.weather().zone);
  Recurrence rule{.zone = zone.name(),
                  .day = *calendar_day(zone.day_stamp(w.weather().begins)),
                  .minute = static_cast<std::int32_t>(30 + 15 * w.random.below(14))};
  if (one_in(w.random, 3)) {
    rule.unit = Recurrence::Unit::week;
    rule.weekdays.fill(true);
  }
  if (!one_in(w.random, 3)) rule.occurrences = 2 + static_cast<std::int64_t>(w.random.below(3));
  for (std::uint64_t n = 1 + w.random.below(2); n > 0; --n) {
    NewCampaign c;
    c.recurrence = rule;
    c.grace = Seconds{static_cast<int>(w.random.below(4 * 3600))};
    w.after_steps(5 + w.random.below(50), [&w, c] { w.create(c); });
  }
  w.after_time(Seconds{30}, [&w, rule] { days(w, {rule.day, rule.minute}, 4); });
}

// ---- waves -----------------------------------------------------------------------------------------

Timing some_timing(World& w, LocalTime local) {
  Timing t;
  t.zone = "Asia/Kolkata";
  t.per_person = !one_in(w.random, 4);
  static constexpr Timing::Passed passed[] = {Timing::Passed::dropped, Timing::Passed::next_day,
                                              Timing::Passed::at_once};
  if (t.per_person) t.local = local, t.passed = passed[w.random.below(3)];
  const auto later = [&] {
    return static_cast<std::int32_t>((local.minute + 1 + w.random.below(180)) % 1440);
  };
  if (one_in(w.random, 2)) t.cut_off = later();
  if (one_in(w.random, 3)) return t;
  QuietHours quiet;
  quiet.then = one_in(w.random, 2) ? QuietHours::Then::delay : QuietHours::Then::discard;
  quiet.per_person = one_in(w.random, 2);
  const std::int32_t from = later(), length = static_cast<std::int32_t>(1 + w.random.below(120));
  for (std::int32_t day = 0; day < 7; ++day)
    quiet.week.emplace_back(day * 1440 + from, std::min(day * 1440 + from + length, minutes_a_week));
  t.quiet = quiet;
  return t;
}

// Every machine sleeps from one moment at which something begins or ends to the next, or right over it.
void hops(World& w, std::vector<WallTime> moments) {
  if (moments.empty()) return;
  const WallTime next = moments.back();
  moments.pop_back();
  const Micros around = one_in(w.random, 5) ? up_to(w.random, Seconds{1800}) : -up_to(w.random, Seconds{3});
  w.suspend_until(next + around);
  if (one_in(w.random, 2)) trouble_of_a_day(w);
  w.after_time(Seconds{4} + up_to(w.random, Seconds{20}), [&w, rest = std::move(moments)] { hops(w, rest); });
}

std::vector<WallTime> moments_of(const Timing& timing, LocalTime local, WallTime due) {
  std::vector<WallTime> out{due};
  for (seen::Person p = 0; p < 6; ++p) {
    const TimeZone zone = *TimeZone::named(zone_of(p)), account = *TimeZone::named(timing.zone);
    const WallTime departs = timing.per_person ? zone.instant(local) : due;
    out.push_back(departs);
    if (timing.cut_off)
      out.push_back(cut_off_after(timing.per_person ? zone : account, departs, *timing.cut_off));
    if (!timing.quiet) continue;
    const TimeZone& theirs = timing.quiet->per_person ? zone : account;
    out.push_back(next_quiet(*timing.quiet, theirs, departs));
    out.push_back(next_not_quiet(*timing.quiet, theirs, out.back()));
  }
  std::ranges::sort(out, std::greater{});  // the next one is the last
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void waves(World& w) {
  w.provider.mood = moody(w.random);
  w.provider.mood.stuck_of_100 = 0;  // what is half in a socket when quiet hours begin is not taken back
  if (one_in(w.random, 2)) w.provider.mood.later_of_100 = 20 + static_cast<unsigned>(w.random.below(60));
  const std::int64_t today = TimeZone::named("UTC")->local(w.weather().begins).day;
  const LocalTime local{today + 1 + static_cast<std::int64_t>(w.random.below(2)),
                        static_cast<std::int32_t>(15 * w.random.below(24))};
  NewCampaign c;
  c.timing = some_timing(w, local);
  c.grace = Seconds{48 * 3600};
  if (!c.timing.per_person) c.due_in = Seconds{5};
  if (c.timing.per_person && one_in(w.random, 3)) c.due_in = up_to(w.random, std::chrono::hours{20});
  w.after_steps(5 + w.random.below(50), [&w, c] { w.create(c); });
  const WallTime due = (c.timing.per_person ? first_anywhere(local) : w.weather().begins) + c.due_in;
  w.after_time(Seconds{8}, [&w, moments = moments_of(c.timing, local, due)] { hops(w, moments); });
}

// Half messages in sockets that the provider takes up again when their sender has been away for longer than
// its lease, and another has taken over.
void full_socket(World& w) {
  w.provider.mood.streams = 4 + w.random.below(12);
  w.provider.mood.stuck_of_100 = 20 + static_cast<unsigned>(w.random.below(60));
  w.provider.mood.slowest = Millis{static_cast<int>(w.random.below(200))};
  w.provider.mood.later_of_100 = sometimes(w.random, 30);
  creates(w, 3, 300, Seconds{10});
  for (int n = 0; n < 3; ++n) {
    w.after_steps(60 + w.random.below(900), [&w] {
      w.pause_owner(Seconds{13} + up_to(w.random, Seconds{20}));
      if (one_in(w.random, 2))
        w.after_time(Seconds{12} + up_to(w.random, Seconds{8}), [&w] { w.stop_campaign(); });
    });
  }
  stops(w, 2, 2000);
  crashes(w, 1, 2000);
}

// ---- caps ----------------------------------------------------------------------------------------

const TimeZone& account_zone() {
  static const TimeZone zone = *TimeZone::named("Asia/Kolkata");
  return zone;
}

// The first midnight after so many days from now, where the account is: caps go by its days.
WallTime midnight_after(WallTime now, std::int64_t days) {
  return account_zone().instant({account_zone().local(now).day + 1 + days, 0});
}

Weather before_midnight(Random& random) {
  Weather w = one_in(random, 3) ? several(random) : common(random);
  w.drift_ppm = 0;  // whose clock is ahead has another day for a while
  static constexpr std::uint32_t windows[] = {8, 24, 64};  // some devices are admitted when others have it
  w.engine.window = windows[random.below(3)];
  w.begins = midnight_after(w.begins, 0) - up_to(random, Seconds{one_in(random, 2) ? 4 : 60});
  return w;
}

std::vector<FrequencyCap> some_caps(Random& random) {
  static constexpr FrequencyCap::Per windows[] = {FrequencyCap::Per::day, FrequencyCap::Per::week,
                                                  FrequencyCap::Per::month};
  std::vector<FrequencyCap> out;
  const std::uint64_t first = random.below(3);
  const std::uint64_t count = 1 + random.below(2);
  for (std::uint64_t n = 0; n < count; ++n) {  // one a window
    FrequencyCap& cap = out.emplace_back();
    cap.per = windows[(first + n) % 3];
    cap.messages = static_cast<std::uint32_t>(1 + random.below(cap.per == FrequencyCap::Per::day ? 2 : 4));
    if (one_in(random, 4)) cap.channel = Channel::push;
  }
  if (one_in(random, 6))
    out.push_back({1, FrequencyCap::Per::month, Channel::webhook});  // of none that is sent here
  return out;
}

// At once, most of them, so that each sees what the others are about to send.
void create_several(World& w) {
  for (std::uint64_t n = 2 + w.random.below(3); n > 0; --n) {
    NewCampaign c;
    c.respects_caps = !one_in(w.random, 4);
    if (one_in(w.random, 4)) c.due_in = up_to(w.random, Seconds{10});
    w.after_steps(w.random.below(one_in(w.random, 2) ? 30 : 400), [&w, c] { w.create(c); });
  }
}

void trouble_of_a_round(World& w) {
  if (one_in(w.random, 2)) crashes(w, 2, 700);
  if (one_in(w.random, 2)) stops(w, 2, 700);
  if (one_in(w.random, 2)) pauses(w, 2, 400);
  if (w.weather().nodes > 1 && one_in(w.random, 2))
    w.after_steps(w.random.below(600), [&w] { w.pause_owner(Seconds{10} + up_to(w.random, Seconds{20})); });
  for (std::uint64_t n = w.random.below(3); n > 0; --n)
    w.after_steps(300 + w.random.below(900), [&w] { w.continue_campaign(); });
}

// Then everybody sleeps until shortly before a midnight: the next one, or one at which a window ends.
void rounds(World& w, int left) {
  create_several(w);
  trouble_of_a_round(w);
  if (left == 0) return;
  w.after_time(Seconds{10} + up_to(w.random, Seconds{30}), [&w, left] {
    static constexpr std::int64_t days[] = {0, 0, 0, 1, 5, 6, 28, 29};
    const WallTime now = w.weather().begins + w.now();
    w.suspend_until(midnight_after(now, days[w.random.below(8)]) -
                    up_to(w.random, Seconds{one_in(w.random, 2) ? 4 : 60}));
    rounds(w, left - 1);
  });
}

void caps(World& w) {
  w.provider.mood = moody(w.random);
  const auto set = [&w] { w.set_caps(some_caps(w.random)); };
  // Now and then while something is being sent.
  if (one_in(w.random, 3))
    w.after_steps(w.random.below(600), set);
  else
    set();
  if (one_in(w.random, 8)) {
    const std::uint64_t at = w.random.below(900);
    w.after_steps(at, [&w] { w.set_caps({}); });
    w.after_steps(at + w.random.below(300), set);
  }
  w.after_steps(5 + w.random.below(20), [&w] { rounds(w, 1 + static_cast<int>(w.random.below(3))); });
}

constexpr Workload all[] = {
    {"storm", "create and stop, a moody provider, no crash", common, {20, 60, 150}, storm},
    {"crash", "the same, killed at any call, ended in order, power lost", common, {20, 60, 150}, crashing},
    {"disk", "the same, with a full disk and I/O errors", common, {20, 60, 150}, disk},
    {"full", "a disk that fills while people ask to stop", common, {20, 20, 60}, full},
    {"latch", "stop-all with a latch, new campaigns under it, released", common, {20, 60, 60}, latch},
    {"past-due",
     "due while the server was down, paused or its clock was set",
     common,
     {20, 20, 60},
     past_due},
    {"retries", "a provider that mostly says later, and crashes", common, {20, 60, 60}, retries},
    {"recurring",
     "series over a change of the clocks, crashes, stops, latches",
     before_a_change,
     {20, 20, 60},
     recurring},
    {"waves",
     "by the clocks where people are: departures, cut-offs, quiet hours over a change of the clocks",
     before_a_change,
     {20, 60, 60},
     waves},
    {"caps",
     "several campaigns at once under frequency caps, around midnights; persons with several devices",
     before_midnight,
     {20, 20, 60},
     caps,
     true},
    {"zombie", "several nodes, pauses beyond the lease, takeovers", several, {20, 60, 150}, zombie},
    {"full-socket",
     "several nodes, half messages in sockets, pauses beyond the lease",
     several,
     {60, 60, 150},
     full_socket},
};

}  // namespace

std::span<const Workload> workloads() {
  return all;
}

}  // namespace belay::sim
