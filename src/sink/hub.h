// One loop of the sink with the connections that live on it. The first hub accepts for all.
#pragma once
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "net/io_loop.h"
#include "net/tls.h"
#include "sink/connection.h"

namespace belay::sink {

class Hub {
 public:
  Hub(net::IoLoop& loop, Service& service, const SinkOptions& options);
  ~Hub();

  // On the hub's loop from here on.
  void adopt(int socket, ssl_ctx_st* tls);
  void behaviour_changed();
  // Gives every accepted socket to `accepted`. The listening socket is closed with the hub.
  void accept_from(int listening_socket, std::function<void(int socket)> accepted);

  net::IoLoop& loop() { return share_.loop; }

 private:
  struct Listener;

  const std::size_t max_connections_;
  LoopShare share_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace belay::sink
