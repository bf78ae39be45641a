#include "api/event_types.h"

namespace belay::api {

std::vector<std::string> EventTypes::unknown(AccountId account, std::span<const std::string_view> names) const {
  const std::lock_guard lock(mutex_);
  const auto known = names_.find(account);
  std::vector<std::string> found;
  for (const std::string_view name : names)
    if (known == names_.end() || !known->second.contains(name)) found.emplace_back(name);
  return found;
}

void EventTypes::remember(AccountId account, std::span<const std::string> names) {
  const std::lock_guard lock(mutex_);
  auto& known = names_[account];
  for (const std::string& name : names)
    if (known.size() < most) known.insert(name);
}

}  // namespace belay::api
