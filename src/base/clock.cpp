#include "base/clock.h"

#include <ctime>

namespace belay {
namespace {

std::int64_t read_micros(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return static_cast<std::int64_t>(ts.tv_sec) * 1'000'000 + ts.tv_nsec / 1'000;
}

}  // namespace

WallTime RealClock::wall() const {
  return WallTime{Micros{read_micros(CLOCK_REALTIME)}};
}
SteadyTime RealClock::steady() const {
  return SteadyTime{Micros{read_micros(CLOCK_BOOTTIME)}};
}

}  // namespace belay
