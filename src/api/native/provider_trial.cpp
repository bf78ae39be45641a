// POST /api/v1/accounts/{account}/providers/{nick_name}/test: one message to one address, the way a campaign
// would send it, and what the provider says to it. Waits for the provider, so only one at a time.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "base/log.h"
#include "channel/channel.h"
#include "dispatch/trials.h"
#include "net/http_client.h"
#include "net/outbound_guard.h"
#include "store/scope_match.h"

namespace belay::api {
namespace {

constexpr Millis patience{5'000};

// A test under way.
struct Trial {
  Services& services;
  store::Provider provider;
  std::shared_ptr<const channel::Sender> sender;
  std::string body, actor;
  Answer answer;
  std::shared_ptr<void> slot;
  std::shared_ptr<net::Cancellation> cancellation;
  dispatch::Trials::Ticket ticket;  // as long as something of it may leave
};

std::string_view verdict_name(channel::VerdictKind kind) {
  switch (kind) {
    case channel::VerdictKind::accepted:
      return "accepted";
    case channel::VerdictKind::failed:
      return "failed";
    case channel::VerdictKind::address_dead:
      return "address_dead";
    case channel::VerdictKind::later:
      return "later";
    case channel::VerdictKind::throttled:
      return "throttled";
    case channel::VerdictKind::unauthorized:
      return "unauthorized";
  }
  return "";
}

json::object result_json(std::string_view verdict, std::string_view detail) {
  json::object out{{"verdict", verdict}, {"reason", nullptr}, {"status", nullptr}};
  out["detail"] = detail.empty() ? json::value(nullptr) : json::value(detail);
  return out;
}

net::SimpleRequest request_of(const Trial& t, const std::string& authorization) {
  const net::Endpoint& e = t.sender->endpoint();
  net::SimpleRequest r;
  r.method = "POST";
  const std::string host = e.host.find(':') == std::string::npos ? e.host : fmt::format("[{}]", e.host);
  r.url = fmt::format("{}://{}:{}{}", e.tls ? "https" : "http", host, e.port, t.sender->path());
  for (const net::HeaderView& h : t.sender->headers()) r.headers.emplace_back(h.name, h.value);
  if (!authorization.empty()) r.headers.emplace_back("authorization", authorization);
  r.body = t.body;
  r.ca_file = t.provider.ca_file;
  r.timeout = patience;
  r.guard = t.services.outbound.get();
  r.cancellation = t.cancellation.get();
  return r;
}

void send(const std::shared_ptr<Trial>& t, const std::string& authorization) {
  const auto reply = net::fetch(request_of(*t, authorization));
  t->ticket.reset();
  if (!reply && t->cancellation->cancelled())
    return t->answer.send(native_fail(
        409, "conflict",
        "A stop took the test message back: nothing of it leaves any more, it may have left before"));
  if (!reply) return t->answer.send(ok(result_json("no_answer", reply.error())));
  std::string retry_after;
  for (const auto& [name, value] : reply->headers)
    if (name == "retry-after") retry_after = value;
  const channel::Verdict v =
      t->sender->judge(reply->status, reply->body, retry_after, t->services.clock.wall());
  json::object out = result_json(verdict_name(v.kind), v.detail);
  if (v.reason != Reason::none) out["reason"] = name_of(v.reason);
  out["status"] = reply->status;
  log_info("provider.tested", {{"provider", t->provider.nick_name},
                               {"actor", t->actor},
                               {"verdict", verdict_name(v.kind)},
                               {"status", reply->status}});
  t->answer.send(ok(out));
}

void authorize_and_send(const std::shared_ptr<Trial>& t) {
  const auto& tokens = t->sender->credentials();
  if (!tokens) return send(t, "");
  if (const auto value = tokens->header_value()) return send(t, *value);
  tokens->on_change([t] {
    if (const auto value = t->sender->credentials()->header_value()) return send(t, *value);
    t->answer.send(ok(result_json("unauthorized", t->sender->credentials()->last_error())));
  });
}

Asked<std::shared_ptr<channel::AccessTokens>> tokens_of(const Call& call, const store::Provider& p) {
  if (p.kind != "fcm") return nullptr;
  if (p.service_account.empty()) return channel::local_tokens();
  if (call.worker.executor == nullptr)
    return std::unexpected(native_fail(503, "busy", "Only where the server is running"));
  auto made = channel::service_account_tokens(p.service_account, call.services.clock, *call.worker.executor,
                                              p.ca_file, call.services.outbound);
  if (!made) return invalid(made.error());
  return std::move(*made);
}

Asked<std::shared_ptr<const channel::Sender>> sender_of(const Call& call, const store::Provider& p,
                                                        const json::object& body) {
  Definition d;
  d.name = "Test";
  d.channel = p.channel;
  auto title = text_of(body, "title", 4096, "Test");
  auto text = text_of(body, "body", 4096, "A test message from Belay");
  if (!title) return std::unexpected(std::move(title.error()));
  if (!text) return std::unexpected(std::move(text.error()));
  d.push.title = std::move(*title);
  d.push.body = std::move(*text);
  d.webhook.key_values = {{"title", d.push.title}, {"body", d.push.body}};
  if (const auto sound = channel::validate_content(d); !sound) return invalid(sound.error().text);
  auto tokens = tokens_of(call, p);
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  auto sender = channel::make_sender(d, CampaignId{0}, p, std::move(*tokens));
  if (!sender) return invalid(sender.error().text);
  return std::move(*sender);
}

Asked<store::Provider> provider_at(const Call& call) {
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return refused(accounts.error());
  for (const store::Account& a : *accounts) {
    if (a.key != call.params.at(0)) continue;
    const auto providers = call.worker.control->providers(a.id);
    if (!providers) return refused(providers.error());
    for (const store::Provider& p : *providers)
      if (p.nick_name == call.params.at(1)) return p;
    return not_found(fmt::format("Account {} has no provider {}", a.key, call.params.at(1)));
  }
  return not_found(fmt::format("There is no account {}", call.params.at(0)));
}

// What a stop has left standing, and a folder that may be a copy, hold tests back, too: where nothing may be
// sent, nothing is.
std::optional<net::HttpReply> held_back(const Call& call, const store::Provider& p) {
  if (const std::string held = call.services.held ? call.services.held() : ""; !held.empty())
    return native_fail(409, "conflict", fmt::format("Nothing is sent from this data folder: {}", held));
  const auto latches = call.worker.control->latches({});
  if (!latches) return native_from(latches.error());
  for (const Latch& latch : *latches)
    if (store::covers(latch.scope, {{}, p.account, p.channel, p.nick_name, {}, {}}))
      return native_fail(409, "conflict",
                         fmt::format("latch-{} stands ({}): nothing is sent until it is released", latch.id,
                                     store::describe(latch.scope)));
  return std::nullopt;
}

dispatch::Trials::Ticket entered(const Call& call, const store::Provider& p,
                                 const std::shared_ptr<net::Cancellation>& cancellation) {
  if (call.services.engine == nullptr) return nullptr;  // nobody can stop meanwhile: the folder is ours
  return call.services.engine->trials().enter(p.account, p.channel, p.nick_name,
                                              [cancellation] { cancellation->cancel(); });
}

}  // namespace

void test_provider(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots) {
  ASK(const json::object body, body_object(call.request, {"to", "platform", "title", "body"}), answer);
  ASK(const std::string to, text_of(body, "to", 4096), answer);
  if (to.empty())
    return answer.send(
        invalid("\"to\" is missing: a device token, or the identity that a webhook is to name").error());
  ASK(const std::string platform_name, text_of(body, "platform", 16, "android"), answer);
  const auto platform = platform_named(platform_name);
  if (!platform) return answer.send(invalid("\"platform\" is android, ios, web or windows").error());
  ASK(store::Provider provider, provider_at(call), answer);
  auto cancellation = std::make_shared<net::Cancellation>();
  auto ticket = entered(call, provider, cancellation);  // before latches are looked for
  if (auto refusal = held_back(call, provider)) return answer.send(std::move(*refusal));
  ASK(auto sender, sender_of(call, provider, body), answer);
  auto slot = ExportSlots::take(slots);
  if (!slot) return answer.send(native_fail(503, "busy", "Another test is under way, retry later"));
  channel::Recipient who;
  who.platform = *platform;
  if (provider.channel == Channel::push)
    who.token = to;
  else
    who.identity = to;
  who.properties = "{}";
  std::string message;
  if (!sender->render(who, call.services.clock.wall(), message))
    return answer.send(invalid("The content can't be rendered").error());
  authorize_and_send(std::make_shared<Trial>(
      Trial{call.services, std::move(provider), std::move(sender), std::move(message), call.actor,
            std::move(answer), std::move(slot), std::move(cancellation), std::move(ticket)}));
}

}  // namespace belay::api
