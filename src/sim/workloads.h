// What is asked and what breaks in a run, by name. A workload plans; the world lets it happen.
#pragma once
#include <span>
#include <string_view>

#include "sim/world.h"

namespace belay::sim {

struct Workload {
  std::string_view name;
  std::string_view what;
  Weather (*weather)(Random& random);
  std::uint32_t people[3];  // one of these
  void (*plan)(World& world);
  bool several_devices = false;  // two of three persons have more than one
};

std::span<const Workload> workloads();

}  // namespace belay::sim
