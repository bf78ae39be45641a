// The query tree. Inside audience/ only: the parser makes it, Query walks it. A new kind of condition
// (an event, a segment, a negation) is a new alternative of Node.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "content/properties.h"

namespace belay::audience {

enum class Operator : std::uint8_t {
  equals,
  not_equals,
  contains,
  does_not_contain,
  exists,
  does_not_exist,
  greater_than,
  greater_than_equals,
  less_than,
  less_than_equals,
};

// contract 3.3
inline constexpr std::array<std::string_view, 10> operator_names{
    "equals",       "not_equals",          "contains",  "does_not_contain", "exists", "does_not_exist",
    "greater_than", "greater_than_equals", "less_than", "less_than_equals"};
constexpr std::string_view name_of(Operator o) {
  return operator_names[static_cast<std::size_t>(o)];
}

// Exact for whole numbers up to 63 bits: ids that differ in their last digit are different people.
struct Number {
  bool whole = false;
  std::int64_t integer = 0;
  double real = 0;  // also set when whole

  static std::optional<Number> of_json(std::string_view number);  // a JSON number
  static std::optional<Number> of_text(std::string_view text);    // "-12.5": digits and a point, nothing else
  friend std::partial_ordering operator<=>(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b) { return (a <=> b) == 0; }
};

// "True" or "false", in any case.
std::optional<bool> truth_of(std::string_view text);

// One value of a condition, or what a property holds, seen in every way it can be compared.
struct Operand {
  std::string_view text;
  std::optional<Number> number;  // of a number, a date, or a text that is a number
  std::optional<bool> truth;     // of a boolean, or a text that says one
  bool is_text = false;  // came as a text that is no date: its number counts only against real numbers
};
Operand operand_of(const content::RawValue& raw, std::string& scratch);
bool equal(const Operand& a, const Operand& b);

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct FieldTest {
  FieldTest() = default;
  FieldTest(FieldTest&&) = default;  // a copy's operands would view the original's texts
  FieldTest& operator=(FieldTest&&) = default;

  std::string name;
  Operator op = Operator::equals;
  // Any of these. Operands view the texts.
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts;
  std::vector<Operand> values;
  std::vector<Operand> convertible;  // those of `values` that equal more than their own text

  void add(std::string_view text, std::optional<Number> number, std::optional<bool> truth, bool is_text);
  bool holds(content::Properties& profile) const;

 private:
  bool holds_for(const content::RawValue& value) const;
  bool any_equals(const Operand& value) const;
  bool any_contained(const Operand& value) const;
  bool any_ordered(const Operand& value) const;
};

struct Node;
struct All {
  std::vector<Node> of;
};
struct Node {
  std::variant<FieldTest, All> is;
  bool holds(content::Properties& profile) const;
};

}  // namespace belay::audience
