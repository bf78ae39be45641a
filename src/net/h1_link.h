// A Link over one established HTTP/1.1 connection (RFC 9112), for webhooks: keep-alive, one request at
// a time, never pipelined. Internal to net.
//
// The request is one run of bytes; it is handed over when the socket has accepted the last of them,
// and can be taken back until the socket (or a sealed TLS record) has the first. A connection is given
// up after a timeout and after whatever makes it unclear where the next answer would begin. An answer
// that comes before the whole request has left can't be told apart from one to a cut request, so the
// request ends as unsent.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/link.h"
#include "net/transport.h"
#include "net/wire.h"

namespace belay::net {

class IoLoop;

class H1Link final : public Link, private WireEvents {
 public:
  H1Link(IoLoop& loop, std::unique_ptr<Wire> wire, const Endpoint& endpoint, const TransportOptions& options,
         std::span<char> scratch, LinkEvents& events);
  ~H1Link() override;

  bool can_take() const override { return state_ == State::open && !busy_ && !broken_; }
  void submit(Request request, Token token) override;
  void flush() override;
  std::vector<Token> withdraw(const std::function<bool(Token)>& mine) override;
  void drain() override;
  void close() override;
  std::size_t in_flight() const override { return busy_ && told_ ? 1 : 0; }
  std::size_t capacity() const override { return 1; }

 private:
  class Parser;  // of one answer
  enum class State { open, draining, closed };

  void on_readable() override;
  void on_writable() override;

  void write_out();
  void hold_back();
  void handed_over();
  void parse();
  bool answer_is_whole();
  void give_answer();
  void finish_unsent(LinkError error);
  void end_turn();
  void fail(LinkError error, std::string detail);
  void watch(SteadyTime when);
  void sweep();
  void turn_later();

  IoLoop& loop_;
  std::unique_ptr<Wire> wire_;
  const TransportOptions options_;
  const std::span<char> scratch_;
  LinkEvents& events_;
  const std::string authority_;
  RealClock clock_;

  State state_ = State::open;
  bool busy_ = false;  // the members below, up to deadline_, belong to an unfinished request
  Token token_{};
  bool told_ = false;     // on_handed_over is out
  bool refused_ = false;  // never written: its text would break the framing
  bool head_only_ = false;
  Micros answer_within_{};
  std::string out_;
  std::size_t accepted_ = 0;
  SteadyTime deadline_ = SteadyTime::max();

  std::unique_ptr<Parser> parser_;
  std::string in_;  // received, not parsed
  bool in_turn_ = false;
  bool writing_ = false;
  bool broken_ = false;  // writing failed; what the peer has sent is still read
  bool made_room_ = true;
  bool turn_posted_ = false;
  SteadyTime stuck_since_ = SteadyTime::max();
  std::unique_ptr<Executor::Timer> timer_;
  SteadyTime timer_at_ = SteadyTime::max();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace belay::net
