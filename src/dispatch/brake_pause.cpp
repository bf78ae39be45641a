// The brake's other half: a stop that can be taken back. A pause goes the whole way of a stop; only what is
// written down differs. A resumption is decided here too, so that none comes in between a question and
// what is written of its answers.
#include "base/check.h"
#include "base/log.h"
#include "dispatch/brake_case.h"

namespace belay::dispatch {

PauseCode pause_code(store::Code code) {
  switch (code) {
    case store::Code::not_found:
      return PauseCode::not_found;
    case store::Code::conflict:
    case store::Code::fenced:
      return PauseCode::conflict;
    case store::Code::latched:
      return PauseCode::latched;
    case store::Code::busy:
      return PauseCode::shutting_down;
    default:
      return PauseCode::store;
  }
}

void Brake::pause(PauseRequest request, PauseDone done) {
  auto c = std::make_shared<Case>();
  c->request.scope.account = request.account;
  c->request.scope.campaign = request.campaign;
  c->request.actor = std::move(request.actor);
  c->request.reason = std::move(request.reason);
  c->paused = std::move(done);
  c->at = ports_.clock.wall();
  c->began = ports_.clock.steady();
  begin(c);
}

void Brake::write_pause(const CasePtr& c) {
  c->delivered.clear();
  std::vector<store::PauseWrite> writes;
  StopRecord numbers;  // added up where a series is paused with its runs
  HandOverSpan span;
  bool planned = false;
  for (const Campaign& campaign : c->campaigns) {
    auto e = evidence(c, campaign);
    if (!e && ++c->round < most_rounds) return begin(c);
    if (!e) return give_up(c, e.error());
    span.merge(e->receipt.span);
    planned = planned || e->receipt.planned;
    numbers.receipts.push_back(e->receipt);
    writes.push_back(StopBook::pause_write(campaign, std::move(*e), c->request.scope.campaign));
    writes.back().actor = c->request.actor;
    writes.back().reason = c->request.reason;
    writes.back().at = c->at;
  }
  auto paused = book_->pause(writes);
  if (!paused && paused.error().code == store::Code::fenced && ++c->round < most_rounds) return begin(c);
  auto asked = paused ? book_->campaign(c->request.scope) : std::unexpected(paused.error());
  if (!asked)
    return give_up(c,
                   {StopCode::store, "Nothing more is being sent, but the pause could not be written down (" +
                                         asked.error().text + "). Ask again until it succeeds"});
  ++pauses;
  const Micros latency = ports_.clock.steady() - c->began;
  const Tally tally = numbers.total();
  for (const Campaign& campaign : *paused)
    log_info("campaign.paused", {{"campaign", campaign.id},
                                 {"actor", c->request.actor},
                                 {"reason", c->request.reason},
                                 {"handed_over", tally.handed_over},
                                 {"pending", tally.pending},
                                 {"in_flight", tally.in_flight},
                                 {"latency_us", latency.count()}});
  c->paused(PauseAnswer{std::move(*asked), planned, tally, span, latency});
  for (const Campaign& campaign : *paused) hooks_.paused(campaign.id);
}

void Brake::give_up(const CasePtr& c, PauseError error) {
  if (error.code == PauseCode::store) {
    ++errors;
    log_error("pause.failed", {{"actor", c->request.actor}, {"detail", error.text}});
  }
  c->paused(std::unexpected(std::move(error)));
}

// ---- resuming --------------------------------------------------------------------------------------

struct Brake::Resumption {
  ResumeRequest request;
  ResumeDone done;
  Epoch epoch;  // of the pause
  int round = 0;
  bool runs_went_on = false;  // of a series
  void refuse(PauseCode code, std::string text) { done(fail(code, std::move(text))); }
};

void Brake::resume(ResumeRequest request, ResumeDone done) {
  resume_runs(std::make_shared<Resumption>(Resumption{std::move(request), std::move(done), {}, 0, false}));
}

// The runs that were paused with their series go on before it does, one after the other: whoever asks again
// after a failure in between finds the rest. What was paused by itself stays paused.
void Brake::resume_runs(const std::shared_ptr<Resumption>& r) {
  if (!book()) return r->refuse(PauseCode::store, "the store can't be opened");
  const auto runs = book_->paused_with(r->request.campaign);
  if (!runs) return r->refuse(pause_code(runs.error().code), runs.error().text);
  if (runs->empty()) return look_at_paused(r);
  ResumeRequest of_run = r->request;
  of_run.campaign = runs->front().id;
  resume(std::move(of_run), [this, r](Result<Campaign, PauseError> resumed) {
    const bool over = !resumed && resumed.error().code == PauseCode::conflict;  // stopped meanwhile
    if (!resumed && !(over && ++r->round < most_rounds)) return r->done(std::unexpected(resumed.error()));
    r->runs_went_on = r->runs_went_on || resumed.has_value();
    resume_runs(r);
  });
}

void Brake::look_at_paused(const std::shared_ptr<Resumption>& r) {
  Scope scope;
  scope.account = r->request.account;
  scope.campaign = r->request.campaign;
  const auto found = book_->campaign(scope);
  if (!found) return r->refuse(pause_code(found.error().code), found.error().text);
  if (is_final(found->state) && !r->runs_went_on)
    return r->refuse(PauseCode::conflict,
                     fmt::format("campaign {} is {}: it can't be resumed", found->id, name_of(found->state)));
  if (found->state != State::paused) return r->done(*found);  // it is going on already
  r->epoch = found->epoch;
  hooks_.rest(found->id, [this, r](store::Result<PausedRest> rest) {
    ports_.brake.post([this, r, rest = std::move(rest)] { go_on(r, rest); });
  });
}

void Brake::go_on(const std::shared_ptr<Resumption>& r, const store::Result<PausedRest>& rest) {
  if (!rest) return r->refuse(pause_code(rest.error().code), rest.error().text);
  auto resumed = book_->resume({.campaign = r->request.campaign,
                                .epoch = r->epoch,
                                .run = rest->run,
                                .block = rest->block,
                                .past_due = r->request.past_due,
                                .actor = r->request.actor,
                                .at = ports_.clock.wall()});
  // Stopped, or resumed by somebody else, while what was on the wire got its verdicts.
  if (!resumed && resumed.error().code == store::Code::fenced && ++r->round < most_rounds)
    return look_at_paused(r);
  if (!resumed) return r->refuse(pause_code(resumed.error().code), resumed.error().text);
  log_info("campaign.resumed",
           {{"campaign", resumed->id}, {"actor", r->request.actor}, {"state", name_of(resumed->state)}});
  hooks_.resumed(*resumed);
  r->done(std::move(*resumed));
}

}  // namespace belay::dispatch
