// Campaigns that a caller starts (contract 4.5): what a trigger may bring along, put into the texts.
#pragma once
#include "api/clevertap/draft.h"

namespace belay::api::clevertap {

// Replaces {{ ExternalTrigger.a.b }} in the content by the trigger's value (a text, number or boolean;
// nothing where there is none). Refuses values that are templates themselves. Pure.
Checked<void> put_in_trigger(Definition& definition, const json::object& values);
// The same with something for every value: what the content must be sound with before there is a trigger.
Definition with_any_trigger(Definition definition);

}  // namespace belay::api::clevertap
