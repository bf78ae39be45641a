#include "api/clevertap/lookup.h"

#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

std::unexpected<net::HttpReply> refuse(std::string_view text) {
  return std::unexpected(clevertap_fail(400, text));
}

std::string listed(const std::vector<store::Provider>& providers) {
  std::string out;
  for (const store::Provider& p : providers) out += (out.empty() ? "" : ", ") + p.nick_name;
  return out;
}

}  // namespace

net::HttpReply answer_to(const Refusal& refusal) {
  return clevertap_fail(400, refusal.text, refusal.code);
}

Answered<Home> home_of(Worker& worker, AccountId account) {
  if (!account) return refuse("Name the account in the header X-CleverTap-Account-Id");
  const auto accounts = worker.control->accounts();
  if (!accounts) return std::unexpected(clevertap_from(accounts.error()));
  const auto found = std::ranges::find(*accounts, account, &store::Account::id);
  if (found == accounts->end()) return std::unexpected(clevertap_fail(401, "Account ID is not valid"));
  auto zone = TimeZone::named(found->time_zone);
  if (!zone) return std::unexpected(clevertap_fail(500, zone.error()));
  return Home{*found, std::move(*zone)};
}

Answered<store::Provider> provider_for(Worker& worker, AccountId account, Channel channel,
                                       std::string_view nick_name) {
  auto all = worker.control->providers(account);
  if (!all) return std::unexpected(clevertap_from(all.error()));
  std::erase_if(*all, [channel](const store::Provider& p) { return p.channel != channel; });
  if (!nick_name.empty()) {
    const auto found = std::ranges::find(*all, nick_name, &store::Provider::nick_name);
    if (found != all->end()) return *found;
    return refuse(fmt::format("provider_nick_name \"{}\" is not known for target_mode {}", nick_name,
                              name_of(channel)));
  }
  if (all->empty())
    return refuse(
        fmt::format("This account has no provider for target_mode {}: add one first", name_of(channel)));
  if (all->size() > 1)
    return refuse(
        fmt::format("provider_nick_name is required, because this account has several providers for "
                    "target_mode {}: {}",
                    name_of(channel), listed(*all)));
  return all->front();
}

}  // namespace belay::api::clevertap
