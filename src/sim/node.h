// A server process on a virtual machine: the real store and engine on its own threads. It lives from
// start() until it dies; what survives is on the disk.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "dispatch/engine.h"
#include "dispatch/lease.h"
#include "sim/disk_port.h"
#include "sim/executor.h"
#include "sim/provider.h"

namespace belay::sim {

// What a process needs of the world around it.
struct Surroundings {
  const TrueTime& time;
  Disk& disk;
  Random& random;
  Provider& provider;
  dispatch::EngineOptions engine;
  std::function<void()> before_turn;  // a thread is about to wait for its turn to write
  std::function<void(seen::Event)> record;
  bool shared = false;  // several nodes: own by lease; else the folder's lock proves it
};

class Process {
 public:
  Process(const Surroundings& around, int node, const NodeClock& clock, const std::string& name);
  ~Process();

  // False: the store could not be opened. Try again later.
  bool start();
  bool dead() const { return port_.is_cut(); }
  // It has lost the store to another node, or was asked to end: to be taken away by the world.
  bool ended() const { return ended_ || lost_; }
  bool lost_the_store() const { return lost_; }
  void kill() { port_.cut(); }
  void end_in_order();

  DiskPort& port() { return port_; }
  dispatch::Engine* engine() { return engine_.get(); }  // null on a standby
  std::vector<SimExecutor*>& threads() { return threads_; }
  SimExecutor& api() { return *api_; }  // serves requests, with the sessions below
  store::ControlSession& control() { return *control_; }
  store::JournalSession& journal() { return *journal_; }

 private:
  bool own();
  void make_engine();
  void tidy_up();
  SimExecutor& add_thread();

  const Surroundings& around_;
  int node_;
  const NodeClock& clock_;
  DiskPort port_;
  std::vector<std::unique_ptr<SimExecutor>> executors_;
  std::vector<SimExecutor*> threads_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::ControlSession> control_;
  std::unique_ptr<store::JournalSession> journal_;
  std::unique_ptr<dispatch::LeaseKeeper> keeper_;
  std::vector<std::unique_ptr<net::Transport>> transports_;
  std::unique_ptr<dispatch::Engine> engine_;
  std::unique_ptr<Executor::Timer> tidy_timer_;
  SimExecutor *housekeeper_ = nullptr, *api_ = nullptr;
  bool ending_ = false, ended_ = false, lost_ = false;
};

}  // namespace belay::sim
