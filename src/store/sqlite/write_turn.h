// Whose turn it is to write to one database file, within this process. SQLite lets one writer in at
// a time and makes the rest poll; here they queue, first come first served, and the brake goes to
// the head of the queue. Safe from any thread; take() blocks until it is the caller's turn.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

#include "store/store.h"

namespace belay::store::sqlite {

class WriteTurn {
 public:
  // `before` is called at the beginning of every take(), by the taker: see SqliteOptions.
  explicit WriteTurn(std::function<void()> before = {}) : before_(std::move(before)) {}

  // The turn, until it goes.
  class Held {
   public:
    explicit Held(WriteTurn& turn) : turn_(&turn) {}
    Held(Held&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (turn_ != nullptr) turn_->pass_on();
    }

   private:
    WriteTurn* turn_;
  };

  [[nodiscard]] Held take(Lane lane);
  std::size_t waiting() const;  // how many queue now
  std::uint64_t taken() const;  // how often it was somebody's turn so far

 private:
  struct Waiter;
  void pass_on();

  const std::function<void()> before_;
  mutable std::mutex mutex_;
  std::deque<Waiter*> brakes_, ordinary_;
  bool held_ = false;
  std::uint64_t taken_ = 0;
};

}  // namespace belay::store::sqlite
