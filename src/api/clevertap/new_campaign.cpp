#include "api/clevertap/new_campaign.h"

#include "api/errors.h"
#include "base/log.h"
#include "campaign/triggered.h"

namespace belay::api::clevertap {

store::Result<Campaign> store_new_campaign(Call& call, Definition definition, const store::Provider& provider,
                                           const Schedule& schedule, CampaignId series) {
  const WallTime now = call.services.clock.wall();
  Campaign campaign;
  campaign.id = CampaignId{to_epoch_seconds(now)};  // the store makes it unique
  campaign.account = call.account;
  campaign.series = series;
  campaign.provider = provider.id;
  campaign.definition = std::move(definition);
  campaign.due = schedule.kind == Schedule::Kind::now ? now : schedule.due;
  campaign.past_due_grace = call.services.past_due_grace;
  campaign.created = now;
  auto created = call.worker.control->create(campaign);
  if (!created) return created;
  log_info("campaign.created", {{"campaign", created->id},
                                {"account", call.account_key},
                                {"actor", call.actor},
                                {"channel", name_of(created->definition.channel)},
                                {"due", to_epoch_seconds(created->due)}});
  if (call.services.engine) call.services.engine->wake();
  return created;
}

Answered<Campaign> counting_campaign(const Call& call, CampaignId id) {
  const auto refuse = [](net::HttpReply reply) { return std::unexpected(std::move(reply)); };
  auto found = call.worker.control->campaign(call.account, id);
  if (!found && found.error().code == store::Code::not_found) return refuse(clevertap_fail(400, "Invalid campaign id"));
  if (!found) return refuse(clevertap_from(found.error()));
  if (!is_triggered(*found))
    return refuse(clevertap_fail(400, fmt::format("Campaign {} is not started by a trigger", id)));
  if (found->state != State::scheduled)
    return refuse(clevertap_fail(400, fmt::format("Campaign {} is {}", id, name_of(found->state))));
  return std::move(*found);
}

}  // namespace belay::api::clevertap
