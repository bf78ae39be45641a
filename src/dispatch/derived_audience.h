// The audience of a campaign that was made from another's people. Blocks on the store; 2 bytes a recipient of
// the parent while it works.
#pragma once
#include <optional>

#include "store/store.h"

namespace belay::dispatch {

// Exactly those whose standing in the parent's journal is one of those wanted. Nothing where the campaign's
// query is to be evaluated: it is not derived, or its parent was stopped before it had an audience.
store::Result<std::optional<store::AudienceSet>> derived_audience(store::ControlSession& control,
                                                                  store::JournalSession& journal,
                                                                  const Campaign& campaign);

}  // namespace belay::dispatch
