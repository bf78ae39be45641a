// POST /1/targets/create.json: validated whole, then stored; the estimate, where wanted, is counted first.
#include "api/clevertap/audience.h"
#include "api/clevertap/body.h"
#include "api/clevertap/estimate.h"
#include "api/clevertap/handlers.h"
#include "api/clevertap/kept_draft.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/new_campaign.h"
#include "api/clevertap/reach_parts.h"
#include "api/errors.h"
#include "channel/channel.h"

namespace belay::api::clevertap {
namespace {

struct Order {
  Draft draft;
  json::object request;
  store::Provider provider;  // not looked at by a pure estimate, nor for a draft
  TimeZone zone;             // the account's
};

Answered<Order> read_order(Call& call, bool estimate_only) {
  auto request = parse_object(call.request.body);
  if (!request) return std::unexpected(clevertap_fail(400, request.error()));
  if (estimate_only) (*request)["estimate_only"] = true;
  TRY_ASSIGN(const Home home, home_of(call.worker, call.account));
  auto draft =
      read_draft(*request, home.zone, call.services.clock.wall(), segments_in(call.worker, call.account));
  if (!draft) return std::unexpected(answer_to(draft.error()));
  if (const auto sound = channel::validate_content(draft->definition); !sound)
    return std::unexpected(clevertap_fail(400, sound.error().text));
  Order order{std::move(*draft), std::move(*request), {}, home.zone};
  if (order.draft.estimate_only || order.draft.only_kept) return order;
  TRY_ASSIGN(order.provider, provider_for(call.worker, call.account, order.draft.definition.channel,
                                          order.draft.provider_nick_name));
  return order;
}

net::HttpReply store_campaign(Call& call, Order order, std::string_view estimates) {
  const auto created =
      store_new_campaign(call, std::move(order.draft.definition), order.provider, order.draft.schedule);
  if (!created) return clevertap_from(created.error());
  const std::string tail = estimates.empty() ? "" : fmt::format(R"(,"estimates":{})", estimates);
  return json_reply(200, fmt::format(R"({{"status":"success","id":{}{}}})", created->id, tail));
}

net::HttpReply finish(Call& call, Order order, const store::Result<audience::Reach>& reach) {
  if (!reach) return clevertap_from(reach.error());
  const auto rules = call.worker.control->reach_rules(call.account);
  if (!rules) return clevertap_from(rules.error());
  const Definition& definition = order.draft.definition;
  const std::string estimates =
      estimates_json(expected(*reach, definition, rules->control_group_percent), definition);
  if (order.draft.estimate_only)
    return json_reply(200, fmt::format(R"({{"status":"success","estimates":{}}})", estimates));
  return store_campaign(call, std::move(order), estimates);
}

void create(Call call, Answer answer, bool estimate_only) {
  auto order = read_order(call, estimate_only);
  if (!order) return answer.send(std::move(order.error()));
  if (order->draft.only_kept && !order->draft.estimate_only)
    return answer.send(keep_draft(call, std::move(order->request), order->draft.definition));
  if (order->draft.skip_estimate && !order->draft.estimate_only)
    return answer.send(store_campaign(call, std::move(*order), ""));
  Worker& worker = call.worker;
  auto spec =
      audience::scan_spec(call.account, order->draft.definition, order->zone, call.services.clock.wall());
  auto query = order->draft.query;
  estimate(worker, std::move(query), std::move(spec),
           [call = std::move(call), answer = std::move(answer),
            order = std::move(*order)](const store::Result<audience::Reach>& reach) mutable {
             answer.send(finish(call, std::move(order), reach));
           });
}

}  // namespace

void create_campaign(Call call, Answer answer) {
  create(std::move(call), std::move(answer), false);
}

// An older name for "estimate_only": true, which the official client knows.
void estimate_campaign(Call call, Answer answer) {
  create(std::move(call), std::move(answer), true);
}

}  // namespace belay::api::clevertap
