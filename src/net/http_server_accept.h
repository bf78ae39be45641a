// Listening sockets of the HTTP server. open_*() bind and listen on the calling thread (they may
// block on name look-up and files); from start() on a listener lives on its loop.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_server_socket.h"

namespace boost::asio {
class io_context;
}

namespace belay::net {

struct TlsFiles;

class Listener {
 public:
  using OnSocket = std::function<void(std::unique_ptr<ServerSocket>)>;

  virtual ~Listener() = default;
  virtual const std::string& address() const = 0;
  // Accepts until close(). Out of descriptors, it tries again a moment later.
  virtual void start(OnSocket on_socket) = 0;
  virtual void close() = 0;
};

using OpenedListener = Result<std::shared_ptr<Listener>, std::string>;

OpenedListener open_tcp(boost::asio::io_context& context, const std::string& host_port);
OpenedListener open_tls(boost::asio::io_context& context, const std::string& host_port,
                        const TlsFiles& files);
OpenedListener open_unix(boost::asio::io_context& context, const std::string& path);

}  // namespace belay::net
