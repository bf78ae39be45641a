// Puts a campaign into the store and tells the engine. Waits for the store; only on a worker.
#pragma once
#include "api/route.h"
#include "campaign/campaign.h"
#include "campaign/schedule.h"

namespace belay::api::clevertap {

store::Result<Campaign> store_new_campaign(Call& call, Definition definition, const store::Provider& provider,
                                           const Schedule& schedule);

}  // namespace belay::api::clevertap
