#include "dispatch/runner.h"

#include "base/check.h"
#include "base/log.h"
#include "dispatch/runner_plan.h"

namespace belay::dispatch {
namespace {

constexpr std::uint32_t turn_admissions = 1024;  // per run and turn
constexpr std::size_t most_waiting = 65'536;     // retries of a run; beyond that nobody new is admitted
constexpr Micros store_pause = Millis{200};      // after a failed commit

}  // namespace

void Runner::outcomes(std::shared_ptr<const OutcomeBatch> batch) {
  inbox_.push_back(std::move(batch));
  schedule();
}

void Runner::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  ports_.runner.post([this] {
    scheduled_ = false;
    turn();
  });
}

void Runner::turn() {
  if (!sessions() || ports_.clock.steady() < store_not_before_ || !resync()) return wait_for_more();
  Plan plan;
  plan.batches = inbox_.size();
  plan.group.at = ports_.clock.wall();
  plan.group.blocks = extra_blocks_;
  for (const auto& batch : inbox_) {
    plan.group.blocks.push_back({batch->run->run, pack(batch->entries)});
    const auto it = runs_.find(batch->run->campaign);
    if (it == runs_.end()) continue;
    ActiveRun& run = *it->second;
    const auto loop = static_cast<std::size_t>(batch->loop.value);
    run.spans[loop] = batch->span;
    run.attempts[loop] = batch->attempts;
    if (plan.group.progress.empty() || plan.group.progress.back().run != run.open->run)
      plan.group.progress.push_back({run.open->run, {}, 0});
    plan.group.progress.back() = {run.open->run, run.span(), run.attempts_made()};
    chart(run, plan.group);
  }
  roll_days();
  roll_books();
  for (auto& [id, run] : runs_) look_after(*run);
  for (auto& [id, run] : runs_) plan_run(*run, plan);
  if (!plan.empty() && !commit(plan)) return wait_for_more();

  for (auto& [id, run] : runs_) look_after(*run);
  for (auto& [id, run] : runs_) hand_to_loops(*run);
  for (auto& [id, run] : runs_)
    if (!run->halted() && !draining_) publish(*run);
  close_books();
  count_what_waited();
  // What was absorbed just now may have made room. A paced run is woken by its timer instead.
  bool more = !inbox_.empty();
  for (auto& [id, run] : runs_)
    more = more ||
           (!pace_of(*run->open).limited() && !ramping(*run, ports_.clock.steady()) && allowance(*run) > 0 &&
            has_work(*run)) ||
           leaves_out(*run);
  if (more)
    schedule();
  else
    wait_for_more();
}

// For whoever watches from outside: the account, and whether the run comes forward.
void Runner::publish(ActiveRun& run) {
  std::uint64_t messages = run.open->base.tally.attempts;
  for (const LiveTally& live : run.open->live)
    messages += static_cast<std::uint64_t>(live.attempts.load(std::memory_order_relaxed));
  run.open->meter.note(ports_.clock.steady(), messages);
  run.open->accounted.store(run.accounted(), std::memory_order_relaxed);
  const std::uint64_t forward = run.attempts_made() + run.finals;
  if (forward == run.forward && on_time(run)) return;
  run.forward = forward;
  run.open->forward_at.store(ports_.clock.steady().time_since_epoch().count(), std::memory_order_relaxed);
}

// How many more recipients of the run may be admitted now. The pace is not yet charged.
std::uint32_t Runner::allowance(ActiveRun& run) {
  if (run.halted() || run.guard.breached || draining_ || !run.granted.empty() ||
      run.unresolved >= options_.window || accounts_.at(run.open->account)->counting)
    return 0;
  const std::uint32_t room = options_.window - run.unresolved;
  const bool paced = pace_of(*run.open).limited() || ramping(run, ports_.clock.steady());
  if (!paced && room < options_.window / 4) return 0;  // small commits cost as much as large ones
  return std::min(room, turn_admissions);
}

bool Runner::has_work(ActiveRun& run) {
  if (messages_left(run) == 0) return false;
  return run.retries.due(ports_.clock.steady()) ||
         (!run.admitted_whole() && run.retries.size() < most_waiting && recipients_left(run) > 0 &&
          run.departures.any(Leave::Now::may_leave, run.slices, run.slice, ports_.clock.wall()));
}

void Runner::plan_run(ActiveRun& run, Plan& plan) {
  plan_left_out(run, plan);
  std::uint32_t most = allowance(run);
  if (most == 0) return;
  const SteadyTime now = ports_.clock.steady();
  if (!has_work(run)) return;
  Pace& pace = pace_of(*run.open);
  const std::uint32_t paid = pace.take(most, now);
  const std::uint32_t let = let_through(run, paid, now);
  most = let;
  plan_retries(run, most, plan);
  if (run.retries.size() < most_waiting) plan_new(run, std::min(most, recipients_left(run)), plan);
  std::uint32_t fresh = 0;
  for (const auto& n : plan.news) fresh += n.run == &run && n.left_out == Reason::none ? n.count : 0;
  std::uint32_t used = fresh;
  for (const auto& f : plan.furthers)
    used += f.run == &run && f.ends.empty() ? static_cast<std::uint32_t>(f.who.size()) : 0;
  pace.give_back(paid - used);
  charge(run, let, used, fresh);
}

