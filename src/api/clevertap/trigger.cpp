// POST /1/send/externaltrigger.json and /2/send/externaltrigger.json (contract 4.5): runs of campaigns that
// wait for a trigger, for people who are named; and POST /api/v1/triggers, which makes such a campaign.
#include "api/clevertap/trigger.h"

#include "api/clevertap/audience.h"
#include "api/clevertap/handlers.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/named_people.h"
#include "api/clevertap/new_campaign.h"
#include "api/errors.h"
#include "base/log.h"
#include "campaign/triggered.h"
#include "channel/channel.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_campaigns = 5;

std::unexpected<net::HttpReply> refuse(std::string_view text) {
  return std::unexpected(clevertap_fail(400, text));
}

// Here the keys are lower-case (contract 4.5); the others' spelling is taken, too.
constexpr NameKey who_keys[] = {
    {"identity", &audience::IdList::identity},  {"Identity", &audience::IdList::identity},
    {"objectId", &audience::IdList::object_id}, {"email", &audience::IdList::email},
    {"Email", &audience::IdList::email},        {"FBID", &audience::IdList::fb_id},
    {"GPID", &audience::IdList::gp_id},
};

Answered<audience::IdList> read_people(const json::object& request) {
  auto people = read_named_people(request, who_keys,
                                  {.wanted = "identity, email or objectId",
                                   .known = "identity, email, objectId, FBID and GPID"});
  if (!people) return refuse(people.error().text);
  return std::move(*people);
}

Answered<json::object> read_values(const json::object& request) {
  const json::value* values = member(request, "ExternalTrigger");
  if (!values) return json::object{};
  if (!values->is_object()) return refuse("ExternalTrigger must be an object");
  return values->get_object();
}

std::optional<std::int64_t> id_of(const json::value* value) {
  const auto id = value ? whole_number(value) : std::nullopt;
  return id && *id > 0 ? id : std::nullopt;
}

Answered<std::vector<CampaignId>> read_ids(const Call& call, const json::object& request, bool several) {
  std::vector<CampaignId> ids;
  if (!several) {
    const auto id = id_of(member(request, "campaign_id"));
    if (!id) return refuse("campaign_id is required: the id of a campaign that waits for a trigger");
    return std::vector{CampaignId{*id}};
  }
  if (call.request.header("X-CleverTap-Token").empty())
    return std::unexpected(clevertap_fail(401, "The header X-CleverTap-Token is required"));
  const json::value* list = member(request, "campaign_id_list");
  if (!list || !list->is_array() || list->get_array().empty() || list->get_array().size() > most_campaigns)
    return refuse(fmt::format("campaign_id_list is required: 1 to {} ids", most_campaigns));
  for (const json::value& each : list->get_array()) {
    const auto id = id_of(&each);
    if (!id) return refuse("campaign_id_list must have positive integers only");
    if (std::ranges::find(ids, CampaignId{*id}) == ids.end()) ids.push_back(CampaignId{*id});
  }
  return ids;
}

// The run, ready to be stored.
Answered<Campaign> run_of(const Call& call, const Campaign& trigger, const audience::IdList& people,
                          const json::object& values) {
  Campaign run = trigger;
  const WallTime now = call.services.clock.wall();
  run.id = CampaignId{to_epoch_seconds(now)};
  run.series = trigger.id;
  run.due = run.created = now;
  run.past_due_grace = call.services.past_due_grace;
  run.definition.where = audience::Query::to_where(people);
  const auto put = put_in_trigger(run.definition, values);
  if (!put) return std::unexpected(answer_to(put.error()));
  if (const auto sound = channel::validate_content(run.definition); !sound) return refuse(sound.error().text);
  return run;
}

net::HttpReply trigger(Call& call, bool several) {
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  const auto ids = read_ids(call, *request, several);
  if (!ids) return ids.error();
  const auto people = read_people(*request);
  if (!people) return people.error();
  const auto values = read_values(*request);
  if (!values) return values.error();
  std::vector<Campaign> runs;  // all are looked at before the first is made
  for (const CampaignId id : *ids) {
    const auto found = counting_campaign(call, id);
    if (!found) return found.error();
    auto run = run_of(call, *found, *people, *values);
    if (!run) return run.error();
    runs.push_back(std::move(*run));
  }
  std::string made;
  for (const Campaign& run : runs) {
    const auto created = call.worker.control->create(run);
    if (!created) return clevertap_from(created.error());
    made += fmt::format("{}{}", made.empty() ? "" : ",", created->id);
  }
  if (call.services.engine) call.services.engine->wake();
  net::HttpReply reply = json_reply(200, R"({"message":"Added to queue for processing","status":"success"})");
  reply.headers.emplace_back("Belay-Campaign", made);
  return reply;
}

net::HttpReply make(Call& call) {
  if (!call.account)
    return native_fail(400, "invalid_request", "Name the account in the header X-CleverTap-Account-Id");
  const auto invalid = [](std::string_view text) { return native_fail(400, "invalid_request", text); };
  auto request = parse_object(call.request.body);
  if (!request) return invalid(request.error());
  for (const std::string_view key : {"where", "segment", "when"})
    if (member(*request, key)) return invalid(fmt::format("{} is the trigger's to say", key));
  (*request)["where"] = json::object{};
  (*request)["when"] = "now";
  const auto home = home_of(call.worker, call.account);
  if (!home) return invalid("The account is not there any more");
  auto draft = read_draft(*request, home->zone, call.services.clock.wall(),
                          segments_in(call.worker, call.account));
  if (!draft) return invalid(draft.error().text);
  if (const auto sound = channel::validate_content(with_any_trigger(draft->definition)); !sound)
    return invalid(sound.error().text);
  const auto provider =
      provider_for(call.worker, call.account, draft->definition.channel, draft->provider_nick_name);
  if (!provider) {
    const auto why = parse_json(provider.error().body);
    const json::value* text = why && why->is_object() ? why->get_object().if_contains("error") : nullptr;
    return invalid(text && text->is_string() ? std::string(text->get_string()) : "No provider");
  }
  const auto created = store_new_campaign(call, std::move(draft->definition), *provider,
                                          Schedule{Schedule::Kind::later, never_due, {}});
  if (!created) return native_from(created.error());
  return json_reply(201, fmt::format(R"({{"id":{},"state":"{}"}})", created->id, name_of(created->state)));
}

}  // namespace

void external_trigger(Call call, Answer answer) {
  answer.send(trigger(call, false));
}

void external_triggers(Call call, Answer answer) {
  answer.send(trigger(call, true));
}

void make_trigger(Call call, Answer answer) {
  answer.send(make(call));
}

}  // namespace belay::api::clevertap
