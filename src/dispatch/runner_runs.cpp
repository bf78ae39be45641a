// The runner's beginnings and ends: taking up a run, hearing of its stop, the orderly end.
#include "base/check.h"
#include "base/log.h"
#include "dispatch/recover.h"
#include "dispatch/runner.h"
#include "dispatch/store_sessions.h"

namespace belay::dispatch {
namespace {

constexpr Micros take_up_pause = Millis{500};

bool passing(const store::Error& error) {
  return error.code == store::Code::io || error.code == store::Code::full || error.code == store::Code::busy;
}

}  // namespace

Runner::Runner(const Ports& ports, const EngineOptions& options, std::vector<SenderLoop*> loops,
               RunRegistry& registry, Hooks hooks)
    : ports_(ports),
      options_(options),
      loops_(std::move(loops)),
      registry_(registry),
      hooks_(std::move(hooks)) {}

Runner::~Runner() = default;

bool Runner::sessions() {
  if (profiles_) return true;
  auto opened = StoreSessions::open(ports_.store);
  if (!opened) {
    log_error("store.open_failed", {{"detail", opened.error().text}});
    store_not_before_ = ports_.clock.steady() + Seconds{1};
    return false;
  }
  std::tie(control_, journal_, profiles_) = std::move(*opened).all();
  return true;
}

// A point of the run's course, once a slot, in the commit that is made anyway.
void Runner::chart(ActiveRun& run, store::GroupCommit& group) {
  const WallTime now = ports_.clock.wall();
  const CourseSlot slot = course_slot(run.planned, now);
  if (slot == run.charted) return;
  const bool thin = slot.width != run.charted.width;
  run.charted = slot;
  group.course.push_back({run.open->run, slot, thin, course_point(now, live_tally(*run.open, false))});
}

// A store that is in trouble now is no reason to stop a campaign.
void Runner::take_up_later(CampaignId id) {
  later_.push_back(id);
  if (later_.size() > 1) return;
  later_timer_ = ports_.runner.after(take_up_pause, [this] {
    for (CampaignId waiting : std::exchange(later_, {})) take_up(waiting);
  });
}

void Runner::take_up(CampaignId id) {
  if (draining_ || runs_.contains(id)) return;
  if (!sessions()) return take_up_later(id);
  const auto campaign = control_->campaign(AccountId{}, id);
  if (!campaign && passing(campaign.error())) return take_up_later(id);
  if (!campaign || campaign->state != State::running) return;  // stopped meanwhile
  const auto run = journal_->run_of(id);
  if (!run && passing(run.error())) return take_up_later(id);
  if (!run || !*run) {
    log_error("run.missing", {{"campaign", id}});
    return hooks_.give_up(id, "its frozen audience can't be read from the store");
  }
  if (auto begun = begin(*campaign, **run); !begun) {
    if (passing(begun.error())) return take_up_later(id);
    log_error("run.cannot_start", {{"campaign", id}, {"detail", begun.error().text}});
    return hooks_.give_up(id, begun.error().text);
  }
  schedule();
}

store::Result<void> Runner::begin(const Campaign& campaign, const store::Run& run) {
  TRY_ASSIGN(auto opened, open(campaign, run));
  TRY_ASSIGN(auto audience, journal_->audience(run.id));
  TRY_ASSIGN(Recovered past, recover(*journal_, run, State::running));
  if (!past.unanswered.empty()) {
    store::GroupCommit group;
    group.at = ports_.clock.wall();
    group.blocks.push_back({run.id, pack(past.unanswered)});
    TRY(journal_->commit(group));
    log_warning("run.in_doubt_after_crash",
                {{"campaign", campaign.id}, {"recipients", past.unanswered.size()}});
  }
  opened->base = {past.tally, past.deferred, past.span};

  auto active = std::make_unique<ActiveRun>();
  active->audience = std::move(audience);
  active->slices = run.slices;
  while (active->slice < run.slices.size() &&
         run.slices[active->slice].cursor == run.slices[active->slice].end)
    ++active->slice;
  active->departures = Departures(campaign.definition.timing, run.slices, campaign.due,
                                  campaign.definition.ttl.until.value_or(WallTime::max()));
  opened->timed = active->departures.timed();
  for (const Reason r : {Reason::local_time_passed, Reason::cut_off_passed, Reason::quiet_hours})
    active->left_out += past.tally.skipped[static_cast<std::size_t>(r)];
  active->outstanding.resize(loops_.size());
  active->spans.resize(loops_.size());
  active->attempts.resize(loops_.size());
  const SteadyTime now = ports_.clock.steady();
  for (const auto& w : past.waiting)
    active->retries.add(now, {w.ordinal, active->audience.at(w.ordinal), w.next_attempt, w.handed_over});
  active->open = opened;
  active->planned = run.planned;
  opened->meter.note(now, past.tally.attempts);
  TRY(guard(*active, campaign, past));
  active->reach = RunReach(campaign);
  opened->accounted = active->accounted();
  opened->forward_at = now.time_since_epoch().count();
  registry_.add(opened);  // before the first admission: the brake relies on it
  runs_.emplace(campaign.id, std::move(active));
  log_info("campaign.running", {{"campaign", campaign.id},
                                {"audience", run.audience},
                                {"already_handed_over", past.tally.handed_over}});
  return {};
}

store::Result<std::shared_ptr<OpenRun>> Runner::open(const Campaign& campaign, const store::Run& run) {
  TRY_ASSIGN(const store::Provider provider, control_->provider(campaign.provider));
  auto endpoint = channel::endpoint_of(provider);
  if (!endpoint) return fail(store::Code::conflict, endpoint.error().text);
  std::string why_not;
  auto tokens = tokens_for(provider, why_not);
  if (!why_not.empty()) return fail(store::Code::conflict, why_not);
  auto sender = channel::make_sender(campaign.definition, campaign.id, provider, std::move(tokens));
  if (!sender) return fail(store::Code::conflict, sender.error().text);

  auto opened = std::make_shared<OpenRun>(loops_.size());
  opened->campaign = campaign.id;
  opened->series = campaign.series;
  opened->run = run.id;
  opened->account = campaign.account;
  opened->epoch = campaign.epoch;
  opened->kind = run.kind;
  opened->labels = campaign.definition.labels;
  opened->channel = campaign.definition.channel;
  opened->name = campaign.definition.name;
  opened->provider = provider.id;
  opened->provider_name = provider.nick_name;
  opened->max_per_second = provider.max_per_second;
  opened->cut_off = campaign.definition.guardrails.cut_off;
  opened->endpoint = std::move(*endpoint);
  opened->sender = std::move(*sender);
  return opened;
}

std::shared_ptr<channel::AccessTokens> Runner::tokens_for(const store::Provider& provider,
                                                          std::string& why_not) {
  if (provider.kind != "fcm") return nullptr;
  auto& slot = tokens_[provider.id];
  if (slot) return slot;
  if (provider.service_account.empty()) return slot = channel::local_tokens();
  auto made = channel::service_account_tokens(provider.service_account, ports_.clock, ports_.courier,
                                              provider.ca_file, ports_.outbound);
  if (!made) {
    why_not = made.error();
    return nullptr;
  }
  return slot = std::move(*made);
}

void Runner::stopped(CampaignId id, StopId stop) {
  const auto it = runs_.find(id);
  if (it == runs_.end()) return hooks_.settle(id, stop);
  ActiveRun& run = *it->second;
  if (run.stopped) return;
  run.stopped = true;
  run.stop = stop;
  await_quiet(run);
}

// Nothing of it will leave any more; when everything that did leave is durable, a turn closes its book.
void Runner::await_quiet(ActiveRun& run) {
  const CampaignId id = run.open->campaign;
  run.retries.clear();
  run.granted.clear();
  run.noisy_loops += loops_.size();
  for (SenderLoop* loop : loops_)
    loop->executor().post([this, loop, id] {
      loop->when_quiet(id, [this, id] {
        ports_.runner.post([this, id] {
          if (const auto found = runs_.find(id); found != runs_.end()) --found->second->noisy_loops;
          schedule();
        });
      });
    });
}

void Runner::settled(CampaignId id) {
  const auto it = runs_.find(id);
  if (it == runs_.end()) return registry_.remove(id);
  const Epoch epoch = it->second->open->epoch;
  uncount_held(*it->second);
  runs_.erase(it);
  registry_.remove(id);
  for (SenderLoop* loop : loops_) loop->executor().post([loop, id, epoch] { loop->forget(id, epoch); });
  if (auto waiting = awaiting_rest_.extract(id))
    for (RestDone& done : waiting.mapped()) done(rest_of(*journal_, id));
}

// The pause is durable. What was admitted and not sent needs no entry: see RunAccount::unsent.
void Runner::paused(CampaignId id) {
  const auto it = runs_.find(id);
  if (it == runs_.end() || it->second->stopped || it->second->paused) return;
  it->second->paused = true;
  await_quiet(*it->second);
}

void Runner::rest(CampaignId id, RestDone done) {
  if (draining_) return done(fail(store::Code::busy, "the server is ending: resume it when it runs again"));
  if (!sessions()) return done(fail(store::Code::io, "the store can't be opened"));
  if (!runs_.contains(id)) return done(rest_of(*journal_, id));
  awaiting_rest_[id].push_back(std::move(done));
  paused(id);
}

void Runner::drain(Micros patience, Task done) {
  draining_ = true;
  drained_ = std::move(done);
  draining_loops_ = loops_.size();
  for (auto& [id, run] : runs_) {
    run->retries.clear();  // they wait in the journal
    if (run->halted() || run->granted.empty()) continue;
    std::vector<JournalEntry> returned;
    for (const Granted& g : run->granted)
      returned.push_back({g.ordinal, Entry::returned, Reason::none, g.attempt, g.handed_before});
    extra_blocks_.push_back({run->open->run, pack(returned)});
    run->granted.clear();
  }
  for (SenderLoop* loop : loops_)
    loop->executor().post([this, loop, patience] {
      loop->drain(patience, [this] {
        ports_.runner.post([this] {
          --draining_loops_;
          schedule();
        });
      });
    });
  if (loops_.empty()) schedule();
}

}  // namespace belay::dispatch
