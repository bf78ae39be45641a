// common_profile_properties: what is asked of a person beside events. Where what the language asks for is
// kept here is in docs/compatibility.md; what can't be known here is refused by name.
#include <algorithm>

#include <fmt/format.h>

#include "audience/parse_fields.h"

namespace belay::audience {
namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

Node property_equals(std::string name, std::string_view value) {
  FieldTest test;
  test.name = std::move(name);
  test.add(value, Number::of_text(value), truth_of(value), true);
  return Node{std::move(test)};
}

template <class Read>
Parsed<Node> each_in(const json::value& v, const std::string& place, Read&& read) {
  TRY_ASSIGN(const json::array* list, list_at(v, place));
  All all;
  for (std::size_t i = 0; i < list->size(); ++i) {
    TRY_ASSIGN(Node node, read((*list)[i], fmt::format("{}[{}]", place, i)));
    all.of.push_back(std::move(node));
  }
  return Node{std::move(all)};
}

// What a person's device or application would have to tell: known of those whose profile says it, and of
// nobody else. So that what is not known never means everybody, a denial too holds only for them.
Parsed<Node> told_property(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(FieldTest test, field_at(v, place, cost));
  if (test.op == Operator::does_not_exist)
    return unsupported(fmt::format(
        "\"does_not_exist\" in {}: what a device has not told is not known here. A property of the profile "
        "can be asked for in profile_fields",
        place));
  if (test.op == Operator::exists) return Node{std::move(test)};
  FieldTest told;
  told.name = test.name;
  told.op = Operator::exists;
  All all;
  all.of.push_back(Node{std::move(told)});
  all.of.push_back(Node{std::move(test)});
  return Node{std::move(all)};
}

// ---- demographics --------------------------------------------------------------------------------

// A value as clients write it (in lower case), and as profiles keep it.
struct Spelling {
  std::string_view written, kept;
};
struct Trait {
  std::string_view name;
  std::span<const Spelling> spellings;  // empty: numbers
};
constexpr Spelling genders[] = {{"male", "M"}, {"m", "M"}, {"female", "F"}, {"f", "F"}};
constexpr Spelling educations[] = {{"school", "School"}, {"college", "College"}, {"graduate", "Graduate"}};
constexpr Spelling yes_or_no[] = {{"y", "Y"}, {"yes", "Y"}, {"true", "Y"},
                                  {"n", "N"}, {"no", "N"},  {"false", "N"}};
constexpr Trait traits[] = {{"Gender", genders},
                            {"Education", educations},
                            {"Employed", yes_or_no},
                            {"Married", yes_or_no},
                            {"Age", {}}};

Parsed<json::value> as_kept(const json::value& v, const Trait& trait, std::string_view place) {
  const std::string written = v.is_bool()     ? (v.get_bool() ? "true" : "false")
                              : v.is_string() ? lower_case(v.get_string())
                                              : "";
  for (const Spelling& each : trait.spellings)
    if (each.written == written) return json::value(each.kept);
  std::string known;
  for (const Spelling& each : trait.spellings)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", each.written);
  return invalid(
      fmt::format("{} of {} in {} is not known: {} are", json::serialize(v), trait.name, place, known));
}

Parsed<Node> demographic(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY_ASSIGN(const std::string name, name_at(*object, place));
  const auto trait = std::ranges::find(traits, name, &Trait::name);
  if (trait == std::end(traits))
    return unsupported(
        fmt::format("\"{}\" in {} is not known of people here: Gender, Education, Employed, "
                    "Married and Age are. A property of the profile can be asked for in "
                    "profile_fields",
                    name, place));
  json::object kept = *object;
  if (json::value* value = kept.if_contains("value"); value && !trait->spellings.empty()) {
    TRY_ASSIGN(const Operator op, operator_at(object->if_contains("operator"), place));
    if (op >= Operator::greater_than || op == Operator::contains || op == Operator::does_not_contain)
      return invalid(
          fmt::format("\"{}\" in {} does not go with {}: equals, not_equals, exists and does_not_exist do",
                      name_of(op), place, name));
    const bool asks_value = op == Operator::equals || op == Operator::not_equals;
    if (asks_value && value->is_array()) {
      for (json::value& each : value->get_array()) {
        TRY_ASSIGN(each, as_kept(each, *trait, place));
      }
    } else if (asks_value) {
      TRY_ASSIGN(*value, as_kept(*value, *trait, place));
    }
  }
  TRY_ASSIGN(FieldTest test, field_at(kept, place, cost));
  return Node{std::move(test)};
}

// ---- technographics and reachability ---------------------------------------------------------------

struct PlatformName {
  std::string_view name;
  Platform platform;
};
constexpr PlatformName platform_names[] = {{"androidapp", Platform::android},
                                           {"android", Platform::android},
                                           {"iosapp", Platform::ios},
                                           {"ios", Platform::ios},
                                           {"web", Platform::web},
                                           {"webapp", Platform::web},
                                           {"windowsapp", Platform::windows},
                                           {"windows", Platform::windows}};

Parsed<unsigned> platform_mask(const FieldTest& test, std::string_view place) {
  unsigned mask = 0;
  for (const Operand& value : test.values) {
    const auto found = std::ranges::find(platform_names, lower_case(value.text), &PlatformName::name);
    if (found == std::end(platform_names))
      return invalid(
          fmt::format("The platform \"{}\" in {} is not known: AndroidApp, iOSApp, Web and WindowsApp are",
                      value.text, place));
    mask |= platform_bit(found->platform);
  }
  return mask;
}

// By the tokens that are kept.
Parsed<Node> platform_test(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const FieldTest test, field_at(v, place, cost));
  if (test.op == Operator::exists) return Node{DeviceTest{}};
  if (test.op != Operator::equals && test.op != Operator::not_equals)
    return invalid(fmt::format("\"{}\" in {} does not go with Platform: equals, not_equals and exists do",
                               name_of(test.op), place));
  TRY_ASSIGN(const unsigned mask, platform_mask(test, place));
  if (test.op == Operator::equals) return Node{DeviceTest{mask}};
  // Of whom no device is known, no platform is known either.
  All all;
  None others;
  others.of.push_back(Node{DeviceTest{mask}});
  all.of.push_back(Node{DeviceTest{}});
  all.of.push_back(Node{std::move(others)});
  return Node{std::move(all)};
}