void Runner::plan_retries(ActiveRun& run, std::uint32_t& most, Plan& plan) {
  auto who = may_leave_again(run, run.retries.take_due(ports_.clock.steady(), most), plan);
  if (who.empty()) return;
  most -= static_cast<std::uint32_t>(who.size());
  std::vector<JournalEntry> entries;
  for (const Granted& g : who)
    entries.push_back({g.ordinal, Entry::readmitted, Reason::none, g.attempt, g.handed_before});
  plan.group.readmissions.push_back({run.open->run, run.open->campaign, run.open->epoch, pack(entries)});
  plan.furthers.push_back({&run, std::move(who)});
}

void Runner::plan_new(ActiveRun& run, std::uint32_t most, Plan& plan) {
  for (std::size_t s = run.slice; s < run.slices.size() && most > 0; ++s) {
    const store::Slice& slice = run.slices[s];
    const std::uint32_t count = std::min(most, slice.end - slice.cursor);
    if (count == 0 || run.departures.of_slice(s, plan.group.at).now != Leave::Now::may_leave) continue;
    plan.group.admissions.push_back(
        {run.open->run, run.open->campaign, run.open->epoch, slice.no, slice.cursor, slice.cursor + count});
    if (counts_days(run)) plan.group.admissions.back().day = run.guard.today.day;
    plan.news.push_back({&run, count});
    most -= count;
  }
}

bool Runner::commit(Plan& plan) {
  auto result = journal_->commit(plan.group);
  if (result) {
    ++commits;
    apply(plan, *result);
    return true;
  }
  // Nothing happened, or it is not known (see resync). Outcomes are written again, which changes nothing.
  ++store_errors;
  unsure_ = true;
  log_error("journal.commit_failed", {{"detail", result.error().text}});
  store_not_before_ = ports_.clock.steady() + store_pause;
  undo(plan);
  return false;
}

// After a commit that failed: admissions that did go through after all are found by their cursors.
bool Runner::resync() {
  if (!unsure_) return true;
  for (auto& [id, run] : runs_) {
    if (run->halted()) continue;
    const auto stored = journal_->run_of(id);
    if (!stored || !*stored) {
      store_not_before_ = ports_.clock.steady() + store_pause;
      return false;
    }
    for (std::size_t i = 0; i < run->slices.size(); ++i) {
      const Ordinal cursor = (*stored)->slices[i].cursor;
      CHECK(cursor >= run->slices[i].cursor);
      if (cursor == run->slices[i].cursor) continue;
      const std::uint32_t found = cursor - run->slices[i].cursor;
      const auto out =
          std::ranges::find(run->unsure_left_out, run->slices[i].no, &std::pair<SliceNo, Reason>::first);
      if (out != run->unsure_left_out.end()) {
        leave_out(*run, found, out->second);
      } else {
        charge(*run, found, found, found);
        grant(*run, run->slices[i].cursor, cursor);
      }
      run->slices[i].cursor = cursor;
    }
  }
  for (auto& [id, run] : runs_) run->unsure_left_out.clear();
  unsure_ = false;
  return true;
}

// [from, to) may be sent from now on.
void Runner::grant(ActiveRun& run, Ordinal from, Ordinal to) {
  std::vector<RecipientId> ids;
  run.audience.range(from, to - from, ids);
  CHECK(ids.size() == to - from);
  for (std::size_t k = 0; k < ids.size(); ++k)
    run.granted.push_back({from + static_cast<Ordinal>(k), ids[k], 1, false});
  run.unresolved += to - from;
}

void Runner::undo(Plan& plan) {
  const SteadyTime now = ports_.clock.steady();
  for (std::size_t i = 0; i < plan.news.size(); ++i) {
    const Plan::New& n = plan.news[i];
    if (n.left_out != Reason::none) {
      n.run->unsure_left_out.emplace_back(plan.group.admissions[i].slice, n.left_out);
      continue;
    }
    pace_of(*n.run->open).give_back(n.count);
    uncharge(*n.run, n.count, n.count);
  }
  for (Plan::Further& f : plan.furthers) {
    if (f.ends.empty()) {
      pace_of(*f.run->open).give_back(static_cast<std::uint32_t>(f.who.size()));
      uncharge(*f.run, static_cast<std::uint32_t>(f.who.size()), 0);
    }
    for (const Granted& g : f.who) f.run->retries.add(now, g);
  }
}

