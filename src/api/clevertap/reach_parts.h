// The keys of create.json that say who of the audience gets the message: limits, control groups, frequency
// caps. Pure.
#pragma once
#include "api/clevertap/draft.h"
#include "audience/planner_scan.h"

namespace belay::api::clevertap {

Checked<void> read_reach(const json::object& request, Definition& definition);

// What an estimate says: `found` cut down to the limits, and less the expected share of the control groups
// (`system_percent` is the account's). Frequency caps are not foreseen.
audience::Reach expected(audience::Reach found, const Definition& definition, std::uint32_t system_percent);

}  // namespace belay::api::clevertap
