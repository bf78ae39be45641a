#include "net/h2_link.h"

#include "base/check.h"
#include "net/h2_callbacks.h"
#include "net/io_loop.h"

namespace belay::net {
namespace {

constexpr std::int32_t receive_window = 1024 * 1024;
constexpr Micros timer_step{1000};  // deadlines are kept to this grain: one timer a link, not a request

LinkError error_of(std::uint32_t code) {
  return code == NGHTTP2_REFUSED_STREAM ? LinkError::refused_stream : LinkError::protocol_error;
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2 takes mutable pointers and only reads; it copies both at submission.
  return {const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data())),
          const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data())), name.size(),
          value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

H2Link::H2Link(IoLoop& loop, std::unique_ptr<Wire> wire, const Endpoint& endpoint,
               const TransportOptions& options, std::span<char> scratch, SteadyTime greet_by,
               LinkEvents& events)
    : loop_(loop),
      wire_(std::move(wire)),
      options_(options),
      scratch_(scratch),
      greet_by_(greet_by),
      events_(events),
      authority_(endpoint.authority()),
      scheme_(endpoint.tls ? "https" : "http") {
  wire_->set_events(this);
  session_ = H2Callbacks::new_session(*this);
  greet();
}

H2Link::~H2Link() {
  *alive_ = false;
  wire_->close();
  nghttp2_session_del(session_);
}

void H2Link::greet() {
  // RFC 9218 section 2.1: no RFC 7540 priorities, which also spares nghttp2 the dependency tree.
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                             {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
                                             {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 256 * 1024}};
  CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
  CHECK(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, receive_window) == 0);
  watch(greet_by_);
  wire_->await_readable();
  turn_later();  // no event may come before open() has returned
}

bool H2Link::can_take() const {
  return state_ == State::open && !broken_ && unserialised_ == 0 && used_ < capacity() &&
         out_.backlog() < options_.output_limit && nghttp2_session_get_remote_window_size(session_) > 0;
}

std::size_t H2Link::capacity() const {
  const std::size_t theirs =
      nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return std::min(theirs, options_.max_streams);
}

H2Link::Stream& H2Link::take_slot(Token token) {
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(streams_.size()));
    streams_.emplace_back().slot = free_.back();
  }
  Stream& stream = streams_[free_.back()];
  free_.pop_back();
  ++used_;
  stream.token = token;
  stream.active = true;
  return stream;
}

// Strings keep their memory for the next request.
void H2Link::release(Stream& stream) {
  stream.body.clear();
  stream.answer.clear();
  stream.retry_after.clear();
  stream.body_sent = 0;
  stream.status = 0;
  stream.error_code = 0;
  stream.active = stream.serialised = stream.handed_over = stream.told = false;
  stream.answered = stream.closed = stream.finished = stream.queued = false;
  free_.push_back(stream.slot);
  --used_;
  made_room_ = true;
}

void H2Link::submit(Request request, Token token) {
  CHECK(can_take());
  Stream& stream = take_slot(token);
  stream.answer_within = request.answer_within;
  stream.body = std::move(request.body);
  ++unserialised_;
  start_stream(request, stream);
  pump();  // one request after the other: HEADERS, DATA, HEADERS, DATA
}

void H2Link::start_stream(const Request& request, Stream& stream) {
  const fmt::format_int length(stream.body.size());
  fields_.clear();
  fields_.push_back(field(":method", request.method));
  fields_.push_back(field(":scheme", scheme_));
  fields_.push_back(field(":authority", authority_));
  fields_.push_back(field(":path", request.path));
  for (const HeaderView& header : request.headers) fields_.push_back(field(header.name, header.value));
  if (!stream.body.empty() || request.method == "POST")
    fields_.push_back(field("content-length", {length.data(), length.size()}));
  const nghttp2_data_provider body{{.ptr = &stream}, H2Callbacks::read_body};
  stream.id = nghttp2_submit_request(session_, nullptr, fields_.data(), fields_.size(),
                                     stream.body.empty() ? nullptr : &body, &stream);
  if (stream.id > 0) return;
  // Stream ids are used up (2^30 requests), or a name or value nghttp2 will not carry.
  stream.closed = true;
  stream.error_code = NGHTTP2_INTERNAL_ERROR;
  queue_settling(stream);
  retire(LinkError::withdrawn, nghttp2_strerror(stream.id));
  turn_later();
}

