#include "audience/parse_fields.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace belay::audience {
namespace {

// What people and programs write for what they mean.
struct Meant {
  std::string_view written, meant;
};
constexpr Meant often_meant[] = {
    {"did_not", "did_none"},
    {"did_not_do", "did_none"},
    {"any_of", "did_any"},
    {"events", "any_events"},
    {"not_contains", "does_not_contain"},
    {"not_contain", "does_not_contain"},
    {"greater_than_or_equal", "greater_than_equals"},
    {"greater_than_or_equals", "greater_than_equals"},
    {"less_than_or_equal", "less_than_equals"},
    {"less_than_or_equals", "less_than_equals"},
    {"not_exists", "does_not_exist"},
    {"is_set", "exists"},
    {"is_not_set", "does_not_exist"},
};

// How many letters must be changed, added or left out.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, corner + (a[i] == b[j] ? 0u : 1u)});
      corner = above;
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view key, std::span<const std::string_view> known) {
  constexpr std::size_t longest = 40, most_changes = 2;
  for (const Meant& row : often_meant)
    if (row.written == key && std::ranges::find(known, row.meant) != known.end()) return row.meant;
  if (key.size() > longest) return "";
  std::string_view best;
  std::size_t least = most_changes + 1;
  for (const std::string_view each : known) {
    const std::size_t changes = distance(key, each);
    if (changes < least && changes < each.size() / 2) best = each, least = changes;
  }
  return best;
}

// Adds one primitive of "value" to the test.
Parsed<void> add_value(const json::value& v, std::string_view place, FieldTest& test) {
  if (const auto* text = v.if_string()) {
    if (const auto date = content::date_of(*text)) {
      test.add(*text, Number{true, *date, static_cast<double>(*date)}, std::nullopt, false);
    } else {
      test.add(*text, Number::of_text(*text), truth_of(*text), true);
    }
  } else if (const auto* flag = v.if_bool()) {
    test.add(*flag ? "true" : "false", std::nullopt, *flag, false);
  } else if (v.is_number()) {
    const std::string number = json::serialize(v);
    const auto parsed = Number::of_json(number);
    if (!parsed)
      return invalid(fmt::format("{} in {} is too large for a number; write it as a text", number, place));
    test.add(number, parsed, std::nullopt, false);
  } else {
    return invalid(
        fmt::format("\"value\" in {} must be a text, a number, a boolean, or an array of these", place));
  }
  const Operand& added = test.values.back();
  const bool ordering = test.op >= Operator::greater_than;
  if (ordering && !added.number)
    return invalid(fmt::format("\"{}\" in {} needs a number or a date, not \"{}\"", name_of(test.op), place,
                               added.text));
  const bool searching = test.op == Operator::contains || test.op == Operator::does_not_contain;
  if (searching && added.text.empty())
    return invalid(fmt::format("\"{}\" in {} needs a text that is not empty", name_of(test.op), place));
  return {};
}

// exists and does_not_exist take no value; clients that fill one in may only say what the operator says.
Parsed<void> check_no_value(const json::value* v, std::string_view place, Operator op) {
  const auto* text = v ? v->if_string() : nullptr;
  const bool harmless = !v || v->is_null() || (text && text->empty()) || (v->is_bool() && v->as_bool()) ||
                        (text && truth_of(*text) == true);
  if (harmless) return {};
  return invalid(fmt::format("\"{}\" in {} takes no value", name_of(op), place));
}

Parsed<void> add_counted(const json::value& v, std::string_view place, FieldTest& test, Cost& cost) {
  TRY(cost.value(place));
  TRY(add_value(v, place, test));
  const auto& number = test.values.back().number;
  const bool looked_up = test.op == Operator::equals || test.op == Operator::not_equals;
  return looked_up && (!number || number->whole) ? Parsed<void>() : cost.compared(place);
}

Parsed<void> add_values(const json::value* v, std::string_view place, FieldTest& test, Cost& cost) {
  if (!v) return invalid(fmt::format("\"value\" is missing in {}", place));
  const auto* many = v->if_array();
  if (!many) return add_counted(*v, place, test, cost);
  if (many->empty()) return invalid(fmt::format("\"value\" in {} is an empty array", place));
  for (const json::value& one : *many) TRY(add_counted(one, place, test, cost));
  return {};
}

