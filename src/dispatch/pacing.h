// A token bucket: at most `per_second` messages a second, with a burst of at most 50 ms' worth, so
// that a stop finds little ahead of the pace and a provider sees an even stream.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace belay::dispatch {

class Pace {
 public:
  explicit Pace(std::uint32_t per_second) : per_second_(per_second) {}

  // How many may leave now, at most `wanted`; they are taken.
  std::uint32_t take(std::uint32_t wanted, SteadyTime now) {
    if (per_second_ == 0) return wanted;
    refill(now);
    const auto n = std::min<std::uint32_t>(wanted, static_cast<std::uint32_t>(micro_tokens_ / one));
    micro_tokens_ -= static_cast<std::int64_t>(n) * one;
    return n;
  }
  // What was taken and not used after all.
  void give_back(std::uint32_t n) {
    if (per_second_ != 0)
      micro_tokens_ = std::min(micro_tokens_ + static_cast<std::int64_t>(n) * one, most());
  }
  // When to ask again, having got nothing.
  Micros wait() const {
    if (per_second_ == 0) return Micros{0};
    return std::max(Micros{1'000'000 / per_second_}, Micros{20'000});
  }
  void set_rate(std::uint32_t per_second) {
    per_second_ = per_second;
    micro_tokens_ = std::min(micro_tokens_, most());
  }
  bool limited() const { return per_second_ != 0; }

 private:
  static constexpr std::int64_t one = 1'000'000;  // a message, in millionths

  std::int64_t most() const { return std::max<std::int64_t>(one, std::int64_t{per_second_} * one / 20); }
  void refill(SteadyTime now) {
    if (started_) {
      const std::int64_t gone = std::min<std::int64_t>((now - last_).count(), 1'000'000);
      micro_tokens_ = std::min(micro_tokens_ + gone * per_second_, most());
    }
    started_ = true;
    last_ = now;
  }

  std::uint32_t per_second_;
  std::int64_t micro_tokens_ = 0;
  SteadyTime last_{};
  bool started_ = false;
};

}  // namespace belay::dispatch
