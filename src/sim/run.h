// One seed from beginning to end.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "sim/checker.h"
#include "sim/workloads.h"

namespace belay::sim {

struct Outcome {
  std::uint64_t hash = 0;  // of the history
  std::vector<Violation> violations;
  Totals totals;
  Micros virtual_time{0};
};

// The workload of a seed, when none is named.
const Workload& workload_of(std::uint64_t seed);
const Workload* workload_named(std::string_view name);

class Simulator {
 public:
  Outcome run(std::uint64_t seed, const Workload& workload,
              const std::function<void(const seen::Entry&)>& trace = {});

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, Prepared> disks_;  // by people and persons
};

}  // namespace belay::sim
