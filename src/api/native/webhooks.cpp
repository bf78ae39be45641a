// Webhooks: who is told of stops and changes of state, and what became of telling them.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"
#include "net/endpoint.h"
#include "net/outbound_guard.h"

namespace belay::api {
namespace {

json::array kinds_json(store::NoticeKinds kinds) {
  json::array out;
  for (std::size_t i = 0; i < store::notice_kinds.size(); ++i)
    if ((kinds >> i & 1) != 0) out.emplace_back(store::notice_kinds[i]);
  return out;
}

json::object webhook_json(const store::Subscriber& s, const AccountKeys& accounts) {
  const auto account = accounts.find(s.account);
  return {{"id", fmt::format("webhook-{}", s.id)},
          {"account", account == accounts.end() ? json::value(nullptr) : json::value(account->second)},
          {"url", s.url},
          {"kinds", kinds_json(s.kinds)},
          {"created", iso_time(s.created)}};
}

json::object delivery_json(const store::Delivery& d) {
  const bool waits = d.state == store::DeliveryState::pending;
  return {{"id", fmt::format("delivery-{}", d.id)},
          {"notice", fmt::format("notice-{}", d.notice)},
          {"webhook", fmt::format("webhook-{}", d.subscriber)},
          {"kind", name_of(d.kind)},
          {"campaign", d.campaign ? json::value(d.campaign.value) : json::value(nullptr)},
          {"state", name_of(d.state)},
          {"attempts", d.attempts},
          {"since", iso_time(d.since)},
          {"next", waits ? json::value(iso_time(d.next_at)) : json::value(nullptr)},
          {"detail", d.detail}};
}

Asked<store::NoticeKinds> kinds_from(const json::object& body) {
  const json::value* list = body.if_contains("kinds");
  if (list == nullptr || list->is_null()) return store::every_notice_kind;
  if (!list->is_array() || list->as_array().empty())
    return invalid("\"kinds\" must be a list of stop, settled, state");
  store::NoticeKinds kinds = 0;
  for (const json::value& v : list->as_array()) {
    const auto kind =
        v.is_string() ? store::notice_kind_named(std::string_view(v.as_string())) : std::nullopt;
    if (!kind) return invalid("\"kinds\" must be a list of stop, settled, state");
    kinds |= store::kinds_of(*kind);
  }
  return kinds;
}

Asked<std::string> url_from(const Call& call, const json::object& body) {
  auto url = text_of(body, "url", 2048);
  if (!url) return std::unexpected(std::move(url.error()));
  if (url->empty()) return invalid("\"url\" is missing: where notices are sent");
  const auto endpoint = net::parse_url(*url);
  if (!endpoint) return invalid(endpoint.error());
  // A name is decided when it is resolved, by the transport that notices go through.
  if (const auto& guard = call.services.outbound; guard)
    if (const std::string why = guard->refusal_of_literal(endpoint->host, endpoint->port); !why.empty())
      return invalid(why);
  return url;
}

Asked<std::int64_t> id_at(const Call& call, std::string_view prefix) {
  if (const auto id = numbered(prefix, call.params.at(0))) return *id;
  return invalid(fmt::format("\"{}\" is no {} id", call.params.at(0), prefix));
}

net::HttpReply none_such(std::string_view what, const store::Error& error) {
  if (error.code != store::Code::not_found) return native_from(error);
  return native_fail(404, "not_found", fmt::format("There is no {}", what));
}

}  // namespace

void add_webhook(Call call, Answer answer) {
  ASK(const json::object body, body_object(call.request, {"url", "kinds"}), answer);
  ASK(std::string url, url_from(call, body), answer);
  ASK(const auto kinds, kinds_from(body), answer);
  store::Subscriber wanted{.account = call.account,
                           .url = std::move(url),
                           .secret = Secret("whsec_" + random_hex(call.services.random, 32)),
                           .kinds = kinds,
                           .created = call.services.clock.wall()};
  const auto added = call.worker.notices->add(wanted);
  if (!added) return answer.send(native_from(added.error()));
  json::object out = webhook_json(*added, account_keys(call));
  out["secret"] = added->secret.reveal();  // shown this once
  answer.send(json_reply(201, to_text(out)));
}

void list_webhooks(Call call, Answer answer) {
  const auto all = call.worker.notices->subscribers(call.account);
  if (!all) return answer.send(native_from(all.error()));
  const AccountKeys accounts = account_keys(call);
  json::array out;
  for (const store::Subscriber& s : *all) out.push_back(webhook_json(s, accounts));
  answer.send(ok(json::object{{"webhooks", std::move(out)}}));
}

void remove_webhook(Call call, Answer answer) {
  ASK(const auto id, id_at(call, "webhook"), answer);
  const std::string name = fmt::format("webhook-{}", id);
  const auto removed = call.worker.notices->remove(call.account, SubscriberId{id});
  if (!removed) return answer.send(none_such(name, removed.error()));
  answer.send(ok(json::object{{"removed", name}}));
}

void list_deliveries(Call call, Answer answer) {
  ASK(const auto id, id_at(call, "webhook"), answer);
  ASK(const auto limit, query_number(call.request, "limit", 1, 500, 50), answer);
  ASK(const auto cursor, query_number(call.request, "cursor", 1, std::numeric_limits<std::int64_t>::max(), 0),
      answer);
  const auto found = call.worker.notices->deliveries(
      call.account, SubscriberId{id}, cursor != 0 ? std::optional(DeliveryId{cursor}) : std::nullopt,
      static_cast<std::uint32_t>(limit));
  if (!found) return answer.send(none_such(fmt::format("webhook-{}", id), found.error()));
  json::array out;
  for (const store::Delivery& d : *found) out.push_back(delivery_json(d));
  json::object body{{"deliveries", std::move(out)}, {"next", nullptr}};
  if (found->size() == static_cast<std::size_t>(limit)) body["next"] = fmt::format("{}", found->back().id);
  answer.send(ok(body));
}

void resend_delivery(Call call, Answer answer) {
  ASK(const auto id, id_at(call, "delivery"), answer);
  const auto again = call.worker.notices->resend(call.account, DeliveryId{id}, call.services.clock.wall());
  if (!again) return answer.send(none_such(fmt::format("delivery-{}", id), again.error()));
  answer.send(ok(delivery_json(*again)));
}

}  // namespace belay::api
