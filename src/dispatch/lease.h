// For how long this process may still send, when several nodes can reach one store. The loops look at the
// lease before they hand over and keep silent once it has run out; a standby takes over only after
// the owner has provably fallen silent. No wall clock is in this: the owner counts from before its sign
// of life is written, the standby from after it has read it, each by its own steady clock, and the
// margin is for clocks that do not run alike.
//
// Looked at in two places: by a loop before it takes up more (SenderLoop::lapsed), and by every link right
// before each write (net::LinkEvents::may_write): what a full socket has left in a link's own buffer would
// otherwise leave as soon as the socket has room, however long the process was suspended meanwhile. What is
// left between that look and the system's call is a few instructions, and no program can look closer: a
// process that is suspended exactly there, beyond ttl and margin, hands over late (spec/README.md,
// stalled_while_writing).
//
// On one machine the lock of the data folder proves that the one before is dead: the server claims at once,
// and its loops need no lease.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "store/store.h"

namespace belay::dispatch {

// Any thread.
class Lease {
 public:
  bool holds(SteadyTime now) const { return now < ends(); }
  SteadyTime ends() const { return SteadyTime{Micros{until_.load(std::memory_order_acquire)}}; }
  void extend(SteadyTime until) { until_.store(until.time_since_epoch().count(), std::memory_order_release); }

 private:
  std::atomic<Micros::rep> until_{0};
};

struct LeaseOptions {
  Micros ttl = Seconds{10};
  Micros margin = Seconds{2};  // also what two clocks may differ in `ttl`, and a turn of a loop
  Micros beat = Seconds{2};
};

// Keeps the lease: signs of life as the owner, patience as a standby. Lives on an executor that may wait
// for the store.
class LeaseKeeper {
 public:
  struct Hooks {
    std::function<void(std::int64_t term)> owned;  // this node is the owner: an engine may start
    std::function<void(std::string why)> lost;     // another is: end this node's engine
  };
  LeaseKeeper(store::Store& store, const Clock& clock, Executor& executor, LeaseOptions options, Hooks hooks);

  void stand_by();  // on the executor: take over when the present owner is silent
  const Lease& lease() const { return lease_; }

 private:
  void look();
  void take_over();
  void beat();
  void again(Micros delay, void (LeaseKeeper::*what)());

  store::Store& store_;
  const Clock& clock_;
  Executor& executor_;
  const LeaseOptions options_;
  Hooks hooks_;
  std::unique_ptr<store::OwnerSession> owner_;
  Lease lease_;
  store::Ownership seen_;
  SteadyTime seen_since_ = SteadyTime::max();  // no look yet
  std::unique_ptr<Executor::Timer> timer_;
};

}  // namespace belay::dispatch
