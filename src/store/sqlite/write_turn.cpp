#include "store/sqlite/write_turn.h"

#include <condition_variable>

namespace belay::store::sqlite {

struct WriteTurn::Waiter {
  std::condition_variable called;
  bool my_turn = false;
};

WriteTurn::Held WriteTurn::take(Lane lane) {
  if (before_) before_();
  std::unique_lock lock(mutex_);
  ++taken_;
  if (!held_) {
    held_ = true;
    return Held(*this);
  }
  Waiter waiter;
  (lane == Lane::brake ? brakes_ : ordinary_).push_back(&waiter);
  waiter.called.wait(lock, [&] { return waiter.my_turn; });
  return Held(*this);
}

// The turn goes from hand to hand: nobody who comes by chance in between can take it.
void WriteTurn::pass_on() {
  const std::lock_guard lock(mutex_);
  auto& queue = brakes_.empty() ? ordinary_ : brakes_;
  if (queue.empty()) {
    held_ = false;
    return;
  }
  Waiter* next = queue.front();
  queue.pop_front();
  next->my_turn = true;
  next->called.notify_one();  // under the lock: the waiter goes away once it has seen my_turn
}

std::size_t WriteTurn::waiting() const {
  const std::lock_guard lock(mutex_);
  return brakes_.size() + ordinary_.size();
}

std::uint64_t WriteTurn::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

}  // namespace belay::store::sqlite
