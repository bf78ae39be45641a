// The filters, each a function over a value. Inside content/ only.
//
// Meaning: Shopify Liquid's StandardFilters (shopify.github.io/liquid/filters). Where npm liquidjs differs
// stands in docs/templates.md and is pinned by tests/liquid.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "content/value.h"

namespace belay::content {

inline constexpr std::size_t most_filter_arguments = 2;

// What a filter works with, beside its value.
struct FilterInput {
  std::span<const Value> arguments;
  Memory& memory;
  WallTime now;              // what "now" is
  bool allow_false = false;  // default: 'x', allow_false: true

  std::string_view text(std::size_t i) const {
    return i < arguments.size() ? to_text(arguments[i], memory) : std::string_view();
  }
};

struct FilterRow {
  std::string_view name;
  // False when it makes no sense for this person: a length that is no number, a division by 0.
  bool (*apply)(Value& value, const FilterInput& input);
  std::uint8_t fewest_arguments, most_arguments;
  bool whole_first = false;  // the first argument must be a whole number
};

// Three tables, by what the filters are about.
std::span<const FilterRow> text_filters();
std::span<const FilterRow> number_filters();
std::span<const FilterRow> list_filters();

// nullptr if there is none of that name.
const FilterRow* filter_named(std::string_view name);
bool is_default_filter(const FilterRow& row);

// The whole number that an argument is.
std::optional<std::int64_t> whole_of(const Value& argument);

}  // namespace belay::content
