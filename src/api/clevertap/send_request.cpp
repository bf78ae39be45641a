#include "api/clevertap/send_request.h"

#include "api/clevertap/named_people.h"

#include "audience/query.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_tag_bytes = 120;

constexpr NameKey who_keys[] = {
    {"Identity", &audience::IdList::identity}, {"objectId", &audience::IdList::object_id},
    {"Email", &audience::IdList::email},       {"FBID", &audience::IdList::fb_id},
    {"GPID", &audience::IdList::gp_id},        {"ID", &audience::IdList::identity},
};

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

template <class T>
Checked<T> checked(Read<T> read) {
  if (!read) return refuse(std::move(read.error()));
  return std::move(*read);
}

}  // namespace

Checked<SendRequest> read_send_request(const json::object& request) {
  SendRequest read;
  TRY_ASSIGN(read.people, read_named_people(request, who_keys,
                                            {.wanted = "Identity, objectId, Email, FBID or GPID",
                                             .known = "Identity, objectId, Email, FBID and GPID"}));
  TRY_ASSIGN(auto tag_group, checked(text(request, "tag_group", most_tag_bytes)));
  read.tag_group = std::move(tag_group).value_or("");
  TRY_ASSIGN(auto nick_name, checked(text(request, "provider_nick_name", most_nick_name_bytes)));
  read.provider_nick_name = std::move(nick_name).value_or("");
  if (const json::value* id = member(request, "campaign_id")) {
    const auto number = whole_number(id);
    if (!number || *number <= 0) return refuse("campaign_id must be a campaign's id, a positive integer");
    read.campaign_id = CampaignId{*number};
  }
  // Whether to ask people's own word first, and whether to raise an event for each message: both are said by
  // clients (contract 3.7). Neither changes whom a push reaches: no word on pushes is kept here.
  for (const std::string_view key : {"respect_communication_preference", "notification_sent"})
    TRY(checked(flag(request, key, true)));
  return read;
}

}  // namespace belay::api::clevertap
