// What the requests of /1/send/….json share (contract 3.7): whom they name, and the keys that every mode
// knows.
#pragma once
#include "api/clevertap/draft.h"
#include "api/route.h"

namespace belay::api::clevertap {

struct SendRequest {
  audience::IdList people;
  std::string tag_group, provider_nick_name;
  std::optional<CampaignId> campaign_id;  // the campaign that counts it, as one of its runs
};

// Everything but the content; a refusal names the key.
Checked<SendRequest> read_send_request(const json::object& request);

}  // namespace belay::api::clevertap
