// One connection to the sink: TLS handshake, which protocol is spoken, reading and writing. Lives on
// its hub's loop.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "net/wire.h"
#include "sink/session.h"

namespace belay::net {
class IoLoop;
}

namespace belay::sink {

// What the connections of one loop share.
struct LoopShare {
  net::IoLoop& loop;
  Service& service;
  std::size_t max_body;
  MessageReader reader;
  std::vector<char> scratch = std::vector<char>(256 * 1024);
};

class Connection final : private net::WireEvents, public SessionHost {
 public:
  // `ended` is called once, from a callback of this connection, which may be destroyed later but not then.
  Connection(LoopShare& share, std::unique_ptr<net::Wire> wire, bool tls,
             std::function<void(Connection&)> ended);
  ~Connection() override;

  void start();
  void behaviour_changed();

 private:
  Service& service() override { return share_.service; }
  MessageReader& reader() override { return share_.reader; }
  void later(Micros delay, Task task) override;
  void abort() override { aborted_ = true; }

  void on_readable() override;
  void on_writable() override;

  bool held_back() const;
  void shake_hands();
  void read();
  void sniff(std::string_view bytes);
  void write_out();
  void linger();
  void run_due();
  void arm_timer();
  void end();

  LoopShare& share_;
  std::unique_ptr<net::Wire> wire_;
  std::function<void(Connection&)> ended_;
  bool handshaking_;
  const bool tls_;
  std::string sniffed_;  // first bytes in cleartext, until they tell the protocol
  std::unique_ptr<Session> session_;
  bool control_ = false;  // for /_sink/: never held back
  bool held_ = false;
  bool lingering_ = false;  // all is said; waits for the peer to close
  bool aborted_ = false;
  bool over_ = false;
  std::string out_;
  std::size_t out_written_ = 0;
  std::multimap<SteadyTime, Task> due_;
  std::unique_ptr<Executor::Timer> timer_;
  RealClock clock_;
};

}  // namespace belay::sink