void Runner::apply(Plan& plan, const store::GroupResult& result) {
  for (std::size_t i = 0; i < plan.news.size(); ++i) {
    ActiveRun& run = *plan.news[i].run;
    const store::Admission& a = plan.group.admissions[i];
    if (!result.admitted[i]) {
      run.fenced = true;
      ++fenced;
      continue;
    }
    if (plan.news[i].left_out != Reason::none)
      leave_out(run, a.to - a.from, plan.news[i].left_out);
    else
      grant(run, a.from, a.to);
    for (store::Slice& slice : run.slices)
      if (slice.no == a.slice) slice.cursor = a.to;
    while (run.slice < run.slices.size() && run.slices[run.slice].cursor == run.slices[run.slice].end)
      ++run.slice;
  }
  for (std::size_t i = 0; i < plan.furthers.size(); ++i) {
    ActiveRun& run = *plan.furthers[i].run;
    if (!result.readmitted[i]) {
      run.fenced = true;
      ++fenced;
      continue;
    }
    if (!plan.furthers[i].ends.empty()) {
      end_waiting(run, plan.furthers[i].who, plan.furthers[i].ends);
      continue;
    }
    run.unresolved += static_cast<std::uint32_t>(plan.furthers[i].who.size());
    run.granted.insert(run.granted.end(), plan.furthers[i].who.begin(), plan.furthers[i].who.end());
  }
  extra_blocks_.clear();
  const std::vector<std::shared_ptr<const OutcomeBatch>> done(
      inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(plan.batches));
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(plan.batches));
  for (const auto& batch : done) absorb(*batch);
  mark_dead(done);
}

// A batch of outcomes is durable: whoever sent it may forget it.
void Runner::absorb(const OutcomeBatch& batch) {
  SenderLoop* loop = loops_[static_cast<std::size_t>(batch.loop.value)];
  loop->executor().post(
      [loop, campaign = batch.run->campaign, seq = batch.seq] { loop->acknowledged(campaign, seq); });
  const auto it = runs_.find(batch.run->campaign);
  if (it == runs_.end()) return;
  ActiveRun& run = *it->second;
  settle_counts(run, batch.entries);
  if (run.stopped || run.paused) return;
  const auto count = static_cast<std::uint32_t>(batch.entries.size());
  auto& outstanding = run.outstanding[static_cast<std::size_t>(batch.loop.value)];
  CHECK(run.unresolved >= count && outstanding >= count);
  run.unresolved -= count;
  outstanding -= count;
  for (const JournalEntry& e : batch.entries) run.finals += is_final(e.entry) ? 1 : 0;
  if (!run.guard.breached)
    for (GuardrailWatch* watch : {&run.guard.watch, &accounts_.at(run.open->account)->watch})
      for (const JournalEntry& e : batch.entries) watch->count(e);
  if (draining_) return;
  const SteadyTime now = ports_.clock.steady();
  for (const Again& a : batch.again) {
    // Up to a quarter more, so that those who were refused together do not come back together.
    const Micros jitter{
        static_cast<std::int64_t>(ports_.random.below(static_cast<std::uint64_t>(a.delay.count() / 4 + 1)))};
    run.retries.add(now + a.delay + jitter, {a.ordinal, a.recipient, a.next_attempt, a.handed_over});
  }
}

void Runner::mark_dead(const std::vector<std::shared_ptr<const OutcomeBatch>>& batches) {
  for (const auto& batch : batches) {
    if (batch->dead.empty()) continue;
    // If this is lost the provider says so again next time; the outcome itself is in the journal.
    if (auto r = profiles_->mark_dead(batch->run->account, batch->dead); !r)
      log_warning("address.mark_dead_failed", {{"detail", r.error().text}});
  }
}

store::Result<void> Runner::read_granted(const OpenRun& run, std::span<const RecipientId> ids,
                                         const std::function<void(const store::RecipientRow&)>& visit) {
  return run.sender->tells_tokens() ? profiles_->read_with_tokens(run.account, ids, visit)
                                    : profiles_->read(run.account, run.kind, ids, visit);
}

