#include "api/native/campaign_json.h"

#include "api/native/time_text.h"
#include "audience/query.h"
#include "campaign/guardrails_json.h"
#include "campaign/schedule.h"

namespace belay::api {
namespace {

json::value time_json(const std::optional<WallTime>& t) {
  return t ? json::value(iso_time(*t)) : json::value(nullptr);
}

template <class Names, class Key>
json::value name_json(const Names& names, const Key& key) {
  const auto found = names.find(key);
  return found == names.end() ? json::value(nullptr) : json::value(found->second);
}

json::object guardrails_json(const Guardrails& rules) {
  json::object out = to_json(rules);
  if (rules.cut_off) out["cut_off"] = iso_time(*rules.cut_off);
  return out;
}

}  // namespace

namespace {

json::value due_in_words(const Campaign& c, const CampaignNames& names) {
  const auto found = names.zones.find(c.account);
  if (found == names.zones.end()) return nullptr;
  const auto zone = TimeZone::named(found->second);
  return zone ? json::value(zone->in_words(c.due)) : json::value(nullptr);
}

json::value parent_json(const Campaign& c, Derivation::How how) {
  const auto& derived = c.definition.derived;
  return derived && derived->how == how ? json::value(derived->parent.value) : json::value(nullptr);
}

json::value scopes_json(const Campaign& c) {
  if (!c.definition.derived) return nullptr;
  json::array out;
  for (const Standing s : c.definition.derived->standings) out.push_back(json::value(name_of(s)));
  return out;
}

// The words of "when" in create.json.
json::value recurrence_json(const Campaign& c) {
  if (!c.definition.recurrence) return nullptr;
  const Recurrence& rule = *c.definition.recurrence;
  json::array weekdays;
  for (std::size_t d = 0; d < rule.weekdays.size(); ++d)
    if (rule.weekdays[d]) weekdays.push_back(json::value(static_cast<std::int64_t>(d) + 1));
  const std::string start =
      fmt::format("{} {:02}:{:02}", date_text(rule.day), rule.minute / 60, rule.minute % 60);
  json::object out{{"in_words", in_words(rule)},
                   {"repeats_every", rule.every},
                   {"repeat_type", name_of(rule.unit)},
                   {"start_time", start},
                   {"timezone", rule.zone}};
  if (!rule.times.empty()) {
    json::array times;
    for (const LocalTime& at : rule.times) times.push_back(json::value(local_text(at)));
    return json::object{
        {"in_words", in_words(rule)}, {"delivery_date_time", std::move(times)}, {"timezone", rule.zone}};
  }
  if (rule.unit == Recurrence::Unit::week) out["repeat_on_days_of_week"] = std::move(weekdays);
  if (rule.last_day) out["end_by_date"] = date_text(*rule.last_day);
  if (rule.occurrences) out["end_by_occurrences"] = *rule.occurrences;
  return out;
}

// A recurring campaign between two of its runs.
bool awaits_next_run(const Campaign& c) {
  return c.definition.recurrence && c.state == State::scheduled && c.occurrence > 1;
}

constexpr std::size_t most_next_runs = 5;

json::array next_runs_json(const Campaign& c, WallTime now) {
  json::array out;
  if (!c.definition.recurrence || is_final(c.state)) return out;
  const auto zone = TimeZone::named(c.definition.recurrence->zone);
  if (!zone) return out;
  for (const Occurrence& o :
       occurrences_to_come(*c.definition.recurrence, *zone, c.occurrence, now, most_next_runs))
    out.push_back(json::value(iso_time(o.at)));
  return out;
}

}  // namespace

json::object campaign_json(const Campaign& c, const CampaignNames& names, WallTime now) {
  json::array labels;
  for (const std::string& label : c.definition.labels) labels.push_back(json::value(label));
  return {{"id", c.id.value},
          {"name", c.definition.name},
          {"channel", name_of(c.definition.channel)},
          {"state", name_of(c.state)},
          {"state_reason", c.state_reason},
          {"account", name_json(names.accounts, c.account)},
          {"provider", name_json(names.providers, c.provider)},
          {"labels", std::move(labels)},
          {"continues", parent_json(c, Derivation::How::continues)},
          {"corrects", parent_json(c, Derivation::How::corrects)},
          {"scopes", scopes_json(c)},
          {"series", c.series ? json::value(c.series.value) : json::value(nullptr)},
          {"occurrence", c.series ? json::value(c.occurrence) : json::value(nullptr)},
          {"awaiting_next_run", awaits_next_run(c)},
          {"recurrence", recurrence_json(c)},
          {"next_runs", next_runs_json(c, now)},
          {"due", iso_time(c.due)},
          {"due_in_words", due_in_words(c, names)},
          {"created", iso_time(c.created)},
          {"started", time_json(c.started)},
          {"finished", time_json(c.finished)},
          {"guardrails", guardrails_json(c.definition.guardrails)}};
}

namespace {

constexpr std::int32_t a_day = 24 * 60;

json::object pairs_json(const KeyValues& pairs) {
  json::object out;
  for (const auto& [key, value] : pairs) out[key] = value;
  return out;
}

json::object content_json(const Definition& d) {
  if (d.channel == Channel::webhook)
    return {{"webhook_key_value", pairs_json(d.webhook.key_values)},
            {"profile_attributes", d.webhook.profile_attributes},
            {"tokens", d.webhook.tokens},
            {"identities", d.webhook.identities}};
  json::object platforms;
  for (const auto& [name, pairs] : {std::pair<std::string_view, const KeyValues&>{"android", d.push.android},
                                    {"ios", d.push.ios},
                                    {"web", d.push.web},
                                    {"windows", d.push.windows}})
    if (!pairs.empty()) platforms[name] = pairs_json(pairs);
  return {{"title", d.push.title}, {"body", d.push.body}, {"platform_specific", std::move(platforms)}};
}

std::string audience_in_words(const Definition& d) {
  if (d.derived) {
    std::string standings;
    for (const Standing s : d.derived->standings)
      standings += fmt::format("{}{}", standings.empty() ? "" : " or ", name_of(s));
    return fmt::format("Those of campaign {} who are {}", d.derived->parent, standings);
  }
  const auto query = audience::Query::parse_stored(d.where);
  return query ? query->in_words() : d.where;
}

json::object audience_json(const Definition& d) {
  json::array devices;
  for (const Platform p : d.devices) devices.push_back(json::value(name_of(p)));
  const auto where = parse_json(d.where);
  return {{"in_words", audience_in_words(d)},
          {"where", where ? *where : json::value(nullptr)},
          {"devices", std::move(devices)},
          {"send_to_all_devices", d.send_to_all_devices}};
}

// The words of "when" and "dnd" in create.json.
json::value timing_json(const Timing& timing) {
  if (timing.empty()) return nullptr;
  json::object out{{"in_words", in_words(timing)},
                   {"timezone", timing.zone},
                   {"delivery_timezone", timing.per_person ? "user" : "account"},
                   {"delivery_date_time", timing.local ? json::value(local_text(*timing.local)) : nullptr},
                   {"user_timezone_wrap_around", timing.passed == Timing::Passed::next_day},
                   {"campaign_cutoff", timing.cut_off ? json::value(minute_text(*timing.cut_off)) : nullptr},
                   {"dnd", nullptr}};
  if (!timing.quiet) return out;
  json::object info;
  for (const auto& [from, to] : timing.quiet->week)
    for (std::int32_t day = from / a_day; day * a_day < to; ++day) {
      json::value& windows = info[std::to_string(day + 1)];
      if (windows.is_null()) windows = json::array();
      windows.as_array().push_back(json::object{{"from", minute_text(std::max(from - day * a_day, 0))},
                                                {"to", minute_text(std::min(to - day * a_day, a_day))}});
    }
  const bool discards = timing.quiet->then == QuietHours::Then::discard;
  out["dnd"] = json::object{{"message_state", discards ? "discard" : "delay"},
                            {"dnd_timezone", timing.quiet->per_person ? "user" : "account"},
                            {"dnd_info", std::move(info)}};
  return out;
}

json::value number_json(const std::optional<std::uint32_t>& n) {
  return n ? json::value(*n) : json::value(nullptr);
}

// In the words of create.json.
json::object reach_json(const Definition& d) {
  json::value group = nullptr;
  if (d.control_group) group = json::object{{"type", "campaign"}, {"percentage", d.control_group->percent}};
  return {{"users_limit_overall", number_json(d.limits.overall)},
          {"users_limit_per_run", number_json(d.limits.per_run)},
          {"upper_cap_for_target_segment", number_json(d.limits.segment)},
          {"control_group", std::move(group)},
          {"system_control_group_include", d.system_control_group},
          {"respect_frequency_caps", d.respect_frequency_caps}};
}

}  // namespace

json::array waves_json(const Campaign& c, const store::Run& run) {
  json::array out;
  const auto account = TimeZone::named(c.definition.timing.zone);
  if (!account) return out;
  const store::Slice* last = nullptr;
  for (const store::Slice& slice : run.slices) {
    if (last && last->departs == slice.departs && last->zone == slice.zone) {
      json::object& wave = out.back().as_object();
      wave["recipients"] = wave["recipients"].as_int64() + (slice.end - slice.begin);
      wave["admitted"] = wave["admitted"].as_int64() + (slice.cursor - slice.begin);
      continue;
    }
    last = &slice;
    const TimeZone zone = TimeZone::of_person(slice.zone).value_or(*account);
    Departure departure = slice.departs;
    if (departure.at == WallTime{}) departure.at = c.due;
    const Departure leaves = first_leave(c.definition.timing, *account, zone, departure,
                                         c.definition.ttl.until.value_or(WallTime::max()));
    const bool out_of_it = leaves.left_out != Reason::none;
    out.push_back(
        json::object{{"timezone", zone.name()},
                     {"at", iso_time(leaves.at)},
                     {"in_words", zone.in_words(leaves.at)},
                     {"recipients", std::int64_t{slice.end - slice.begin}},
                     {"admitted", std::int64_t{slice.cursor - slice.begin}},
                     {"left_out", out_of_it ? json::value(name_of(leaves.left_out)) : json::value(nullptr)}});
  }
  return out;
}

void add_definition(json::object& to, const Definition& d) {
  to["content"] = content_json(d);
  to["audience"] = audience_json(d);
  json::object ttl{{"until", time_json(d.ttl.until)}, {"seconds", nullptr}};
  if (d.ttl.lasting) ttl["seconds"] = d.ttl.lasting->count();
  to["ttl"] = std::move(ttl);
  to["timing"] = timing_json(d.timing);
  to["tag_group"] = d.tag_group;
  to["reach"] = reach_json(d);
}

void add_numbers(json::object& to, const CampaignNumbers& numbers) {
  to["counts"] = numbers.planned ? json::value(counts_json(numbers.tally, true)) : json::value(nullptr);
  to["first_hand_over"] = hand_over_json(numbers.span.first);
  to["last_hand_over"] = hand_over_json(numbers.span.last);
}

}  // namespace belay::api
