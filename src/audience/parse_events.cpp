#include "audience/parse_events.h"

#include <algorithm>

#include <fmt/format.h>

#include "campaign/schedule.h"

namespace belay::audience {
namespace {

Parsed<std::int32_t> day_at(const json::object& object, std::string_view key, std::string_view place) {
  const json::value* v = object.if_contains(key);
  if (!v) return 0;
  const auto day = whole_number(v);
  if (!day || *day < 1970'01'01 || *day > 9999'12'31 || !calendar_day(*day))
    return invalid(fmt::format("\"{}\" in {} must be a day as a number, YYYYMMDD, not {}", key, place,
                               json::serialize(*v)));
  return static_cast<std::int32_t>(*day);
}

Parsed<Days> days_at(const json::object& object, std::string_view place) {
  Days days;
  TRY_ASSIGN(days.from, day_at(object, "from", place));
  TRY_ASSIGN(days.to, day_at(object, "to", place));
  if ((days.from == 0) != (days.to == 0))
    return invalid(fmt::format("\"{}\" is missing in {}: from and to belong together",
                               days.from ? "to" : "from", place));
  if (days.from > days.to)
    return invalid(fmt::format("\"from\" in {} is after \"to\": {} > {}", place, days.from, days.to));
  return days;
}

// ---- session properties --------------------------------------------------------------------------

Parsed<std::int32_t> minute_at(const json::value& v, std::string_view place) {
  const auto* text = v.if_string();
  const auto digit = [&](std::size_t i) { return (*text)[i] >= '0' && (*text)[i] <= '9'; };
  if (text && text->size() == 5 && (*text)[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hour = ((*text)[0] - '0') * 10 + (*text)[1] - '0';
    const int minute = ((*text)[3] - '0') * 10 + (*text)[4] - '0';
    if (hour < 24 && minute < 60) return hour * 60 + minute;
  }
  return invalid(fmt::format("{} in {} is no time of day: \"HH:MM\"", json::serialize(v), place));
}

Parsed<TimeOfDay> time_of_day(const json::value* v, std::string_view place) {
  const auto* two = v ? v->if_array() : nullptr;
  if (!two || two->size() != 2)
    return invalid(fmt::format("\"time_of_day\" in {} needs two times: [\"HH:MM\", \"HH:MM\"]", place));
  TimeOfDay time;
  TRY_ASSIGN(time.from, minute_at((*two)[0], place));
  TRY_ASSIGN(time.to, minute_at((*two)[1], place));
  return time;
}

Parsed<bool> truth_at(const json::value* v, std::string_view name, std::string_view place) {
  if (v && v->is_bool()) return v->get_bool();
  if (const auto* text = v ? v->if_string() : nullptr)
    if (const auto truth = truth_of(*text)) return *truth;
  return invalid(fmt::format("\"{}\" in {} is \"True\" or \"False\"", name, place));
}

Parsed<void> session_property(const json::value& v, const std::string& place, EventFilter& filter,
                              Cost& cost) {
  constexpr std::string_view keys[] = {"name", "operator", "value"};
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY(only_keys(*object, place, keys));
  TRY(cost.condition(place));
  TRY_ASSIGN(const std::string name, name_at(*object, place));
  TRY_ASSIGN(const Operator op, operator_at(object->if_contains("operator"), place));
  const json::value* value = object->if_contains("value");
  if (name != "first_time" && name != "time_of_day")
    return unsupported(
        fmt::format("The session property \"{}\" in {} is not known here: sessions are what the "
                    "SDKs tell. Known are first_time and time_of_day, which follow from the "
                    "events themselves",
                    name, place));
  if (op != Operator::equals)
    return invalid(fmt::format("\"{}\" in {} does not go with {}: equals does", name_of(op), place, name));
  if (name == "first_time" ? filter.first_time.has_value() : filter.time_of_day.has_value())
    return invalid(fmt::format("\"{}\" stands twice in the session properties: {}", name, place));
  if (name == "first_time") {
    TRY_ASSIGN(filter.first_time, truth_at(value, name, place));
  } else {
    TRY_ASSIGN(filter.time_of_day, time_of_day(value, place));
  }
  return {};
}

// A list of conditions on events may be empty: it asks nothing more of an event that is named.
Parsed<const json::array*> list_or_empty(const json::value& v, std::string_view place) {
  if (const auto* list = v.if_array()) return list;
  return invalid(fmt::format("{} must be an array", place));
}

// ---- how often -----------------------------------------------------------------------------------

struct Times {
  Operator op = Operator::greater_than_equals;
  std::int64_t count = 1;
};

// "operator" and "value" beside an event: nothing where neither stands there.
Parsed<std::optional<Times>> times_at(const json::object& object, std::string_view place) {
  const json::value* op = object.if_contains("operator");
  const json::value* value = object.if_contains("value");
  if (!op && !value) return std::optional<Times>();
  Times times;
  TRY_ASSIGN(times.op, operator_at(op, place));
  if (times.op != Operator::equals && times.op < Operator::greater_than)
    return invalid(
        fmt::format("\"{}\" in {} does not go with a number of times: equals, greater_than, "
                    "greater_than_equals, less_than and less_than_equals do",
                    name_of(times.op), place));
  constexpr std::int64_t most = 1'000'000'000;
  const auto count = whole_number(value);
  if (!count || *count < 0 || *count > most)
    return invalid(fmt::format("\"value\" in {} must be how many times: a whole number from 0", place));
  times.count = *count;
  return std::optional(times);
}

constexpr std::string_view counted_event_keys[] = {
    "event_name", "from", "to", "event_properties", "session_properties", "operator", "value"};
constexpr std::string_view any_keys[] = {"any_events", "operator", "value"};
constexpr std::string_view advanced_keys[] = {"did_all", "did_any", "did_none"};

Parsed<EventTest> event_at(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY(only_keys(*object, place, counted_event_keys));
  EventTest test;
  TRY_ASSIGN(EventFilter filter, event_filter_at(*object, place, cost));
  test.any_of.push_back(std::move(filter));
  TRY_ASSIGN(const auto times, times_at(*object, place));
  if (times) test.op = times->op, test.count = times->count;
  return test;
}

Parsed<std::vector<EventTest>> events_at(const json::value& v, const std::string& place, Cost& cost) {
  TRY_ASSIGN(const json::array* list, list_at(v, place));
  std::vector<EventTest> tests;
  for (std::size_t i = 0; i < list->size(); ++i) {
    TRY_ASSIGN(EventTest test, event_at((*list)[i], fmt::format("{}[{}]", place, i), cost));
    tests.push_back(std::move(test));
  }
  return tests;
}

std::vector<Node> as_nodes(std::vector<EventTest> tests, std::uint32_t& numbered) {
  std::vector<Node> nodes;
  for (EventTest& test : tests) {
    test.number = numbered++;
    nodes.push_back(Node{std::move(test)});
  }
  return nodes;
}

// With a number of times of its own the whole counts the events that are any of those; without one, each
// part stands for itself.
Parsed<Node> did_any(const json::value& v, const std::string& place, Cost& cost, std::uint32_t& numbered) {
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY(only_keys(*object, place, any_keys));
  const json::value* events = object->if_contains("any_events");
  if (!events) return invalid(fmt::format("\"any_events\" is missing in {}", place));
  TRY_ASSIGN(auto tests, events_at(*events, fmt::format("{}.any_events", place), cost));
  TRY_ASSIGN(const auto times, times_at(*object, place));
  if (!times) return Node{Any{as_nodes(std::move(tests), numbered)}};
  EventTest together;
  together.op = times->op;
  together.count = times->count;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const json::object& each = events->get_array()[i].get_object();
    if (each.contains("operator") || each.contains("value"))
      return invalid(
          fmt::format("{}.any_events[{}] has a number of times of its own beside that of {}: one of "
                      "the two",
                      place, i, place));
    together.any_of.push_back(std::move(tests[i].any_of.front()));
  }
  together.number = numbered++;
  return Node{std::move(together)};
}

}  // namespace

Parsed<EventFilter> event_filter_at(const json::object& object, const std::string& place, Cost& cost) {
  TRY(cost.event(place));
  EventFilter filter;
  const json::value* name = object.if_contains("event_name");
  if (!name) return invalid(fmt::format("\"event_name\" is missing in {}", place));
  if (!name->is_string() || name->get_string().empty())
    return invalid(fmt::format("\"event_name\" in {} must be an event's name", place));
  filter.name = name->get_string();
  TRY_ASSIGN(filter.days, days_at(object, place));
  if (const json::value* v = object.if_contains("event_properties")) {
    const std::string at = fmt::format("{}.event_properties", place);
    TRY_ASSIGN(const json::array* list, list_or_empty(*v, at));
    for (std::size_t i = 0; i < list->size(); ++i) {
      TRY_ASSIGN(FieldTest test, field_at((*list)[i], fmt::format("{}[{}]", at, i), cost));
      filter.properties.push_back(std::move(test));
    }
  }
  if (const json::value* v = object.if_contains("session_properties")) {
    const std::string at = fmt::format("{}.session_properties", place);
    TRY_ASSIGN(const json::array* list, list_or_empty(*v, at));
    for (std::size_t i = 0; i < list->size(); ++i)
      TRY(session_property((*list)[i], fmt::format("{}[{}]", at, i), filter, cost));
  }
  return filter;
}

Parsed<Node> advanced_at(const json::value& v, const std::string& place, Cost& cost,
                         std::uint32_t& numbered) {
  TRY_ASSIGN(const json::object* object, object_at(v, place));
  TRY(only_keys(*object, place, advanced_keys));
  if (object->empty()) return invalid(fmt::format("{} is empty; \"where\":{{}} is everybody", place));
  All all;
  if (const json::value* list = object->if_contains("did_all")) {
    TRY_ASSIGN(auto tests, events_at(*list, fmt::format("{}.did_all", place), cost));
    all.of.push_back(Node{All{as_nodes(std::move(tests), numbered)}});
  }
  if (const json::value* any = object->if_contains("did_any")) {
    TRY_ASSIGN(Node node, did_any(*any, fmt::format("{}.did_any", place), cost, numbered));
    all.of.push_back(std::move(node));
  }
  if (const json::value* list = object->if_contains("did_none")) {
    TRY_ASSIGN(auto tests, events_at(*list, fmt::format("{}.did_none", place), cost));
    all.of.push_back(Node{None{as_nodes(std::move(tests), numbered)}});
  }
  return all.of.size() == 1 ? std::move(all.of.front()) : Node{std::move(all)};
}

}  // namespace belay::audience
