// What a stop needs from the store, with or without a running server: which campaigns it means, what
// the journal says of each, and the writing down. Blocks on the store.
#pragma once
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "dispatch/engine.h"
#include "dispatch/recover.h"
#include "store/store.h"

namespace belay::dispatch {

class StopBook {
 public:
  static store::Result<StopBook> open(store::Store& store);

  // The campaigns of the scope that could still send: of a series also its runs. not_found when the scope
  // names one campaign and there is none of that id in its account.
  Result<std::vector<Campaign>, StopError> campaigns(const Scope& scope);

  // What a stop of this request starts from. `over`: the scope is one campaign, it has ended, and no latch is
  // asked for; then a stop changes nothing, and its answer is the first stop's, if there was one.
  struct Found {
    std::vector<Campaign> campaigns;
    bool over = false;
  };
  Result<Found, StopError> find(const StopRequest& request);
  // Of a campaign that is over: the first stop's record, or what a receipt of it, the first, has to say.
  Result<std::variant<StopRecord, store::StopEvidence>, StopError> of_what_is_over(const Scope& scope);
  // The campaign of a one-campaign scope although it is final: for a receipt that changes nothing.
  store::Result<Campaign> campaign(const Scope& scope) {
    return control_->campaign(scope.account, scope.campaign);
  }

  // The numbers of a campaign that no loop of this process delivers: from its journal alone. What a
  // crash left unanswered becomes in doubt, as evidence to be written with the stop.
  store::Result<store::StopEvidence> from_journal(const Campaign& campaign);
  // The same for a pause: who waits goes on waiting.
  store::Result<store::StopEvidence> waiting_in_journal(const Campaign& campaign);

  // A pause's part for one campaign. `asked`: the one that somebody named; its runs are paused with it.
  static store::PauseWrite pause_write(const Campaign& campaign, store::StopEvidence evidence,
                                       CampaignId asked);

  store::Result<StopRecord> write(const StopRequest& request, WallTime at,
                                  std::vector<store::StopEvidence> campaigns);
  store::Result<std::vector<Campaign>> pause(std::span<const store::PauseWrite> writes) {
    return control_->pause_all(writes);
  }
  store::Result<std::vector<Campaign>> paused_with(CampaignId series) {
    return control_->paused_with(series);
  }
  store::Result<Campaign> resume(const store::ResumeWrite& write) { return control_->resume(write); }
  // What resuming a paused campaign has to write down beside its state.
  store::Result<PausedRest> rest(CampaignId campaign) { return rest_of(*journal_, campaign); }
  store::Result<void> record_latency(StopId stop, Micros latency) {
    return control_->record_latency(stop, latency);
  }

 private:
  // The first stop's record, when the scope is one campaign that has been stopped before.
  store::Result<std::optional<StopRecord>> earlier(const Scope& scope);
  StopBook(std::unique_ptr<store::ControlSession> control, std::unique_ptr<store::JournalSession> journal)
      : control_(std::move(control)), journal_(std::move(journal)) {}
  store::Result<store::StopEvidence> read_journal(const Campaign& campaign, std::uint32_t& deferred);
  std::unique_ptr<store::ControlSession> control_;
  std::unique_ptr<store::JournalSession> journal_;
};

// A record that says what a stop would do; its receipts are to come.
StopRecord preview_of(const StopRequest& request, WallTime at);

}  // namespace belay::dispatch