// nghttp2 gives one frame at a time; DATA comes through H2Callbacks::send_data.
void H2Link::pump() {
  while (out_.backlog() < options_.output_limit || out_.inside_headers()) {
    const std::uint8_t* frame = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &frame);
    CHECK(size >= 0);  // only out of memory is left: the callbacks never fail
    if (size == 0) return;
    H2Callbacks::append_frame(*this, {reinterpret_cast<const char*>(frame), static_cast<std::size_t>(size)});
  }
}

void H2Link::flush() {
  if (in_turn_) return;
  write_out();
  if (!newly_closed_.empty() || (made_room_ && can_take())) turn_later();
}

void H2Link::write_out() {
  if (writing_ || broken_ || state_ == State::closed) return;
  writing_ = true;
  bool progress = false;
  while (state_ != State::closed) {
    pump();
    if (out_.backlog() == 0) break;
    if (!events_.may_write() && hold_back()) break;
    const bool backed_up = out_.backlog() >= options_.output_limit;
    const Wire::Io io = wire_->write(out_.unwritten().substr(0, wire_->at_once()));
    if (io.bytes > 0) {
      progress = true;
      out_.accept(io.bytes);
      made_room_ |= backed_up;
      report_handed_over();
    }
    if (io.status == Wire::Status::ok) continue;
    if (io.status == Wire::Status::again) {
      wire_->await_writable();
    } else {
      broken_ = true;  // the peer may have said why, or answered: read that first
      turn_later();
    }
    break;
  }
  writing_ = false;
  note_progress(progress);
}

// Nothing of a message may enter the socket. False: there is none, and what waits may be written. Half a
// message can't be taken back, and its rest must not follow: it goes with its connection.
bool H2Link::hold_back() {
  const std::size_t unfinished = used_ - in_flight_;
  if (unfinished == 0) return false;
  bool taken = false;
  const auto half = withdraw([&](Token) { return taken = true; });
  if (!half.empty()) fail(LinkError::withdrawn, "half a message was in the socket when no more might leave");
  return taken;
}

void H2Link::note_progress(bool progress) {
  if (state_ == State::closed) return;
  const bool waiting = out_.backlog() > 0 || unserialised_ > 0;
  if (!waiting) {
    stuck_since_ = SteadyTime::max();
  } else if (progress || stuck_since_ == SteadyTime::max()) {
    stuck_since_ = clock_.steady();
    watch(stuck_since_ + options_.flush_patience);
  }
}

void H2Link::report_handed_over() {
  // First all marks, then the events: whatever the owner does in one must find the others handed over.
  const SteadyTime now = clock_.steady();
  SteadyTime deadline = SteadyTime::max();
  std::vector<Slot>& left = left_;
  left.clear();
  while (const auto slot = out_.next_left()) {
    Stream& stream = streams_[*slot];
    stream.handed_over = true;
    stream.handed_over_at = now;
    if (stream.answer_within > Micros{}) deadline = std::min(deadline, now + stream.answer_within);
    left.push_back(*slot);
  }
  if (deadline != SteadyTime::max()) watch(deadline);
  for (std::size_t i = 0; i < left.size() && state_ != State::closed; ++i) {
    Stream& stream = streams_[left[i]];
    tell_handed_over(stream);
    if (stream.closed) queue_settling(stream);
  }
  if (!newly_closed_.empty() && !in_turn_) turn_later();
}

void H2Link::tell_handed_over(Stream& stream) {
  if (stream.told) return;
  stream.told = true;
  ++in_flight_;
  events_.on_handed_over(stream.token);
}

void H2Link::on_readable() {
  read_turn();
}

void H2Link::on_writable() {
  in_turn_ = true;
  write_out();
  end_turn();
}

void H2Link::turn_later() {
  if (turn_posted_) return;
  turn_posted_ = true;
  loop_.post([this, alive = alive_] {
    if (!*alive) return;
    turn_posted_ = false;
    if (broken_) return read_turn();
    in_turn_ = true;
    end_turn();
  });
}

