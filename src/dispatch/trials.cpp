#include "dispatch/trials.h"

#include "store/scope_match.h"

namespace belay::dispatch {

Trials::Ticket Trials::enter(AccountId account, Channel channel, std::string provider,
                             std::function<void()> withdraw) {
  const std::lock_guard lock(state_->mutex);
  const std::uint64_t number = state_->next++;
  state_->under_way.emplace(number, Trial{account, channel, std::move(provider), std::move(withdraw)});
  return Ticket(nullptr, [state = state_, number](void*) {
    const std::lock_guard leaving(state->mutex);
    state->under_way.erase(number);
  });
}

void Trials::withdraw(const Scope& scope) {
  const std::lock_guard lock(state_->mutex);
  for (const auto& [number, trial] : state_->under_way)
    if (store::covers(scope, {{}, trial.account, trial.channel, trial.provider, {}, {}})) trial.withdraw();
}

}  // namespace belay::dispatch
