// What the journal says about a run that nobody in this process has delivered: after a restart, for a
// stop without a server, and to settle a receipt. Blocks on the store; reads every block of the run.
#pragma once
#include <vector>

#include "campaign/run_account.h"
#include "dispatch/open_run.h"
#include "store/store.h"

namespace belay::dispatch {

struct Recovered {
  Tally tally;  // with `unanswered` already counted
  std::uint32_t deferred = 0;
  HandOverSpan span;
  std::vector<JournalEntry> unanswered;      // to be written down before anything else happens: who is in
                                             // doubt, and of a paused run also who has not left
  std::vector<RunAccount::Waiting> waiting;  // for a further attempt
};

// `state` is the campaign's. Of one that is stopped or paused only what was on the wire then can be in
// doubt; of one that is over nobody waits.
store::Result<Recovered> recover(store::JournalSession& journal, const store::Run& run, State state);

// The whole account of a run, folded from its journal.
store::Result<RunAccount> fold(store::JournalSession& journal, const store::Run& run);

// What a pause has left open in a campaign's journal, to be written with its resumption.
struct PausedRest {
  RunId run;          // none: not planned
  std::string block;  // packed entries, may be ""
};
store::Result<PausedRest> rest_of(store::JournalSession& journal, CampaignId campaign);

}  // namespace belay::dispatch