void H2Link::read_turn() {
  if (state_ == State::closed) return;
  in_turn_ = true;
  const Wire::Io io = wire_->read(scratch_);
  switch (io.status) {
    case Wire::Status::ok:
      last_read_ = clock_.steady();
      if (!feed({scratch_.data(), io.bytes})) return;
      if (broken_) turn_later();
      break;
    case Wire::Status::again:
      if (broken_) return fail(LinkError::peer_closed, "can't write: " + wire_->error());
      break;
    case Wire::Status::closed:
      return fail(state_ == State::greeting ? LinkError::connect_failed : LinkError::peer_closed,
                  "closed by the peer");
    case Wire::Status::failed:
      return fail(state_ == State::greeting ? LinkError::connect_failed : LinkError::peer_closed,
                  wire_->error());
  }
  end_turn();
}

bool H2Link::feed(std::string_view bytes) {
  const ssize_t taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) {
    fail(LinkError::protocol_error, nghttp2_strerror(static_cast<int>(taken)));
    return false;
  }
  settle_closed_streams();
  return state_ != State::closed;
}

// Everything that a turn has brought about goes out in one write.
void H2Link::end_turn() {
  settle_closed_streams();
  if (state_ == State::closed) return;
  if (made_room_ && can_take()) {
    made_room_ = false;
    events_.on_room();
  }
  write_out();
  in_turn_ = false;
  if (state_ == State::closed) return;
  if (!newly_closed_.empty() || (made_room_ && can_take())) turn_later();
  close_if_done();
  if (state_ == State::closed) return;
  no_more_to_do();
  if (state_ != State::closed) wire_->await_readable();
}

// nghttp2 has ended the session by itself: it met something that no HTTP/2 peer may send.
void H2Link::no_more_to_do() {
  if (nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0) return;
  if (out_.backlog() > 0 || turn_posted_) return;
  fail(LinkError::protocol_error, "the peer does not speak HTTP/2 as it should");
}

void H2Link::queue_settling(Stream& stream) {
  if (stream.queued) return;
  stream.queued = true;
  newly_closed_.push_back(stream.slot);
}

void H2Link::settle_closed_streams() {
  while (!newly_closed_.empty() && state_ != State::closed) {
    // By index and from a copy: an event may submit, withdraw or close.
    settling_.swap(newly_closed_);
    for (std::size_t i = 0; i < settling_.size() && state_ != State::closed; ++i)
      settle(streams_[settling_[i]]);
    settling_.clear();
  }
}

// nghttp2 has closed this stream. Its slot is free again once no frame in out_ carries its mark.
void H2Link::settle(Stream& stream) {
  stream.queued = false;
  if (!stream.finished) {
    const LinkError error = error_of(stream.error_code);
    if (stream.handed_over) {
      finish_with_verdict(stream, error);
    } else if (stream.answered && stream.serialised) {
      return;  // an early answer: the rest of the request is on its way out, and the verdict comes after it
    } else if (leaving(stream.slot)) {
      return;
    } else {
      take_back({stream.slot});
      finish_unsent(stream, error);
    }
  }
  release(stream);
}

void H2Link::finish_with_verdict(Stream& stream, LinkError if_lost) {
  tell_handed_over(stream);
  if (stream.finished) return;
  stream.finished = true;
  --in_flight_;
  if (stream.answered)
    events_.on_answered(stream.token, {stream.status, stream.answer, stream.retry_after});
  else
    events_.on_lost(stream.token, if_lost);
}

void H2Link::finish_unsent(Stream& stream, LinkError error) {
  stream.finished = true;
  if (!stream.serialised) --unserialised_;
  events_.on_unsent(stream.token, error);
}

bool H2Link::leaving(Slot slot) const {
  bool found = false;
  out_.each_leaving(wire_->sealed(), [&](Slot other) { found |= other == slot; });
  return found;
}

// For streams that are not leaving. Their marks are gone from out_ afterwards.
void H2Link::take_back(const std::vector<Slot>& slots) {
  for (const Slot slot : slots) streams_[slot].taken = true;
  const std::size_t leaked = out_.take_back(wire_->sealed(), [&](Slot slot) { return streams_[slot].taken; });
  for (const Slot slot : slots) {
    Stream& stream = streams_[slot];
    stream.taken = false;
    if (!stream.closed) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
  }
  if (leaked > 0) retire(LinkError::withdrawn, "requests were taken back");
}

