// A receipt as the store keeps it. Not a wire format: the API renders its own.
#pragma once
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "campaign/stop.h"

namespace belay::store {

json::object tally_object(const Tally& tally);
std::string receipt_to_json(const Receipt& receipt);
// Fails only on a damaged store; the text says what is missing.
belay::Result<Receipt, std::string> receipt_from_json(std::string_view text);

}  // namespace belay::store
