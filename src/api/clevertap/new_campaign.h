// Puts a campaign into the store and tells the engine. Waits for the store; only on a worker.
#pragma once
#include "api/clevertap/lookup.h"
#include "api/route.h"
#include "campaign/campaign.h"
#include "campaign/schedule.h"

namespace belay::api::clevertap {

// `series`: the campaign that it is a run of; none: it stands by itself.
store::Result<Campaign> store_new_campaign(Call& call, Definition definition, const store::Provider& provider,
                                           const Schedule& schedule, CampaignId series = {});

// "campaign_id" of a message to people who are named (contract 3.7): a campaign that waits for a trigger, whose run
// the message becomes, so that its numbers and its stop are that campaign's, too. The error is a whole answer.
Answered<Campaign> counting_campaign(const Call& call, CampaignId id);

}  // namespace belay::api::clevertap
