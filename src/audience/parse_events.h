// The parts of a query about events: the base event, and advanced_query. Inside audience/ only. Pure.
#pragma once
#include "audience/parse_fields.h"

namespace belay::audience {

// The keys of an event's description.
inline constexpr std::string_view event_keys[] = {"event_name", "from", "to", "event_properties",
                                                  "session_properties"};

// Which event an object describes; other keys are not looked at.
Parsed<EventFilter> event_filter_at(const json::object& object, const std::string& place, Cost& cost);

// advanced_query whole. `numbered` counts the tree's EventTests.
Parsed<Node> advanced_at(const json::value& v, const std::string& place, Cost& cost, std::uint32_t& numbered);

}  // namespace belay::audience
