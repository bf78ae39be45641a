// Guardrails as JSON: in requests, in answers, in the store. Strict: an unknown key, a wrong type or a
// number out of range is refused by a sentence that names the key. Pure.
//
//   {"error_rate": {"percent": 10, "min_sample": 1000}, "in_doubt_rate": {…},
//    "max_hand_overs_per_minute": 60000, "expect_audience_max": 50000, "canary": 100,
//    "ramp": {"start_per_second": 10, "double_every": 60}, "cut_off": "20300131 20:00",
//    "max_per_run": 1000, "max_per_day": 1000, "max_total": 1000}
#pragma once
#include "base/json.h"
#include "campaign/guardrails.h"
#include "campaign/schedule.h"

namespace belay {

enum class GuardrailsOf { campaign, account };  // an account has no canary, ramp, … : see the docs

// `zone` is for cut_off, which is a local minute, or epoch seconds.
Result<Guardrails, std::string> parse_guardrails(const json::value& value, GuardrailsOf whose,
                                                 const TimeZone& zone);
// Only the rules that are set; cut_off as epoch seconds. parse_guardrails() reads it back.
json::object to_json(const Guardrails& rules);

}  // namespace belay
