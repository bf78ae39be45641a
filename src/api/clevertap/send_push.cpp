// POST /1/send/push.json: a push to people named one by one. It becomes a campaign like any other, due
// now, so that it can be stopped and has a receipt; its id is in a header, for CleverTap answers none.
#include "api/clevertap/handlers.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/new_campaign.h"
#include "api/errors.h"
#include "channel/channel.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_people = 1000, most_id_bytes = 512;

struct WhoKey {
  std::string_view key;
  std::vector<std::string> audience::IdList::*ids;
};
constexpr WhoKey who_keys[] = {
    {"Identity", &audience::IdList::identity}, {"objectId", &audience::IdList::object_id},
    {"Email", &audience::IdList::email},       {"FBID", &audience::IdList::fb_id},
    {"GPID", &audience::IdList::gp_id},        {"ID", &audience::IdList::identity},
};

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

Checked<audience::IdList> read_people(const json::object& request) {
  const json::value* to = member(request, "to");
  if (!to || !to->is_object())
    return refuse("to is required: an object with Identity, objectId, Email, FBID or GPID");
  audience::IdList people;
  for (const auto& [key, value] : to->get_object()) {
    const std::string_view name(key.data(), key.size());
    const auto row = std::ranges::find(who_keys, name, &WhoKey::key);
    if (row == std::end(who_keys))
      return refuse(fmt::format("to.{} is not known: Identity, objectId, Email, FBID and GPID are", name));
    auto ids = texts(to->get_object(), name, most_people, most_id_bytes);
    if (!ids) return refuse("to." + ids.error());
    auto& into = people.*(row->ids);
    into.insert(into.end(), std::make_move_iterator(ids->begin()), std::make_move_iterator(ids->end()));
  }
  if (people.size() == 0) return refuse("to names nobody");
  if (people.size() > most_people)
    return refuse(
        fmt::format("to must not name more than {} people, and names {}", most_people, people.size()));
  return people;
}

Checked<Definition> read_definition(const json::object& request) {
  Definition definition;
  definition.channel = Channel::push;
  TRY_ASSIGN(const audience::IdList people, read_people(request));
  definition.where = audience::Query::to_where(people);
  TRY_ASSIGN(definition.push, read_push_content(request));
  auto tag_group = text(request, "tag_group", 120);
  if (!tag_group) return refuse(std::move(tag_group.error()));
  definition.tag_group = std::move(*tag_group).value_or("");
  auto caps = flag(request, "respect_frequency_caps", true);
  if (!caps) return refuse(std::move(caps.error()));
  definition.respect_frequency_caps = *caps;
  definition.system_control_group = false;  // who is named gets it
  auto everywhere = flag(request, "send_to_all_devices", false);
  if (!everywhere) return refuse(std::move(everywhere.error()));
  definition.send_to_all_devices = *everywhere;
  definition.name =
      definition.tag_group.empty() ? "send/push.json" : "send/push.json " + definition.tag_group;
  return definition;
}

net::HttpReply send(Call& call) {
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  auto definition = read_definition(*request);
  if (!definition) return answer_to(definition.error());
  if (const auto sound = channel::validate_content(*definition); !sound)
    return clevertap_fail(400, sound.error().text);
  const auto nick_name = text(*request, "provider_nick_name", most_nick_name_bytes);
  if (!nick_name) return clevertap_fail(400, nick_name.error());
  const auto provider = provider_for(call.worker, call.account, Channel::push, nick_name->value_or(""));
  if (!provider) return provider.error();
  const auto created = store_new_campaign(call, std::move(*definition), *provider, Schedule{});
  if (!created) return clevertap_from(created.error());
  // "message" comes first in the recorded answer.
  net::HttpReply reply = json_reply(200, R"({"message":"Added to queue for processing","status":"success"})");
  reply.headers.emplace_back("Belay-Campaign", fmt::format("{}", created->id));
  return reply;
}

}  // namespace

void send_push(Call call, Answer answer) {
  answer.send(send(call));
}

}  // namespace belay::api::clevertap
