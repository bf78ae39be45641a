#include "dispatch/stop_book.h"

#include "dispatch/recover.h"

namespace belay::dispatch {

store::Result<StopBook> StopBook::open(store::Store& store) {
  TRY_ASSIGN(auto control, store.control(store::Lane::brake));
  TRY_ASSIGN(auto journal, store.journal());
  return StopBook(std::move(control), std::move(journal));
}

Result<std::vector<Campaign>, StopError> StopBook::campaigns(const Scope& scope) {
  const auto store_trouble = [](const store::Error& e) { return fail(StopCode::store, e.text); };
  if (scope.kind == Scope::Kind::campaign) {
    const auto campaign = control_->campaign(scope.account, scope.campaign);
    if (!campaign && campaign.error().code == store::Code::not_found)
      return fail(StopCode::not_found, fmt::format("no campaign {}", scope.campaign));
    if (!campaign) return store_trouble(campaign.error());
  }
  auto found = control_->in_scope(scope);
  if (!found) return store_trouble(found.error());
  return std::move(*found);
}

Result<StopBook::Found, StopError> StopBook::find(const StopRequest& request) {
  Found found;
  TRY_ASSIGN(found.campaigns, campaigns(request.scope));
  found.over = found.campaigns.empty() && request.scope.kind == Scope::Kind::campaign && !request.latch;
  return found;
}

Result<std::variant<StopRecord, store::StopEvidence>, StopError> StopBook::of_what_is_over(
    const Scope& scope) {
  const auto store_trouble = [](const store::Error& e) { return fail(StopCode::store, e.text); };
  auto first = earlier(scope);
  if (!first) return store_trouble(first.error());
  if (*first) return std::move(**first);
  const auto ended = campaign(scope);
  if (!ended) return store_trouble(ended.error());
  auto numbers = from_journal(*ended);
  if (!numbers) return store_trouble(numbers.error());
  return std::move(*numbers);
}

store::Result<std::optional<StopRecord>> StopBook::earlier(const Scope& scope) {
  if (scope.kind != Scope::Kind::campaign) return std::nullopt;
  TRY_ASSIGN(const std::optional<StopId> id, control_->stop_of(scope.campaign));
  if (!id) return std::nullopt;
  TRY_ASSIGN(StopRecord record, control_->stop(scope.account, *id));  // of an operator's stop, its own part
  return std::optional<StopRecord>(std::move(record));
}

store::Result<store::StopEvidence> StopBook::from_journal(const Campaign& campaign) {
  std::uint32_t deferred = 0;
  TRY_ASSIGN(store::StopEvidence evidence, read_journal(campaign, deferred));
  Tally& t = evidence.receipt.tally;  // whoever waited will not be sent to
  t.failed += deferred;
  t.withheld += t.pending - deferred;
  t.pending = 0;
  return evidence;
}

store::Result<store::StopEvidence> StopBook::waiting_in_journal(const Campaign& campaign) {
  std::uint32_t deferred = 0;
  return read_journal(campaign, deferred);
}

store::Result<store::StopEvidence> StopBook::read_journal(const Campaign& campaign, std::uint32_t& deferred) {
  store::StopEvidence evidence;
  evidence.campaign = campaign.id;
  evidence.receipt.campaign = campaign.id;
  evidence.receipt.campaign_name = campaign.definition.name;
  evidence.receipt.found_in = campaign.state;
  evidence.receipt.settled = true;  // nothing is on the wire
  TRY_ASSIGN(const std::optional<store::Run> run, journal_->run_of(campaign.id));
  if (!run) return evidence;
  TRY_ASSIGN(Recovered past, recover(*journal_, *run, campaign.state));
  evidence.run = run->id;
  evidence.receipt.planned = true;
  evidence.receipt.tally = past.tally;
  evidence.receipt.span = past.span;
  if (is_final(campaign.state)) return evidence;
  if (!past.unanswered.empty()) evidence.block = pack(past.unanswered);
  deferred = past.deferred;
  return evidence;
}

store::PauseWrite StopBook::pause_write(const Campaign& campaign, store::StopEvidence evidence,
                                        CampaignId asked) {
  store::PauseWrite w;
  w.campaign = campaign.id;
  w.epoch = campaign.epoch;
  w.run = evidence.run;
  w.block = std::move(evidence.block);
  w.span = evidence.receipt.span;
  w.attempts = evidence.receipt.tally.attempts;
  w.with_series = campaign.series && campaign.series == asked;
  return w;
}

store::Result<StopRecord> StopBook::write(const StopRequest& request, WallTime at,
                                          std::vector<store::StopEvidence> campaigns) {
  store::StopWrite w;
  w.scope = request.scope;
  w.actor = request.actor;
  w.reason = request.reason;
  w.at = at;
  w.latch = request.latch;
  w.campaigns = std::move(campaigns);
  return control_->stop(w);
}

StopRecord preview_of(const StopRequest& request, WallTime at) {
  StopRecord record;
  record.scope = request.scope;
  record.actor = request.actor;
  record.reason = request.reason;
  record.at = at;
  return record;
}

}  // namespace belay::dispatch
