// One accepted connection: reads requests, calls the handler, writes answers in order, keeps every
// deadline and limit. Lives on the server's loop, except Mailbox and StreamQueue, which are how
// answers come in from other threads.
#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/executor.h"
#include "net/http_server.h"
#include "net/http_server_parser.h"
#include "net/http_server_socket.h"

namespace belay::net {

class Session;

// The way to the server's loop for answers, which may outlive server and loop. Any thread.
class Mailbox {
 public:
  explicit Mailbox(IoLoop& loop) : loop_(&loop) {}

  // Runs the task here if this is the loop, else posts it; drops it once the server is gone.
  template <class F>
  void run(F&& task) {
    if (on_loop()) return task();
    post(std::forward<F>(task));
  }
  void post(Task task);
  void close();

 private:
  bool on_loop();

  std::recursive_mutex
      mutex_;  // a task that the loop refuses is destroyed inside post(), and may own a responder
  IoLoop* loop_;
};

// What the sessions of a server share. On the loop.
struct SessionHost {
  HttpLimits limits;
  std::shared_ptr<HttpHandler> handler;  // null once the server is gone
  std::shared_ptr<HttpErrorBody> error_body;
  std::shared_ptr<Mailbox> mailbox;
  RealClock clock;
  bool closing = false;  // answers in progress may finish, nothing new begins
  std::unordered_set<std::shared_ptr<Session>> sessions;  // owned here until they close
  std::size_t refused_sessions = 0;
  std::unordered_map<std::string, std::size_t> by_address;  // sessions that are not refused; none with 0
};

// Chunks on their way from any thread to the session.
class StreamQueue {
 public:
  StreamQueue(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Session> session, std::size_t limit)
      : mailbox_(std::move(mailbox)), session_(std::move(session)), limit_(limit) {}

  // For the producer.
  bool write(std::string chunk);
  void end();
  void abandon();  // the producer went without end(): the answer must not look complete
  std::size_t unsent() const;

  // For the session.
  enum class End { open, ended, broken };
  struct Taken {
    std::string bytes;
    End end;  // what follows these bytes
  };
  Taken take();
  void sent(std::size_t bytes);
  void client_gone();

 private:
  void notify(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::string waiting_;
  std::size_t unsent_ = 0;  // waiting, and taken but not yet written
  End end_ = End::open;
  bool gone_ = false;
  bool notified_ = false;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::weak_ptr<Session> session_;
  const std::size_t limit_;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `address`: what it counts for in by_address, or "". `refusal`: "" where it is served; else it is answered
  // 503 with this text, which must live as long as the session, and nothing else.
  Session(std::shared_ptr<SessionHost> host, std::unique_ptr<ServerSocket> socket, std::string address,
          std::string_view refusal);
  ~Session();

  void start();
  void close();             // at once
  void finish_and_close();  // after the answer in progress
  void check_deadline(SteadyTime now);
  // Since when nothing but a header has been awaited here; max() while a request is under way.
  SteadyTime idle_since() const;
  const std::string& address() const { return address_; }

  // For responders. There is one at a time: the next request is read after the answer is written.
  void answer(HttpReply reply);
  void answer_missing();
  void answer_stream(HttpReply head, std::shared_ptr<StreamQueue> stream);
  void stream_changed();

 private:
  enum class Phase { handshaking, reading, handling, sending, streaming, lingering, closed };

  void pump();
  bool step();
  bool step_reading();
  bool step_sending();
  bool step_streaming();

  void parsed(RequestParser::State state);
  void dispatch();
  void refuse(int status, std::string_view text);
  void send(HttpReply reply);
  void answer_done();
  void linger();
  void discard();

  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void write();
  void on_written(const boost::system::error_code& error, std::size_t size);
  std::string_view unsent_head() const;
  std::string_view unsent_body() const;

  bool refused() const { return !refusal_.empty(); }
  void count(bool comes);
  void set_deadline(Micros within) { deadline_ = host_->clock.steady() + within; }
  void clear_deadline() { deadline_ = SteadyTime::max(); }

  const std::shared_ptr<SessionHost> host_;
  const std::unique_ptr<ServerSocket> socket_;
  const std::string address_;
  const std::string_view refusal_;
  Phase phase_ = Phase::handshaking;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime waiting_since_ = SteadyTime::max();

  RequestParser parser_;
  std::unique_ptr<char[]> in_;
  const std::size_t in_capacity_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  bool request_begun_ = false;
  bool body_begun_ = false;

  std::string head_;  // out: the head, or a stream's chunk
  std::string body_;
  std::size_t out_sent_ = 0;
  std::shared_ptr<StreamQueue> stream_;
  std::size_t stream_bytes_ = 0;  // of the chunk in head_ and body_

  bool is_head_ = false;  // the request is a HEAD
  bool is_http_1_0_ = false;
  bool close_after_ = false;
  bool continuing_ = false;  // a "100 Continue" is on its way, not the answer
  bool peer_ended_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool pumping_ = false;
};

}  // namespace belay::net
