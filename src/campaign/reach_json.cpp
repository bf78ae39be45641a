#include "campaign/reach_json.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "campaign/campaign.h"

namespace belay {
namespace {

template <class T>
using Read = Result<T, std::string>;

std::unexpected<std::string> wrong(std::string text) {
  return std::unexpected(std::move(text));
}

constexpr std::array<std::string_view, 3> per_names{"day", "week", "month"};

Read<std::uint32_t> whole(const json::object& o, std::string_view where, std::string_view key,
                          std::uint32_t most) {
  const json::value* v = o.if_contains(key);
  if (v == nullptr) return wrong(fmt::format("{} needs \"{}\"", where, key));
  const auto* n = v->if_int64();
  if (n == nullptr || *n < 1 || *n > std::int64_t{most})
    return wrong(
        fmt::format("{}: {} must be a whole number from 1 to {}, and is {}", where, key, most, to_text(*v)));
  return static_cast<std::uint32_t>(*n);
}

Read<void> only(const json::object& o, std::string_view where, std::initializer_list<std::string_view> keys) {
  for (const auto& member : o)
    if (std::ranges::find(keys, std::string_view(member.key())) == keys.end())
      return wrong(fmt::format("{}: unknown key \"{}\"", where, std::string_view(member.key())));
  return {};
}

Read<FrequencyCap> cap_from(const json::value& v, std::size_t n) {
  const std::string where = fmt::format("frequency_caps[{}]", n);
  const auto* o = v.if_object();
  if (o == nullptr) return wrong(where + " must be an object");
  TRY(only(*o, where, {"messages", "per", "channel"}));
  FrequencyCap cap;
  TRY_ASSIGN(cap.messages, whole(*o, where, "messages", most_capped_messages));
  const json::value* per = o->if_contains("per");
  const auto* name = per != nullptr ? per->if_string() : nullptr;
  const auto found =
      name != nullptr ? std::ranges::find(per_names, std::string_view(*name)) : per_names.end();
  if (found == per_names.end())
    return wrong(fmt::format("{}: per must be \"day\", \"week\" or \"month\"", where));
  cap.per = static_cast<FrequencyCap::Per>(found - per_names.begin());
  const json::value* channel = o->if_contains("channel");
  if (channel == nullptr || channel->is_null()) return cap;
  if (const auto* text = channel->if_string()) cap.channel = channel_named(*text);
  if (!cap.channel)
    return wrong(
        fmt::format("{}: channel must be \"push\" or \"webhook\", and is {}", where, to_text(*channel)));
  return cap;
}

Read<std::vector<FrequencyCap>> caps_from(const json::value& v) {
  const auto* list = v.if_array();
  if (list == nullptr) return wrong("frequency_caps must be a list");
  if (list->size() > most_frequency_caps)
    return wrong(
        fmt::format("frequency_caps: {} at most, and these are {}", most_frequency_caps, list->size()));
  std::vector<FrequencyCap> caps;
  for (const json::value& each : *list) {
    TRY_ASSIGN(const FrequencyCap cap, cap_from(each, caps.size()));
    for (const FrequencyCap& other : caps)
      if (other.per == cap.per && other.channel == cap.channel)
        return wrong(fmt::format("frequency_caps[{}]: there is one for the same days and channel before it",
                                 caps.size()));
    caps.push_back(cap);
  }
  return caps;
}

}  // namespace

Result<ReachRules, std::string> parse_reach_rules(const json::value& value) {
  const auto* o = value.if_object();
  if (o == nullptr) return wrong("the reach rules must be an object");
  TRY(only(*o, "reach", {"frequency_caps", "system_control_group"}));
  ReachRules rules;
  if (const json::value* caps = o->if_contains("frequency_caps"); caps != nullptr && !caps->is_null()) {
    TRY_ASSIGN(rules.frequency_caps, caps_from(*caps));
  }
  const json::value* group = o->if_contains("system_control_group");
  if (group == nullptr || group->is_null()) return rules;
  const auto* members = group->if_object();
  if (members == nullptr) return wrong("system_control_group must be an object");
  TRY(only(*members, "system_control_group", {"percentage"}));
  TRY_ASSIGN(rules.control_group_percent,
             whole(*members, "system_control_group", "percentage", most_control_percent));
  return rules;
}

json::object to_json(const ReachRules& rules) {
  json::object o;
  json::array caps;
  for (const FrequencyCap& cap : rules.frequency_caps) {
    json::object each{{"messages", cap.messages}, {"per", per_names[static_cast<std::size_t>(cap.per)]}};
    if (cap.channel) each["channel"] = name_of(*cap.channel);
    caps.push_back(std::move(each));
  }
  if (!caps.empty()) o["frequency_caps"] = std::move(caps);
  if (rules.control_group_percent > 0)
    o["system_control_group"] = json::object{{"percentage", rules.control_group_percent}};
  return o;
}

Result<ControlGroup, std::string> parse_control_group(const json::value& value) {
  const auto* o = value.if_object();
  if (o == nullptr)
    return wrong("control_group must be an object like {\"type\":\"campaign\",\"percentage\":10}, and is " +
                 to_text(value));
  const json::value* type = o->if_contains("type");
  if (type != nullptr && *type == json::value("custom"))
    return wrong(
        "control_group of type \"custom\" names a list of people that Belay does not keep: \"campaign\" "
        "with a percentage is there");
  if (type != nullptr && *type != json::value("campaign"))
    return wrong(fmt::format("control_group: type must be \"campaign\", and is {}", to_text(*type)));
  TRY(only(*o, "control_group", {"type", "percentage"}));
  ControlGroup group;
  TRY_ASSIGN(group.percent, whole(*o, "control_group", "percentage", most_control_percent));
  return group;
}

}  // namespace belay
