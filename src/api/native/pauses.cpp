// POST /api/v1/campaigns/{id}/pause and /resume.
#include "api/errors.h"
#include "api/native/campaign_json.h"
#include "api/native/handlers.h"
#include "api/native/past_due.h"
#include "api/native/requests.h"

namespace belay::api {
namespace {

using Paused = Result<dispatch::PauseAnswer, dispatch::PauseError>;
using Resumed = Result<Campaign, dispatch::PauseError>;

net::HttpReply reply_of(const Paused& paused, const CampaignNames& names, WallTime now) {
  if (!paused) return native_from(paused.error());
  json::object body = campaign_json(paused->campaign, names, now);
  add_numbers(body, {paused->tally, paused->span, paused->planned});
  body["stop"] = nullptr;
  body["latency_us"] = paused->latency.count();
  return ok(body);
}

}  // namespace

void pause_campaign(Call call, Answer answer) {
  ASK(const json::object body, optional_object(call.request, {"reason"}), answer);
  ASK(std::string reason, text_of(body, "reason", 500), answer);
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  dispatch::PauseRequest request{call.account, campaign.id, call.actor, std::move(reason)};
  auto done = [shared = std::make_shared<Answer>(std::move(answer)), names = names_for(call),
               &clock = call.services.clock](const Paused& paused) {
    shared->send(reply_of(paused, names, clock.wall()));
  };
  Services& services = call.services;
  if (services.engine == nullptr)
    return done(dispatch::pause_offline(services.store, services.clock, std::move(request)));
  services.engine->pause(std::move(request), std::move(done));
}

void resume_campaign(Call call, Answer answer) {
  ASK(const json::object body, optional_object(call.request, {"past_due"}), answer);
  ASK(const store::PastDue past_due, past_due_of(body), answer);
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  dispatch::ResumeRequest request{call.account, campaign.id, call.actor, past_due};
  auto done = [shared = std::make_shared<Answer>(std::move(answer)), names = names_for(call),
               &clock = call.services.clock](const Resumed& resumed) {
    shared->send(resumed ? ok(campaign_json(*resumed, names, clock.wall())) : native_from(resumed.error()));
  };
  Services& services = call.services;
  if (services.engine == nullptr)
    return done(dispatch::resume_offline(services.store, services.clock, std::move(request)));
  services.engine->resume(std::move(request), std::move(done));
}

}  // namespace belay::api
