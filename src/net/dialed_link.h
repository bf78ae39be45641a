// The Link a Transport gives out: it resolves, connects and shakes hands, and then hands everything to
// the H2Link or H1Link that the protocol settled on asks for. Internal to net.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "net/link.h"
#include "net/tls.h"
#include "net/transport.h"
#include "net/wire.h"

struct sockaddr;

namespace belay::net {

class IoLoop;

class DialedLink final : public Link, private WireEvents {
 public:
  // `tls` (null: cleartext) and `scratch` belong to the transport. `impossible` is why no attempt is
  // worth making, or "".
  DialedLink(IoLoop& loop, const Endpoint& endpoint, const TransportOptions& options, ssl_ctx_st* tls,
             std::string impossible, std::span<char> scratch, LinkEvents& events);
  ~DialedLink() override;

  bool can_take() const override { return inner_ != nullptr && inner_->can_take(); }
  void submit(Request request, Token token) override;
  void flush() override;
  std::vector<Token> withdraw(const std::function<bool(Token)>& mine) override;
  void drain() override;
  void close() override;
  std::size_t in_flight() const override { return inner_ == nullptr ? 0 : inner_->in_flight(); }
  std::size_t capacity() const override { return inner_ == nullptr ? 0 : inner_->capacity(); }

 private:
  struct Attempt;  // name resolution and TCP connect, as long as they run

  void on_readable() override { shake_hands(); }
  void on_writable() override { shake_hands(); }

  void start();
  std::string refusal_of(const sockaddr& address) const;  // "": may be connected to
  void connected(int socket);
  void shake_hands();
  void hand_to_protocol(bool http2);
  void fail(LinkError error, std::string detail);

  IoLoop& loop_;
  const Endpoint endpoint_;
  const TransportOptions options_;
  ssl_ctx_st* const tls_;
  const std::string impossible_;
  const std::span<char> scratch_;
  LinkEvents& events_;
  RealClock clock_;
  SteadyTime connect_by_{};
  bool finished_ = false;
  std::shared_ptr<Attempt> attempt_;
  std::unique_ptr<Wire> wire_;  // during the TLS handshake
  std::unique_ptr<Link> inner_;
  std::unique_ptr<Executor::Timer> timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace belay::net
