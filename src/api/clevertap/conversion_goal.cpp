// "conversion_goal" (contract 3.6): what is done after a message that makes it a success.
#include <algorithm>

#include "api/clevertap/content_parts.h"

namespace belay::api::clevertap {
namespace {

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{"conversion_goal" + std::move(text)});
}

constexpr std::string_view times[] = {"30m", "1H", "2H", "4H", "6H", "8H", "12H", "1D",
                                      "2D",  "3D", "5D", "1W", "2W", "1M", "2M",  "5M"};
constexpr std::size_t most = 64;

// A list of whole numbers from 1 to `last`.
Checked<void> check_days(const json::object& filter, std::string_view key, std::int64_t last) {
  const json::value* found = member(filter, key);
  if (!found) return {};
  const bool good = found->is_array() && std::ranges::all_of(found->get_array(), [&](const json::value& day) {
    return day.is_int64() && day.get_int64() >= 1 && day.get_int64() <= last;
  });
  if (!good) return refuse(fmt::format(".filter_type.{} must be a list of whole numbers from 1 to {}", key, last));
  return {};
}

bool is_time_of_day(const json::value& v) {
  if (!v.is_string() || v.get_string().size() != 5) return false;
  const std::string_view t(v.get_string().data(), 5);
  const auto digit = [&](std::size_t i) { return t[i] >= '0' && t[i] <= '9'; };
  return digit(0) && digit(1) && t[2] == ':' && digit(3) && digit(4) && t.substr(0, 2) < "24" && t[3] < '6';
}

Checked<void> check_times(const json::object& filter) {
  const json::value* found = member(filter, "time_of_day");
  if (!found) return {};
  const bool good = found->is_array() && std::ranges::all_of(found->get_array(), [](const json::value& pair) {
    return pair.is_array() && pair.get_array().size() == 2 &&
           std::ranges::all_of(pair.get_array(), is_time_of_day);
  });
  if (!good) return refuse(".filter_type.time_of_day must be a list of pairs such as [\"21:00\",\"23:00\"]");
  return {};
}

Checked<void> check_properties(const json::object& filter) {
  const json::value* found = member(filter, "event_property");
  if (!found) return {};
  if (!found->is_array() || found->get_array().size() > most)
    return refuse(fmt::format(".filter_type.event_property must be a list of at most {} conditions", most));
  for (std::size_t i = 0; i < found->get_array().size(); ++i) {
    const json::value& one = found->get_array()[i];
    const auto wrong = [i](std::string_view what) {
      return refuse(fmt::format(".filter_type.event_property[{}]{}", i, what));
    };
    if (!one.is_object()) return wrong(" must be an object");
    const json::value* name = member(one.get_object(), "property_name");
    if (!name || !name->is_string() || name->get_string().empty()) return wrong(".property_name is required");
    const json::value* op = member(one.get_object(), "operator");
    if (op && !op->is_string()) return wrong(".operator must be a text");
  }
  return {};
}

Checked<void> check_filter(const json::object& filter) {
  constexpr std::string_view known[] = {"event_property", "first_time",  "last_time",
                                        "time_of_day",    "day_of_week", "day_of_month"};
  for (const auto& pair : filter)
    if (std::ranges::find(known, std::string_view(pair.key())) == std::end(known))
      return refuse(fmt::format(".filter_type.{} is not known", std::string_view(pair.key())));
  for (const std::string_view key : {"first_time", "last_time"}) {
    const json::value* found = member(filter, key);
    if (found && (!found->is_string() || (found->get_string() != "yes" && found->get_string() != "no")))
      return refuse(fmt::format(".filter_type.{} must be \"yes\" or \"no\"", key));
  }
  TRY(check_properties(filter));
  TRY(check_times(filter));
  TRY(check_days(filter, "day_of_week", 7));
  return check_days(filter, "day_of_month", 31);
}

}  // namespace

Checked<void> check_conversion_goal(const json::object& request) {
  const json::value* found = member(request, "conversion_goal");
  if (!found) return {};
  if (!found->is_object()) return refuse(" must be an object");
  const json::object& goal = found->get_object();
  for (const std::string_view key : {"event_name", "revenue_property", "conversion_time"}) {
    const auto read = text(goal, key, 512);
    if (!read) return refuse("." + read.error());
  }
  if (const auto name = text(goal, "event_name", 512); !*name || (*name)->empty())
    return refuse(".event_name is required");
  const json::value* filter = member(goal, "filter_type");
  if (!filter || !filter->is_object()) return refuse(".filter_type is required: an object, {} for no filter");
  const auto time = text(goal, "conversion_time", 512);
  if (*time && std::ranges::find(times, **time) == std::end(times))
    return refuse(fmt::format(".conversion_time \"{}\" is not known: {} are", **time, fmt::join(times, ", ")));
  return check_filter(filter->get_object());
}

}  // namespace belay::api::clevertap
