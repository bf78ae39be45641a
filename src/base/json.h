// Strict JSON for requests: duplicate keys, nesting deeper than 64, bad UTF-8 and anything after the
// value are refused with a sentence that says where. Boost.JSON is the model everywhere.
#pragma once
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace belay {

namespace json = boost::json;

// The text of the error is fit to be shown to whoever sent the request.
Result<json::value, std::string> parse_json(std::string_view text);

// Compact, no blanks.
std::string to_text(const json::value& value);

// Appends `text` to `out` as the inside of a JSON string (no quotes). Text must be UTF-8.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace belay
