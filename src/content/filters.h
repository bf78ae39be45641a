// What flows through a filter chain, and the filters themselves. Inside content/ only.
//
// Meaning: Shopify Liquid's StandardFilters (shopify.github.io/liquid/filters). Pure functions, safe
// from any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "content/properties.h"

namespace belay::content {

// A value with a text of its own. Most output tags get by without one: see Template::render.
struct Value {
  enum class Kind : std::uint8_t { nil, boolean, number, text, list };
  Kind kind = Kind::nil;
  std::string text;  // as it prints; for a list too

  // What the filter "default" replaces: nothing, false, an empty text or list.
  bool blank() const;
};

Value to_value(const RawValue& raw);

// Appends what `raw` prints, escaped for a JSON string if `json`.
void print(const RawValue& raw, bool json, std::string& out);
bool is_blank(const RawValue& raw);

enum class FilterName : std::uint8_t {
  append,
  capitalize,
  default_value,
  downcase,
  prepend,
  replace,
  round,
  strip,
  truncate,
  upcase,
  url_encode,
};

struct FilterRow {
  FilterName filter;
  std::string_view name;
  std::uint8_t fewest_arguments, most_arguments;
};

inline constexpr std::array<FilterRow, 11> filter_table{{
    {FilterName::append, "append", 1, 1},
    {FilterName::capitalize, "capitalize", 0, 0},
    {FilterName::default_value, "default", 0, 1},
    {FilterName::downcase, "downcase", 0, 0},
    {FilterName::prepend, "prepend", 1, 1},
    {FilterName::replace, "replace", 1, 2},
    {FilterName::round, "round", 0, 1},
    {FilterName::strip, "strip", 0, 0},
    {FilterName::truncate, "truncate", 0, 2},
    {FilterName::upcase, "upcase", 0, 0},
    {FilterName::url_encode, "url_encode", 0, 0},
}};

inline constexpr std::size_t most_filter_arguments = 2;

// The rest of Shopify's filters: to tell "not supported yet" from "unknown".
bool is_known_elsewhere(std::string_view filter);

// False when it makes no sense for this person (a length that is no number) or grows out of bounds.
[[nodiscard]] bool apply(FilterName filter, std::span<const Value> arguments, Value& value);

}  // namespace belay::content
