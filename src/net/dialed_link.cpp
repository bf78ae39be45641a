#include "net/dialed_link.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/check.h"
#include "net/h1_link.h"
#include "net/h2_link.h"
#include "net/io_loop.h"
#include "net/outbound_guard.h"

namespace belay::net {
namespace asio = boost::asio;
using asio::ip::tcp;

// Outlives the link while Asio holds one of its handlers; `link` is null from then on.
struct DialedLink::Attempt : std::enable_shared_from_this<DialedLink::Attempt> {
  Attempt(DialedLink* owner, asio::io_context& context) : link(owner), resolver(context), socket(context) {}

  void resolve(const Endpoint& endpoint) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(endpoint.host, error);
    if (!error) return connect({tcp::endpoint(address, endpoint.port)});
    resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
                           [self = shared_from_this()](boost::system::error_code failed, auto results) {
                             if (self->link == nullptr) return;
                             if (failed) return self->give_up("can't resolve the name: " + failed.message());
                             self->connect({results.begin(), results.end()});
                           });
  }

  // What is asked about is what is connected to: the name is not resolved again.
  void connect(std::vector<tcp::endpoint> found) {
    std::string refusal;
    std::erase_if(found, [&](const tcp::endpoint& address) {
      const std::string why = link->refusal_of(*address.data());
      if (refusal.empty()) refusal = why;
      return !why.empty();
    });
    if (found.empty() && !refusal.empty()) return give_up("not connected: " + refusal);
    addresses = std::move(found);
    asio::async_connect(socket, addresses,
                        [self = shared_from_this()](boost::system::error_code failed, const tcp::endpoint&) {
                          if (self->link == nullptr) return;
                          if (failed) return self->give_up("can't connect: " + failed.message());
                          self->deliver();
                        });
  }

  void deliver() {
    boost::system::error_code failed;
    socket.non_blocking(true, failed);
    if (!failed) socket.set_option(tcp::no_delay(true), failed);
    if (failed) return give_up("can't set up the socket: " + failed.message());
    const int descriptor = socket.release(failed);
    if (failed) return give_up("can't take the socket: " + failed.message());
    link->connected(descriptor);
  }

  void give_up(const std::string& why) { link->fail(LinkError::connect_failed, why); }

  void abandon() {
    link = nullptr;
    resolver.cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  DialedLink* link;
  tcp::resolver resolver;
  tcp::socket socket;
  std::vector<tcp::endpoint> addresses;
};

DialedLink::DialedLink(IoLoop& loop, const Endpoint& endpoint, const TransportOptions& options,
                       ssl_ctx_st* tls, std::string impossible, std::span<char> scratch, LinkEvents& events)
    : loop_(loop),
      endpoint_(endpoint),
      options_(options),
      tls_(tls),
      impossible_(std::move(impossible)),
      scratch_(scratch),
      events_(events) {
  connect_by_ = clock_.steady() + options_.connect_within;
  timer_ = loop_.after(options_.connect_within,
                       [this] { fail(LinkError::connect_failed, "no connection in time"); });
  loop_.post([this, alive = alive_] {
    if (*alive) start();
  });
}

DialedLink::~DialedLink() {
  *alive_ = false;
  if (attempt_) attempt_->abandon();
}

void DialedLink::start() {
  if (finished_) return;
  if (!impossible_.empty()) return fail(LinkError::connect_failed, impossible_);
  attempt_ = std::make_shared<Attempt>(this, loop_.context());
  attempt_->resolve(endpoint_);
}

std::string DialedLink::refusal_of(const sockaddr& address) const {
  if (!options_.guard) return "";
  const auto ip = IpAddress::of(&address);
  return ip ? options_.guard->refusal(endpoint_.host, endpoint_.port, *ip) : "not an internet address";
}

void DialedLink::connected(int socket) {
  attempt_->abandon();
  attempt_.reset();
  if (options_.send_buffer > 0)
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &options_.send_buffer, sizeof options_.send_buffer);
  if (tls_ == nullptr) {
    wire_ = std::make_unique<Wire>(loop_, socket, nullptr);
    return hand_to_protocol(endpoint_.version == HttpVersion::http2);
  }
  auto session = make_client_session(*tls_, endpoint_);
  wire_ = std::make_unique<Wire>(loop_, socket, session ? std::move(*session) : nullptr);
  if (!session) return fail(LinkError::connect_failed, session.error());
  wire_->set_events(this);
  shake_hands();
}

void DialedLink::shake_hands() {
  switch (wire_->handshake()) {
    case Wire::Status::ok:
      if (endpoint_.version == HttpVersion::http2 && !wire_->chose_http2())
        return fail(LinkError::connect_failed, "the peer does not offer HTTP/2");
      return hand_to_protocol(wire_->chose_http2());
    case Wire::Status::again:
      return;
    case Wire::Status::closed:
      return fail(LinkError::connect_failed, "closed by the peer during the TLS handshake");
    case Wire::Status::failed:
      return fail(LinkError::connect_failed, "TLS: " + wire_->error());
  }
}

void DialedLink::hand_to_protocol(bool http2) {
  timer_.reset();
  if (http2)
    inner_ = std::make_unique<H2Link>(loop_, std::move(wire_), endpoint_, options_, scratch_, connect_by_,
                                      events_);
  else
    inner_ = std::make_unique<H1Link>(loop_, std::move(wire_), endpoint_, options_, scratch_, events_);
}

void DialedLink::submit(Request request, Token token) {
  CHECK(inner_ != nullptr);
  inner_->submit(std::move(request), token);
}

void DialedLink::flush() {
  if (inner_) inner_->flush();
}

std::vector<Token> DialedLink::withdraw(const std::function<bool(Token)>& mine) {
  return inner_ ? inner_->withdraw(mine) : std::vector<Token>{};
}

void DialedLink::drain() {
  if (inner_) return inner_->drain();
  loop_.post([this, alive = alive_] {
    if (*alive) close();
  });
}

void DialedLink::close() {
  if (inner_) return inner_->close();
  fail(LinkError::withdrawn, "closed by its owner");
}

void DialedLink::fail(LinkError error, std::string detail) {
  if (finished_) return;
  finished_ = true;
  if (attempt_) attempt_->abandon();
  if (wire_) wire_->close();
  timer_.reset();
  events_.on_closed(error, detail);
}

}  // namespace belay::net
