#include "audience/node.h"

#include <charconv>

namespace belay::audience {
namespace {

using content::Properties;
using content::RawValue;

template <class T>
std::optional<T> whole_of(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

bool equal_in_any_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]) != lower[i]) return false;
  return true;
}

Number whole_number(std::int64_t n) {
  return {true, n, static_cast<double>(n)};
}

constexpr bool has_value(const RawValue& raw) {
  return raw.kind != RawValue::Kind::missing && raw.kind != RawValue::Kind::null;
}

}  // namespace

std::optional<Number> Number::of_json(std::string_view number) {
  if (const auto n = whole_of<std::int64_t>(number)) return whole_number(*n);
  // Digits beyond 63 bits are an id, not a quantity: as a floating number it would equal its neighbours.
  if (number.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  if (const auto real = whole_of<double>(number)) return Number{false, 0, *real};
  return std::nullopt;
}

std::optional<Number> Number::of_text(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  return of_json(text);
}

std::partial_ordering operator<=>(const Number& a, const Number& b) {
  if (a.whole && b.whole) return a.integer <=> b.integer;
  return a.real <=> b.real;
}

std::optional<bool> truth_of(std::string_view text) {
  if (equal_in_any_case(text, "true")) return true;
  if (equal_in_any_case(text, "false")) return false;
  return std::nullopt;
}

Operand operand_of(const RawValue& raw, std::string& scratch) {
  switch (raw.kind) {
    case RawValue::Kind::number:
      return {raw.json, Number::of_json(raw.json), std::nullopt, false};
    case RawValue::Kind::boolean:
      return {raw.json, std::nullopt, raw.truth(), false};
    case RawValue::Kind::text:
      break;
    default:
      return {raw.json, std::nullopt, std::nullopt, true};
  }
  std::string_view text = raw.json;
  if (raw.escaped) {
    scratch.clear();
    content::append_unescaped(scratch, text);
    text = scratch;
  }
  if (const auto date = content::date_of(text)) return {text, whole_number(*date), std::nullopt, false};
  return {text, Number::of_text(text), truth_of(text), true};
}

bool equal(const Operand& a, const Operand& b) {
  if (a.is_text && b.is_text && a.text == b.text) return true;
  if (a.truth && b.truth) return *a.truth == *b.truth;
  if (a.is_text && b.is_text) return false;
  return a.number && b.number && *a.number == *b.number;
}

void FieldTest::add(std::string_view text, std::optional<Number> number, std::optional<bool> truth,
                    bool is_text) {
  const std::string& kept = *texts.emplace(text).first;  // the set's nodes stay where they are
  values.push_back({kept, number, truth, is_text});
  if (number || truth || !is_text) convertible.push_back(values.back());
}

bool FieldTest::any_equals(const Operand& value) const {
  if (value.is_text && texts.contains(value.text)) {
    // Almost always a text among texts; a number's or date's own text is no text to be equal to.
    for (const Operand& wanted : values)
      if (wanted.is_text && wanted.text == value.text) return true;
  }
  if (!value.number && !value.truth) return false;
  for (const Operand& wanted : convertible)
    if (equal(wanted, value)) return true;
  return false;
}

bool FieldTest::any_contained(const Operand& value) const {
  for (const Operand& wanted : values)
    if (value.text.find(wanted.text) != std::string_view::npos) return true;
  return false;
}

bool FieldTest::any_ordered(const Operand& value) const {
  if (!value.number) return false;
  for (const Operand& wanted : values) {
    const auto order = *value.number <=> *wanted.number;
    if (op == Operator::greater_than          ? order > 0
        : op == Operator::greater_than_equals ? order >= 0
        : op == Operator::less_than           ? order < 0
                                              : order <= 0)
      return true;
  }
  return false;
}

bool FieldTest::holds_for(const RawValue& raw) const {
  if (raw.kind == RawValue::Kind::list) {
    bool any = false;
    content::each_element(raw, [&](const RawValue& element) {
      any = element.kind != RawValue::Kind::list && holds_for(element);
      return !any;
    });
    return any;
  }
  if (!has_value(raw) || raw.kind == RawValue::Kind::object) return false;
  std::string scratch;
  const Operand value = operand_of(raw, scratch);
  switch (op) {
    case Operator::equals:
    case Operator::not_equals:
      return any_equals(value);
    case Operator::contains:
    case Operator::does_not_contain:
      return any_contained(value);
    default:
      return any_ordered(value);
  }
}

bool FieldTest::holds(Properties& profile) const {
  const RawValue raw = profile.find(name);
  switch (op) {
    case Operator::exists:
      return has_value(raw);
    case Operator::does_not_exist:
      return !has_value(raw);
    case Operator::not_equals:
    case Operator::does_not_contain:
      return !holds_for(raw);
    default:
      return holds_for(raw);
  }
}

bool Node::holds(Properties& profile) const {
  if (const auto* test = std::get_if<FieldTest>(&is)) return test->holds(profile);
  for (const Node& node : std::get<All>(is).of)
    if (!node.holds(profile)) return false;
  return true;
}

}  // namespace belay::audience
