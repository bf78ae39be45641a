// Push providers as they are on a bad day, behind the Transport port of virtual nodes. Writes down each
// whole message that left and each verdict that reached the engine. Speaks no protocol: the real links
// have their own tests against real peers. It keeps the port's promise of one final event a token, which
// is where a second or late answer ends.
#pragma once
#include <functional>
#include <memory>

#include "base/random.h"
#include "net/link.h"
#include "sim/executor.h"
#include "sim/history.h"

namespace belay::sim {

// Chances are of 100 messages, connections or answers.
struct Mood {
  std::size_t streams = 16;         // per link
  unsigned later_of_100 = 0;        // 503
  unsigned throttled_of_100 = 0;    // 429, with Retry-After
  unsigned dead_of_100 = 0;         // 404 UNREGISTERED
  unsigned rejected_of_100 = 0;     // 400
  unsigned lose_of_100 = 0;         // the connection breaks after the hand-over
  unsigned cut_of_100 = 0;          // the answer ends in its middle: no verdict for this one
  unsigned stuck_of_100 = 0;        // half the message stays in the socket for a while, or for good
  unsigned refuse_of_100 = 0;       // refused stream
  unsigned hang_of_100 = 0;         // no answer
  unsigned twice_of_100 = 0;        // answered twice
  unsigned unreachable_of_100 = 0;  // no connection
  Micros slowest{0};                // of answers; later than the engine waits: see Mood::late_of_100
  unsigned late_of_100 = 0;         // answered after the engine has given up
};

class Provider {
 public:
  using Record = std::function<void(seen::Event)>;
  Provider(Random& random, Record record) : random_(random), record_(std::move(record)) {}

  Mood mood;
  std::uint64_t messages = 0;

  // The transport of one loop of a node.
  std::unique_ptr<net::Transport> transport(int node, const Clock& clock, Executor& executor);

 private:
  friend class SimLink;
  bool chance(unsigned of_100) { return of_100 > 0 && random_.below(100) < of_100; }
  Random& random_;
  Record record_;
};

}  // namespace belay::sim
