// A stop when no server runs: nothing can be sending, so the store alone decides.
#include "dispatch/brake_case.h"
#include "dispatch/engine.h"
#include "dispatch/stop_book.h"

namespace belay::dispatch {
namespace {

Result<std::vector<store::StopEvidence>, StopError> evidence(StopBook& book,
                                                             const std::vector<Campaign>& campaigns) {
  std::vector<store::StopEvidence> all;
  for (const Campaign& campaign : campaigns) {
    auto e = book.from_journal(campaign);
    if (!e) return fail(StopCode::store, e.error().text);
    all.push_back(std::move(*e));
  }
  return all;
}

}  // namespace

Result<StopRecord, StopError> stop_offline(store::Store& store, const Clock& clock, StopRequest request) {
  const SteadyTime began = clock.steady();
  auto book = StopBook::open(store);
  if (!book) return fail(StopCode::store, book.error().text);
  TRY_ASSIGN(const StopBook::Found found, book->find(request));
  TRY_ASSIGN(auto all, evidence(*book, found.campaigns));
  if (found.over) {
    TRY_ASSIGN(auto known, book->of_what_is_over(request.scope));
    if (auto* earlier = std::get_if<StopRecord>(&known)) return std::move(*earlier);
    all.push_back(std::move(std::get<store::StopEvidence>(known)));
  }
  auto record = book->write(request, clock.wall(), std::move(all));
  if (!record) return fail(StopCode::store, record.error().text);
  record->latency = clock.steady() - began;
  (void)book->record_latency(record->id, record->latency);
  return std::move(*record);
}

Result<PauseAnswer, PauseError> pause_offline(store::Store& store, const Clock& clock, PauseRequest request) {
  const SteadyTime began = clock.steady();
  const auto refuse = [](const store::Error& e) { return fail(pause_code(e.code), e.text); };
  auto book = StopBook::open(store);
  if (!book) return refuse(book.error());
  Scope scope;
  scope.account = request.account;
  scope.campaign = request.campaign;
  auto campaigns = book->campaigns(scope);
  if (!campaigns) return fail(pause_code(campaigns.error().code), campaigns.error().text);
  if (campaigns->empty()) return fail(PauseCode::conflict, "it is over: there is nothing to pause");
  PauseAnswer answer;
  StopRecord numbers;
  std::vector<store::PauseWrite> writes;
  for (const Campaign& campaign : *campaigns) {
    auto e = book->waiting_in_journal(campaign);
    if (!e) return refuse(e.error());
    answer.planned = answer.planned || e->receipt.planned;
    answer.span.merge(e->receipt.span);
    numbers.receipts.push_back(e->receipt);
    writes.push_back(StopBook::pause_write(campaign, std::move(*e), request.campaign));
    writes.back().actor = request.actor;
    writes.back().reason = request.reason;
    writes.back().at = clock.wall();
  }
  const auto paused = book->pause(writes);
  if (!paused) return refuse(paused.error());
  auto asked = book->campaign(scope);
  if (!asked) return refuse(asked.error());
  answer.campaign = std::move(*asked);
  answer.tally = numbers.total();
  answer.latency = clock.steady() - began;
  return answer;
}

Result<Campaign, PauseError> resume_offline(store::Store& store, const Clock& clock, ResumeRequest request) {
  const auto refuse = [](const store::Error& e) { return fail(pause_code(e.code), e.text); };
  auto book = StopBook::open(store);
  if (!book) return refuse(book.error());
  Scope scope;
  scope.account = request.account;
  scope.campaign = request.campaign;
  const auto runs = book->paused_with(request.campaign);
  if (!runs) return refuse(runs.error());
  for (const Campaign& run : *runs) {
    ResumeRequest of_run = request;
    of_run.campaign = run.id;
    auto resumed = resume_offline(store, clock, of_run);
    if (!resumed) return resumed;
  }
  const auto campaign = book->campaign(scope);
  if (!campaign) return refuse(campaign.error());
  if (is_final(campaign->state) && !runs->empty()) return *campaign;
  if (is_final(campaign->state))
    return fail(PauseCode::conflict, fmt::format("campaign {} is {}: it can't be resumed", campaign->id,
                                                 name_of(campaign->state)));
  if (campaign->state != State::paused) return *campaign;
  auto rest = book->rest(campaign->id);
  if (!rest) return refuse(rest.error());
  auto resumed = book->resume({.campaign = campaign->id,
                               .epoch = campaign->epoch,
                               .run = rest->run,
                               .block = std::move(rest->block),
                               .past_due = request.past_due,
                               .actor = request.actor,
                               .at = clock.wall()});
  if (!resumed) return refuse(resumed.error());
  return std::move(*resumed);
}

Result<StopRecord, StopError> preview_offline(store::Store& store, const Clock& clock, StopRequest request) {
  auto book = StopBook::open(store);
  if (!book) return fail(StopCode::store, book.error().text);
  TRY_ASSIGN(const std::vector<Campaign> campaigns, book->campaigns(request.scope));
  TRY_ASSIGN(auto all, evidence(*book, campaigns));
  StopRecord record = preview_of(request, clock.wall());
  for (auto& e : all) record.receipts.push_back(std::move(e.receipt));
  return record;
}

}  // namespace belay::dispatch
