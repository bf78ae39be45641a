#include "net/http_server_session.h"

#include <fmt/format.h>

#include <cstring>
#include <exception>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "net/http_server_reply.h"

namespace belay::net {
namespace {

constexpr Seconds linger_within{3};
constexpr std::size_t body_beside_head = 8 * 1024;  // up to here one buffer, so one TLS record and one packet
constexpr std::size_t buffer_kept = 64 * 1024;

class QueuedStream final : public HttpStream {
 public:
  explicit QueuedStream(std::shared_ptr<StreamQueue> queue) : queue_(std::move(queue)) {}
  ~QueuedStream() override { queue_->abandon(); }
  QueuedStream(const QueuedStream&) = delete;
  QueuedStream& operator=(const QueuedStream&) = delete;

  bool write(std::string chunk) override { return queue_->write(std::move(chunk)); }
  void end() override { queue_->end(); }
  std::size_t unsent() const override { return queue_->unsent(); }

 private:
  const std::shared_ptr<StreamQueue> queue_;
};

class SessionResponder final : public Responder {
 public:
  SessionResponder(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Session> session, std::size_t stream_limit)
      : mailbox_(std::move(mailbox)), session_(std::move(session)), stream_limit_(stream_limit) {}
  ~SessionResponder() override {
    if (answered_) return;
    mailbox_->run([session = session_] {
      if (const auto alive = session.lock()) alive->answer_missing();
    });
  }
  SessionResponder(const SessionResponder&) = delete;
  SessionResponder& operator=(const SessionResponder&) = delete;

