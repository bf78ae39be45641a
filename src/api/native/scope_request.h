// "scope" of POST /api/v1/stops: one of campaign, label, account, channel, provider, all; the operator
// may limit label, channel and provider to an "account". An account's own calls never reach beyond it.
#pragma once
#include "api/native/requests.h"
#include "campaign/stop.h"

namespace belay::api {

// `accounts`: those the caller may name. Looks up a provider by its nick name, so it waits for the store.
Asked<Scope> scope_from(const json::value& value, const Call& call, const AccountKeys& accounts);

}  // namespace belay::api
