// From JSON to the query tree. Every key is either understood, or refused by its name and place.
#include <algorithm>

#include <fmt/format.h>

#include "audience/node.h"
#include "audience/query.h"

namespace belay::audience {
namespace {

template <class T>
using Parsed = Result<T, Error>;

// contract 3.3: what the language documents beside what this version understands.
constexpr std::array<std::string_view, 10> later_in_where{
    "event_name",       "from",   "to",      "event_properties", "session_properties", "advanced_query",
    "exclude_segments", "prompt", "segment", "segments"};
constexpr std::array<std::string_view, 6> later_in_common{"app_fields",   "demographics", "technographics",
                                                          "reachability", "geo_fields",   "geo_radius"};

constexpr std::string_view fields_key = "profile_fields";

auto invalid(std::string text) {
  return fail(Code::invalid, std::move(text));
}

template <class Keys>
std::unexpected<Error> refuse_key(std::string_view key, std::string_view place, const Keys& documented) {
  if (std::find(documented.begin(), documented.end(), key) != documented.end())
    return fail(Code::unsupported, fmt::format("\"{}\" in {} is not supported yet", key, place));
  return invalid(fmt::format("Unknown key \"{}\" in {}", key, place));
}

std::string number_text(const json::value& v) {
  return json::serialize(v);
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
    const std::string number = number_text(v);
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

Parsed<void> add_values(const json::value* v, std::string_view place, FieldTest& test) {
  if (!v) return invalid(fmt::format("\"value\" is missing in {}", place));
  const auto* many = v->if_array();
  if (!many) return add_value(*v, place, test);
  if (many->empty()) return invalid(fmt::format("\"value\" in {} is an empty array", place));
  for (const json::value& one : *many) TRY(add_value(one, place, test));
  return {};
}

Parsed<Operator> operator_of(const json::value* v, std::string_view place) {
  if (!v) return Operator::equals;
  const auto* name = v->if_string();
  if (!name) return invalid(fmt::format("\"operator\" in {} must be a text", place));
  const auto at = std::find(operator_names.begin(), operator_names.end(), std::string_view(*name));
  if (at == operator_names.end())
    return invalid(fmt::format("Unknown operator \"{}\" in {}", std::string_view(*name), place));
  return static_cast<Operator>(at - operator_names.begin());
}

Parsed<Node> field(const json::value& v, const std::string& place) {
  const auto* object = v.if_object();
  if (!object)
    return invalid(fmt::format("{} must be an object with \"name\", \"operator\" and \"value\"", place));
  for (const auto& member : *object) {
    const std::string_view key = member.key();
    if (key != "name" && key != "operator" && key != "value")
      return invalid(fmt::format("Unknown key \"{}\" in {}", key, place));
  }
  FieldTest test;
  const json::value* name = object->if_contains("name");
  if (!name || !name->is_string() || name->as_string().empty())
    return invalid(fmt::format("\"name\" in {} must be a property's name", place));
  test.name = name->as_string();
  TRY_ASSIGN(test.op, operator_of(object->if_contains("operator"), place));
  const json::value* value = object->if_contains("value");
  if (test.op == Operator::exists || test.op == Operator::does_not_exist) {
    TRY(check_no_value(value, place, test.op));
  } else {
    TRY(add_values(value, place, test));
  }
  return Node{std::move(test)};
}

Parsed<Node> fields(const json::value& v, const std::string& place) {
  const auto* list = v.if_array();
  if (!list) return invalid(fmt::format("{} must be an array", place));
  if (list->empty()) return invalid(fmt::format("{} is empty; \"where\":{{}} is everybody", place));
  All all;
  for (std::size_t i = 0; i < list->size(); ++i) {
    TRY_ASSIGN(Node node, field((*list)[i], fmt::format("{}[{}]", place, i)));
    all.of.push_back(std::move(node));
  }
  return Node{std::move(all)};
}

Parsed<Node> common_properties(const json::value& v, const std::string& place) {
  const auto* object = v.if_object();
  if (!object) return invalid(fmt::format("{} must be an object", place));
  for (const auto& member : *object)
    if (member.key() != fields_key) return refuse_key(member.key(), place, later_in_common);
  const json::value* list = object->if_contains(fields_key);
  if (!list) return invalid(fmt::format("{} is empty; \"where\":{{}} is everybody", place));
  return fields(*list, fmt::format("{}.{}", place, fields_key));
}

// ---- the internal form for people named one by one ------------------------------------------------

struct IdKind {
  std::string_view key;
  std::vector<std::string> IdList::*list;
};
constexpr std::array<IdKind, 5> id_kinds{{{"Identity", &IdList::identity},
                                          {"objectId", &IdList::object_id},
                                          {"Email", &IdList::email},
                                          {"FBID", &IdList::fb_id},
                                          {"GPID", &IdList::gp_id}}};
constexpr std::string_view ids_key = "$ids";

Parsed<IdList> id_list(const json::value& v) {
  IdList ids;
  const auto* object = v.if_object();
  if (!object) return invalid("\"$ids\" must be an object");
  for (const auto& member : *object) {
    const auto kind = std::find_if(id_kinds.begin(), id_kinds.end(),
                                   [&](const IdKind& k) { return k.key == member.key(); });
    const auto* list = member.value().if_array();
    if (kind == id_kinds.end() || !list)
      return invalid(fmt::format("Unknown or damaged key \"{}\" in $ids", std::string_view(member.key())));
    for (const json::value& id : *list) {
      if (!id.is_string()) return invalid("ids in \"$ids\" must be texts");
      (ids.*kind->list).emplace_back(id.as_string());
    }
  }
  if (ids.size() == 0) return invalid("\"$ids\" names nobody");
  return ids;
}

Parsed<json::value> json_of(std::string_view text) {
  auto value = parse_json(text);
  if (!value) return invalid(std::move(value.error()));
  return std::move(*value);
}

}  // namespace

Query::Query() = default;

Result<Query, Error> Query::parse(const json::value& where) {
  const auto* object = where.if_object();
  if (!object) return invalid("\"where\" must be an object");
  Query query;
  for (const auto& member : *object) {
    const std::string_view key = member.key();
    if (key != "common_profile_properties" && key != "common_profile_prop")
      return refuse_key(key, "where", later_in_where);
    if (query.root_)
      return invalid("\"common_profile_properties\" and \"common_profile_prop\" exclude each other in where");
    TRY_ASSIGN(Node root, common_properties(member.value(), fmt::format("where.{}", key)));
    query.root_ = std::make_shared<const Node>(std::move(root));
  }
  return query;
}

Result<Query, Error> Query::parse_text(std::string_view where) {
  TRY_ASSIGN(const json::value value, json_of(where));
  return parse(value);
}

Result<Query, Error> Query::parse_stored(std::string_view where) {
  TRY_ASSIGN(const json::value value, json_of(where));
  const auto* object = value.if_object();
  const json::value* ids = object ? object->if_contains(ids_key) : nullptr;
  if (!ids) return parse(value);
  if (object->size() != 1) return invalid("\"$ids\" excludes other keys in where");
  TRY_ASSIGN(IdList list, id_list(*ids));
  Query query;
  query.ids_ = std::make_shared<const IdList>(std::move(list));
  return query;
}

std::string Query::to_where(const IdList& ids) {
  json::object lists;
  for (const IdKind& kind : id_kinds) {
    if ((ids.*kind.list).empty()) continue;
    json::array list;
    for (const std::string& id : ids.*kind.list) list.push_back(json::value(id));
    lists[kind.key] = std::move(list);
  }
  return to_text(json::object{{ids_key, std::move(lists)}});
}

}  // namespace belay::audience
