// Limits: which people of an audience that is too large are sent to. Called by the planner before it freezes.
#pragma once
#include "store/store.h"

namespace belay::dispatch {

// How many people of `found` the run may have. Of a limit over all runs of a series, each run that is over
// has used as many as it reached, and each that is not as many as it may still reach. Reads the journals of
// the series' runs.
store::Result<std::uint32_t> people_allowed(store::ControlSession& control, store::JournalSession& journal,
                                            const Campaign& run, std::uint32_t found);

// `most` of them: a sample, not the oldest. The same for the same campaign and audience.
store::AudienceSet chosen(const store::AudienceSet& audience, std::uint32_t most, CampaignId run);

}  // namespace belay::dispatch
