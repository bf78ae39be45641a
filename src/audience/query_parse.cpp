// From JSON to the query tree. Every key is either understood, or refused by its name and place.
#include <algorithm>

#include <fmt/format.h>

#include "audience/event_query.h"
#include "audience/node.h"
#include "audience/parse_events.h"
#include "audience/parse_fields.h"
#include "audience/query.h"

namespace belay::audience {
namespace {

constexpr std::string_view where_keys[] = {"event_name",
                                           "from",
                                           "to",
                                           "event_properties",
                                           "session_properties",
                                           "common_profile_properties",
                                           "common_profile_prop",
                                           "advanced_query"};
// Documented or seen, and told apart from what nobody knows.
constexpr std::string_view segment_keys[] = {"segment", "segments", "exclude_segments"};
constexpr std::string_view part_of_profile[] = {"profile_fields", "app_fields",   "demographics",
                                                "technographics", "reachability", "geo_fields",
                                                "geo_radius"};
constexpr std::string_view part_of_advanced[] = {"did_all", "did_any", "did_none", "did_not"};

std::unexpected<Error> refuse_in_where(std::string_view key, std::string_view place) {
  if (key == "prompt")
    return unsupported(fmt::format("\"prompt\" in {} is not supported: write the query itself", place));
  if (std::ranges::find(segment_keys, key) != std::end(segment_keys))
    return unsupported(fmt::format("\"{}\" in {} is not supported here", key, place));
  const auto inside = [&](const auto& keys, std::string_view parent) {
    return std::ranges::find(keys, key) == std::end(keys)
               ? std::string()
               : fmt::format("Unknown key \"{}\" in {}: did you mean \"{}\" in {}.{}?", key, place,
                             key == "did_not" ? "did_none" : key, place, parent);
  };
  for (std::string text :
       {inside(part_of_profile, "common_profile_properties"), inside(part_of_advanced, "advanced_query")})
    if (!text.empty()) return invalid(std::move(text));
  return unknown("key", key, place, where_keys);
}

Parsed<void> known_keys_in_where(const json::object& object, const std::string& place) {
  for (const auto& member : object)
    if (std::ranges::find(where_keys, std::string_view(member.key())) == std::end(where_keys))
      return refuse_in_where(member.key(), place);
  if (object.contains("common_profile_properties") && object.contains("common_profile_prop"))
    return invalid(fmt::format(
        "\"common_profile_properties\" and \"common_profile_prop\" exclude each other in {}", place));
  for (const std::string_view key : event_keys)
    if (object.contains(key) && !object.contains("event_name"))
      return invalid(fmt::format("\"{}\" in {} needs \"event_name\"", key, place));
  return {};
}

// What is asked beside the base event: nothing is an All of nothing, which holds.
Parsed<void> rest_at(const json::object& object, const std::string& place, Cost& cost,
                     std::uint32_t& numbered, All& all) {
  for (const std::string_view key : {"common_profile_properties", "common_profile_prop"}) {
    const json::value* v = object.if_contains(key);
    if (!v) continue;
    TRY_ASSIGN(Node node, profile_at(*v, fmt::format("{}.{}", place, key), cost));
    all.of.push_back(std::move(node));
  }
  if (const json::value* v = object.if_contains("advanced_query")) {
    TRY_ASSIGN(Node node, advanced_at(*v, fmt::format("{}.advanced_query", place), cost, numbered));
    all.of.push_back(std::move(node));
  }
  return {};
}

Parsed<Node> where_at(const json::value& v, const std::string& place, Cost& cost, std::uint32_t& numbered) {
  const auto* object = v.if_object();
  if (!object) return invalid(fmt::format("{} must be an object", place == "where" ? "\"where\"" : place));
  TRY(known_keys_in_where(*object, place));
  All all;
  if (object->contains("event_name")) {
    EventTest base;
    TRY_ASSIGN(EventFilter filter, event_filter_at(*object, place, cost));
    base.any_of.push_back(std::move(filter));
    base.number = numbered++;
    all.of.push_back(Node{std::move(base)});
  }
  TRY(rest_at(*object, place, cost, numbered, all));
  return all.of.size() == 1 ? std::move(all.of.front()) : Node{std::move(all)};
}

// ---- the internal form of several queries together -------------------------------------------------

constexpr std::string_view all_key = "$all", none_key = "$none";
constexpr std::string_view together_keys[] = {all_key, none_key};

Parsed<std::vector<Node>> wheres_at(const json::object& object, std::string_view key, Cost& cost,
                                    std::uint32_t& numbered) {
  std::vector<Node> nodes;
  const json::value* v = object.if_contains(key);
  if (!v) return nodes;
  TRY_ASSIGN(const json::array* list, list_at(*v, key));
  for (const json::value& each : *list) {
    TRY_ASSIGN(Node node, where_at(each, "where", cost, numbered));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Parsed<Node> together_at(const json::object& object, Cost& cost) {
  TRY(only_keys(object, "where", together_keys));
  std::uint32_t numbered = 0;
  TRY_ASSIGN(auto all, wheres_at(object, all_key, cost, numbered));
  TRY_ASSIGN(auto none, wheres_at(object, none_key, cost, numbered));
  std::erase_if(all, [](const Node& node) {
    const All* inner = std::get_if<All>(&node.is);
    return inner && inner->of.empty();
  });
  if (!none.empty()) all.push_back(Node{None{std::move(none)}});
  return Node{All{std::move(all)}};
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

Query::Query(Node root) {
  if (const All* all = std::get_if<All>(&root.is); all && all->of.empty()) return;  // everybody
  root_ = std::make_shared<const Node>(std::move(root));
}

Result<Query, Error> Query::parse(const json::value& where) {
  Cost cost(true);
  std::uint32_t numbered = 0;
  TRY_ASSIGN(Node root, where_at(where, "where", cost, numbered));
  return Query(std::move(root));
}

Result<Query, Error> Query::parse_text(std::string_view where) {
  TRY_ASSIGN(const json::value value, json_of(where));
  return parse(value);
}

Result<Query, Error> Query::parse_stored(std::string_view where, bool counted) {
  TRY_ASSIGN(const json::value value, json_of(where));
  const auto* object = value.if_object();
  Cost cost(counted);
  if (object && (object->contains(all_key) || object->contains(none_key))) {
    TRY_ASSIGN(Node root, together_at(*object, cost));
    return Query(std::move(root));
  }
  const json::value* ids = object ? object->if_contains(ids_key) : nullptr;
  if (!ids) {
    std::uint32_t numbered = 0;
    TRY_ASSIGN(Node root, where_at(value, "where", cost, numbered));
    return Query(std::move(root));
  }
  if (object->size() != 1) return invalid("\"$ids\" excludes other keys in where");
  TRY_ASSIGN(IdList list, id_list(*ids));
  Query query;
  query.ids_ = std::make_shared<const IdList>(std::move(list));
  return query;
}

std::string Query::together(const std::vector<json::value>& all, const std::vector<json::value>& none) {
  if (all.size() == 1 && none.empty()) return to_text(all.front());
  json::object out;
  if (!all.empty()) out[all_key] = json::array(all.begin(), all.end());
  if (!none.empty()) out[none_key] = json::array(none.begin(), none.end());
  return to_text(out);
}

EventQuery::EventQuery(EventFilter event, Query people)
    : event_(std::make_shared<const EventFilter>(std::move(event))), people_(std::move(people)) {}

Result<EventQuery, Error> EventQuery::parse(const json::value& where) {
  Cost cost(true);
  std::uint32_t numbered = 0;
  const auto* object = where.if_object();
  if (!object) return invalid("A query must be an object");
  TRY(known_keys_in_where(*object, "query"));
  TRY_ASSIGN(EventFilter event, event_filter_at(*object, "query", cost));
  All all;
  TRY(rest_at(*object, "query", cost, numbered, all));
  return EventQuery(std::move(event), Query(Node{std::move(all)}));
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
