// The Clock port: the only way the engine learns the time. Wall time is for people and schedules,
// steady time for durations; subtracting wall times to get a duration is a mistake.
// Implementations are safe to call from any thread and never block.
#pragma once
#include <chrono>
#include <cstdint>

namespace belay {

using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

struct WallClockTag {
  using duration = Micros;
  using rep = Micros::rep;
  using period = Micros::period;
  using time_point = std::chrono::time_point<WallClockTag, Micros>;
};
struct SteadyClockTag {
  using duration = Micros;
  using rep = Micros::rep;
  using period = Micros::period;
  using time_point = std::chrono::time_point<SteadyClockTag, Micros>;
};
using WallTime = WallClockTag::time_point;      // microseconds since 1970-01-01 UTC
using SteadyTime = SteadyClockTag::time_point;  // microseconds since some start; never steps

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

// What main() passes in. Steady time is CLOCK_BOOTTIME: a suspended machine must not believe that
// no time went by.
class RealClock final : public Clock {
 public:
  WallTime wall() const override;
  SteadyTime steady() const override;
};

constexpr std::int64_t to_micros(WallTime t) {
  return t.time_since_epoch().count();
}
constexpr WallTime wall_from_micros(std::int64_t us) {
  return WallTime{Micros{us}};
}
constexpr std::int64_t to_epoch_seconds(WallTime t) {
  return t.time_since_epoch().count() / 1'000'000;
}

}  // namespace belay