// Reads those who have been granted and sends them to the loops with the least to do.
void Runner::hand_to_loops(ActiveRun& run) {
  constexpr std::size_t batch_size = 128;
  const WallTime now = ports_.clock.wall();
  if (run.halted()) run.granted.clear();
  if (run.granted.empty() || draining_ || accounts_.at(run.open->account)->counting) return;
  std::sort(run.granted.begin(), run.granted.end(),
            [](const Granted& a, const Granted& b) { return a.recipient < b.recipient; });
  std::vector<RecipientId> ids;
  std::size_t from = 0;
  while (from < run.granted.size()) {
    const std::size_t count = std::min(batch_size, run.granted.size() - from);
    ids.clear();
    for (std::size_t i = 0; i < count; ++i) ids.push_back(run.granted[from + i].recipient);
    Batch batch;
    batch.run = run.open;
    batch.parcels.reserve(count);
    const auto read = read_granted(*run.open, ids, [&](const store::RecipientRow& row) {
      const Granted& g = run.granted[from + batch.parcels.size()];
      Parcel p;
      p.ordinal = g.ordinal;
      p.recipient = g.recipient;
      p.attempt = g.attempt;
      p.handed_before = g.handed_before;
      p.leave_by = run.departures.leave_by(g.ordinal, now);
      p.skip = !row.found  ? Reason::recipient_gone
               : !row.live ? Reason::address_dead
                           : left_out(run, g, row);
      p.platform = row.platform;
      const auto keep = [&](std::string_view text) {
        const Parcel::Range range{static_cast<std::uint32_t>(batch.text.size()),
                                  static_cast<std::uint32_t>(text.size())};
        batch.text += text;
        return range;
      };
      p.token = keep(row.token);
      p.identity = keep(row.identity);
      p.object_id = keep(row.object_id);
      p.properties = keep(row.properties);
      batch.parcels.push_back(p);
    });
    if (!read) {
      log_error("profiles.read_failed", {{"detail", read.error().text}});
      store_not_before_ = ports_.clock.steady() + store_pause;
      break;
    }
    CHECK(batch.parcels.size() == count);
    send(run, std::move(batch));
    from += count;
  }
  run.granted.erase(run.granted.begin(), run.granted.begin() + static_cast<std::ptrdiff_t>(from));
}

void Runner::send(ActiveRun& run, Batch batch) {
  const auto least = std::min_element(run.outstanding.begin(), run.outstanding.end());
  *least += static_cast<std::uint32_t>(batch.parcels.size());
  SenderLoop* loop = loops_[static_cast<std::size_t>(least - run.outstanding.begin())];
  loop->executor().post([loop, b = std::move(batch)]() mutable { loop->deliver(std::move(b)); });
}

// Runs that have come to their end are taken off the books.
void Runner::close_books() {
  std::vector<CampaignId> ended;
  for (auto& [id, run] : runs_)
    if (finish_if_done(*run)) ended.push_back(id);
  for (CampaignId id : ended) settled(id);
  if (draining_ && draining_loops_ == 0 && inbox_.empty() && extra_blocks_.empty() && drained_)
    std::exchange(drained_, nullptr)();
}

bool Runner::finish_if_done(ActiveRun& run) {
  if (run.stopped) {
    if (run.noisy_loops == 0 && run.stop && inbox_.empty())
      hooks_.settle(run.open->campaign, std::exchange(run.stop, {}));
    return false;
  }
  if (run.paused) return run.noisy_loops == 0 && inbox_.empty();
  if (run.fenced || run.guard.breached || draining_ || !run.admitted_whole() || !run.idle()) return false;
  const auto moved = control_->move(
      {run.open->campaign, State::running, State::completed, run.open->epoch, ports_.clock.wall(), ""});
  if (moved) {
    const Tally t = live_tally(*run.open, false);
    log_info("campaign.completed", {{"campaign", run.open->campaign},
                                    {"accepted", t.accepted},
                                    {"failed", t.failed},
                                    {"skipped", t.skipped_total()},
                                    {"in_doubt", t.in_doubt}});
    return true;
  }
  if (moved.error().code == store::Code::fenced)
    run.fenced = true;  // a stop was quicker
  else
    store_not_before_ = ports_.clock.steady() + store_pause;
  return false;
}

void Runner::wait_for_more() {
  const SteadyTime now = ports_.clock.steady();
  SteadyTime next = SteadyTime::max();
  if (now < store_not_before_) {
    next = store_not_before_;
  } else {
    for (auto& [id, run] : runs_) {
      if (run->halted() || draining_ || run->unresolved >= options_.window) continue;
      Pace& pace = pace_of(*run->open);
      next = std::min(next, std::max(run->retries.next(), now + Micros{1000}));
      if (pace.limited() && !run->admitted_whole() &&
          run->departures.any(Leave::Now::may_leave, run->slices, run->slice, ports_.clock.wall()))
        next = std::min(next, now + pace.wait());
      next = std::min(next, next_look(*run, now));
      next = std::min(next, next_departure(*run, now));
    }
    if (!inbox_.empty() || !extra_blocks_.empty()) next = now + store_pause;
  }
  if (next == SteadyTime::max()) return timer_.reset();
  timer_ = ports_.runner.after(std::max<Micros>(next - now, Micros{1}), [this] { turn(); });
}

Pace& Runner::pace_of(const OpenRun& run) {
  return paces_.try_emplace(run.provider, Pace(run.max_per_second)).first->second;
}

}  // namespace belay::dispatch
