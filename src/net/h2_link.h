// A Link over one established HTTP/2 connection (RFC 9113), framed by libnghttp2. Internal to net:
// owners get links from a Transport (transport.h) and use the port in link.h.
//
// How hand-over is known exactly: submit() serialises the request at once (HEADERS, then DATA) into
// OutFrames, which keeps frame borders; the link writes from there and sees which END_STREAM frame
// the socket has accepted to its last byte. Nothing is serialised while more than output_limit bytes
// wait, so what withdraw() has to sort out is small.
//
// How a request is taken back: its DATA frame is cut out of OutFrames (a HEADERS frame stays, for the
// peer's HPACK state, without END_STREAM), and RST_STREAM(CANCEL) follows, so the peer never holds a
// whole request. nghttp2 has counted the cut bytes against the connection's flow control window and
// offers no way to give them back, so such a link takes no new requests and closes when its last
// answer is in: on_closed(withdrawn).
#pragma once
#include <nghttp2/nghttp2.h>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/link.h"
#include "net/out_frames.h"
#include "net/transport.h"
#include "net/wire.h"

namespace belay::net {

class IoLoop;
class H2Callbacks;

class H2Link final : public Link, private WireEvents {
 public:
  // `scratch` is the loop's read buffer, shared by its links. Without the peer's SETTINGS at `greet_by`
  // the link fails with connect_failed.
  H2Link(IoLoop& loop, std::unique_ptr<Wire> wire, const Endpoint& endpoint, const TransportOptions& options,
         std::span<char> scratch, SteadyTime greet_by, LinkEvents& events);
  ~H2Link() override;

  bool can_take() const override;
  void submit(Request request, Token token) override;
  void flush() override;
  std::vector<Token> withdraw(const std::function<bool(Token)>& mine) override;
  void drain() override;
  void close() override;
  std::size_t in_flight() const override { return in_flight_; }
  std::size_t capacity() const override;  // the peer's limit or ours, whichever is less

 private:
  friend class H2Callbacks;
  enum class State { greeting, open, draining, closed };
  using Slot = OutFrames::Mark;

  // One request, from submit() until its final event is out and nghttp2 has forgotten the stream.
  struct Stream {
    Token token{};
    Slot slot = 0;
    std::int32_t id = 0;
    std::string body;
    std::size_t body_sent = 0;
    Micros answer_within{};
    SteadyTime handed_over_at{};
    int status = 0;
    std::string answer;
    std::string retry_after;
    std::uint32_t error_code = 0;  // what nghttp2 closed the stream with
    bool active = false;
    bool taken = false;        // being taken back
    bool serialised = false;   // END_STREAM is in out_, or was
    bool handed_over = false;  // the system has accepted END_STREAM
    bool told = false;         // on_handed_over is out
    bool answered = false;     // the peer's END_STREAM is in
    bool closed = false;       // nghttp2 has forgotten the stream
    bool finished = false;     // the final event is out
    bool queued = false;       // in newly_closed_ or settling_
  };

  void on_readable() override;
  void on_writable() override;

  void greet();
  Stream& take_slot(Token token);
  void release(Stream& stream);
  void start_stream(const Request& request, Stream& stream);

  void read_turn();
  void end_turn();
  bool feed(std::string_view bytes);
  void pump();       // nghttp2 -> out_
  void write_out();  // out_ -> socket
  bool hold_back();
  void note_progress(bool progress);
  void report_handed_over();
  void tell_handed_over(Stream& stream);

  void queue_settling(Stream& stream);
  void settle_closed_streams();
  void settle(Stream& stream);
  void finish_with_verdict(Stream& stream, LinkError if_lost);
  void finish_unsent(Stream& stream, LinkError error);
  bool leaving(Slot slot) const;
  void take_back(const std::vector<Slot>& slots);

  void retire(LinkError reason, std::string detail);
  void close_if_done();
  void fail(LinkError error, std::string detail);
  void no_more_to_do();

  void watch(SteadyTime when);  // sweep() then or sooner
  void sweep();
  void give_up_late_answers(SteadyTime now);
  SteadyTime next_deadline() const;
  void turn_later();

  IoLoop& loop_;
  std::unique_ptr<Wire> wire_;
  const TransportOptions options_;
  const std::span<char> scratch_;
  const SteadyTime greet_by_;
  LinkEvents& events_;
  const std::string authority_;
  const std::string_view scheme_;
  RealClock clock_;

  nghttp2_session* session_ = nullptr;
  OutFrames out_;
  std::vector<nghttp2_nv> fields_;  // of the request being submitted
  std::deque<Stream> streams_;      // by slot; bounded by the stream limit
  std::vector<Slot> free_;
  std::vector<Slot> newly_closed_;  // closed by nghttp2, not settled yet
  std::vector<Slot> settling_;
  std::vector<Slot> left_;  // being reported as handed over
  State state_ = State::greeting;
  LinkError retire_reason_ = LinkError::withdrawn;
  std::string retire_detail_;
  std::size_t used_ = 0;          // slots in use
  std::size_t in_flight_ = 0;     // told and not finished
  std::size_t unserialised_ = 0;  // END_STREAM not in out_ yet: flow control holds them up
  bool in_turn_ = false;          // the end of the turn writes
  bool writing_ = false;
  bool broken_ = false;  // writing failed; what the peer has sent is still read
  bool made_room_ = false;
  bool turn_posted_ = false;
  SteadyTime stuck_since_ = SteadyTime::max();  // output waits and no byte has left since
  SteadyTime last_read_{};
  std::unique_ptr<Executor::Timer> timer_;
  SteadyTime timer_at_ = SteadyTime::max();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace belay::net
