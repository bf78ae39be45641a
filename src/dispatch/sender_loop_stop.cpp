// The loop's side of the brake: closing the gate, taking back, answering; and the orderly end.
#include "base/check.h"
#include "base/log.h"
#include "dispatch/run_guard.h"
#include "dispatch/sender_loop.h"
#include "dispatch/sender_loop_parts.h"

namespace belay::dispatch {

void SenderLoop::ask_to_stop(const std::vector<GateOrder>& campaigns, AnswerSink answer) {
  auto question = std::make_unique<Question>();
  for (const GateOrder& order : campaigns) {
    close_gate(order);
    question->campaigns.push_back(order.campaign);
  }
  question->answer = std::move(answer);
  questions_.push_back(std::move(question));
  answer_if_ready(*questions_.back());
}

// From here on not one more message of the campaign enters a socket. What is queued is dropped, what
// is in the link's own buffer is taken back; only a message that is already half in the operating
// system may still finish, and the answer waits for it.
void SenderLoop::close_gate(const GateOrder& order) {
  Epoch& closed = closed_[order.campaign];
  closed = std::max(closed, order.epoch);
  const auto it = runs_.find(order.campaign);
  if (it == runs_.end() || it->second->closed || it->second->open->epoch > order.epoch) return;
  LocalRun& run = *it->second;
  run.closed = true;
  queued_ -= run.queued;
  run.queued = 0;
  for (auto& [held, index] : run.again) {
    drop(run, held->batch.parcels[index]);
    --held->unfinished;
  }
  run.again.clear();
  for (auto& held : run.held)
    while (held->batch.next < held->batch.parcels.size()) drop(run, held->batch.parcels[held->batch.next++]);
  const auto half = seat_of(*run.open).route->withdraw([&](net::Token t) { return wire(t).run == &run; });
  for (net::Token t : half) {
    wire(t).half = true;
    ++run.half_sent;
  }
  while (!run.held.empty() && run.held.front()->spent()) run.held.pop_front();
  run.first_open = run.held.size();
  publish();
}

void SenderLoop::drop(LocalRun& run, const Parcel& parcel) {
  ++run.dropped;
  run.taken_back.push_back(
      {parcel.ordinal, Entry::returned, Reason::none, parcel.attempt, parcel.handed_before});
}

// From its cut-off on the gate is closed, whether or not the stop that belongs to it has come yet.
void SenderLoop::look_at_cut_off(LocalRun& run) {
  if (run.closed) return;
  const Micros left = *run.open->cut_off - cut_off_margin - clock_.wall();
  if (left <= Micros{0}) return close_gate({run.open->campaign, run.open->epoch});
  if (run.cut_off) return;
  run.cut_off = executor_.after(left, [this, id = run.open->campaign] {
    const auto it = runs_.find(id);
    if (it == runs_.end()) return;
    it->second->cut_off.reset();
    look_at_cut_off(*it->second);
  });
}

void SenderLoop::half_done(LocalRun& run) {
  CHECK(run.half_sent > 0);
  if (--run.half_sent > 0) return;
  // Answering may end the question, so not from inside the link's callback.
  executor_.post([this] {
    for (std::size_t i = 0; i < questions_.size();) {
      const std::size_t before = questions_.size();
      answer_if_ready(*questions_[i]);
      if (questions_.size() == before) ++i;
    }
  });
}

void SenderLoop::answer_if_ready(Question& question) {
  bool half_sent = false;
  for (CampaignId id : question.campaigns)
    if (const auto it = runs_.find(id); it != runs_.end()) half_sent = half_sent || it->second->half_sent > 0;
  if (half_sent) {
    if (!question.patience)
      question.patience = executor_.after(options_.flush_patience, [this] {
        // The provider does not take the rest of a message. Better to lose the connection than to
        // answer a stop with a message half out.
        for (auto& [id, seat] : routes_) seat->route->close_half_sent();
      });
    return;
  }
  std::vector<LoopAnswer> answers;
  for (CampaignId id : question.campaigns) answers.push_back(answer_for(id));
  AnswerSink answer = std::move(question.answer);
  std::erase_if(questions_, [&](const auto& q) { return q.get() == &question; });
  answer(std::move(answers));
}

LoopAnswer SenderLoop::answer_for(CampaignId campaign) {
  LoopAnswer a;
  a.loop = no_;
  a.campaign = campaign;
  const auto it = runs_.find(campaign);
  if (it == runs_.end()) return a;
  const LocalRun& run = *it->second;
  a.tally = run.tally;
  a.dropped = run.dropped;
  for (const auto& batch : run.unacknowledged)
    a.evidence.insert(a.evidence.end(), batch->entries.begin(), batch->entries.end());
  a.evidence.insert(a.evidence.end(), run.entries.begin(), run.entries.end());
  for (const Wire& w : wires_)
    if (w.run == &run && w.handed)
      a.evidence.push_back({w.ordinal, Entry::on_wire, Reason::none, w.attempt, true});
  return a;
}

void SenderLoop::when_quiet(CampaignId campaign, Task task) {
  const auto it = runs_.find(campaign);
  if (it == runs_.end()) return task();
  CHECK(it->second->closed);
  it->second->when_quiet.push_back(std::move(task));
  check_quiet(*it->second);
}

void SenderLoop::check_quiet(LocalRun& run) {
  if (run.unfinished > 0) return;
  executor_.post([this, id = run.open->campaign] {  // the event that made it quiet is still being recorded
    const auto it = runs_.find(id);
    if (it == runs_.end()) return;
    ship(*it->second);
    publish();
    for (Task& task : std::exchange(it->second->when_quiet, {})) task();
  });
}

void SenderLoop::forget(CampaignId campaign, Epoch epoch) {
  const auto it = runs_.find(campaign);
  if (it != runs_.end()) {
    LocalRun& run = *it->second;
    CHECK(run.unfinished == 0);
    std::erase(seat_of(*run.open).runs, &run);
    publish();
    runs_.erase(it);
  }
  // A later question may be under way: its gate stays closed.
  if (const auto gate = closed_.find(campaign); gate != closed_.end() && gate->second <= epoch)
    closed_.erase(gate);
}

// ---- the orderly end ------------------------------------------------------------------------------

void SenderLoop::drain(Micros patience, Task done) {
  draining_ = true;
  drained_ = std::move(done);
  for (auto& [id, run] : runs_) give_back(*run);
  for (auto& [id, seat] : routes_) {
    const auto half = seat->route->withdraw([](net::Token) { return true; });
    (void)half;  // those finish by themselves, or at the latest when the links are closed
  }
  drain_timer_ = executor_.after(patience, [this] {
    for (auto& [id, seat] : routes_) seat->route->close_all();
    check_drained();
  });
  check_drained();
}

// Everything that has not left is journalled as returned: it waits for the next start. Behind a closed gate,
// too: whoever closed it (the cut-off has come) may not have had the time to write it down.
void SenderLoop::give_back(LocalRun& run) {
  for (const JournalEntry& entry : std::exchange(run.taken_back, {})) record(run, entry);
  const auto returned = [&](const Parcel& p) {
    record(run, {p.ordinal, Entry::returned, Reason::none, p.attempt, p.handed_before});
  };
  if (run.closed) return;
  for (auto& [held, index] : run.again) {
    returned(held->batch.parcels[index]);
    --held->unfinished;
  }
  run.again.clear();
  for (auto& held : run.held)
    while (held->batch.next < held->batch.parcels.size()) returned(held->batch.parcels[held->batch.next++]);
  queued_ -= run.queued;
  run.queued = 0;
  while (!run.held.empty() && run.held.front()->spent()) run.held.pop_front();
  run.first_open = run.held.size();
}

void SenderLoop::check_drained() {
  if (!drained_ || unfinished_ > 0) return;
  executor_.post([this] {
    if (!drained_ || unfinished_ > 0) return;
    drain_timer_.reset();
    ship_all();
    std::exchange(drained_, nullptr)();
  });
}

}  // namespace belay::dispatch
