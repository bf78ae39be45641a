// An account's reach rules as JSON: in requests, in answers, in the store. Strict: an unknown key, a wrong
// type or a number out of range is refused by a sentence that names key and value. Pure.
//
//   {"frequency_caps": [{"messages": 2, "per": "day"}, {"messages": 5, "per": "week", "channel": "push"}],
//    "system_control_group": {"percentage": 5}}
#pragma once
#include "base/json.h"
#include "base/result.h"
#include "campaign/reach.h"

namespace belay {

Result<ReachRules, std::string> parse_reach_rules(const json::value& value);
// Only what is set. parse_reach_rules() reads it back.
json::object to_json(const ReachRules& rules);

// "control_group" of create.json: {"type":"campaign","percentage":10}. Its other type, "custom", names a list
// that is kept elsewhere: refused.
Result<ControlGroup, std::string> parse_control_group(const json::value& value);

inline constexpr std::uint32_t most_control_percent = 99;

}  // namespace belay