constexpr std::string_view field_keys[] = {"name", "operator", "value"};

}  // namespace

std::unexpected<Error> invalid(std::string text) {
  return fail(Code::invalid, std::move(text));
}
std::unexpected<Error> unsupported(std::string text) {
  return fail(Code::unsupported, std::move(text));
}

Parsed<void> Cost::condition(std::string_view place) {
  if (!counted_ || ++conditions_ <= most_conditions) return {};
  return invalid(fmt::format("{} is one condition too many: a query has at most {}", place, most_conditions));
}
Parsed<void> Cost::event(std::string_view place) {
  if (!counted_ || ++events_ <= most_events) return condition(place);
  return invalid(fmt::format("{} is one event too many: a query has at most {}", place, most_events));
}
Parsed<void> Cost::value(std::string_view place) {
  if (!counted_ || ++values_ <= most_values) return {};
  return invalid(fmt::format("{} has one value too many: a query has at most {}", place, most_values));
}

Parsed<void> Cost::compared(std::string_view place) {
  if (!counted_ || ++compared_ <= most_compared) return {};
  return invalid(fmt::format(
      "{} has one value too many: a query has at most {} that are searched for, or compared as fractions "
      "or by order",
      place, most_compared));
}

std::unexpected<Error> unknown(std::string_view what, std::string_view key, std::string_view place,
                               std::span<const std::string_view> known) {
  const std::string_view hint = nearest(key, known);
  return invalid(fmt::format("Unknown {} \"{}\" in {}{}", what, key, place,
                             hint.empty() ? "" : fmt::format(": did you mean \"{}\"?", hint)));
}

Parsed<void> only_keys(const json::object& object, std::string_view place,
                       std::span<const std::string_view> known) {
  for (const auto& member : object)
    if (std::ranges::find(known, std::string_view(member.key())) == known.end())
      return unknown("key", member.key(), place, known);
  return {};
}

Parsed<const json::object*> object_at(const json::value& v, std::string_view place) {
  if (const auto* object = v.if_object()) return object;
  return invalid(fmt::format("{} must be an object", place));
}

Parsed<const json::array*> list_at(const json::value& v, std::string_view place) {
  const auto* list = v.if_array();
  if (!list) return invalid(fmt::format("{} must be an array", place));
  if (list->empty()) return invalid(fmt::format("{} is empty; \"where\":{{}} is everybody", place));
  return list;
}

Parsed<Operator> operator_at(const json::value* v, std::string_view place) {
  if (!v) return Operator::equals;
  const auto* name = v->if_string();
  if (!name) return invalid(fmt::format("\"operator\" in {} must be a text", place));
  const auto at = std::find(operator_names.begin(), operator_names.end(), std::string_view(*name));
  if (at == operator_names.end()) return unknown("operator", *name, place, operator_names);
  return static_cast<Operator>(at - operator_names.begin());
}

Parsed<std::string> name_at(const json::object& object, std::string_view place) {
  const json::value* name = object.if_contains("name");
  if (!name || !name->is_string() || name->as_string().empty())
    return invalid(fmt::format("\"name\" in {} must be a property's name", place));
  return std::string(name->as_string());
}

Parsed<FieldTest> field_at(const json::value& v, const std::string& place, Cost& cost) {
  const auto* object = v.if_object();
  if (!object)
    return invalid(fmt::format("{} must be an object with \"name\", \"operator\" and \"value\"", place));
  TRY(only_keys(*object, place, field_keys));
  TRY(cost.condition(place));
  FieldTest test;
  TRY_ASSIGN(test.name, name_at(*object, place));
  TRY_ASSIGN(test.op, operator_at(object->if_contains("operator"), place));
  const json::value* value = object->if_contains("value");
  if (test.op == Operator::exists || test.op == Operator::does_not_exist) {
    TRY(check_no_value(value, place, test.op));
  } else {
    TRY(add_values(value, place, test, cost));
  }
  return test;
}

}  // namespace belay::audience
