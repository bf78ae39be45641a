// The Transport port: how a sender loop hands messages to a provider.
//
// A Link is one connection. It lives on one executor (its loop): every call and every callback
// happens there, nothing here blocks, and nothing is locked. A request goes through
//
//   submit -> [queued inside the link] -> handed over -> answered | lost
//                         \-> unsent (provably did not leave)
//
// "Handed over" is the instant the last byte of the request has been accepted by the operating
// system's socket (design: hand-over). Exactly one final event reaches the owner per submitted
// token: answered, lost or unsent; handed_over comes before answered or lost, never after, and
// never before or after unsent.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "net/endpoint.h"

namespace belay::net {

// Chosen by the owner, unique among its unfinished requests; comes back with every event.
struct Token {
  std::uint64_t value = 0;
  friend auto operator<=>(Token, Token) = default;
};

struct HeaderView {
  std::string_view name;  // lower case
  std::string_view value;
};

struct Request {
  std::string_view method = "POST";
  std::string_view path;                 // with the endpoint's base_path already in front
  std::span<const HeaderView> headers;   // without :pseudo headers, host, content-length
  std::string body;                      // moved in
  Micros answer_within{};                // counted from hand-over; then the request is reset and lost(timeout)
};
// The views of a Request need only live during submit().

struct Answer {
  int status = 0;
  std::string_view body;         // at most Transport's max_answer_body; longer answers are cut there
  std::string_view retry_after;  // the header's text, or ""
};

enum class LinkError {
  connect_failed,   // never got a connection: DNS, TCP or TLS
  peer_closed,      // the peer closed or reset the connection
  refused_stream,   // the peer says it has not processed this request (GOAWAY, REFUSED_STREAM)
  timeout,          // no answer within answer_within
  protocol_error,   // the peer does not speak what it should
  withdrawn,        // our own withdraw() or close()
};

class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  virtual void on_handed_over(Token) = 0;
  virtual void on_answered(Token, const Answer&) = 0;
  // Handed over and no verdict will come. refused_stream: the peer guarantees that it was not processed.
  virtual void on_lost(Token, LinkError) = 0;
  // Did not leave whole, so the provider can't act on it.
  virtual void on_unsent(Token, LinkError) = 0;
  // Room was made, or the connection is up: can_take() may have become true. Coalesced: once a turn at most.
  virtual void on_room() = 0;
  // Not an event: the link asks, at the last moment before each write that could carry a part of a message.
  // False: nothing of a message may enter the socket now. What has not begun to leave is unsent(withdrawn);
  // a connection with half a message in its socket is closed, as by close(). Asked on the loop, for every
  // write: must be cheap, and call nothing of the link.
  virtual bool may_write() { return true; }
  // The link is finished: every token has had its final event before. The owner should drop it
  // (not inside this callback: post a task).
  virtual void on_closed(LinkError, std::string_view detail) = 0;
};

class Link {
 public:
  virtual ~Link() = default;  // unfinished tokens get no events any more

  // True if submit() would put the request on the wire without waiting behind others: connected, a
  // stream free, the peer's settings allow it, output not backed up.
  virtual bool can_take() const = 0;
  virtual void submit(Request request, Token token) = 0;  // requires can_take()
  // Writes out what was submitted in this turn, as one write where possible. handed_over events
  // come from inside flush() or later, when the socket takes more.
  virtual void flush() = 0;

  // The brake. Takes back every unfinished request that `mine` is true for and that has not been
  // handed over. Each gets on_unsent(withdrawn) before this returns, except those whose bytes are
  // partly in the operating system: they are returned, and finish by themselves with handed_over or
  // unsent; close() makes that certain at once. Requests already handed over are left alone.
  virtual std::vector<Token> withdraw(const std::function<bool(Token)>& mine) = 0;

  // No new requests; closes when the last answer is in (drain), or at once (everything handed over
  // becomes lost(withdrawn), the rest unsent(withdrawn)).
  virtual void drain() = 0;
  virtual void close() = 0;

  virtual std::size_t in_flight() const = 0;  // handed over, not answered
  virtual std::size_t capacity() const = 0;   // most requests this link could have unfinished at once
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Starts connecting. `events` must outlive the link. Never fails here: on_closed reports.
  virtual std::unique_ptr<Link> open(const Endpoint& endpoint, LinkEvents& events) = 0;
};

inline constexpr std::size_t max_answer_body = 16 * 1024;

}  // namespace belay::net
