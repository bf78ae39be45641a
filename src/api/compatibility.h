// Where the vendor's documentation and its live service differ: which of them we answer like. Documented is
// the default. Plain values, from the configuration's [compatibility].
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace belay::api {

// What result.json answers of a campaign that has no result (contract 4.2).
enum class NoResult : std::uint8_t {
  conflict,  // HTTP 409, documented
  error,     // HTTP 500, observed of campaigns that have none as of yet
  success,   // HTTP 200 and "success" beside an error, observed of scheduled campaigns
};

struct Compatibility {
  NoResult no_result = NoResult::conflict;
  bool recorded_blanks = false;  // answers have blanks where the recorded ones have them (contract 2.4)
};

// The same JSON with the recorded blanks: { "status" : "success" , "unprocessed" : [ ]}
std::string with_recorded_blanks(std::string_view json);

}  // namespace belay::api
