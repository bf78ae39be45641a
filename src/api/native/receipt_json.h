// Stops, receipts and counts as the native API, the command line and the logs show them. Pure.
// docs/openapi.json describes every key; a test holds the two against each other.
#pragma once
#include <map>
#include <string>

#include "base/json.h"
#include "campaign/stop.h"
#include "campaign/tally.h"

namespace belay::api {

// Public names of accounts, as far as the caller may see them.
using AccountKeys = std::map<AccountId, std::string>;

json::object scope_json(const Scope& scope, const AccountKeys& accounts);

// The receipt of a stop. A record without an id is a preview: "id" is null and "dry_run" true.
// With more than one campaign the top counts are sums, and `campaigns` has each one's own.
json::object receipt_json(const StopRecord& record, const AccountKeys& accounts);

// The same as lines of text/csv: a heading, then a line a campaign.
std::string receipt_csv(const StopRecord& record);

json::object latch_json(const Latch& latch, const AccountKeys& accounts);

// audience, handed_over, accepted, failed, skipped {reason: n}, withheld, in_doubt, in_flight, attempts;
// `pending` too where a campaign is not over.
json::object counts_json(const Tally& tally, bool with_pending);

// {"time":…,"recipient":ordinal}, or null.
json::value hand_over_json(const std::optional<HandOver>& hand_over);

// "stop-17" or "17"; nothing else.
std::optional<std::int64_t> numbered(std::string_view prefix, std::string_view text);

}  // namespace belay::api
