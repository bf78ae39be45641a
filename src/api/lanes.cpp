#include "api/lanes.h"

#include <limits>

namespace belay::api {
namespace {

constexpr auto unbounded = std::numeric_limits<std::size_t>::max();

}  // namespace

Lanes::Lanes(Services& services) {
  const auto seat = [](Worker* worker) {
    auto made = std::make_shared<Seat>();
    made->worker = worker;
    return made;
  };
  for (Worker* worker : services.reads) reads_.push_back(seat(worker));
  for (Worker* worker : services.uploads) uploads_.push_back(seat(worker));
  if (services.brake) brake_ = seat(services.brake);
  if (services.passwords) passwords_ = seat(services.passwords);
  nobody_ = seat(&no_worker_);
}

std::shared_ptr<Lanes::Seat> Lanes::seat_of(Lane lane) {
  if (lane == Lane::inline_) return nobody_;
  if (lane == Lane::brake && brake_) return brake_;
  if (lane == Lane::password && passwords_) return passwords_;
  const auto& seats = lane == Lane::upload && !uploads_.empty() ? uploads_ : reads_;
  if (seats.empty()) return brake_;
  // Round robin, but not behind a worker that is busier than its neighbour.
  const std::size_t turn = next_.fetch_add(1, std::memory_order_relaxed);
  auto best = seats[turn % seats.size()];
  for (const auto& other : seats)
    if (other->waiting.load(std::memory_order_relaxed) < best->waiting.load(std::memory_order_relaxed))
      best = other;
  return best;
}

bool Lanes::give(Lane lane, std::size_t bytes, Work work) {
  const auto seat = seat_of(lane);
  if (!seat) return false;
  if (!seat->worker->executor) {
    work(*seat->worker);
    return true;
  }
  const std::size_t most = lane == Lane::brake      ? unbounded
                           : lane == Lane::password ? most_passwords_waiting
                                                    : most_waiting;
  return post(seat, most, bytes, std::move(work));
}

bool Lanes::post(const std::shared_ptr<Seat>& seat, std::size_t most, std::size_t bytes, Work work) {
  const std::size_t ahead = seat->waiting.fetch_add(1, std::memory_order_relaxed);
  const std::size_t bytes_ahead = seat->waiting_bytes.fetch_add(bytes, std::memory_order_relaxed);
  const auto leave = [seat, bytes] {
    seat->waiting.fetch_sub(1, std::memory_order_relaxed);
    seat->waiting_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  };
  // A body larger than the bound may still pass when nothing else waits.
  if (most != unbounded && (ahead >= most || (ahead > 0 && bytes_ahead + bytes > most_waiting_bytes))) {
    leave();
    return false;
  }
  seat->worker->executor->post([seat, leave, work = std::move(work)]() mutable {
    leave();
    work(*seat->worker);
  });
  return true;
}

}  // namespace belay::api
