#include "app/server_threads.h"

#include <thread>

namespace belay::app {
namespace {

std::vector<std::unique_ptr<net::IoLoop>> loops(std::string_view name, std::uint32_t count) {
  std::vector<std::unique_ptr<net::IoLoop>> made;
  for (std::uint32_t i = 0; i < count; ++i)
    made.push_back(std::make_unique<net::IoLoop>(fmt::format("{}-{}", name, i)));
  return made;
}

}  // namespace

ServerThreads::ServerThreads(std::uint32_t sender_loops)
    : uploads(loops("upload", 1)), reads(loops("read", 2)), senders(loops("sender", sender_loops)) {
  // The way of a stop: whoever takes it in, and whoever acts on it.
  for (net::IoLoop* loop : {&api, &local, &brake}) loop->hurry();
}

void ServerThreads::stop_all() {
  for (net::IoLoop* loop : {&api, &local, &brake, &planner, &runner, &courier, &housekeeper, &notices,
                            &password})
    loop->stop();
  for (auto* group : {&uploads, &reads, &senders})
    for (auto& loop : *group) loop->stop();
}

std::uint32_t ServerThreads::default_sender_loops() {
  return std::max(1u, std::thread::hardware_concurrency() / 2);
}

}  // namespace belay::app
