#include "api/native/scope_request.h"

#include "api/errors.h"
#include "campaign/campaign.h"

namespace belay::api {
namespace {

std::optional<std::int64_t> campaign_id(const json::value& v) {
  if (v.is_int64() && v.as_int64() > 0) return v.as_int64();
  if (v.is_string()) return numbered("", v.as_string());
  return std::nullopt;
}

std::optional<AccountId> account_named(const AccountKeys& accounts, std::string_view key) {
  for (const auto& [id, name] : accounts)
    if (name == key) return id;
  return std::nullopt;
}

// "account" beside label, channel or provider, or alone. An account may name none but itself.
Asked<AccountId> account_in(const json::object& scope, const Call& call, const AccountKeys& accounts) {
  const json::value* v = scope.if_contains("account");
  if (v == nullptr) return call.account;
  if (!v->is_string()) return invalid("\"account\" must be an account id");
  const auto id = account_named(accounts, v->as_string());
  if (!id) return not_found(fmt::format("There is no account {}", std::string_view(v->as_string())));
  return *id;
}

Asked<Scope> named_scope(Scope::Kind kind, std::string_view key, const json::value& v, AccountId account,
                         const Call& call) {
  if (!v.is_string() || v.as_string().empty() || v.as_string().size() > 255)
    return invalid(fmt::format("\"{}\" must be a text", key));
  Scope scope{kind, account, {}, std::string(v.as_string())};
  if (kind == Scope::Kind::channel) {
    const auto channel = channel_named(scope.name);
    if (!channel) return invalid(fmt::format("\"{}\" is no channel: push or webhook", scope.name));
    scope.name = name_of(*channel);
  }
  if (kind == Scope::Kind::provider) {
    const auto providers = call.worker.control->providers(account);
    if (!providers) return refused(providers.error());
    if (std::ranges::none_of(*providers, [&](const store::Provider& p) { return p.nick_name == scope.name; }))
      return not_found(fmt::format("There is no provider {}", scope.name));
  }
  return scope;
}

}  // namespace

Asked<Scope> scope_from(const json::value& value, const Call& call, const AccountKeys& accounts) {
  constexpr std::string_view usage =
      "\"scope\" must be an object with one of campaign, label, account, channel, provider, all";
  if (!value.is_object()) return invalid(usage);
  const json::object& scope = value.as_object();
  static constexpr std::pair<std::string_view, Scope::Kind> kinds[] = {{"campaign", Scope::Kind::campaign},
                                                                       {"label", Scope::Kind::label},
                                                                       {"channel", Scope::Kind::channel},
                                                                       {"provider", Scope::Kind::provider},
                                                                       {"all", Scope::Kind::all}};
  const std::pair<std::string_view, Scope::Kind>* chosen = nullptr;
  for (const auto& pair : scope) {
    const std::string_view key = pair.key();
    if (key == "account") continue;
    const auto found = std::ranges::find(kinds, key, &std::pair<std::string_view, Scope::Kind>::first);
    if (found == std::end(kinds) || chosen != nullptr) return invalid(usage);
    chosen = found;
  }
  auto account = account_in(scope, call, accounts);
  if (!account) return std::unexpected(std::move(account.error()));
  if (chosen == nullptr) {
    if (!scope.contains("account")) return invalid(usage);
    return Scope{Scope::Kind::account, *account, {}, ""};
  }
  const json::value& v = scope.at(chosen->first);
  if (chosen->second == Scope::Kind::campaign) {
    const auto id = campaign_id(v);
    if (!id) return invalid("\"campaign\" must be a campaign id");
    return Scope{Scope::Kind::campaign, *account, CampaignId{*id}, ""};
  }
  if (chosen->second == Scope::Kind::all) {
    if (!v.is_bool() || !v.as_bool()) return invalid("\"all\" must be true");
    return *account ? Scope{Scope::Kind::account, *account, {}, ""} : Scope{Scope::Kind::all, {}, {}, ""};
  }
  return named_scope(chosen->second, chosen->first, v, *account, call);
}

}  // namespace belay::api