Parsed<Node> technographic(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY_ASSIGN(const std::string name, name_at(*object, place));
  if (name == "Platform") return platform_test(v, place, cost);
  if (name == "Device" || name == "OS" || name == "Browser") return told_property(v, place, cost);
  return unsupported(fmt::format(
      "\"{}\" in {} is not known of people here: Platform, Device, OS and Browser are", name, place));
}

Parsed<Node> reachable(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const FieldTest test, field_at(v, place, cost));
  if (test.name != "has_token")
    return unsupported(
        fmt::format("\"{}\" in {} is not known of people here: has_token is", test.name, place));
  const bool one_truth = test.values.size() == 1 && test.values[0].truth;
  if (!one_truth || (test.op != Operator::equals && test.op != Operator::not_equals))
    return invalid(fmt::format("\"has_token\" in {} is \"True\" or \"False\"", place));
  const bool wanted = *test.values[0].truth == (test.op == Operator::equals);
  if (wanted) return Node{DeviceTest{}};
  None none;
  none.of.push_back(Node{DeviceTest{}});
  return Node{std::move(none)};
}

// ---- places --------------------------------------------------------------------------------------

// [country], [country, state] or [country, state, city].
Parsed<Node> region(const json::value& v, const std::string& place, Cost& cost) {
  const auto* names = v.if_array();
  if (!names || names->empty() || names->size() > 3)
    return invalid(
        fmt::format("{} must be an array of a country, a state and a city, or the first of these", place));
  TRY(cost.condition(place));
  All all;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const auto* name = (*names)[i].if_string();
    if (!name || name->empty())
      return invalid(fmt::format("{} must hold names: texts that are not empty", place));
    TRY(cost.value(place));
    if (i == 0) all.of.push_back(property_equals("Country", *name));
    if (i == 2) all.of.push_back(property_equals("City", *name));
    if (i != 1) continue;
    Any either;
    either.of.push_back(property_equals("State", *name));
    either.of.push_back(property_equals("Region", *name));
    all.of.push_back(Node{std::move(either)});
  }
  return Node{std::move(all)};
}

// [latitude, longitude, kilometres].
Parsed<Node> radius(const json::value& v, const std::string& place, Cost& cost) {
  const auto* numbers = v.if_array();
  double n[3] = {};
  const bool three = numbers && numbers->size() == 3 &&
                     std::ranges::all_of(*numbers, [](const json::value& x) { return x.is_number(); });
  if (!three)
    return invalid(
        fmt::format("{} must be an array of three numbers: latitude, longitude, kilometres", place));
  TRY(cost.condition(place));
  for (std::size_t i = 0; i < 3; ++i) n[i] = (*numbers)[i].to_number<double>();
  if (!(n[0] >= -90 && n[0] <= 90))
    return invalid(fmt::format("The latitude {} in {} is not between -90 and 90", n[0], place));
  if (!(n[1] >= -180 && n[1] <= 180))
    return invalid(fmt::format("The longitude {} in {} is not between -180 and 180", n[1], place));
  if (!(n[2] > 0 && n[2] <= 20'100))
    return invalid(fmt::format("The distance {} in {} is not between 0 and 20100 km", n[2], place));
  return Node{RadiusTest{n[0], n[1], n[2]}};
}

template <Parsed<Node> (*read)(const json::value&, const std::string&, Cost&)>
Parsed<Node> all_of(const json::value& v, const std::string& place, Cost& cost) {
  return each_in(v, place,
                 [&](const json::value& each, const std::string& at) { return read(each, at, cost); });
}
template <Parsed<Node> (*read)(const json::value&, const std::string&, Cost&)>
Parsed<Node> any_of(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(Node all, (all_of<read>(v, place, cost)));
  return Node{Any{std::move(std::get<All>(all.is).of)}};
}
Parsed<Node> profile_field(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(FieldTest test, field_at(v, place, cost));
  return Node{std::move(test)};
}

struct Part {
  std::string_view key;
  Parsed<Node> (*read)(const json::value&, const std::string&, Cost&);
};
constexpr Part parts[] = {{"profile_fields", all_of<profile_field>},
                          {"app_fields", all_of<told_property>},
                          {"demographics", all_of<demographic>},
                          {"technographics", all_of<technographic>},
                          {"reachability", all_of<reachable>},
                          {"geo_fields", any_of<region>},
                          {"geo_radius", any_of<radius>}};
constexpr std::string_view part_keys[] = {"profile_fields", "app_fields", "demographics", "technographics",
                                          "reachability",   "geo_fields", "geo_radius"};

}  // namespace

Parsed<Node> profile_at(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY(only_keys(*object, place, part_keys));
  if (object->empty()) return invalid(fmt::format("{} is empty; \"where\":{{}} is everybody", place));
  All all;
  for (const Part& part : parts) {
    const json::value* value = object->if_contains(part.key);
    if (!value) continue;
    TRY_ASSIGN(Node node, part.read(*value, fmt::format("{}.{}", place, part.key), cost));
    all.of.push_back(std::move(node));
  }
  return all.of.size() == 1 ? std::move(all.of.front()) : Node{std::move(all)};
}

}  // namespace belay::audience
