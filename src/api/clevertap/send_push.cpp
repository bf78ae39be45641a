// POST /1/send/push.json: a push to people named one by one. It becomes a campaign like any other, due
// now, so that it can be stopped and has a receipt; its id is in a header, for CleverTap answers none.
#include "api/clevertap/handlers.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/new_campaign.h"
#include "api/clevertap/send_request.h"
#include "api/errors.h"
#include "channel/channel.h"

namespace belay::api::clevertap {
namespace {

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

Checked<Definition> read_definition(const json::object& request, const SendRequest& read) {
  Definition definition;
  definition.channel = Channel::push;
  definition.where = audience::Query::to_where(read.people);
  TRY_ASSIGN(definition.push, read_push_content(request));
  definition.tag_group = read.tag_group;
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
  const auto read = read_send_request(*request);
  if (!read) return answer_to(read.error());
  auto definition = read_definition(*request, *read);
  if (!definition) return answer_to(definition.error());
  if (const auto sound = channel::validate_content(*definition); !sound)
    return clevertap_fail(400, sound.error().text);
  const auto provider = provider_for(call.worker, call.account, Channel::push, read->provider_nick_name);
  if (!provider) return provider.error();
  CampaignId counts_it;
  if (read->campaign_id) {
    const auto counting = counting_campaign(call, *read->campaign_id);
    if (!counting) return counting.error();
    counts_it = *read->campaign_id;
  }
  const auto created = store_new_campaign(call, std::move(*definition), *provider, Schedule{}, counts_it);
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
