#include "sink/hub.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace belay::sink {
namespace asio = boost::asio;

struct Hub::Listener : std::enable_shared_from_this<Hub::Listener> {
  Listener(net::IoLoop& on, int socket, std::function<void(int)> give)
      : loop(on), descriptor(on.context(), socket), accepted(std::move(give)) {}

  void wait() {
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](boost::system::error_code error) {
                            if (!error && !self->closed) self->accept();
                          });
  }

  void accept() {
    for (int turn = 0; turn < 64; ++turn) {
      const int socket =
          ::accept4(descriptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ECONNABORTED || errno == EINTR) break;
        // Out of descriptors: look again when others may have been closed.
        retry = loop.after(Millis{100}, [this] { wait(); });
        return;
      }
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      accepted(socket);
    }
    wait();
  }

  void close() {
    closed = true;
    retry.reset();
    boost::system::error_code ignored;
    descriptor.close(ignored);
  }

  net::IoLoop& loop;
  asio::posix::stream_descriptor descriptor;
  std::function<void(int)> accepted;
  std::unique_ptr<Executor::Timer> retry;
  bool closed = false;
};

Hub::Hub(net::IoLoop& loop, Service& service, const SinkOptions& options)
    : max_connections_(options.max_connections), share_{loop, service, options.max_body, {}} {}

Hub::~Hub() {
  for (const auto& listener : listeners_) listener->close();
}

void Hub::adopt(int socket, ssl_ctx_st* tls) {
  if (connections_.size() >= max_connections_) return (void)::close(socket);
  net::TlsSession session;
  if (tls != nullptr) {
    auto made = net::make_server_session(*tls);
    if (!made) return (void)::close(socket);  // out of memory
    session = std::move(*made);
  }
  auto wire = std::make_unique<net::Wire>(share_.loop, socket, std::move(session));
  auto connection = std::make_unique<Connection>(
      share_, std::move(wire), tls != nullptr,
      [this](Connection& ended) { share_.loop.post([this, &ended] { connections_.erase(&ended); }); });
  Connection& started = *connection;
  connections_.emplace(&started, std::move(connection));
  started.start();
}

void Hub::behaviour_changed() {
  for (const auto& [connection, owned] : connections_) connection->behaviour_changed();
}

void Hub::accept_from(int listening_socket, std::function<void(int)> accepted) {
  listeners_.push_back(std::make_shared<Listener>(share_.loop, listening_socket, std::move(accepted)));
  listeners_.back()->wait();
}

}  // namespace belay::sink
