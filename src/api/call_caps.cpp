#include "api/call_caps.h"

namespace belay::api {

CallCaps::Slot& CallCaps::Slot::operator=(Slot&& other) noexcept {
  if (caps_) caps_->give_back(account_, api_);
  caps_ = std::move(other.caps_);
  account_ = other.account_;
  api_ = other.api_;
  return *this;
}

CallCaps::Slot::~Slot() {
  if (caps_) caps_->give_back(account_, api_);
}

std::optional<CallCaps::Slot> CallCaps::take(AccountId account, std::string_view api, std::uint32_t most) {
  const std::lock_guard lock(guard_);
  std::uint32_t& count = under_way_[{account, api}];
  if (count >= most) return std::nullopt;
  ++count;
  return Slot(shared_from_this(), account, api);
}

void CallCaps::give_back(AccountId account, std::string_view api) {
  const std::lock_guard lock(guard_);
  const auto found = under_way_.find({account, api});
  if (found == under_way_.end()) return;
  if (--found->second == 0) under_way_.erase(found);
}

}  // namespace belay::api
