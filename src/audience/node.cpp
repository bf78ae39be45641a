#include "audience/node.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

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
  if (number && number->whole)
    (is_text ? numbers_in_texts : numbers).insert(number->integer);
  else if (number || truth || !is_text)
    convertible.push_back(values.back());
}

// A text that is a number equals numbers, and not another text that is the same number.
bool FieldTest::any_whole_number(const Operand& value) const {
  if (!value.number) return false;
  std::int64_t whole = value.number->integer;
  if (!value.number->whole) {
    constexpr double exact = 9007199254740992;  // beyond, a real equals several whole numbers
    const double real = value.number->real;
    if (std::abs(real) >= exact)
      return std::ranges::any_of(values, [&](const Operand& wanted) {
        return wanted.number && wanted.number->whole && equal(wanted, value);
      });
    if (std::trunc(real) != real) return false;
    whole = static_cast<std::int64_t>(real);
  }
  return numbers.contains(whole) || (!value.is_text && numbers_in_texts.contains(whole));
}

bool FieldTest::any_equals(const Operand& value) const {
  if (value.is_text && texts.contains(value.text)) {
    // Almost always a text among texts; a number's or date's own text is no text to be equal to.
    for (const Operand& wanted : values)
      if (wanted.is_text && wanted.text == value.text) return true;
  }
  if (!value.number && !value.truth) return false;
  if (any_whole_number(value)) return true;
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

// `each` calls its argument with every value there is, until that says false.
template <class Each>
bool FieldTest::holds_among(Each&& each) const {
  const bool whether_there = op == Operator::exists || op == Operator::does_not_exist;
  bool found = false;
  each([&](const RawValue& value) {
    found = whether_there ? has_value(value) : holds_for(value);
    return !found;
  });
  const bool opposite =
      op == Operator::does_not_exist || op == Operator::not_equals || op == Operator::does_not_contain;
  return found != opposite;
}

bool FieldTest::holds(Properties& profile) const {
  return holds_among([&](const auto& visit) { visit(profile.find(name)); });
}

namespace {

// Calls visit(RawValue) for the value of every member of an object, until it says false.
template <class Visit>
bool each_member(const RawValue& object, const Visit& visit) {
  const std::string_view text = object.json;
  const auto skip = [&](std::size_t at, char wanted) {
    at = text.find_first_not_of(" \t\r\n", at);
    return at != std::string_view::npos && text[at] == wanted ? at + 1 : std::string_view::npos;
  };
  std::size_t at = 1;
  while (at < text.size()) {
    if (content::scan_value(text, at).kind != RawValue::Kind::text) return true;
    at = skip(at, ':');
    if (at == std::string_view::npos) return true;
    const RawValue value = content::scan_value(text, at);
    if (value.kind == RawValue::Kind::missing) return true;
    if (!visit(value)) return false;
    at = skip(at, ',');
  }
  return true;
}

// The list of that name, whose first letter may be written either way: clients write items and Items.
RawValue list_named(Properties& event, std::string_view name) {
  RawValue list = event.find(name);
  if (list.kind != RawValue::Kind::missing || name.empty()) return list;
  std::string other(name);
  const char c = other[0];
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) other[0] = static_cast<char>(c ^ 0x20);
  return event.find(other);
}

template <class Visit>
void each_item_property(const RawValue& list, std::string_view inner, const Visit& visit) {
  if (list.kind != RawValue::Kind::list) return;
  content::each_element(list, [&](const RawValue& item) {
    if (item.kind != RawValue::Kind::object) return inner.empty() ? visit(item) : true;
    if (inner.empty()) return each_member(item, visit);
    return visit(Properties(item.json).find(inner));
  });
}

}  // namespace

bool FieldTest::holds_of_event(Properties& event) const {
  return holds_among([&](const auto& visit) {
    const RawValue whole = event.find(name);
    const std::size_t bar = name.find('|');
    if (bar != std::string::npos && whole.kind == RawValue::Kind::missing)
      return each_item_property(list_named(event, std::string_view(name).substr(0, bar)),
                                std::string_view(name).substr(bar + 1), visit);
    const RawValue value = whole.kind == RawValue::Kind::missing ? list_named(event, name) : whole;
    const bool objects = value.kind == RawValue::Kind::list && value.json.find('{') != std::string_view::npos;
    if (objects && op != Operator::exists && op != Operator::does_not_exist)
      return each_item_property(value, "", visit);
    visit(value);
  });
}

// ---- the other kinds -----------------------------------------------------------------------------

bool EventTest::holds(std::int64_t events) const {
  switch (op) {
    case Operator::equals:
      return events == count;
    case Operator::greater_than:
      return events > count;
    case Operator::less_than:
      return events < count;
    case Operator::less_than_equals:
      return events <= count;
    default:
      return events >= count;
  }
}

namespace {

std::optional<double> degrees(Properties& profile, std::string_view name, double most) {
  const RawValue raw = profile.find(name);
  if (raw.kind != RawValue::Kind::number && raw.kind != RawValue::Kind::text) return std::nullopt;
  std::string scratch;
  const Operand value = operand_of(raw, scratch);
  if (!value.number || std::abs(value.number->real) > most) return std::nullopt;
  return value.number->real;
}

}  // namespace

bool RadiusTest::holds(Properties& profile) const {
  constexpr double earth_km = 6371.0088, radian = std::numbers::pi / 180;
  const auto lat = degrees(profile, "Latitude", 90), lng = degrees(profile, "Longitude", 180);
  if (!lat || !lng) return false;
  // The haversine.
  const double a = std::pow(std::sin((*lat - latitude) * radian / 2), 2);
  const double b = std::pow(std::sin((*lng - longitude) * radian / 2), 2);
  const double h = a + std::cos(*lat * radian) * std::cos(latitude * radian) * b;
  return 2 * earth_km * std::asin(std::sqrt(std::clamp(h, 0.0, 1.0))) <= kilometres;
}

bool Node::holds(const Person& person) const {
  const auto holds_here = [&](const Node& node) { return node.holds(person); };
  struct Ask {
    const Person& person;
    const decltype(holds_here)& here;
    bool operator()(const FieldTest& test) const { return test.holds(person.properties); }
    bool operator()(const All& all) const { return std::ranges::all_of(all.of, here); }
    bool operator()(const Any& any) const { return std::ranges::any_of(any.of, here); }
    bool operator()(const None& none) const { return std::ranges::none_of(none.of, here); }
    bool operator()(const RadiusTest& test) const { return test.holds(person.properties); }
    bool operator()(const DeviceTest& test) const {
      return person.known && (person.known->platforms(person.profile) & test.platforms) != 0;
    }
    bool operator()(const EventTest& test) const {
      return test.holds(person.known ? person.known->events(person.profile, test) : 0);
    }
  };
  return std::visit(Ask{person, holds_here}, is);
}

}  // namespace belay::audience
