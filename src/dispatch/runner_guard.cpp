// The runner's guardrails: how far they let a run go, and what it does when one has had enough.
#include "base/log.h"
#include "base/time_text.h"
#include "dispatch/runner.h"

namespace belay::dispatch {
namespace {

constexpr auto no_limit = std::numeric_limits<std::uint32_t>::max();

std::uint32_t left_of(const std::optional<std::uint32_t>& limit, std::uint64_t used) {
  if (!limit) return no_limit;
  return static_cast<std::uint32_t>(*limit - std::min<std::uint64_t>(*limit, used));
}

}  // namespace

// ---- taking up ------------------------------------------------------------------------------------

store::Result<void> Runner::guard(ActiveRun& run, const Campaign& campaign, const Recovered& past) {
  TRY_ASSIGN(AccountGuard * account, account_guard(campaign.account));
  RunGuard& g = run.guard;
  g.watch.set_rules(campaign.definition.guardrails);
  const Guardrails& rules = g.watch.rules();
  g.watch.begin_with(past.tally.accepted, past.tally.failed);
  g.permitted = past.tally.attempts + past.unanswered.size();
  if (rules.ramp) g.ramp = Pace(rules.ramp->start_per_second);
  g.ramp_began = ports_.clock.steady();
  if (rules.canary) {
    // A canary that was reached in an earlier epoch has been paused, and somebody has resumed it.
    TRY_ASSIGN(const auto reached, control_->canary_reached(campaign.id));
    g.canary_released = reached && *reached < campaign.epoch;
  }
  g.today.day = account->zone.day_stamp(ports_.clock.wall());
  if (rules.max_per_day) {
    TRY_ASSIGN(g.today.admitted, control_->admitted_on(campaign.account, campaign.id, g.today.day));
  }
  return {};
}

store::Result<AccountGuard*> Runner::account_guard(AccountId id) {
  auto& slot = accounts_[id];
  if (slot) return slot.get();
  TRY_ASSIGN(const auto accounts, control_->accounts());
  std::string zone = "UTC";  // of an account that has been removed since
  std::string key;
  for (const store::Account& a : accounts)
    if (a.id == id) zone = a.time_zone, key = a.key;
  auto known = TimeZone::named(zone);
  if (!known) return fail(store::Code::damaged, known.error());
  auto made = std::make_unique<AccountGuard>(std::move(*known));
  made->key = std::move(key);
  TRY(read_rules(id, *made));
  slot = std::move(made);
  return slot.get();
}

store::Result<void> Runner::read_rules(AccountId id, AccountGuard& account) {
  TRY_ASSIGN(Guardrails rules, control_->guardrails(id));
  TRY_ASSIGN(account.reach, control_->reach_rules(id));
  account.today.day = account.zone.day_stamp(ports_.clock.wall());
  TRY_ASSIGN(account.today.admitted, control_->admitted_on(id, CampaignId{}, account.today.day));
  account.watch.set_rules(std::move(rules));
  keep_book(id, account);
  return {};
}

void Runner::guardrails_changed(AccountId id) {
  const auto it = accounts_.find(id);
  if (it == accounts_.end()) return;
  if (const auto read = read_rules(id, *it->second); !read) {
    log_error("guardrails.unreadable", {{"detail", read.error().text}});
    store_not_before_ = ports_.clock.steady() + Seconds{1};
    it->second->read_later = ports_.runner.after(Seconds{1}, [this, id] { guardrails_changed(id); });
    return;
  }
  schedule();
}

// ---- how far ----------------------------------------------------------------------------------------

bool Runner::counts_days(const ActiveRun& run) const {
  return run.guard.watch.rules().max_per_day || accounts_.at(run.open->account)->watch.rules().max_per_day;
}

// How many recipients more may be let in.
std::uint32_t Runner::recipients_left(const ActiveRun& run) const {
  const Guardrails& rules = run.guard.watch.rules();
  const AccountGuard& account = *accounts_.at(run.open->account);
  std::uint32_t left = std::min(left_of(rules.max_per_run, run.admitted()),
                                left_of(account.watch.rules().max_per_day, account.today.admitted));
  left = std::min(left, left_of(rules.max_per_day, run.guard.today.admitted));
  if (!run.guard.canary_released) left = std::min(left, left_of(rules.canary, run.admitted()));
  return left;
}

std::uint32_t Runner::messages_left(const ActiveRun& run) const {
  return left_of(run.guard.watch.rules().max_total, run.guard.permitted);
}

// How many of `wanted` messages may leave now. Zero of some is a breach where it is the minute's limit.
std::uint32_t Runner::let_through(ActiveRun& run, std::uint32_t wanted, SteadyTime now) {
  RunGuard& g = run.guard;
  std::uint32_t n = std::min(wanted, messages_left(run));
  if (const auto& ramp = g.watch.rules().ramp) {
    g.ramp.set_rate(ramp->per_second(now - g.ramp_began));
    n = g.ramp.take(n, now);
  }
  if (n == 0) return 0;
  AccountGuard& account = *accounts_.at(run.open->account);
  const std::uint32_t ramped = n;
  n = g.watch.take(ramped, now);
  if (n == 0) breach(run, g.watch.too_many());
  const std::uint32_t own = n;
  if (own > 0) n = account.watch.take(own, now);
  if (own > 0 && n == 0) breach_account(run.open->account, account.watch.too_many());
  g.ramp.give_back(ramped - n);
  g.watch.give_back(own - n);
  return n;
}

// Of `let` messages, `used` were planned, `fresh` of them to new recipients.
void Runner::charge(ActiveRun& run, std::uint32_t let, std::uint32_t used, std::uint32_t fresh) {
  AccountGuard& account = *accounts_.at(run.open->account);
  run.guard.ramp.give_back(let - used);
  run.guard.watch.give_back(let - used);
  account.watch.give_back(let - used);
  run.guard.permitted += used;
  run.guard.today.admitted += fresh;
  account.today.admitted += fresh;
}

// The plan was not committed, or it is not known. What did happen is charged again when it is found.
void Runner::uncharge(ActiveRun& run, std::uint32_t used, std::uint32_t fresh) {
  AccountGuard& account = *accounts_.at(run.open->account);
  run.guard.permitted -= std::min<std::uint64_t>(run.guard.permitted, used);
  for (DayCount* day : {&run.guard.today, &account.today}) day->admitted -= std::min(day->admitted, fresh);
}

void Runner::roll_days() {
  for (auto& [id, run] : runs_) {
    if (!counts_days(*run)) continue;
    AccountGuard& account = *accounts_.at(run->open->account);
    const std::int64_t today = account.zone.day_stamp(ports_.clock.wall());
    account.today.roll_to(today);
    run->guard.today.roll_to(today);
  }
}

// When a guardrail needs the runner again, without anything else happening.
SteadyTime Runner::next_look(const ActiveRun& run, SteadyTime now) const {
  SteadyTime next = SteadyTime::max();
  const RunGuard& g = run.guard;
  if (g.breached) return next;
  // Wall clocks are set now and then: look at least once a second.
  if (const auto& end = g.watch.rules().cut_off)
    next = now + std::clamp<Micros>(*end - cut_off_margin - ports_.clock.wall(), Micros{1000}, Seconds{1});
  if (!run.admitted_whole() && counts_days(run) && recipients_left(run) == 0)
    next = std::min(next, now + Seconds{1});
  if (ramping(run, now) && !run.admitted_whole()) next = std::min(next, now + g.ramp.wait());
  return next;
}

bool Runner::ramping(const ActiveRun& run, SteadyTime now) const {
  const auto& ramp = run.guard.watch.rules().ramp;
  return ramp && ramp->per_second(now - run.guard.ramp_began) != 0;
}

// ---- enough -----------------------------------------------------------------------------------------

void Runner::look_after(ActiveRun& run) {
  if (run.halted() || draining_ || run.guard.breached) return;
  if (auto found = breach_of(run)) return breach(run, std::move(*found));
  AccountGuard& account = *accounts_.at(run.open->account);
  if (!account.asked)
    if (auto found = account.watch.judge()) return breach_account(run.open->account, std::move(*found));
  if (run.at_canary() && run.idle() && !run.guard.asked) hold(run);
}

std::optional<Breach> Runner::breach_of(const ActiveRun& run) const {
  const RunGuard& g = run.guard;
  const Guardrails& rules = g.watch.rules();
  if (rules.cut_off && ports_.clock.wall() >= *rules.cut_off - cut_off_margin)
    return Breach{Rule::cut_off, fmt::format("its cut-off {} has come", iso_time(*rules.cut_off))};
  if (auto found = g.watch.judge()) return found;
  const bool more = !run.admitted_whole() || !run.retries.empty();
  if (rules.max_total && messages_left(run) == 0 && more && run.unresolved == 0 && run.granted.empty())
    return Breach{Rule::max_total, fmt::format("its {} messages have left", *rules.max_total)};
  if (rules.max_per_run && run.admitted() >= *rules.max_per_run && !run.admitted_whole() && run.idle())
    return Breach{Rule::max_per_run, fmt::format("its {} recipients have been served", *rules.max_per_run)};
  return std::nullopt;
}

void Runner::breach(ActiveRun& run, Breach breach) {
  run.guard.breached = true;
  Scope scope;
  scope.campaign = run.open->campaign;
  hooks_.guardrail(scope, std::move(breach), [this, id = run.open->campaign](bool stopped) {
    const auto it = runs_.find(id);
    if (stopped || it == runs_.end()) return;
    it->second->guard.breached = false;  // found again in the next turn
    store_not_before_ = ports_.clock.steady() + Seconds{1};
    schedule();
  });
}

void Runner::breach_account(AccountId id, Breach breach) {
  AccountGuard& account = *accounts_.at(id);
  if (std::exchange(account.asked, true)) return;
  for (auto& [campaign, run] : runs_)
    if (run->open->account == id) run->guard.breached = true;
  Scope scope;
  scope.kind = Scope::Kind::account;
  scope.account = id;
  hooks_.guardrail(scope, std::move(breach), [this, id](bool stopped) {
    AccountGuard& again = *accounts_.at(id);
    again.asked = false;
    if (stopped) return again.watch.forget_verdicts();  // what is started from now on is judged anew
    for (auto& [campaign, run] : runs_)
      if (run->open->account == id) run->guard.breached = false;
    store_not_before_ = ports_.clock.steady() + Seconds{1};
    schedule();
  });
}

// The canary's verdicts are in: it waits for somebody to look at them.
void Runner::hold(ActiveRun& run) {
  const CampaignId id = run.open->campaign;
  if (const auto noted = control_->reach_canary(id, run.open->epoch); !noted) {
    log_error("canary.unrecorded", {{"campaign", id}, {"detail", noted.error().text}});
    store_not_before_ = ports_.clock.steady() + Seconds{1};
    return;
  }
  run.guard.asked = true;
  hooks_.hold(id, fmt::format("the canary of {} is out: look at it, then resume or stop", run.admitted()),
              [this, id](bool held) {
                const auto it = runs_.find(id);
                if (held || it == runs_.end()) return;
                it->second->guard.asked = false;
                store_not_before_ = ports_.clock.steady() + Seconds{1};
                schedule();
              });
}

}  // namespace belay::dispatch
