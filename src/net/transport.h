// The real Transport: links over TCP and TLS, HTTP/2 (libnghttp2) and HTTP/1.1 (Boost.Beast).
//
// One Transport per loop; it, its links and all their callbacks live on that loop's thread. Links go
// before their transport, both go on that thread (or after the loop was stopped) and before the IoLoop
// does. Nothing blocks: names are resolved in the background. TLS follows Endpoint: server name and
// ALPN from it, the peer's certificate is verified against ca_file or the system's authorities, and
// its name against Endpoint::host.
//
// What an owner may do inside a LinkEvents callback: every Link call (none in may_write()). What it may not:
// destroy the link or the transport; post a task for that. submit() and drain() give no event before they
// return. flush() may give handed_over and, where may_write() says no, what withdraw() and close() give;
// withdraw() gives unsent, close() gives every final event and on_closed. A flush() inside a callback is done
// once, when the link's turn ends.
#pragma once
#include <memory>

#include "base/clock.h"
#include "net/link.h"

namespace belay::net {

class IoLoop;
class OutboundGuard;

struct TransportOptions {
  Micros connect_within{Seconds{10}};  // name, TCP, TLS and the peer's SETTINGS together
  Micros flush_patience{Seconds{30}};  // a peer that takes no byte for so long while output waits is given up
  std::shared_ptr<const OutboundGuard> guard;  // where links may lead; null: anywhere
  bool verify_peer = true;        // false: any certificate will do; for tests against foreign machines only
  std::size_t max_streams = 512;  // most unfinished requests per HTTP/2 link, if the peer allows as many
  std::size_t output_limit = 64 * 1024;  // bytes serialised ahead of the socket; can_take() is false above
  int send_buffer = 0;                   // SO_SNDBUF in bytes; 0 leaves it to the system
};

std::unique_ptr<Transport> make_transport(IoLoop& loop, TransportOptions options = {});

}  // namespace belay::net
