// A provider inside the test: implements the Transport port on manual executors, keeps the exact list
// of whom it got, and can be slow, say "later", hang, lose connections, or take half a message.
// Speaks no protocol: the real links have their own tests against real peers.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/manual.h"
#include "net/link.h"

namespace belay::dispatch::testing {

struct Behaviour {
  std::size_t streams = 16;    // per link
  unsigned later_of_100 = 0;   // answered 503
  unsigned dead_of_100 = 0;    // answered 404 UNREGISTERED
  unsigned lose_of_100 = 0;    // connection breaks after hand-over, no answer
  unsigned stuck_of_100 = 0;   // half the message stays in the socket until the link is closed
  unsigned refuse_of_100 = 0;  // refused_stream
  bool hang = false;           // no answers
  bool unreachable = false;
  Micros delay{0};  // of answers
};

class VirtualProvider {
 public:
  VirtualProvider(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  Behaviour behaviour;
  std::map<std::string, int> got;  // by token: whole messages that entered the operating system
  std::size_t total = 0;

  // The transport of one loop.
  std::unique_ptr<net::Transport> transport(Executor& executor);
  bool chance(unsigned of_100) { return of_100 > 0 && random_.below(100) < of_100; }
  void took(const std::string& body);

 private:
  friend class VirtualLink;
  const Clock& clock_;
  Random& random_;
};

}  // namespace belay::dispatch::testing
