#include "dispatch/planner.h"

#include <algorithm>

#include "base/log.h"
#include "base/time_text.h"
#include "dispatch/chosen_audience.h"
#include "dispatch/derived_audience.h"
#include "dispatch/recover.h"
#include "dispatch/run_guard.h"
#include "dispatch/store_sessions.h"

namespace belay::dispatch {
namespace {

// The schedule is looked at this often even when nothing is due, because the wall clock may be set.
constexpr Micros look_at_least_every = Seconds{1};
constexpr Micros after_trouble = Millis{500};
constexpr std::uint32_t most_due = 1000;

// Nothing has left, and nothing will.
std::optional<Breach> breach_before_start(const Guardrails& rules, std::uint32_t audience, WallTime now) {
  if (rules.expect_audience_max && audience > *rules.expect_audience_max)
    return Breach{Rule::expect_audience_max, fmt::format("{} recipients match, expected were {} at most",
                                                         audience, *rules.expect_audience_max)};
  if (rules.cut_off && now >= *rules.cut_off - cut_off_margin)
    return Breach{Rule::cut_off, fmt::format("its cut-off {} has come", iso_time(*rules.cut_off))};
  return std::nullopt;
}

// What the days of conditions on events are reckoned by.
store::Result<TimeZone> zone_of(store::ControlSession& control, AccountId account) {
  TRY_ASSIGN(const auto accounts, control.accounts());
  const auto found = std::ranges::find(accounts, account, &store::Account::id);
  if (found == accounts.end()) return fail(store::Code::not_found, fmt::format("no account {}", account));
  auto zone = TimeZone::named(found->time_zone);
  if (!zone) return fail(store::Code::damaged, zone.error());
  return std::move(*zone);
}

struct Waves {
  store::AudienceSet audience;
  std::vector<store::Wave> waves;
};

// One for each zone, in the order of departures; those for whom it is too late come last.
Waves waves_of(const Campaign& campaign, std::vector<audience::ZonePart> parts) {
  std::vector<std::pair<store::Wave, store::AudienceSet>> all;
  for (audience::ZonePart& part : parts) {
    const Departure departs = departure_in(campaign.definition.timing, part.zone, campaign.due);
    store::Wave wave{part.people.size(), departs, part.zone.name()};
    all.emplace_back(std::move(wave), std::move(part.people));
  }
  std::ranges::stable_sort(all, {}, [](const auto& each) {
    const Departure& d = each.first.departs;
    return std::pair{d.left_out != Reason::none, d.at};
  });
  Waves out;
  std::vector<store::AudienceSet> sets;
  for (auto& [wave, people] : all) {
    out.waves.push_back(wave);
    sets.push_back(std::move(people));
  }
  out.audience = store::AudienceSet::in_order(std::move(sets));
  return out;
}

}  // namespace

Planner::Planner(const Ports& ports, const EngineOptions& options, Hooks hooks)
    : ports_(ports), options_(options), hooks_(std::move(hooks)) {}

Planner::~Planner() = default;

bool Planner::sessions() {
  if (profiles_) return true;
  auto opened = StoreSessions::open(ports_.store);
  if (!opened) return false;
  std::tie(control_, journal_, profiles_) = std::move(*opened).all();
  return true;
}

void Planner::start() {
  started_ = true;
  look();
}

void Planner::wake() {
  if (started_) look();
}

// What was under way when the last server ended: running campaigns go on, planning begins anew (the
// audience is frozen in one step or not at all), receipts are settled.
void Planner::resume() {
  store::CampaignFilter filter;
  filter.limit = 100'000;
  filter.state = State::running;
  auto running = control_->campaigns(filter);
  filter.state = State::planning;
  auto planning_now = control_->campaigns(filter);
  auto unsettled = control_->unsettled();
  if (!running || !planning_now || !unsettled) return;
  resumed_ = true;
  for (const Campaign& c : *running) hooks_.planned(c.id);
  for (const Campaign& c : *planning_now) add_job(c);
  for (StopId id : *unsettled) settle_rest(id);
}

void Planner::settle_rest(StopId stop) {
  const auto record = control_->stop(AccountId{}, stop);
  if (!record) return after_a_pause([this, stop] { settle_rest(stop); });
  for (const Receipt& r : record->receipts)
    if (!r.settled) settle(r.campaign, stop);
}

void Planner::look() {
  if (draining_) return;
  if (!sessions()) return look_again_in(after_trouble);
  if (!resumed_) resume();
  if (!resumed_) return look_again_in(after_trouble);
  const WallTime now = ports_.clock.wall();
  const auto due = control_->due(now, most_due);
  if (!due) {
    log_error("schedule.unreadable", {{"detail", due.error().text}});
    return look_again_in(after_trouble);
  }
  for (const Campaign& c : *due) {
    if (c.definition.recurrence)
      fire(c, now);
    else
      begin(c);
  }
  Micros delay = look_at_least_every;
  if (const auto next = control_->next_due(); next && *next) {
    const WallTime later = ports_.clock.wall();
    if (**next > later) delay = std::min<Micros>(delay, **next - later);
  }
  look_again_in(std::max<Micros>(delay, Millis{5}));
}

void Planner::look_again_in(Micros delay) {
  look_timer_ = ports_.planner.after(delay, [this] { look(); });
}

// An occurrence of a series has come due: from here on its run is a campaign like any other.
void Planner::fire(const Campaign& series, WallTime now) {
  control_->as("belay", now);
  const auto run = control_->fire({series.id, series.epoch, series.occurrence, now});
  const bool meanwhile = !run && run.error().code == store::Code::fenced;  // stopped or paused
  if (!run && !meanwhile) return could_not_fire(series.id, run.error().text);
  not_fired_.erase(series.id);
  if (meanwhile) return;
  log_info("series.fired", {{"campaign", series.id}, {"run", run->id}, {"occurrence", run->occurrence}});
  begin(*run);
}

// It is tried again at every look, which is every second: told once, until the reason is another.
void Planner::could_not_fire(CampaignId series, const std::string& why) {
  if (not_fired_[series] == why) return;
  not_fired_[series] = why;
  log_error("series.not_fired", {{"campaign", series}, {"detail", why}});
}

// Due: either it starts, or it is too late for it.
void Planner::begin(const Campaign& campaign) {
  const WallTime now = ports_.clock.wall();
  const bool too_late = now > campaign.due + campaign.past_due_grace;
  if (too_late) {
    const auto late = std::chrono::duration_cast<Seconds>(now - campaign.due).count();
    const std::string why = fmt::format("was due {} s ago, which is more than its grace of {} s", late,
                                        campaign.past_due_grace.count());
    if (control_->move({campaign.id, State::scheduled, State::missed, campaign.epoch, now, why}))
      log_warning("campaign.missed", {{"campaign", campaign.id}, {"late_s", late}});
    return;
  }
  const auto moved =
      control_->move({campaign.id, State::scheduled, State::planning, campaign.epoch, now, ""});
  if (!moved) return;  // stopped meanwhile, or a latch stands: it waits
  Campaign planning_now = campaign;
  planning_now.state = State::planning;
  add_job(planning_now);
}

void Planner::add_job(const Campaign& campaign) {
  auto query = audience::Query::parse_stored(campaign.definition.where);
  if (!query) return hooks_.give_up(campaign.id, query.error().text);
  auto zone = zone_of(*control_, campaign.account);
  if (!zone && (zone.error().code == store::Code::damaged || zone.error().code == store::Code::not_found))
    return hooks_.give_up(campaign.id, zone.error().text);
  if (!zone) return after_a_pause([this, campaign] { add_job(campaign); });
  auto spec =
      audience::scan_spec(campaign.account, campaign.definition, std::move(*zone), ports_.clock.wall());
  jobs_.push_back({campaign, audience::Scan(std::move(*query), std::move(spec))});
  planning = static_cast<std::uint32_t>(jobs_.size());
  schedule_work();
}

void Planner::schedule_work() {
  if (std::exchange(working_, true)) return;
  ports_.planner.post([this] {
    working_ = false;
    work();
  });
}

// One step of the job in front, which then goes to the back.
void Planner::work() {
  if (jobs_.empty() || draining_ || paused_) return;
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  if (step(job)) jobs_.push_back(std::move(job));
  planning = static_cast<std::uint32_t>(jobs_.size());
  if (!jobs_.empty()) schedule_work();
}

bool Planner::step(Job& job) {
  const auto now = control_->campaign(AccountId{}, job.campaign.id);
  if (now && now->state != State::planning) return false;  // stopped: drop the rest (S15)
  if (job.zones) return step_zones(job);
  if (!job.by_query) {
    auto people = derived_audience(*control_, *journal_, job.campaign);
    if (!people) return step_failed(job, people.error());
    if (*people) return found(job, std::move(**people));
    job.by_query = true;
  }
  const auto done = job.scan.step(*profiles_);
  if (!done) return step_failed(job, done.error());
  if (!*done) return true;
  return found(job, job.scan.take());
}

// True: there is more to do before it can be frozen.
bool Planner::found(Job& job, store::AudienceSet people) {
  const auto allowed = people_allowed(*control_, *journal_, job.campaign, people.size());
  if (!allowed) return freeze_failed(job.campaign, allowed.error()), false;
  const auto& expected = job.campaign.definition.guardrails.expect_audience_max;
  const bool refused = expected && people.size() > *expected;  // all who match count, in freeze()
  if (*allowed < people.size() && !refused) {
    log_info("campaign.limited",
             {{"campaign", job.campaign.id}, {"found", people.size()}, {"chosen", *allowed}});
    people = chosen(people, *allowed, job.campaign.id);
  }
  const Timing& timing = job.campaign.definition.timing;
  const auto zone = timing.by_zone() ? TimeZone::named(timing.zone) : TimeZone::named("UTC");
  if (!zone) return hooks_.give_up(job.campaign.id, zone.error()), false;
  if (!timing.by_zone() || people.size() == 0) return freeze(job.campaign, people), false;
  job.zones.emplace(job.campaign.account, recipient_kind(job.campaign.definition.channel), std::move(people),
                    *zone);
  return true;
}

bool Planner::step_zones(Job& job) {
  const auto done = job.zones->step(*profiles_);
  if (!done) return step_failed(job, done.error());
  if (!*done) return true;
  const Waves waves = waves_of(job.campaign, job.zones->take());
  freeze(job.campaign, waves.audience, waves.waves);
  return false;
}

// True: the job is to be tried again.
bool Planner::step_failed(const Job& job, const store::Error& error) {
  log_error("plan.scan_failed", {{"campaign", job.campaign.id}, {"detail", error.text}});
  if (error.code != store::Code::damaged && error.code != store::Code::not_found) {
    paused_ = true;
    after_a_pause([this] {
      paused_ = false;
      schedule_work();
    });
    return true;
  }
  hooks_.give_up(job.campaign.id, error.text);
  return false;
}

void Planner::freeze(const Campaign& campaign, const store::AudienceSet& audience,
                     std::span<const store::Wave> waves) {
  const WallTime now = ports_.clock.wall();
  log_info("campaign.planned", {{"campaign", campaign.id}, {"audience", audience.size()}});
  if (auto breach = breach_before_start(campaign.definition.guardrails, audience.size(), now))
    return hooks_.guardrail(campaign.id, std::move(*breach), [this, campaign](bool stopped) {
      if (!stopped) after_a_pause([this, campaign] { add_job(campaign); });
    });
  const auto run = journal_->freeze(campaign, recipient_kind(campaign.definition.channel), audience,
                                    options_.slice_size, now, waves);
  if (run) return hooks_.planned(campaign.id);
  if (run.error().code == store::Code::fenced) return;  // stopped between the last step and now
  if (run.error().code == store::Code::conflict) return hooks_.planned(campaign.id);
  freeze_failed(campaign, run.error());
}

void Planner::freeze_failed(const Campaign& campaign, const store::Error& error) {
  log_error("plan.freeze_failed", {{"campaign", campaign.id}, {"detail", error.text}});
  after_a_pause([this, campaign] { add_job(campaign); });
}

void Planner::settle(CampaignId campaign, StopId stop) {
  if (sessions() && settle_now(campaign, stop)) return;
  // The receipt stays unsettled in the store; the next start, or the next try, finds it.
  after_a_pause([this, campaign, stop] { settle(campaign, stop); });
}

void Planner::after_a_pause(Task task) {
  after_pause_.push_back(std::move(task));
  if (after_pause_.size() > 1) return;
  pause_timer_ = ports_.planner.after(after_trouble, [this] {
    for (Task& t : std::exchange(after_pause_, {})) t();
  });
}

// Folds the whole journal of the run and compares: the receipt's numbers are proved here.
bool Planner::settle_now(CampaignId campaign, StopId stop) {
  auto record = control_->stop(AccountId{}, stop);
  if (!record) return false;
  for (Receipt& receipt : record->receipts) {
    if (receipt.campaign != campaign) continue;
    const auto run = journal_->run_of(campaign);
    if (!run) return false;
    if (*run) {
      auto proved = recover(*journal_, **run, State::stopped);
      if (!proved) return false;
      if (!proved->unanswered.empty()) {
        store::GroupCommit group;
        group.at = ports_.clock.wall();
        group.blocks.push_back({(*run)->id, pack(proved->unanswered)});
        if (!journal_->commit(group)) return false;
      }
      if (proved->tally.handed_over != receipt.tally.handed_over) {
        log_error("receipt.mismatch", {{"campaign", campaign},
                                       {"answered", receipt.tally.handed_over},
                                       {"journal", proved->tally.handed_over}});
        hooks_.mismatch();
        hooks_.settled(campaign);
        return true;
      }
      const std::uint64_t attempts = receipt.tally.attempts;
      receipt.tally = proved->tally;
      receipt.tally.attempts = attempts;
    }
    receipt.settled = true;
    control_->as("belay", ports_.clock.wall());
    if (!control_->settle(stop, receipt)) return false;
    log_info("receipt.settled", {{"campaign", campaign},
                                 {"stop", stop},
                                 {"accepted", receipt.tally.accepted},
                                 {"failed", receipt.tally.failed},
                                 {"withheld", receipt.tally.withheld},
                                 {"in_doubt", receipt.tally.in_doubt}});
  }
  hooks_.settled(campaign);
  return true;
}

}  // namespace belay::dispatch
