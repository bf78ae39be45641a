#include "api/clevertap/draft.h"

#include "api/clevertap/audience.h"
#include "api/clevertap/content_parts.h"
#include "api/clevertap/reach_parts.h"
#include "campaign/guardrails_json.h"

namespace belay::api::clevertap {
namespace {

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}
std::unexpected<Refusal> not_yet(std::string_view what) {
  return refuse(fmt::format("{} is not available yet in this version of Belay", what));
}

// The sentence of a reader becomes a refusal.
template <class T>
Checked<T> checked(Read<T> read) {
  if (!read) return refuse(std::move(read.error()));
  return std::move(*read);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

// Documented keys that would change who gets a message, or when, or what else leaves.
constexpr std::string_view not_yet_keys[] = {
    "pa_webhook_name",
    "provider_group_nickname",
};

// A client that spells out "no" asks for nothing.
bool says_nothing(const json::value& value) {
  if (value.is_bool()) return !value.get_bool();
  if (value.is_array()) return value.get_array().empty();
  if (value.is_object()) return value.get_object().empty();
  if (value.is_string()) return value.get_string().empty();
  return false;
}

Checked<void> refuse_not_yet(const json::object& request) {
  for (const std::string_view key : not_yet_keys)
    if (const json::value* found = member(request, key); found && !says_nothing(*found)) return not_yet(key);
  return {};
}

constexpr std::string_view other_modes[] = {"notificationinbox", "in-app"};

Checked<Mode> read_mode(const json::object& request) {
  TRY_ASSIGN(const auto name, checked(text(request, "target_mode", 40)));
  if (!name) return Mode::push;  // old clients never say it
  if (const auto mode = mode_named(*name)) return *mode;
  if (std::ranges::find(other_modes, lower_case(*name)) != std::end(other_modes))
    return not_yet(fmt::format("target_mode \"{}\"", *name));
  return refuse(fmt::format(
      "target_mode \"{}\" is not known: push, webpush, email, sms, whatsapp and webhook are", *name));
}

// Keys that belong to one mode.
Checked<void> check_email_keys(const json::object& request, Mode mode) {
  TRY_ASSIGN(const auto groups, checked(texts(request, "subscription_groups", 64, 120)));
  TRY_ASSIGN(const bool opted_out, checked(flag(request, "send_email_to_opted_out_users", false)));
  if (mode == Mode::email) return {};
  if (!groups.empty()) return refuse("subscription_groups is for target_mode email");
  if (opted_out) return refuse("send_email_to_opted_out_users is for target_mode email");
  return {};
}

// What nothing here can send yet is checked as if it could be, and then refused for that reason alone.
Checked<void> check_unsendable(const json::object& request, Mode mode) {
  TRY_ASSIGN(const auto parts, read_parts(request, mode));
  if (const auto mistake = mistake_in(parts))
    return refuse(fmt::format("{}: {}", mistake->text->place, mistake->error.text));
  return refuse(fmt::format(
      "No provider for target_mode {} exists in this version of Belay. The content is good, and nothing "
      "was created",
      name_of(mode)));
}

// The keys that the contract documents for create.json (3.1), where and segment aside.
constexpr std::string_view documented_keys[] = {"name",
                                                "title",
                                                "body",
                                                "subject",
                                                "sender_name",
                                                "target_mode",
                                                "provider_nick_name",
                                                "provider_group_nickname",
                                                "exclude_segments",
                                                "content",
                                                "platform_specific",
                                                "devices",
                                                "when",
                                                "labels",
                                                "respect_frequency_caps",
                                                "estimate_only",
                                                "skip_estimate",
                                                "draft",
                                                "send_to_all_devices",
                                                "conversion_goal",
                                                "ttl",
                                                "control_group",
                                                "system_control_group_include",
                                                "users_limit_overall",
                                                "users_limit_per_run",
                                                "upper_cap_for_target_segment",
                                                "dnd",
                                                "subscription_groups",
                                                "send_email_to_opted_out_users",
                                                "webhook_endpoint_name",
                                                "webhook_fields",
                                                "webhook_key_value",
                                                "pa_webhook_name",
                                                "tag_group",
                                                "guardrails"};  // ours

// Saying nothing means the whole base (documented), unless a key that nobody knows stands there: it may be
// "where" misspelt, and a misspelt key must never mean everybody.
Checked<void> check_everybody_is_meant(const json::object& request) {
  for (const auto& pair : request)
    if (std::ranges::find(documented_keys, std::string_view(pair.key())) == std::end(documented_keys))
      return refuse(
          fmt::format("where or segment is required beside the unknown key \"{}\": to reach everybody send "
                      "\"where\":{{}} or "
                      "\"segment\":\"all\"",
                      std::string_view(pair.key())));
  return {};
}

Checked<std::vector<Platform>> read_devices(const json::object& request, Channel channel) {
  TRY_ASSIGN(const auto names, checked(texts(request, "devices", 16, 40)));
  if (channel != Channel::push && !names.empty())
    return refuse("devices is for target_mode push: all others go out once a person");
  std::vector<Platform> devices;
  for (const std::string& name : names) {
    const auto platform = platform_named(lower_case(name));
    if (!platform)
      return refuse(fmt::format("devices: \"{}\" is not known: android, ios, web and windows are", name));
    if (std::ranges::find(devices, *platform) == devices.end()) devices.push_back(*platform);
  }
  return devices;
}

Checked<WebhookContent> read_webhook_content(const json::object& request) {
  WebhookContent content;
  if (const json::value* pairs = member(request, "webhook_key_value")) {
    TRY_ASSIGN(content.key_values, checked(key_values(*pairs, "webhook_key_value")));
  }
  if (!member(request, "webhook_fields")) return content;
  TRY_ASSIGN(const auto fields, checked(texts(request, "webhook_fields", 16, 40)));
  content.profile_attributes = content.tokens = content.identities = false;
  for (const std::string& field : fields) {
    if (field == "profile-attributes")
      content.profile_attributes = true;
    else if (field == "tokens")
      content.tokens = true;
    else if (field == "identities")
      content.identities = true;
    else
      return refuse(fmt::format(
          "webhook_fields: \"{}\" is not known: profile-attributes, tokens and identities are", field));
  }
  return content;
}

Checked<void> read_schedule(const json::object& request, const TimeZone& zone, WallTime now, Draft& draft) {
  const json::value* when = member(request, "when");
  if (when || !draft.estimate_only) {
    auto schedule = parse_when(when, zone, now);
    if (!schedule) return refuse(std::move(schedule.error().text));
    draft.schedule = std::move(*schedule);
    draft.definition.recurrence = draft.schedule.recurrence;
  } else {
    draft.schedule.due = now;  // an estimate is of who is there now
  }
  if (const json::value* dnd = member(request, "dnd"); dnd && !says_nothing(*dnd))
    if (auto quiet = add_quiet_hours(*dnd, zone, draft.schedule.timing); !quiet)
      return refuse(std::move(quiet.error().text));
  draft.definition.timing = draft.schedule.timing;
  if (const json::value* ttl = member(request, "ttl")) {
    auto read = parse_ttl(*ttl, zone, draft.schedule.last_departure());
    if (!read) return refuse(std::move(read.error().text));
    if (read->until && draft.definition.recurrence)
      return refuse(
          "an absolute ttl does not go with a recurring \"when\": give it in minutes, "
          "\"ttl_type\":\"relative\"");
    draft.definition.ttl = *read;
  }
  return {};
}

// Ours: what stops it without anybody watching.
Checked<Guardrails> read_guardrails(const json::object& request, const TimeZone& zone,
                                    const Schedule& schedule) {
  const WallTime due = schedule.due;
  const json::value* value = member(request, "guardrails");
  if (!value) return Guardrails{};
  auto rules = parse_guardrails(*value, GuardrailsOf::campaign, zone);
  if (!rules) return refuse(std::move(rules.error()));
  if (rules->cut_off && schedule.recurrence)
    return refuse("guardrails: cut_off is one moment and does not go with a recurring \"when\"");
  if (rules->cut_off && *rules->cut_off <= due)
    return refuse(fmt::format("guardrails: the cut_off {} is not after the start {}",
                              zone.in_words(*rules->cut_off), zone.in_words(due)));
  return std::move(*rules);
}

Checked<std::string> read_provider(const json::object& request, Channel channel) {
  TRY_ASSIGN(auto nick_name, checked(text(request, "provider_nick_name", most_nick_name_bytes)));
  if (nick_name) return std::move(*nick_name);
  if (channel != Channel::webhook) return std::string{};
  TRY_ASSIGN(auto endpoint, checked(text(request, "webhook_endpoint_name", most_nick_name_bytes)));
  return std::move(endpoint).value_or("");
}

Checked<std::string> read_name(const json::object& request) {
  TRY_ASSIGN(auto name, checked(text(request, "name", most_name_bytes)));
  if (!name || name->empty()) return refuse("name is required: what the campaign is called");
  return std::move(*name);
}

}  // namespace

Checked<void> read_content(const json::object& request, Definition& definition) {
  if (definition.channel == Channel::push) {
    TRY_ASSIGN(definition.push, read_push_content(request));
  } else {
    TRY_ASSIGN(definition.webhook, read_webhook_content(request));
  }
  return {};
}

Checked<Draft> read_draft(const json::object& request, const TimeZone& zone, WallTime now,
                          const SegmentLookup& segments) {
  TRY(refuse_not_yet(request));
  if (!member(request, "where") && !member(request, "segment")) TRY(check_everybody_is_meant(request));
  TRY_ASSIGN(Audience audience, read_audience(request, segments));
  Draft draft{.definition = {}, .query = std::move(audience.query), .schedule = {}, .provider_nick_name = {}};
  Definition& definition = draft.definition;
  definition.where = std::move(audience.where);
  TRY_ASSIGN(definition.name, read_name(request));
  TRY_ASSIGN(const Mode mode, read_mode(request));
  definition.channel = mode == Mode::push ? Channel::push : Channel::webhook;
  const bool sendable = mode == Mode::push || mode == Mode::webhook;
  TRY_ASSIGN(draft.estimate_only, checked(flag(request, "estimate_only", false)));
  TRY_ASSIGN(draft.only_kept, checked(flag(request, "draft", false)));
  TRY_ASSIGN(draft.skip_estimate, checked(flag(request, "skip_estimate", false)));
  TRY_ASSIGN(definition.devices, read_devices(request, definition.channel));
  TRY_ASSIGN(definition.send_to_all_devices, checked(flag(request, "send_to_all_devices", false)));
  TRY(read_reach(request, definition));
  if (sendable) TRY(read_content(request, definition));
  TRY(check_email_keys(request, mode));
  TRY_ASSIGN(definition.conversion_goal, read_conversion_goal(request));
  TRY_ASSIGN(definition.labels, checked(texts(request, "labels", 64, 120)));
  TRY_ASSIGN(auto tag_group, checked(text(request, "tag_group", 120)));
  definition.tag_group = std::move(tag_group).value_or("");
  TRY(read_schedule(request, zone, now, draft));
  TRY_ASSIGN(definition.guardrails, read_guardrails(request, zone, draft.schedule));
  TRY_ASSIGN(draft.provider_nick_name, read_provider(request, definition.channel));
  if (!sendable) TRY(check_unsendable(request, mode));
  return draft;
}

}  // namespace belay::api::clevertap
