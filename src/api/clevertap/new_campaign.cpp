#include "api/clevertap/new_campaign.h"

#include "base/log.h"

namespace belay::api::clevertap {

store::Result<Campaign> store_new_campaign(Call& call, Definition definition, const store::Provider& provider,
                                           const Schedule& schedule) {
  const WallTime now = call.services.clock.wall();
  Campaign campaign;
  campaign.id = CampaignId{to_epoch_seconds(now)};  // the store makes it unique
  campaign.account = call.account;
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

}  // namespace belay::api::clevertap
