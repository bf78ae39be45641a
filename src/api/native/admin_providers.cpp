// The providers of an account: for the operator, over the Unix socket, and for the account's Admins.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/provider_check.h"
#include "api/native/requests.h"

namespace belay::api {
namespace {

json::object provider_json(const store::Provider& p) {
  return {{"nick_name", p.nick_name},
          {"mode", name_of(p.channel)},
          {"kind", p.kind},
          {"url", p.url},
          {"service_account", p.service_account},
          {"ca_file", p.ca_file},
          {"http_version", p.http_version},
          {"max_per_second", p.max_per_second}};
}

Asked<AccountId> account_at(const Call& call, std::string_view key) {
  const auto accounts = call.worker.control->accounts();
  if (!accounts) return refused(accounts.error());
  for (const store::Account& a : *accounts)
    if (a.key == key) return a.id;
  return not_found(fmt::format("There is no account {}", key));
}

Asked<store::Provider> provider_from(const json::object& body) {
  store::Provider p;
  for (const auto& [key, into, most] :
       std::initializer_list<std::tuple<std::string_view, std::string*, std::size_t>>{
           {"nick_name", &p.nick_name, 64},
           {"kind", &p.kind, 16},
           {"url", &p.url, 2048},
           {"service_account", &p.service_account, 4096},
           {"ca_file", &p.ca_file, 4096},
           {"http_version", &p.http_version, 8}}) {
    auto text = text_of(body, key, most);
    if (!text) return std::unexpected(std::move(text.error()));
    *into = std::move(*text);
  }
  auto mode = text_of(body, "mode", 16, p.kind == "webhook" ? "webhook" : "push");
  if (!mode) return std::unexpected(std::move(mode.error()));
  const auto channel = channel_named(*mode);
  if (!channel) return invalid(fmt::format("\"mode\" must be push or webhook, not \"{}\"", *mode));
  p.channel = *channel;
  auto pace = number_of(body, "max_per_second", 0, 1'000'000, 0);
  if (!pace) return std::unexpected(std::move(pace.error()));
  p.max_per_second = static_cast<std::uint32_t>(*pace);
  if (auto good = check_provider(p); !good) return invalid(good.error());
  return p;
}

// These name files of this machine, which another account may own: who came over the network may keep what
// the operator has named, and name no others. What is named anew must be usable: better told now than when the
// first campaign is due.
Asked<void> files_are_good(const Call& call, const store::Provider& wanted) {
  const auto providers = call.worker.control->providers(wanted.account);
  if (!providers) return refused(providers.error());
  store::Provider present;
  for (const store::Provider& p : *providers)
    if (p.nick_name == wanted.nick_name) present = p;
  for (const auto& [key, now, then] : {std::tuple{"service_account", wanted.service_account, present.service_account},
                                       {"ca_file", wanted.ca_file, present.ca_file}})
    if (!now.empty() && now != then && !call.request.over_unix_socket)
      return invalid(fmt::format("\"{}\" is a file of the server: `belay provider add` names it there", key));
  if (wanted.service_account == present.service_account && wanted.ca_file == present.ca_file) return {};
  if (auto good = check_files(wanted); !good) return invalid(good.error());
  return {};
}

}  // namespace

void list_providers(Call call, Answer answer) {
  ASK(const AccountId account, account_at(call, call.params.at(0)), answer);
  const auto providers = call.worker.control->providers(account);
  if (!providers) return answer.send(native_from(providers.error()));
  json::array out;
  for (const store::Provider& p : *providers) out.push_back(provider_json(p));
  answer.send(ok(json::object{{"providers", std::move(out)}}));
}

void put_provider(Call call, Answer answer) {
  ASK(const json::object body,
      body_object(call.request, {"nick_name", "mode", "kind", "url", "service_account", "ca_file",
                                 "http_version", "max_per_second"}),
      answer);
  ASK(const AccountId account, account_at(call, call.params.at(0)), answer);
  ASK(store::Provider wanted, provider_from(body), answer);
  wanted.account = account;
  if (auto good = files_are_good(call, wanted); !good) return answer.send(std::move(good.error()));
  if (call.services.outbound)
    if (auto good = check_address(wanted, *call.services.outbound); !good)
      return answer.send(native_fail(400, "invalid", good.error()));
  const auto put = call.worker.control->put_provider(wanted);
  if (!put) return answer.send(native_from(put.error()));
  answer.send(ok(provider_json(*put)));
}

void remove_provider(Call call, Answer answer) {
  ASK(const AccountId account, account_at(call, call.params.at(0)), answer);
  const auto removed = call.worker.control->remove_provider(account, call.params.at(1));
  if (!removed && removed.error().code == store::Code::not_found)
    return answer.send(
        native_fail(404, "not_found",
                    fmt::format("Account {} has no provider {}", call.params.at(0), call.params.at(1))));
  if (!removed) return answer.send(native_from(removed.error()));
  answer.send(ok(json::object{{"removed", call.params.at(1)}}));
}

}  // namespace belay::api
