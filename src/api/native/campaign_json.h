// A campaign as the native API shows it. Pure.
#pragma once
#include <map>

#include "api/native/receipt_json.h"
#include "api/native/run_reading.h"
#include "api/route.h"
#include "base/json.h"
#include "campaign/campaign.h"

namespace belay::api {

struct CampaignNames {
  AccountKeys accounts;
  std::map<ProviderId, std::string> providers;
  std::map<AccountId, std::string> zones;  // IANA names
};

// Of the campaigns that the caller may see. Waits for the store.
CampaignNames names_for(const Call& call);

json::object campaign_json(const Campaign& campaign, const CampaignNames& names, WallTime now);
// What it says, to whom: content, audience, ttl, tag_group, with the keys of create.json.
void add_definition(json::object& to, const Definition& definition);
// Of a run with a timing: who leaves when, or is left out, in the order of departures.
json::array waves_json(const Campaign& campaign, const store::Run& run);
// Adds counts, first_hand_over and last_hand_over.
void add_numbers(json::object& to, const CampaignNumbers& numbers);

}  // namespace belay::api
