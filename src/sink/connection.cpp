#include "sink/connection.h"

#include "net/io_loop.h"
#include "sink/h1_session.h"
#include "sink/h2_session.h"

namespace belay::sink {
namespace {
constexpr std::string_view h2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 section 3.4
constexpr Seconds most_lingering{2};
}

Connection::Connection(LoopShare& share, std::unique_ptr<net::Wire> wire, bool tls,
                       std::function<void(Connection&)> ended)
    : share_(share), wire_(std::move(wire)), ended_(std::move(ended)), handshaking_(tls), tls_(tls) {
  wire_->set_events(this);
}

Connection::~Connection() = default;

void Connection::start() {
  if (handshaking_) return shake_hands();
  wire_->await_readable();
}

void Connection::shake_hands() {
  const auto status = wire_->handshake();
  if (status == net::Wire::Status::again) return;
  if (status != net::Wire::Status::ok) return end();
  handshaking_ = false;
  if (wire_->chose_http2()) session_ = std::make_unique<H2Session>(*this, share_.max_body);
  on_readable();
}

// stop_reading holds back what carries messages; a connection for /_sink/ must go on working.
bool Connection::held_back() const {
  return session_ != nullptr && !control_ && share_.service.stop_reading();
}

void Connection::on_readable() {
  if (over_) return;
  if (handshaking_) return shake_hands();
  held_ = held_back();
  if (held_) return write_out();
  read();
}

void Connection::read() {
  // The preface alone at first, so that held_back() can act before any message is taken in.
  const std::size_t room = session_ ? share_.scratch.size() : h2_preface.size() - sniffed_.size();
  const auto io = wire_->read(std::span(share_.scratch).first(room));
  if (io.status == net::Wire::Status::closed || io.status == net::Wire::Status::failed) return end();
  if (io.status == net::Wire::Status::ok) {
    const std::string_view bytes(share_.scratch.data(), io.bytes);
    if (!session_)
      sniff(bytes);
    else if (!lingering_ && !session_->receive(bytes))
      aborted_ = true;
  }
  write_out();
  if (!over_) wire_->await_readable();
}

void Connection::sniff(std::string_view bytes) {
  sniffed_.append(bytes);
  const bool h2 = h2_preface.starts_with(sniffed_);
  if (h2 && sniffed_.size() < h2_preface.size()) return;
  if (h2)
    session_ = std::make_unique<H2Session>(*this, share_.max_body);
  else
    session_ = std::make_unique<H1Session>(*this, share_.max_body);
  control_ = sniffed_.starts_with("GET /_sink/") || sniffed_.starts_with("POST /_sink/");
  if (!session_->receive(sniffed_)) aborted_ = true;
  sniffed_.clear();
}

void Connection::on_writable() {
  if (over_) return;
  if (handshaking_) return shake_hands();
  write_out();
}

void Connection::write_out() {
  while (!aborted_ && session_ && !lingering_) {
    if (out_written_ == out_.size()) {
      out_.clear();
      out_written_ = 0;
      session_->fill(out_);
      if (aborted_) break;
    }
    if (out_.empty()) {
      if (session_->done()) linger();
      break;
    }
    const auto io = wire_->write(std::string_view(out_).substr(out_written_));
    out_written_ += io.bytes;
    if (io.status == net::Wire::Status::failed) aborted_ = true;
    if (io.status != net::Wire::Status::again) continue;
    wire_->await_writable();
    break;
  }
  if (aborted_) end();
}

void Connection::linger() {
  if (!session_->peer_closes()) {
    aborted_ = true;
    return;
  }
  lingering_ = true;
  later(most_lingering, [this] { aborted_ = true; });
}

void Connection::behaviour_changed() {
  if (over_ || handshaking_) return;
  if (session_) session_->behaviour_changed();
  write_out();
  if (held_ && !held_back()) on_readable();
}

void Connection::later(Micros delay, Task task) {
  due_.emplace(clock_.steady() + delay, std::move(task));
  arm_timer();
}

void Connection::arm_timer() {
  if (timer_ || due_.empty()) return;
  const Micros delay = std::max(due_.begin()->first - clock_.steady(), Micros{0});
  timer_ = share_.loop.after(delay, [this] { run_due(); });
}

void Connection::run_due() {
  const auto timer = std::move(timer_);
  const SteadyTime now = clock_.steady();
  while (!due_.empty() && due_.begin()->first <= now && !over_) {
    Task task = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    task();
  }
  write_out();
  if (!over_) arm_timer();
}

void Connection::end() {
  if (over_) return;
  over_ = true;
  if (session_)
    if (const std::size_t n = session_->incomplete_messages(); n > 0)
      share_.service.ledger().count_incomplete(n);
  timer_.reset();
  due_.clear();
  wire_->close();
  ended_(*this);
}

}  // namespace belay::sink
