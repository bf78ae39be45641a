#include "sim/run.h"

namespace belay::sim {

const Workload& workload_of(std::uint64_t seed) {
  return workloads()[seed % workloads().size()];
}

const Workload* workload_named(std::string_view name) {
  for (const Workload& w : workloads())
    if (w.name == name) return &w;
  return nullptr;
}

Outcome Simulator::run(std::uint64_t seed, const Workload& workload,
                       const std::function<void(const seen::Entry&)>& trace) {
  SeededRandom choice(seed);
  const std::uint32_t people = workload.people[choice.below(std::size(workload.people))];
  const std::uint32_t persons = workload.several_devices ? people * 3 / 5 : people;
  auto& disk = disks_[{people, persons}];
  if (disk.people == 0) disk = prepare_disk(people, persons);
  const Weather weather = workload.weather(choice);
  World world(choice.next(), weather, disk);
  world.trace = trace;
  for (int node = 0; node < weather.nodes; ++node)
    world.after_time(Micros{0}, [&world, node] { world.start(node); });
  workload.plan(world);
  world.run_script();
  world.settle();
  world.read_the_end();
  return {hash_of(world.history), check(world.history), world.totals, world.now()};
}

}  // namespace belay::sim
