#include "audience/conversion_goal.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "audience/node.h"

namespace belay::audience {
namespace {

std::unexpected<std::string> wrong(std::string_view text) {
  return std::unexpected(fmt::format("conversion_goal{}", text));
}

struct TimeRow {
  std::string_view name;
  Seconds length;
};
constexpr std::int64_t hour = 3600, day = 24 * hour;
constexpr std::array<TimeRow, 16> times{{{"30m", Seconds{1800}},
                                         {"1H", Seconds{hour}},
                                         {"2H", Seconds{2 * hour}},
                                         {"4H", Seconds{4 * hour}},
                                         {"6H", Seconds{6 * hour}},
                                         {"8H", Seconds{8 * hour}},
                                         {"12H", Seconds{12 * hour}},
                                         {"1D", Seconds{day}},
                                         {"2D", Seconds{2 * day}},
                                         {"3D", Seconds{3 * day}},
                                         {"5D", Seconds{5 * day}},
                                         {"1W", Seconds{7 * day}},
                                         {"2W", Seconds{14 * day}},
                                         {"1M", Seconds{30 * day}},
                                         {"2M", Seconds{60 * day}},
                                         {"5M", Seconds{150 * day}}}};
constexpr std::size_t most_conditions_of_a_goal = 64, most_name = 512;

const json::value* member(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && !found->is_null() ? found : nullptr;
}

Result<std::string, std::string> text_at(const json::object& object, std::string_view key) {
  const json::value* found = member(object, key);
  if (!found) return std::string();
  if (!found->is_string()) return wrong(fmt::format(".{} must be a text", key));
  if (found->get_string().size() > most_name)
    return wrong(fmt::format(".{} must not be longer than {} bytes", key, most_name));
  return std::string(found->get_string());
}

// A list of whole numbers from 1 to `last`; none where the key is absent.
Result<std::vector<std::int64_t>, std::string> days_at(const json::object& filter, std::string_view key,
                                                       std::int64_t last) {
  std::vector<std::int64_t> days;
  const json::value* found = member(filter, key);
  if (!found) return days;
  const bool good =
      found->is_array() && std::ranges::all_of(found->get_array(), [&](const json::value& each) {
        return each.is_int64() && each.get_int64() >= 1 && each.get_int64() <= last;
      });
  if (!good)
    return wrong(fmt::format(".filter_type.{} must be a list of whole numbers from 1 to {}", key, last));
  for (const json::value& each : found->get_array()) days.push_back(each.get_int64());
  return days;
}

// Of "HH:MM".
std::optional<std::int32_t> minute_of(const json::value& v) {
  if (!v.is_string() || v.get_string().size() != 5) return std::nullopt;
  const std::string_view t(v.get_string().data(), 5);
  const auto digit = [&](std::size_t i) { return t[i] >= '0' && t[i] <= '9'; };
  if (!digit(0) || !digit(1) || t[2] != ':' || !digit(3) || !digit(4)) return std::nullopt;
  const std::int32_t h = (t[0] - '0') * 10 + t[1] - '0', m = (t[3] - '0') * 10 + t[4] - '0';
  return h < 24 && m < 60 ? std::optional(h * 60 + m) : std::nullopt;
}

Result<bool, std::string> yes_at(const json::object& filter, std::string_view key) {
  const json::value* found = member(filter, key);
  if (!found) return false;
  if (found->is_string() && found->get_string() == "yes") return true;
  if (found->is_string() && found->get_string() == "no") return false;
  return wrong(fmt::format(".filter_type.{} must be \"yes\" or \"no\"", key));
}

// The conditions in the words of a query, which knows how to compare.
Result<json::array, std::string> conditions_at(const json::object& filter) {
  json::array conditions;
  const json::value* found = member(filter, "event_property");
  if (!found) return conditions;
  if (!found->is_array() || found->get_array().size() > most_conditions_of_a_goal)
    return wrong(fmt::format(".filter_type.event_property must be a list of at most {} conditions",
                             most_conditions_of_a_goal));
  for (std::size_t i = 0; i < found->get_array().size(); ++i) {
    const std::string place = fmt::format(".filter_type.event_property[{}]", i);
    const json::value& one = found->get_array()[i];
    if (!one.is_object()) return wrong(place + " must be an object");
    for (const auto& pair : one.get_object())
      if (const std::string_view key = pair.key();
          key != "property_name" && key != "operator" && key != "property_value")
        return wrong(fmt::format("{}.{} is not known", place, key));
    const json::value* name = member(one.get_object(), "property_name");
    if (!name || !name->is_string() || name->get_string().empty())
      return wrong(place + ".property_name is required");
    json::object condition{{"name", *name}};
    if (const json::value* op = member(one.get_object(), "operator")) {
      if (!op->is_string()) return wrong(place + ".operator must be a text");
      condition["operator"] = *op;
    }
    if (const json::value* value = member(one.get_object(), "property_value")) condition["value"] = *value;
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

}  // namespace

Result<void, std::string> ConversionGoal::read_filter(const json::object& filter) {
  constexpr std::string_view known[] = {"event_property", "first_time",  "last_time",
                                        "time_of_day",    "day_of_week", "day_of_month"};
  for (const auto& pair : filter)
    if (std::ranges::find(known, std::string_view(pair.key())) == std::end(known))
      return wrong(fmt::format(".filter_type.{} is not known", std::string_view(pair.key())));
  TRY_ASSIGN(first_time_, yes_at(filter, "first_time"));
  TRY_ASSIGN(last_time_, yes_at(filter, "last_time"));
  TRY_ASSIGN(weekdays_, days_at(filter, "day_of_week", 7));
  TRY_ASSIGN(days_of_month_, days_at(filter, "day_of_month", 31));
  if (const json::value* pairs = member(filter, "time_of_day")) {
    constexpr std::string_view rule =
        ".filter_type.time_of_day must be a list of pairs such as [\"21:00\",\"23:00\"]";
    if (!pairs->is_array() || pairs->get_array().size() > most_conditions_of_a_goal) return wrong(rule);
    for (const json::value& pair : pairs->get_array()) {
      if (!pair.is_array() || pair.get_array().size() != 2) return wrong(rule);
      const auto from = minute_of(pair.get_array()[0]), to = minute_of(pair.get_array()[1]);
      if (!from || !to) return wrong(rule);
      times_.push_back({*from, *to});
    }
  }
  TRY_ASSIGN(json::array conditions, conditions_at(filter));
  if (conditions.empty()) return {};
  const json::object query{{"event_name", event_}, {"event_properties", std::move(conditions)}};
  auto parsed = EventQuery::parse(query);
  if (!parsed) return wrong(fmt::format(".filter_type.event_property: {}", parsed.error().text));
  properties_ = std::make_shared<const EventQuery>(std::move(*parsed));
  return {};
}

Result<ConversionGoal, std::string> ConversionGoal::parse(const json::value& value) {
  if (!value.is_object()) return wrong(" must be an object");
  const json::object& object = value.get_object();
  ConversionGoal goal;
  TRY_ASSIGN(goal.event_, text_at(object, "event_name"));
  TRY_ASSIGN(goal.revenue_property_, text_at(object, "revenue_property"));
  TRY_ASSIGN(const std::string within, text_at(object, "conversion_time"));
  if (goal.event_.empty()) return wrong(".event_name is required");
  const json::value* filter = member(object, "filter_type");
  if (!filter || !filter->is_object()) return wrong(".filter_type is required: an object, {} for no filter");
  if (!within.empty()) {
    const auto row = std::ranges::find(times, std::string_view(within), &TimeRow::name);
    if (row == times.end()) {
      std::string all;
      for (const TimeRow& each : times) all += fmt::format("{}{}", all.empty() ? "" : ", ", each.name);
      return wrong(fmt::format(".conversion_time \"{}\" is not known: {} are", within, all));
    }
    goal.within_ = row->length;
  }
  TRY(goal.read_filter(filter->get_object()));
  return goal;
}

Result<ConversionGoal, std::string> ConversionGoal::parse_stored(std::string_view text) {
  TRY_ASSIGN(const json::value value, parse_json(text));
  return parse(value);
}

bool ConversionGoal::at_a_time(WallTime at, const TimeZone& zone) const {
  if (times_.empty() && weekdays_.empty() && days_of_month_.empty()) return true;
  const std::int64_t stamp = zone.minute_stamp(at);
  const auto minute = static_cast<std::int32_t>(stamp / 100 % 100 * 60 + stamp % 100);
  const auto holds = [&](const Minutes& m) {
    return m.from <= m.to ? m.from <= minute && minute <= m.to : minute >= m.from || minute <= m.to;
  };
  if (!times_.empty() && std::ranges::none_of(times_, holds)) return false;
  const std::int64_t date = stamp / 10'000;
  if (!days_of_month_.empty() && std::ranges::find(days_of_month_, date % 100) == days_of_month_.end())
    return false;
  if (weekdays_.empty()) return true;
  const auto day_number = calendar_day(date);
  constexpr std::int64_t thursday = 4;  // 1970-01-01, Sunday being 0
  const std::int64_t weekday = ((day_number.value_or(0) + thursday) % 7 + 7) % 7 + 1;
  return std::ranges::find(weekdays_, weekday) != weekdays_.end();
}

bool ConversionGoal::holds(const Happened& event, const TimeZone& zone) const {
  if (first_time_ && event.at != event.first) return false;
  if (last_time_ && event.at != event.last) return false;
  if (!at_a_time(event.at, zone)) return false;
  if (!properties_) return true;
  content::Properties properties(event.properties);
  return std::ranges::all_of(properties_->event().properties,
                             [&](const FieldTest& test) { return test.holds_of_event(properties); });
}

double ConversionGoal::revenue(std::string_view json) const {
  if (revenue_property_.empty()) return 0;
  content::Properties properties(json);
  std::string scratch;
  const content::RawValue value = properties.find(revenue_property_);
  if (value.kind != content::RawValue::Kind::number && value.kind != content::RawValue::Kind::text) return 0;
  if (value.kind == content::RawValue::Kind::text && content::date_of(value.json)) return 0;
  const Operand operand = operand_of(value, scratch);
  return operand.number ? operand.number->real : 0;
}

}  // namespace belay::audience
