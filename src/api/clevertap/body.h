// Reading a request's JSON: each function gives the value or the sentence that tells the sender what
// is wrong, naming the key. null counts as absent everywhere.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/schedule.h"

namespace belay::api::clevertap {

template <class T>
using Read = Result<T, std::string>;

Read<json::object> parse_object(std::string_view body);

// The value under `key`, or nullptr if there is none or it is null.
const json::value* member(const json::object& object, std::string_view key);

Read<bool> flag(const json::object& object, std::string_view key, bool otherwise);
Read<std::optional<std::string>> text(const json::object& object, std::string_view key,
                                      std::size_t most_bytes);
Read<std::vector<std::string>> texts(const json::object& object, std::string_view key, std::size_t most,
                                     std::size_t most_bytes);
// Custom pairs: texts as they are, numbers and booleans as text, null left out. Nested values are refused.
Read<KeyValues> key_values(const json::value& value, std::string_view name);

// "id" as campaigns are named on the wire: a positive integer; a text of digits is tolerated.
Read<CampaignId> campaign_id(const json::object& object);

// "from" and "to", days of the account's calendar as YYYYMMDD, a number or digits: the instants of both ends.
Read<std::pair<WallTime, WallTime>> day_range(const json::object& object, const TimeZone& zone);

}  // namespace belay::api::clevertap
