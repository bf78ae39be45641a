// Every thread of `belay serve`, by what may wait on it for what:
//   api          TCP and TLS listeners; waits for nothing
//   local        the Unix socket, signals, the file STOP; waits for nothing
//   brake        takes stops; waits for the store, ahead of everybody
//   runner       admissions and outcomes; waits for the store
//   planner      audiences, schedule, settlement; waits for the store
//   courier      access tokens; waits for the network
//   notices      webhooks to subscribers; waits for the store
//   upload-N     bulk writes; wait for the store
//   password     hashes and checks passwords; waits for the processor, and for the store
//   read-N       other calls of the API; wait for the store
//   housekeeper  checkpoints, clearing away; waits for the store
//   sender-N     the sender loops with their provider connections; wait for nothing
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "net/io_loop.h"

namespace belay::app {

struct ServerThreads {
  explicit ServerThreads(std::uint32_t sender_loops);
  void stop_all();

  static std::uint32_t default_sender_loops();  // half the processors, at least one

  net::IoLoop api{"api"}, local{"local"}, brake{"brake"}, runner{"runner"}, planner{"planner"};
  net::IoLoop courier{"courier"}, housekeeper{"housekeeper"}, notices{"notices"}, password{"password"};
  std::vector<std::unique_ptr<net::IoLoop>> uploads, reads, senders;
};

}  // namespace belay::app
