// What the API's handlers work with. Made by app/; one for the life of the server. The command line
// makes one too when no server is running: then `engine` is null, calls run where they are made, and
// only what the store alone can answer is answered.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/secret.h"
#include "dispatch/engine.h"
#include "store/store.h"

namespace belay::api {

// A thread that may wait for the store, with sessions of its own. A handler is given its worker and
// uses those sessions only there.
struct Worker {
  Executor* executor = nullptr;
  std::unique_ptr<store::ControlSession> control;
  std::unique_ptr<store::JournalSession> journal;
  std::unique_ptr<store::ProfileSession> profiles;
};

struct Services {
  const Clock& clock;
  Random& random;
  store::Store& store;
  dispatch::Engine* engine = nullptr;
  Secret hash_key;                // for passcodes
  std::vector<Worker*> uploads;   // bulk writes; work is spread over them
  std::vector<Worker*> reads;     // everything else that reads or writes little
  Worker* brake = nullptr;        // stops and what decides about them: nothing else runs here
  std::string version;
  bool test_clock = false;                          // started with --test-clock
  std::function<void(Micros)> advance_test_clock;   // only then
};

}  // namespace belay::api
