// The connections of one loop to one provider. Opens them when there is something to send, spreads
// messages over them, waits longer after each failure to connect. Lives on its loop: no locks,
// nothing blocks.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "net/link.h"

namespace belay::dispatch {

// What a route tells its loop. Tokens are the loop's.
class RouteOwner {
 public:
  virtual ~RouteOwner() = default;
  virtual void handed_over(net::Token token) = 0;
  virtual void answered(net::Token token, const net::Answer& answer) = 0;
  virtual void lost(net::Token token, net::LinkError error) = 0;
  virtual void unsent(net::Token token, net::LinkError error) = 0;
  virtual bool may_write() const = 0;  // see net::LinkEvents
};

class Route {
 public:
  // `wake` is called when room appeared or waiting is over; it should post a task, not send at once.
  Route(Executor& executor, net::Transport& transport, const Clock& clock, net::Endpoint endpoint,
        std::uint32_t most_links, RouteOwner& owner, std::function<void()> wake);
  ~Route();

  // A link that takes a message now, or null; then a connection is being opened or awaited, and
  // `wake` will come.
  net::Link* with_room();
  // Writes out what this turn submitted.
  void flush();
  // The provider asked for less: no message until then.
  void hold_until(SteadyTime when);
  bool held() const { return clock_.steady() < held_until_; }

  // Takes back what has not been handed over and `mine` is true for. Each gets unsent(withdrawn), but
  // those returned are half in a socket and finish by themselves; close_with() makes that certain.
  std::vector<net::Token> withdraw(const std::function<bool(net::Token)>& mine);
  // Closes every link that has half a message in its socket (marked by withdraw()).
  void close_half_sent();
  void close_all();
  std::size_t in_flight() const;

 private:
  class Pipe;
  void open_one();
  void pipe_closed(Pipe& pipe, net::LinkError error, std::string_view detail);
  void sweep();
  void wake_at(SteadyTime when);

  Executor& executor_;
  net::Transport& transport_;
  const Clock& clock_;
  net::Endpoint endpoint_;
  std::uint32_t most_links_;
  RouteOwner& owner_;
  std::function<void()> wake_;
  std::vector<std::unique_ptr<Pipe>> pipes_;
  std::size_t turn_ = 0;
  SteadyTime held_until_{};
  SteadyTime connect_not_before_{};
  Micros connect_backoff_{0};
  std::unique_ptr<Executor::Timer> timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace belay::dispatch
