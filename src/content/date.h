// Dates in templates: reading the forms people write and writing them as strftime does. All in UTC, with
// English names. Inside content/ only; pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "content/memory.h"

namespace belay::content {

// Years 0 to 9999.
bool is_printable_date(std::int64_t epoch);

inline constexpr std::size_t longest_plain_date = 32;
// "2016-03-08" at midnight, else "2016-03-08 10:26 UTC"; into `buffer` of that many bytes.
std::string_view plain_date(std::int64_t epoch, char* buffer);

// "2016-03-08", with "10:26" or "10:26:31" behind a blank or T, and then "Z" or "+05:30"; "March 14, 2016".
std::optional<std::int64_t> parse_date(std::string_view text);

// strftime's conversions with the flags - _ 0 ^ # and a width, as Ruby has them; one it does not know stays.
void format_date(std::int64_t epoch, std::string_view format, TextWriter& out);

}  // namespace belay::content
