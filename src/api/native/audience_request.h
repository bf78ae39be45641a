// Whom a native request means: what estimates, explanations and the preview of a schedule share.
#pragma once
#include "api/native/requests.h"
#include "audience/query.h"
#include "campaign/campaign.h"
#include "campaign/time_zone.h"

namespace belay::api {

// The account that is asked about: an operator has to name it.
Asked<AccountId> account_in(const Call& call);
// Its time zone.
Asked<TimeZone> zone_of(const Call& call, AccountId account);
// The keys of create.json that say what kind of recipients: target_mode, devices, send_to_all_devices.
Asked<Definition> whom(const json::object& body);
// Whom where, segment and exclude_segments mean. Nothing of them is not everybody here.
Asked<audience::Query> query_in(const Call& call, const json::object& body);

}  // namespace belay::api
