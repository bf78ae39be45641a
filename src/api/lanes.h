// Brings a call to a worker: bulk work is spread over the workers of its lane, what waits is bounded,
// and the brake has a lane of its own where nothing is ever refused. Any thread; never blocks, except
// where a worker has no executor: then the work runs where it is given.
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "api/route.h"
#include "api/services.h"

namespace belay::api {

class Lanes {
 public:
  static constexpr std::size_t most_waiting = 1024;                    // calls, per worker
  static constexpr std::size_t most_passwords_waiting = 32;
  static constexpr std::size_t most_waiting_bytes = 96 * 1024 * 1024;  // of request bodies, per worker

  using Work = std::move_only_function<void(Worker&)>;

  explicit Lanes(Services& services);

  // False: too much is waiting, `work` was dropped unrun. `bytes` is what the work holds on to.
  bool give(Lane lane, std::size_t bytes, Work work);

 private:
  struct Seat {
    Worker* worker;
    std::atomic<std::size_t> waiting{0}, waiting_bytes{0};
  };
  std::shared_ptr<Seat> seat_of(Lane lane);
  static bool post(const std::shared_ptr<Seat>& seat, std::size_t most, std::size_t bytes, Work work);

  std::vector<std::shared_ptr<Seat>> uploads_, reads_;
  std::shared_ptr<Seat> brake_, passwords_;
  std::shared_ptr<Seat> nobody_;  // inline calls: no sessions
  Worker no_worker_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace belay::api
