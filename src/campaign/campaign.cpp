#include "campaign/campaign.h"

#include <array>
#include <cctype>

#include "base/json.h"
#include "campaign/guardrails_json.h"

namespace belay {
namespace {

constexpr std::array<std::string_view, 4> platform_names{"android", "ios", "web", "windows"};

json::array to_array(const KeyValues& pairs) {
  json::array out;
  for (const auto& [key, value] : pairs) out.push_back(json::array{key, value});
  return out;
}

KeyValues pairs_from(const json::value& v) {
  KeyValues out;
  for (const json::value& pair : v.as_array())
    out.emplace_back(std::string(pair.as_array().at(0).as_string()),
                     std::string(pair.as_array().at(1).as_string()));
  return out;
}

std::string text_at(const json::object& o, std::string_view key) {
  return std::string(o.at(key).as_string());
}

json::object to_object(const Derivation& d) {
  json::array standings;
  for (Standing s : d.standings) standings.push_back(json::value(name_of(s)));
  return {{"how", name_of(d.how)}, {"parent", d.parent.value}, {"standings", std::move(standings)}};
}

Derivation derivation_from(const json::object& o) {
  Derivation d;
  d.how = text_at(o, "how") == name_of(Derivation::How::corrects) ? Derivation::How::corrects
                                                                  : Derivation::How::continues;
  d.parent = CampaignId{o.at("parent").as_int64()};
  for (const json::value& v : o.at("standings").as_array())
    if (auto s = standing_named(v.as_string())) d.standings.push_back(*s);
  return d;
}

json::object to_object(const PeopleLimits& limits) {
  json::object o;
  if (limits.overall) o["overall"] = *limits.overall;
  if (limits.per_run) o["per_run"] = *limits.per_run;
  if (limits.segment) o["segment"] = *limits.segment;
  return o;
}

PeopleLimits limits_from(const json::object& o) {
  const auto at = [&o](std::string_view key) -> std::optional<std::uint32_t> {
    const json::value* v = o.if_contains(key);
    return v != nullptr ? std::optional(static_cast<std::uint32_t>(v->as_int64())) : std::nullopt;
  };
  return {at("overall"), at("per_run"), at("segment")};
}

void read_reach(const json::object& o, Definition& d) {
  if (const auto* v = o.if_contains("limits")) d.limits = limits_from(v->as_object());
  if (const auto* v = o.if_contains("control_group"))
    d.control_group = {static_cast<std::uint32_t>(v->as_object().at("percent").as_int64()),
                       CampaignId{v->as_object().at("drawn_for").as_int64()}};
  if (const auto* v = o.if_contains("system_control_group")) d.system_control_group = v->as_bool();
  if (const auto* v = o.if_contains("respect_frequency_caps")) d.respect_frequency_caps = v->as_bool();
}

void write_reach(const Definition& d, json::object& o) {
  if (!d.limits.empty()) o["limits"] = to_object(d.limits);
  if (d.control_group)
    o["control_group"] = {{"percent", d.control_group->percent},
                          {"drawn_for", d.control_group->drawn_for.value}};
  if (!d.system_control_group) o["system_control_group"] = false;
  if (!d.respect_frequency_caps) o["respect_frequency_caps"] = false;
}

Guardrails stored_guardrails(const json::value& v) {
  auto g = parse_guardrails(v, GuardrailsOf::campaign, *TimeZone::named("UTC"));
  if (!g) throw std::runtime_error(g.error());  // for definition_from_json() to catch
  return *g;
}

Definition read(const json::object& o) {
  Definition d;
  d.name = text_at(o, "name");
  d.channel = channel_named(text_at(o, "channel")).value_or(Channel::push);
  d.push = {text_at(o, "title"),     text_at(o, "body"),      pairs_from(o.at("android")),
            pairs_from(o.at("ios")), pairs_from(o.at("web")), pairs_from(o.at("windows"))};
  d.webhook = {pairs_from(o.at("key_values")), o.at("profile_attributes").as_bool(), o.at("tokens").as_bool(),
               o.at("identities").as_bool()};
  d.where = text_at(o, "where");
  for (const json::value& v : o.at("devices").as_array())
    if (auto p = platform_named(v.as_string())) d.devices.push_back(*p);
  d.send_to_all_devices = o.at("send_to_all_devices").as_bool();
  for (const json::value& v : o.at("labels").as_array()) d.labels.emplace_back(v.as_string());
  if (const auto* v = o.if_contains("ttl_until")) d.ttl.until = wall_from_micros(v->as_int64());
  if (const auto* v = o.if_contains("ttl_lasting")) d.ttl.lasting = Seconds{v->as_int64()};
  d.tag_group = text_at(o, "tag_group");
  if (const auto* v = o.if_contains("derived")) d.derived = derivation_from(v->as_object());
  if (const auto* v = o.if_contains("recurrence")) d.recurrence = recurrence_from(v->as_object());
  if (const auto* v = o.if_contains("timing")) d.timing = timing_from(v->as_object());
  if (const auto* v = o.if_contains("conversion_goal")) d.conversion_goal = std::string(v->as_string());
  if (const auto* v = o.if_contains("guardrails")) d.guardrails = stored_guardrails(*v);
  read_reach(o, d);
  return d;
}

}  // namespace

std::optional<Channel> channel_named(std::string_view name) {
  std::string lower;
  for (char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "push") return Channel::push;
  if (lower == "webhook" || lower == "webhooks") return Channel::webhook;
  return std::nullopt;
}

std::string_view name_of(Platform p) {
  return platform_names[static_cast<std::size_t>(p)];
}

std::optional<Platform> platform_named(std::string_view name) {
  for (std::size_t i = 0; i < platform_names.size(); ++i)
    if (platform_names[i] == name) return static_cast<Platform>(i);
  return std::nullopt;
}

std::string to_json_text(const Definition& d) {
  json::object o;
  o["name"] = d.name;
  o["channel"] = name_of(d.channel);
  o["title"] = d.push.title;
  o["body"] = d.push.body;
  o["android"] = to_array(d.push.android);
  o["ios"] = to_array(d.push.ios);
  o["web"] = to_array(d.push.web);
  o["windows"] = to_array(d.push.windows);
  o["key_values"] = to_array(d.webhook.key_values);
  o["profile_attributes"] = d.webhook.profile_attributes;
  o["tokens"] = d.webhook.tokens;
  o["identities"] = d.webhook.identities;
  o["where"] = d.where;
  json::array devices, labels;
  for (Platform p : d.devices) devices.push_back(json::value(name_of(p)));
  for (const std::string& label : d.labels) labels.push_back(json::value(label));
  o["devices"] = std::move(devices);
  o["labels"] = std::move(labels);
  o["send_to_all_devices"] = d.send_to_all_devices;
  if (d.ttl.until) o["ttl_until"] = to_micros(*d.ttl.until);
  if (d.ttl.lasting) o["ttl_lasting"] = d.ttl.lasting->count();
  o["tag_group"] = d.tag_group;
  if (d.derived) o["derived"] = to_object(*d.derived);
  if (d.recurrence) o["recurrence"] = to_json(*d.recurrence);
  if (!d.timing.empty()) o["timing"] = to_json(d.timing);
  if (!d.conversion_goal.empty()) o["conversion_goal"] = d.conversion_goal;
  if (!d.guardrails.empty()) o["guardrails"] = to_json(d.guardrails);
  write_reach(d, o);
  return to_text(o);
}

Result<Definition, std::string> definition_from_json(std::string_view text) {
  auto value = parse_json(text);
  if (!value) return std::unexpected(value.error());
  try {
    return read(value->as_object());
  } catch (const std::exception& e) {
    return std::unexpected(std::string("stored campaign is damaged: ") + e.what());
  }
}

}  // namespace belay
