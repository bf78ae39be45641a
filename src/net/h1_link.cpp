#include "net/h1_link.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/check.h"
#include "net/chunked_body.h"
#include "net/io_loop.h"

namespace belay::net {
namespace http = boost::beast::http;
namespace {

using Error = boost::beast::error_code;
using Text = boost::beast::string_view;

constexpr std::size_t max_head = 32 * 1024;
constexpr std::size_t max_retry_after = 128;
constexpr Micros timer_step{1000};

// CR, LF and NUL in a name or value would let content begin a header or a request of its own.
bool is_clean(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool is_clean(const Request& request) {
  if (!is_clean(request.method) || !is_clean(request.path) ||
      request.path.find(' ') != std::string_view::npos)
    return false;
  return std::all_of(request.headers.begin(), request.headers.end(),
                     [](const HeaderView& h) { return is_clean(h.name) && is_clean(h.value); });
}

void append_request(std::string& out, const Request& request, std::string_view authority) {
  fmt::format_to(std::back_inserter(out), "{} {} HTTP/1.1\r\nhost: {}\r\n", request.method, request.path,
                 authority);
  for (const HeaderView& header : request.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST")
    fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", request.body.size());
  out.append("\r\n").append(request.body);
}

}  // namespace

class H1Link::Parser final : public http::basic_parser<false> {
 public:
  explicit Parser(bool head_only) {
    eager(false);
    skip(head_only);
    header_limit(max_head);
    body_limit(boost::none);  // what is kept is bounded by on_bytes(), how long it may take by answer_within
  }

  int status = 0;
  std::string body;
  std::string retry_after;

  // Takes what it can; the error is need_more where that is too little to go on.
  std::size_t feed(std::string_view bytes, Error& error) {
    std::size_t used = 0;
    if (!is_header_done()) {
      used = put(boost::asio::buffer(bytes), error);
      if (error || !is_header_done() || is_done()) return used;
      eager(true);
      if (chunked()) chunks_.emplace(std::numeric_limits<std::size_t>::max());
      bytes.remove_prefix(used);
    }
    if (bytes.empty()) return used;
    return used + (chunks_ ? feed_chunks(bytes, error) : put(boost::asio::buffer(bytes), error));
  }
  bool is_whole() const { return chunks_ ? chunks_whole_ : is_done(); }

 private:
  std::size_t feed_chunks(std::string_view bytes, Error& error) {
    const auto [used, state] = chunks_->feed(bytes, body);
    body.resize(std::min(body.size(), max_answer_body));
    chunks_whole_ = state == ChunkedBody::State::whole;
    if (!chunks_whole_ && state != ChunkedBody::State::more) error = http::error::bad_chunk;
    return used;
  }

  void on_request_impl(http::verb, Text, Text, int, Error&) override {}
  void on_response_impl(int code, Text, int, Error& error) override {
    status = code;
    error = {};
  }
  void on_field_impl(http::field name, Text, Text value, Error& error) override {
    if (name == http::field::retry_after)
      retry_after.assign(value.data(), std::min(value.size(), max_retry_after));
    error = {};
  }
  void on_header_impl(Error& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error& error) override { error = {}; }
  std::size_t on_body_impl(Text bytes, Error& error) override { return on_bytes(bytes, error); }
  void on_chunk_header_impl(std::uint64_t, Text, Error& error) override { error = http::error::bad_chunk; }
  std::size_t on_chunk_body_impl(std::uint64_t, Text, Error& error) override {
    error = http::error::bad_chunk;  // ChunkedBody reads those
    return 0;
  }
  void on_finish_impl(Error& error) override { error = {}; }

  std::size_t on_bytes(Text bytes, Error& error) {
    error = {};
    body.append(bytes.data(), std::min(bytes.size(), max_answer_body - body.size()));
    return bytes.size();
  }

  std::optional<ChunkedBody> chunks_;
  bool chunks_whole_ = false;
};

H1Link::H1Link(IoLoop& loop, std::unique_ptr<Wire> wire, const Endpoint& endpoint,
               const TransportOptions& options, std::span<char> scratch, LinkEvents& events)
    : loop_(loop),
      wire_(std::move(wire)),
      options_(options),
      scratch_(scratch),
      events_(events),
      authority_(endpoint.authority()) {
  wire_->set_events(this);
  turn_later();
}

H1Link::~H1Link() {
  *alive_ = false;
}

void H1Link::submit(Request request, Token token) {
  CHECK(can_take());
  busy_ = true;
  token_ = token;
  told_ = false;
  head_only_ = request.method == "HEAD";
  answer_within_ = request.answer_within;
  accepted_ = 0;
  deadline_ = SteadyTime::max();
  out_.clear();
  parser_ = std::make_unique<Parser>(head_only_);
  refused_ = !is_clean(request);
  if (refused_) return turn_later();
  append_request(out_, request, authority_);
}

void H1Link::flush() {
  if (!in_turn_) write_out();
}

void H1Link::write_out() {
  if (writing_ || broken_ || state_ == State::closed) return;
  writing_ = true;
  while (state_ != State::closed && busy_ && !refused_ && accepted_ < out_.size()) {
    if (!events_.may_write()) {
      hold_back();
      break;
    }
    const Wire::Io io = wire_->write(std::string_view(out_).substr(accepted_, wire_->at_once()));
    accepted_ += io.bytes;
    if (accepted_ == out_.size()) handed_over();
    if (io.status == Wire::Status::ok) continue;
    if (io.status == Wire::Status::failed) {
      broken_ = true;  // the peer may have answered before it went: read that first
      turn_later();
      break;
    }
    wire_->await_writable();
    if (io.bytes > 0 || stuck_since_ == SteadyTime::max()) {
      stuck_since_ = clock_.steady();
      watch(stuck_since_ + options_.flush_patience);
    }
    break;
  }
  writing_ = false;
}

// Nothing of a message may enter the socket; the rest of one that is half in it goes with its connection.
void H1Link::hold_back() {
  if (accepted_ > 0 || wire_->sealed() > 0)
    return fail(LinkError::withdrawn, "half a message was in the socket when no more might leave");
  finish_unsent(LinkError::withdrawn);
  turn_later();
}

void H1Link::handed_over() {
  stuck_since_ = SteadyTime::max();
  told_ = true;
  if (answer_within_ > Micros{}) {
    deadline_ = clock_.steady() + answer_within_;
    watch(deadline_);
  }
  events_.on_handed_over(token_);
}

void H1Link::on_writable() {
  in_turn_ = true;
  end_turn();
}

void H1Link::turn_later() {
  if (turn_posted_) return;
  turn_posted_ = true;
  loop_.post([this, alive = alive_] {
    if (!*alive) return;
    turn_posted_ = false;
    if (broken_) return on_readable();
    in_turn_ = true;
    end_turn();
  });
}

void H1Link::on_readable() {
  if (state_ == State::closed) return;
  in_turn_ = true;
  const Wire::Io io = wire_->read(scratch_);
  switch (io.status) {
    case Wire::Status::ok:
      in_.append(scratch_.data(), io.bytes);
      parse();
      if (broken_) turn_later();
      break;
    case Wire::Status::again:
      if (broken_) return fail(LinkError::peer_closed, "can't write: " + wire_->error());
      break;
    case Wire::Status::closed:
      if (answer_is_whole()) give_answer();
      return fail(LinkError::peer_closed, "closed by the peer");
    case Wire::Status::failed:
      return fail(LinkError::peer_closed, wire_->error());
  }
  end_turn();
}

// The peer has closed: true where that is how the answer says that it is whole.
bool H1Link::answer_is_whole() {
  if (!busy_ || !told_ || !parser_->is_header_done() || !parser_->need_eof()) return false;
  if (parser_->status < 200) return false;  // "HTTP/1.1 099": nothing that says what became of the request
  Error error;
  parser_->put_eof(error);
  return !error && parser_->is_done();
}

void H1Link::parse() {
  while (busy_ && !in_.empty() && state_ != State::closed) {
    Error error;
    const std::size_t taken = parser_->feed(in_, error);
    in_.erase(0, taken);
    if (error == http::error::need_more && in_.size() <= max_head) return;
    if (error) return fail(LinkError::protocol_error, "not an HTTP/1.1 answer: " + error.message());
    if (!parser_->is_whole()) return;
    if (parser_->status == 101) return fail(LinkError::protocol_error, "the peer switches protocols unasked");
    if (parser_->status < 200) {
      parser_ = std::make_unique<Parser>(head_only_);  // informational; the answer is still to come
      continue;
    }
    if (!told_) return fail(LinkError::protocol_error, "answered before the request was whole");
    const bool reusable = parser_->keep_alive();
    give_answer();
    if (!reusable) return fail(LinkError::peer_closed, "closed after an answer, as the peer announced");
  }
  if (!busy_ && !in_.empty())
    fail(LinkError::protocol_error, "bytes from the peer that no request asked for");
}

void H1Link::give_answer() {
  const auto parser = std::move(parser_);  // the owner may submit the next request in the event
  busy_ = false;
  made_room_ = true;
  deadline_ = SteadyTime::max();
  // can_take() must not promise a connection that is about to close.
  const bool closing = !parser->keep_alive();
  if (closing && state_ == State::open) state_ = State::draining;
  events_.on_answered(token_, {parser->status, parser->body, parser->retry_after});
}

void H1Link::finish_unsent(LinkError error) {
  busy_ = false;
  made_room_ = true;
  out_.clear();
  stuck_since_ = SteadyTime::max();
  events_.on_unsent(token_, error);
}

void H1Link::end_turn() {
  if (state_ == State::closed) return;
  if (busy_ && refused_) finish_unsent(LinkError::protocol_error);
  if (made_room_ && can_take()) {
    made_room_ = false;
    events_.on_room();
  }
  write_out();
  in_turn_ = false;
  if (state_ == State::draining && !busy_) return fail(LinkError::withdrawn, "drained");
  if (state_ == State::closed) return;
  if (made_room_ && can_take()) turn_later();
  wire_->await_readable();
}

std::vector<Token> H1Link::withdraw(const std::function<bool(Token)>& mine) {
  if (state_ == State::closed || !busy_ || told_ || !mine(token_)) return {};
  if (accepted_ > 0 || wire_->sealed() > 0) return {token_};
  finish_unsent(LinkError::withdrawn);
  turn_later();
  return {};
}

void H1Link::drain() {
  if (state_ != State::open) return;
  state_ = State::draining;
  turn_later();
}

void H1Link::close() {
  fail(LinkError::withdrawn, "closed by its owner");
}

void H1Link::fail(LinkError error, std::string detail) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  in_turn_ = false;
  wire_->close();
  timer_.reset();
  if (busy_ && told_) {
    busy_ = false;
    events_.on_lost(token_, error);
  } else if (busy_) {
    finish_unsent(error);
  }
  events_.on_closed(error, detail);
}

void H1Link::watch(SteadyTime when) {
  if (when >= timer_at_) return;
  timer_at_ = when;
  timer_ = loop_.after(std::max(when - clock_.steady(), timer_step), [this] { sweep(); });
}

void H1Link::sweep() {
  timer_at_ = SteadyTime::max();
  const auto timer = std::move(timer_);  // may be armed anew below
  const SteadyTime now = clock_.steady();
  if (deadline_ <= now) return fail(LinkError::timeout, "no answer in time");
  if (stuck_since_ != SteadyTime::max() && now - stuck_since_ >= options_.flush_patience)
    return fail(LinkError::timeout, "the peer takes no more bytes");
  SteadyTime next = deadline_;
  if (stuck_since_ != SteadyTime::max()) next = std::min(next, stuck_since_ + options_.flush_patience);
  watch(next);
}

}  // namespace belay::net
