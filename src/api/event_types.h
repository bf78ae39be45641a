// Which names of events each account is known to have, so that an upload asks the store only about new ones.
// A name that has once been stored stays. Safe from any thread; nothing here blocks on the store.
#pragma once
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace belay::api {

class EventTypes {
 public:
  static constexpr std::size_t most = 4096;  // names of an account that are remembered

  // Those of `names` that are not remembered, in order.
  std::vector<std::string> unknown(AccountId account, std::span<const std::string_view> names) const;
  void remember(AccountId account, std::span<const std::string> names);

 private:
  mutable std::mutex mutex_;
  std::map<AccountId, std::set<std::string, std::less<>>> names_;
};

}  // namespace belay::api
