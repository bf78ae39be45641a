// Test messages under way. They belong to no campaign and pass no gate, so a stop that covers them takes them
// back here: after a stop with a latch is answered, none leaves. Safe from any thread; nothing blocks.
//
// Whoever sends one enters it first, and looks for latches afterwards: either the stop finds it here, or it
// finds the stop's latch.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "campaign/campaign.h"
#include "campaign/stop.h"

namespace belay::dispatch {

class Trials {
 public:
  // Under way as long as this lives.
  using Ticket = std::shared_ptr<void>;

  // `withdraw` is called by every stop that covers it, before that is answered, on the brake's executor; once
  // it has returned nothing of the message may leave any more. It must not block.
  [[nodiscard]] Ticket enter(AccountId account, Channel channel, std::string provider,
                             std::function<void()> withdraw);
  void withdraw(const Scope& scope);

 private:
  struct Trial {
    AccountId account;
    Channel channel;
    std::string provider;
    std::function<void()> withdraw;
  };
  struct State {
    std::mutex mutex;
    std::uint64_t next = 0;
    std::map<std::uint64_t, Trial> under_way;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();  // tickets hold it, too
};

}  // namespace belay::dispatch
