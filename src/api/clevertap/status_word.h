// How a campaign stands, in the words of list.json (contract 4.4).
#pragma once
#include <string_view>

#include "campaign/campaign.h"
#include "store/store.h"

namespace belay::api::clevertap {

// "pending", "running", "stopped" or "completed". A campaign that was paused before it began is still to
// come. A series is running while one of its runs is.
store::Result<std::string_view> list_word(store::ControlSession& control, const Campaign& campaign);

}  // namespace belay::api::clevertap