std::vector<Token> H2Link::withdraw(const std::function<bool(Token)>& mine) {
  std::vector<Token> leaving;
  if (state_ == State::closed) return leaving;
  std::vector<bool> begun(streams_.size());
  out_.each_leaving(wire_->sealed(), [&](Slot slot) { begun[slot] = true; });
  std::vector<Slot> taken;
  for (const Stream& stream : streams_) {
    if (!stream.active || stream.handed_over || stream.finished || !mine(stream.token)) continue;
    if (begun[stream.slot])
      leaving.push_back(stream.token);
    else
      taken.push_back(stream.slot);
  }
  if (taken.empty()) return leaving;
  take_back(taken);
  for (const Slot slot : taken) {
    Stream& stream = streams_[slot];
    if (stream.finished) continue;  // the owner closed the link in an event
    finish_unsent(stream, LinkError::withdrawn);
    if (stream.closed) queue_settling(stream);
  }
  turn_later();  // sends the RST_STREAM frames
  return leaving;
}

void H2Link::drain() {
  retire(LinkError::withdrawn, "drained");
}

void H2Link::close() {
  fail(LinkError::withdrawn, "closed by its owner");
}

void H2Link::retire(LinkError reason, std::string detail) {
  if (state_ != State::open && state_ != State::greeting) return;
  state_ = State::draining;
  retire_reason_ = reason;
  retire_detail_ = std::move(detail);
  turn_later();
}

void H2Link::close_if_done() {
  if (state_ != State::draining || used_ > 0) return;
  nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
  write_out();
  fail(retire_reason_, retire_detail_);
}

void H2Link::fail(LinkError error, std::string detail) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  in_turn_ = false;
  wire_->close();
  timer_.reset();
  for (Stream& stream : streams_) {
    if (!stream.active || stream.finished) continue;
    if (stream.handed_over)
      finish_with_verdict(stream, error);
    else
      finish_unsent(stream, error);
  }
  events_.on_closed(error, detail);
}

void H2Link::watch(SteadyTime when) {
  if (when >= timer_at_) return;
  timer_at_ = when;
  const Micros delay = std::max(when - clock_.steady(), timer_step);
  timer_ = loop_.after(delay, [this] { sweep(); });
}

void H2Link::sweep() {
  timer_at_ = SteadyTime::max();
  const auto timer = std::move(timer_);  // may be armed anew below
  const SteadyTime now = clock_.steady();
  if (state_ == State::greeting && now >= greet_by_)
    return fail(LinkError::connect_failed, "no SETTINGS from the peer in time");
  if (stuck_since_ != SteadyTime::max() && now - stuck_since_ >= options_.flush_patience)
    return fail(LinkError::timeout, "the peer takes no more bytes");
  in_turn_ = true;
  give_up_late_answers(now);
  end_turn();
  if (state_ != State::closed) watch(next_deadline());
}

void H2Link::give_up_late_answers(SteadyTime now) {
  bool silent = false;
  for (std::size_t slot = 0; slot < streams_.size() && state_ != State::closed; ++slot) {
    Stream& stream = streams_[slot];
    if (!stream.told || stream.finished || stream.answer_within <= Micros{}) continue;
    if (now - stream.handed_over_at < stream.answer_within) continue;
    if (!stream.closed) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
    silent |= last_read_ < stream.handed_over_at;
    finish_with_verdict(stream, LinkError::timeout);
  }
  // Not a sign of life since: the connection may be dead without either side knowing.
  if (silent) retire(LinkError::timeout, "no byte from the peer for as long as an answer may take");
}

SteadyTime H2Link::next_deadline() const {
  SteadyTime next = SteadyTime::max();
  if (state_ == State::greeting) next = greet_by_;
  if (stuck_since_ != SteadyTime::max()) next = std::min(next, stuck_since_ + options_.flush_patience);
  for (const Stream& stream : streams_)
    if (stream.told && !stream.finished && stream.answer_within > Micros{})
      next = std::min(next, stream.handed_over_at + stream.answer_within);
  return next;
}

}  // namespace belay::net
