// Recipients that wait for a further attempt, earliest first. Bounded by the runner, which admits
// nobody new while too many wait.
#pragma once
#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace belay::dispatch {

// A recipient that may be handed over (again), once that is durable.
struct Granted {
  Ordinal ordinal = 0;
  RecipientId recipient;
  std::uint8_t attempt = 1;
  bool handed_before = false;
};

class RetryQueue {
 public:
  void add(SteadyTime due, Granted who) {
    heap_.push_back({due, who});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  // Takes up to `most` that are due.
  std::vector<Granted> take_due(SteadyTime now, std::size_t most) {
    std::vector<Granted> out;
    while (!heap_.empty() && out.size() < most && heap_.front().due <= now) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      out.push_back(heap_.back().who);
      heap_.pop_back();
    }
    return out;
  }
  bool due(SteadyTime now) const { return !heap_.empty() && heap_.front().due <= now; }
  SteadyTime next() const { return heap_.empty() ? SteadyTime::max() : heap_.front().due; }
  std::size_t size() const { return heap_.size(); }
  bool empty() const { return heap_.empty(); }
  void clear() { heap_.clear(); }

 private:
  struct Item {
    SteadyTime due;
    Granted who;
  };
  static bool later(const Item& a, const Item& b) { return a.due > b.due; }
  std::vector<Item> heap_;
};

}  // namespace belay::dispatch
