#include "store/scope_match.h"

#include <array>

namespace belay::store {
namespace {
constexpr std::array<std::string_view, 6> kind_names{"campaign", "label",   "channel",
                                                     "provider", "account", "all"};
}

bool covers(const Scope& scope, const ScopeFacts& facts) {
  if (scope.account && scope.account != facts.account) return false;
  switch (scope.kind) {
    case Scope::Kind::campaign:
      return scope.campaign == facts.campaign || (facts.series && scope.campaign == facts.series);
    case Scope::Kind::label:
      return std::find(facts.labels.begin(), facts.labels.end(), scope.name) != facts.labels.end();
    case Scope::Kind::channel:
      return channel_named(scope.name) == facts.channel;
    case Scope::Kind::provider:
      return !facts.provider.empty() && scope.name == facts.provider;
    case Scope::Kind::account:
      return scope.account == facts.account;
    case Scope::Kind::all:
      return true;
  }
  return false;
}

std::string describe(const Scope& scope) {
  switch (scope.kind) {
    case Scope::Kind::campaign:
      return fmt::format("campaign {}", scope.campaign);
    case Scope::Kind::label:
    case Scope::Kind::channel:
    case Scope::Kind::provider:
      return fmt::format("{} \"{}\"", name_of(scope.kind), scope.name);
    case Scope::Kind::account:
      return "the account";
    case Scope::Kind::all:
      return "everything";
  }
  return "";
}

std::string_view name_of(Scope::Kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<Scope::Kind> scope_kind_named(std::string_view name) {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names[i] == name) return static_cast<Scope::Kind>(i);
  return std::nullopt;
}

}  // namespace belay::store
