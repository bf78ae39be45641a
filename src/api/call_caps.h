// Counts the calls that are being answered, per account and API, and refuses those above the
// documented cap (contract 2.6). Any thread; never blocks for long.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ids.h"

namespace belay::api {

class CallCaps : public std::enable_shared_from_this<CallCaps> {
 public:
  // One call that is under way; gives its place back when it goes. May outlive the CallCaps' owner.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept = default;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot();

   private:
    friend class CallCaps;
    Slot(std::shared_ptr<CallCaps> caps, AccountId account, std::string_view api)
        : caps_(std::move(caps)), account_(account), api_(api) {}
    std::shared_ptr<CallCaps> caps_;
    AccountId account_;
    std::string_view api_;
  };

  // Nothing if `most` calls of that account to that API are under way. `api` must live as long as the
  // program (a route's pattern).
  std::optional<Slot> take(AccountId account, std::string_view api, std::uint32_t most);

 private:
  void give_back(AccountId account, std::string_view api);
  std::mutex guard_;
  std::map<std::pair<AccountId, std::string_view>, std::uint32_t> under_way_;  // no zeros
};

}  // namespace belay::api