  void reply(HttpReply reply) override {
    CHECK(!std::exchange(answered_, true));
    mailbox_->run([session = session_, reply = std::move(reply)]() mutable {
      if (const auto alive = session.lock()) alive->answer(std::move(reply));
    });
  }
  std::shared_ptr<HttpStream> stream(HttpReply head) override {
    CHECK(!std::exchange(answered_, true));
    auto queue = std::make_shared<StreamQueue>(mailbox_, session_, stream_limit_);
    auto stream = std::make_shared<QueuedStream>(queue);
    auto first = std::exchange(head.body, {});
    mailbox_->run([session = session_, head = std::move(head), queue]() mutable {
      if (const auto alive = session.lock()) return alive->answer_stream(std::move(head), std::move(queue));
      queue->client_gone();
    });
    queue->write(std::move(first));
    return stream;
  }

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  const std::weak_ptr<Session> session_;
  const std::size_t stream_limit_;
  bool answered_ = false;
};

}  // namespace

Session::Session(std::shared_ptr<SessionHost> host, std::unique_ptr<ServerSocket> socket, std::string address,
                 std::string_view refusal)
    : host_(std::move(host)),
      socket_(std::move(socket)),
      address_(std::move(address)),
      refusal_(refusal),
      parser_(host_->limits),
      in_capacity_(RequestParser::buffer_needed(host_->limits)) {}

Session::~Session() = default;

void Session::count(bool comes) {
  if (refused()) {
    host_->refused_sessions += comes ? 1 : -1;
  } else if (!address_.empty()) {
    auto& there = host_->by_address[address_];
    there += comes ? 1 : -1;
    if (there == 0) host_->by_address.erase(address_);
  }
}

void Session::start() {
  host_->sessions.insert(shared_from_this());
  count(true);
  waiting_since_ = host_->clock.steady();
  set_deadline(host_->limits.header_within);
  socket_->handshake([self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
    if (self->phase_ == Phase::closed) return;
    if (error) return self->close();
    self->phase_ = Phase::reading;
    self->set_deadline(self->host_->limits.header_within);
    if (self->refused()) self->refuse(503, self->refusal_);
    self->pump();
  });
}

void Session::close() {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  clear_deadline();
  socket_->close();
  if (stream_) stream_->client_gone();
  stream_.reset();
  count(false);
  host_->sessions.erase(shared_from_this());
}

void Session::finish_and_close() {
  close_after_ = true;
  if (phase_ == Phase::handshaking) return close();
  if (phase_ != Phase::reading) return;
  if (!request_begun_) return close();
  refuse(503, "The server is shutting down.");
  pump();
}

void Session::check_deadline(SteadyTime now) {
  if (now < deadline_) return;
  if (phase_ != Phase::reading || !request_begun_) return close();
  refuse(408, body_begun_ ? "The request body took too long." : "The request header took too long.");
  pump();
}

SteadyTime Session::idle_since() const {
  const bool idle = phase_ == Phase::handshaking || (phase_ == Phase::reading && !body_begun_);
  return idle && !refused() ? waiting_since_ : SteadyTime::max();
}

// Steps until something has to be waited for. A loop and not recursion: a pipelining client
// decides how many steps there are.
void Session::pump() {
  if (std::exchange(pumping_, true)) return;
  const auto self = shared_from_this();
  while (step()) {
  }
  pumping_ = false;
}

bool Session::step() {
  switch (phase_) {
    case Phase::reading:
      return step_reading();
    case Phase::sending:
      return step_sending();
    case Phase::streaming:
      return step_streaming();
    case Phase::handshaking:
    case Phase::handling:
    case Phase::lingering:
    case Phase::closed:
      return false;
  }
  return false;
}

bool Session::step_reading() {
  if (in_begin_ < in_end_) {
    const auto [used, state] = parser_.feed({in_.get() + in_begin_, in_end_ - in_begin_});
    in_begin_ += used;
    parsed(state);
    if (phase_ != Phase::reading) return true;
  }
  if (peer_ended_) {
    close();
  } else {
    read();
  }
  return false;
}

void Session::parsed(RequestParser::State state) {
  using State = RequestParser::State;
  if (!request_begun_ && (state != State::header || in_begin_ < in_end_)) {
    request_begun_ = true;
    set_deadline(host_->limits.header_within);
  }
  if (state == State::refused) {
    refuse(parser_.refusal().status, parser_.refusal().text);
  } else if (state == State::whole) {
    dispatch();
  } else if (state == State::body && !std::exchange(body_begun_, true)) {
    set_deadline(host_->limits.body_within);
    if (!parser_.wants_continue() || in_begin_ < in_end_) return;
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    continuing_ = true;
    phase_ = Phase::sending;
  }
}

void Session::dispatch() {
  HttpRequest request = parser_.take();
  request.peer = socket_->peer();
  request.over_unix_socket = socket_->is_unix();
  request.over_tls = socket_->is_tls();
  request.received = host_->clock.steady();
  is_head_ = request.method == "HEAD";
  is_http_1_0_ = parser_.is_http_1_0();
  close_after_ = !parser_.keep_alive();
  phase_ = Phase::handling;
  clear_deadline();
  auto responder =
      std::make_unique<SessionResponder>(host_->mailbox, weak_from_this(), host_->limits.max_unsent_stream);
  const auto handler = host_->handler;  // it may destroy the server
  if (!handler) return close();
  try {
    (*handler)(std::move(request), std::move(responder));
  } catch (const std::exception& error) {
    log_error("http.handler_threw", {{"what", error.what()}});
  }
}

void Session::refuse(int status, std::string_view text) {
  close_after_ = true;
  is_head_ = false;
  const auto error_body = host_->error_body;
  if (!error_body) return close();
  send((*error_body)(status, text));
}

void Session::answer(HttpReply reply) {
  if (phase_ != Phase::handling) return;
  if (reply.status < 200 || reply.status > 599) return answer_missing();
  send(std::move(reply));
  pump();
}

void Session::answer_missing() {
  if (phase_ != Phase::handling) return;
  const auto error_body = host_->error_body;
  if (!error_body) return close();
  send((*error_body)(500, "The server failed to answer this request."));
  pump();
}

void Session::send(HttpReply reply) {
  Framing framing{.close = close_after_, .keep_alive_1_0 = is_http_1_0_};
  if (!has_no_body(reply.status)) framing.content_length = reply.body.size();
  head_ = reply_head(reply, framing);
  out_sent_ = 0;
  if (!is_head_ && framing.content_length) {
    if (reply.body.size() <= body_beside_head) {
      head_ += reply.body;
    } else {
      body_ = std::move(reply.body);
    }
  }
  phase_ = Phase::sending;
}

void Session::answer_stream(HttpReply head, std::shared_ptr<StreamQueue> stream) {
  if (phase_ != Phase::handling) return stream->client_gone();
  close_after_ = close_after_ || is_http_1_0_;
  head_ = reply_head(head, Framing{.chunked = !is_http_1_0_, .close = close_after_});
  out_sent_ = 0;
  if (is_head_ || has_no_body(head.status)) {
    stream->client_gone();
    phase_ = Phase::sending;
  } else {
    stream_ = std::move(stream);
    stream_bytes_ = 0;
    phase_ = Phase::streaming;
    read();  // the only way to learn that the client left while there is nothing to write
  }
  pump();
}

void Session::stream_changed() {
  if (phase_ == Phase::streaming) pump();
}

bool Session::step_sending() {
  if (writing_) return false;
  while (!unsent_head().empty() || !unsent_body().empty()) {
    const std::size_t sent = socket_->write_now(unsent_head(), unsent_body());
    out_sent_ += sent;
    if (sent == 0) {
      write();
      return false;
    }
  }
  answer_done();
  return true;
}

// Writes through the loop even where the socket would take more at once: a fast producer must not
// keep the loop to itself.
bool Session::step_streaming() {
  if (writing_) return false;
  if (!unsent_head().empty() || !unsent_body().empty()) {
    write();
    return false;
  }
  stream_->sent(std::exchange(stream_bytes_, 0));
  auto taken = stream_->take();
  out_sent_ = 0;
  head_.clear();
  body_.clear();
  if (taken.end == StreamQueue::End::broken) {
    close();
  } else if (!taken.bytes.empty()) {
    stream_bytes_ = taken.bytes.size();
    body_ = std::move(taken.bytes);
    if (is_http_1_0_) return true;
    head_ = fmt::format("{:x}\r\n", stream_bytes_);
    body_ += "\r\n";
    return true;
  } else if (taken.end == StreamQueue::End::ended) {
    stream_.reset();
    if (!is_http_1_0_) head_ = "0\r\n\r\n";
    phase_ = Phase::sending;
    return true;
  } else {
    clear_deadline();  // nothing to send: no reproach to the client
  }
  return false;
}

void Session::answer_done() {
  head_.clear();
  body_.clear();
  if (body_.capacity() > buffer_kept) body_ = {};
  out_sent_ = 0;
  if (std::exchange(continuing_, false)) {
    phase_ = Phase::reading;
    set_deadline(host_->limits.body_within);
    if (close_after_) refuse(503, "The server is shutting down.");
    return;
  }
  if (close_after_) return linger();
  parser_.reset();
  request_begun_ = body_begun_ = false;
  waiting_since_ = host_->clock.steady();
  phase_ = Phase::reading;
  set_deadline(host_->limits.idle_within);
}

// Closing with unread bytes in the socket would reset the connection and could take the answer
// away from the client, so the rest is read and dropped, for a while.
void Session::linger() {
  if (peer_ended_) return close();
  phase_ = Phase::lingering;
  set_deadline(linger_within);
  writing_ = true;
  socket_->finish_sending([self = shared_from_this()](const boost::system::error_code&, std::size_t) {
    self->writing_ = false;
    if (self->phase_ == Phase::lingering) self->discard();
  });
}

void Session::discard() {
  if (reading_ || writing_) return;
  if (!in_) in_ = std::make_unique_for_overwrite<char[]>(in_capacity_);
  reading_ = true;
  socket_->discard_some({in_.get(), in_capacity_},
                        [self = shared_from_this()](const boost::system::error_code& error,
                                                    std::size_t size) { self->on_read(error, size); });
}

void Session::read() {
  if (reading_) return;
  if (!in_) in_ = std::make_unique_for_overwrite<char[]>(in_capacity_);
  if (in_begin_ > 0) {
    std::memmove(in_.get(), in_.get() + in_begin_, in_end_ - in_begin_);
    in_end_ -= std::exchange(in_begin_, 0);
  }
  if (in_end_ == in_capacity_) return;  // only while streaming: a client that pipelines far ahead
  reading_ = true;
  socket_->read_some({in_.get() + in_end_, in_capacity_ - in_end_},
                     [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                       self->on_read(error, size);
                     });
}

void Session::on_read(const boost::system::error_code& error, std::size_t size) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::lingering) return error ? close() : discard();
  peer_ended_ = peer_ended_ || error;
  in_end_ += size;
  if (phase_ == Phase::streaming) return error ? close() : read();
  pump();
}

std::string_view Session::unsent_head() const {
  return std::string_view(head_).substr(std::min(out_sent_, head_.size()));
}

std::string_view Session::unsent_body() const {
  return std::string_view(body_).substr(out_sent_ - std::min(out_sent_, head_.size()));
}

void Session::write() {
  writing_ = true;
  set_deadline(host_->limits.idle_within);  // for some progress, not for the whole
  socket_->write_some(unsent_head(), unsent_body(),
                      [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                        self->on_written(error, size);
                      });
}

void Session::on_written(const boost::system::error_code& error, std::size_t size) {
  writing_ = false;
  if (phase_ == Phase::closed) return;
  if (error) return close();
  out_sent_ += size;
  pump();
}

}  // namespace belay::net
