// The query tree. Inside audience/ only: the parser makes it, evaluation and words walk it. It is plain
// data: a new kind of condition is a new alternative of Node.
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

#include "campaign/campaign.h"
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

// A property against values.
struct FieldTest {
  FieldTest() = default;
  FieldTest(FieldTest&&) = default;  // a copy's operands would view the original's texts
  FieldTest& operator=(FieldTest&&) = default;

  std::string name;
  Operator op = Operator::equals;
  // Any of these. Operands view the texts.
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts;
  std::vector<Operand> values;
  // Those of `values` that equal more than their own text: whole numbers, by how they came, so that many are
  // found as quickly as one; and the rest.
  std::unordered_set<std::int64_t> numbers, numbers_in_texts;
  std::vector<Operand> convertible;

  void add(std::string_view text, std::optional<Number> number, std::optional<bool> truth, bool is_text);
  bool holds(content::Properties& profile) const;
  // The same of an event's properties, where "Items|Category" is the property Category of any element of
  // the list Items, and "Items" alone any property of any element.
  bool holds_of_event(content::Properties& event) const;
  // One value there is, against the operator's positive form (equals for not_equals, and so on).
  bool holds_for(const content::RawValue& value) const;

 private:
  template <class Each>
  bool holds_among(Each&& each) const;
  bool any_equals(const Operand& value) const;
  bool any_whole_number(const Operand& value) const;
  bool any_contained(const Operand& value) const;
  bool any_ordered(const Operand& value) const;
};

// Whole days of the account's calendar as yyyymmdd, both inclusive; 0 and 0: the 365 days up to the moment
// of evaluation.
struct Days {
  std::int32_t from = 0, to = 0;
  bool last_year() const { return from == 0; }
  friend bool operator==(const Days&, const Days&) = default;
};

// Minutes of the local day, both inclusive; from > to goes over midnight.
struct TimeOfDay {
  std::int32_t from = 0, to = 0;
  bool holds(std::int32_t minute) const {
    return from <= to ? from <= minute && minute <= to : minute >= from || minute <= to;
  }
};

// Which events are meant.
struct EventFilter {
  std::string name;
  Days days;
  std::vector<FieldTest> properties;     // all of them
  std::optional<bool> first_time;        // the person's first of that name, or any but the first
  std::optional<TimeOfDay> time_of_day;  // in the account's zone
  // Nothing is asked of an event beyond its name and its day.
  bool plain() const { return properties.empty() && !first_time && !time_of_day; }
};

// How many events a person has had that match any of the filters; each event counts once.
struct EventTest {
  std::vector<EventFilter> any_of;
  Operator op = Operator::greater_than_equals;  // a comparison of numbers
  std::int64_t count = 1;
  std::uint32_t number = 0;  // among the tree's EventTests, in the order of a walk
  bool holds(std::int64_t events) const;
  bool at_least_once() const { return op == Operator::greater_than_equals && count == 1; }
};

// A live device on one of these platforms.
constexpr unsigned platform_bit(Platform p) {
  return 1u << static_cast<unsigned>(p);
}
inline constexpr unsigned every_platform = 0b1111;
struct DeviceTest {
  unsigned platforms = every_platform;
};

// The properties Latitude and Longitude, in degrees, within a distance on the sphere.
struct RadiusTest {
  double latitude = 0, longitude = 0, kilometres = 0;
  bool holds(content::Properties& profile) const;
};

struct Node;
struct All {
  std::vector<Node> of;  // none: holds
};
struct Any {
  std::vector<Node> of;
};
struct None {
  std::vector<Node> of;
};

// One person, as a tree is asked about. `events` and `platforms` are what the tree's EventTests and
// DeviceTests need; see facts.h.
class Known {
 public:
  virtual ~Known() = default;
  virtual std::int64_t events(ProfileId profile, const EventTest& test) const = 0;
  virtual unsigned platforms(ProfileId profile) const = 0;  // of live devices, a bit each
};
struct Person {
  content::Properties& properties;
  ProfileId profile;
  const Known* known = nullptr;  // null: no events and no devices
};

struct Node {
  std::variant<FieldTest, All, Any, None, DeviceTest, RadiusTest, EventTest> is;
  bool holds(const Person& person) const;
};

// "City is \"Pune\"": for people.
std::string in_words(const Node& node);

// Calls visit(const T&) for every alternative of type T in the tree, in the order of a walk.
template <class T, class Visit>
void each_of(const Node& node, const Visit& visit) {
  if (const T* test = std::get_if<T>(&node.is)) visit(*test);
  const auto into = [&](const std::vector<Node>& nodes) {
    for (const Node& each : nodes) each_of<T>(each, visit);
  };
  if (const All* all = std::get_if<All>(&node.is)) into(all->of);
  if (const Any* any = std::get_if<Any>(&node.is)) into(any->of);
  if (const None* none = std::get_if<None>(&node.is)) into(none->of);
}

}  // namespace belay::audience
