// POST /api/v1/campaigns/{id}/continue and /correct: a new campaign for people of one that is over. Whom it
// is for is frozen in the parent's journal; nothing is looked up again.
#include "api/clevertap/draft.h"
#include "api/errors.h"
#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/past_due.h"
#include "api/native/requests.h"
#include "base/log.h"
#include "channel/channel.h"

namespace belay::api {
namespace {

// "past_due":"send": later than this after its time, nobody would expect it any more.
constexpr Seconds whenever{365 * 24 * 3600};

Asked<std::vector<Standing>> standings_of(const json::object& body, std::string_view key,
                                          std::initializer_list<Standing> allowed,
                                          std::vector<Standing> otherwise) {
  const json::value* v = body.if_contains(key);
  if (v == nullptr || v->is_null()) return otherwise;
  const auto refusal = [&] {
    std::string names;
    for (const Standing s : allowed) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name_of(s));
    return invalid(fmt::format("\"{}\" is a list of some of {}", key, names));
  };
  if (!v->is_array() || v->as_array().empty()) return refusal();
  std::vector<Standing> out;
  for (const json::value& each : v->as_array()) {
    const auto standing =
        each.is_string() ? standing_named(std::string_view(each.as_string())) : std::nullopt;
    if (!standing || std::ranges::find(allowed, *standing) == allowed.end()) return refusal();
    if (std::ranges::find(out, *standing) == out.end()) out.push_back(*standing);
  }
  return out;
}

Asked<TimeZone> zone_of(const Call& call, AccountId account) {
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return refused(accounts.error());
  for (const store::Account& a : *accounts)
    if (a.id == account)
      if (auto zone = TimeZone::named(a.time_zone)) return std::move(*zone);
  return std::unexpected(native_fail(409, "conflict", "The campaign's account is not there any more"));
}

// Who waited for a time of day goes on waiting for it. Whose time has passed was due: they get it at once, or
// the next day where that was asked for. A correction is for those who have been reached: it leaves at once.
void inherit_times(Campaign& c) {
  Timing& timing = c.definition.timing;
  if (c.definition.derived->how == Derivation::How::corrects) {
    timing.per_person = false;
    timing.local = std::nullopt;
  } else if (timing.passed == Timing::Passed::dropped) {
    timing.passed = Timing::Passed::at_once;
  }
}

// When the new campaign is due, and how long it may be late.
Asked<void> schedule(const Call& call, const json::object& body, const TimeZone& zone, Campaign& c) {
  c.due = c.created;  // to continue is an act: without a time it means now
  if (const json::value* when = body.if_contains("when"); when != nullptr && !when->is_null()) {
    const auto parsed = parse_when(when, zone, c.created);
    if (!parsed) return invalid(parsed.error().text);
    if (parsed->recurrence) return invalid("\"when\" can't be recurring here: these people are sent to once");
    if (parsed->kind == Schedule::Kind::later) c.due = parsed->due;
    auto quiet = std::exchange(c.definition.timing, parsed->timing).quiet;
    if (!c.definition.timing.quiet) c.definition.timing.quiet = std::move(quiet);
    c.definition.timing.zone = zone.name();
  } else {
    inherit_times(c);
  }
  const auto past_due = past_due_of(body);
  if (!past_due) return std::unexpected(past_due.error());
  c.past_due_grace = *past_due == store::PastDue::send   ? whenever
                     : *past_due == store::PastDue::miss ? Seconds{0}
                                                         : call.services.past_due_grace;
  return {};
}

Campaign child_of(const Call& call, const Campaign& parent, Derivation::How how,
                  std::vector<Standing> whose) {
  Campaign c;
  c.created = call.services.clock.wall();
  c.id = CampaignId{to_epoch_seconds(c.created)};  // the store makes it unique
  c.account = parent.account;
  c.provider = parent.provider;
  c.definition = parent.definition;
  c.definition.derived = Derivation{how, parent.id, std::move(whose)};
  // The people are the parent's, so its control group is. Its limits stay, for a parent without an audience.
  if (c.definition.control_group && !c.definition.control_group->drawn_for)
    c.definition.control_group->drawn_for = parent.series ? parent.series : parent.id;
  return c;
}

// Whether it keeps to the account's frequency caps; where the body does not say it, `otherwise`.
Asked<void> mind_the_caps(const json::object& body, bool otherwise, Campaign& c) {
  c.definition.respect_frequency_caps = otherwise;
  const json::value* v = body.if_contains("respect_frequency_caps");
  if (v == nullptr || v->is_null()) return {};
  if (!v->is_bool()) return invalid("\"respect_frequency_caps\" must be true or false");
  c.definition.respect_frequency_caps = v->as_bool();
  return {};
}

Asked<void> name_it(const json::object& body, Campaign& c) {
  auto name = text_of(body, "name", 512, c.definition.name);
  if (!name) return std::unexpected(std::move(name.error()));
  c.definition.name = std::move(*name);
  return {};
}

net::HttpReply store_child(const Call& call, const Campaign& child) {
  const auto created = call.worker.control->create(child);
  if (!created) return native_from(created.error());
  const Derivation& derived = *created->definition.derived;
  log_info("campaign.created", {{"campaign", created->id},
                                {"actor", call.actor},
                                {name_of(derived.how), derived.parent},
                                {"due", to_epoch_seconds(created->due)}});
  if (call.services.engine != nullptr) call.services.engine->wake();
  return ok(campaign_json(*created, names_for(call), call.services.clock.wall()));
}

Asked<Campaign> continuation(const Call& call) {
  auto body = optional_object(call.request, {"scopes", "when", "past_due", "name", "respect_frequency_caps"});
  if (!body) return std::unexpected(std::move(body.error()));
  const auto parent = campaign_of(call, call.params.at(0));
  if (!parent) return std::unexpected(parent.error());
  auto whose = standings_of(*body, "scopes", {Standing::withheld, Standing::failed, Standing::in_doubt},
                            {Standing::withheld});
  if (!whose) return std::unexpected(std::move(whose.error()));
  const auto zone = zone_of(call, parent->account);
  if (!zone) return std::unexpected(zone.error());
  Campaign c = child_of(call, *parent, Derivation::How::continues, std::move(*whose));
  if (const auto named = name_it(*body, c); !named) return std::unexpected(named.error());
  if (const auto due = schedule(call, *body, *zone, c); !due) return std::unexpected(due.error());
  if (const auto said = mind_the_caps(*body, c.definition.respect_frequency_caps, c); !said)
    return std::unexpected(said.error());
  if (c.definition.ttl.until && *c.definition.ttl.until <= c.due)
    return std::unexpected(
        native_fail(409, "conflict",
                    "The campaign's messages would not live any more when they are due: its "
                    "\"ttl\" is over. Create a new one"));
  return c;
}

Asked<void> new_content(const json::object& body, const TimeZone& zone, Campaign& c) {
  c.definition.push = {};
  c.definition.webhook = {};
  c.definition.ttl = {};
  if (auto read = clevertap::read_content(body, c.definition); !read) return invalid(read.error().text);
  if (const auto sound = channel::validate_content(c.definition); !sound) return invalid(sound.error().text);
  const json::value* ttl = body.if_contains("ttl");
  if (ttl == nullptr || ttl->is_null()) return {};
  const auto read = parse_ttl(*ttl, zone, c.due);
  if (!read) return invalid(read.error().text);
  c.definition.ttl = *read;
  return {};
}

Asked<Campaign> correction(const Call& call) {
  auto body = body_object(
      call.request, {"content", "title", "body", "platform_specific", "webhook_key_value", "webhook_fields",
                     "reached", "when", "past_due", "ttl", "name", "respect_frequency_caps"});
  if (!body) return std::unexpected(std::move(body.error()));
  const auto parent = campaign_of(call, call.params.at(0));
  if (!parent) return std::unexpected(parent.error());
  const std::vector<Standing> reached{Standing::accepted, Standing::in_doubt};
  auto whose = standings_of(*body, "reached", {Standing::accepted, Standing::in_doubt}, reached);
  if (!whose) return std::unexpected(std::move(whose.error()));
  const auto zone = zone_of(call, parent->account);
  if (!zone) return std::unexpected(zone.error());
  Campaign c = child_of(call, *parent, Derivation::How::corrects, std::move(*whose));
  if (const auto named = name_it(*body, c); !named) return std::unexpected(named.error());
  if (const auto due = schedule(call, *body, *zone, c); !due) return std::unexpected(due.error());
  // Who got the wrong message is to get the right one, also where it was the last that the caps allow.
  if (const auto said = mind_the_caps(*body, false, c); !said) return std::unexpected(said.error());
  if (const auto read = new_content(*body, *zone, c); !read) return std::unexpected(read.error());
  return c;
}

}  // namespace

void continue_campaign(Call call, Answer answer) {
  ASK(const Campaign child, continuation(call), answer);
  answer.send(store_child(call, child));
}

void correct_campaign(Call call, Answer answer) {
  ASK(const Campaign child, correction(call), answer);
  answer.send(store_child(call, child));
}

}  // namespace belay::api
