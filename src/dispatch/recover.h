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
  std::vector<JournalEntry> unanswered;      // to be written down as in doubt before anything else happens
  std::vector<RunAccount::Waiting> waiting;  // for a further attempt
};

// `stopped`: the campaign had been stopped before, so only what was on the wire then can be in doubt,
// and nobody waits.
store::Result<Recovered> recover(store::JournalSession& journal, const store::Run& run, bool stopped);

}  // namespace belay::dispatch
