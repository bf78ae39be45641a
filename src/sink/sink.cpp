#include "sink/sink.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/io_loop.h"
#include "net/tls.h"
#include "sink/hub.h"
#include "sink/service.h"

namespace belay::sink {
namespace {

struct AddressListFree {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string name_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {};
  return address.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port)
                                       : fmt::format("{}:{}", host, port);
}

Result<int, std::string> bind_to(const addrinfo& address, int receive_buffer) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::unexpected(std::string(std::strerror(errno)));
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Before listen(), so that accepted sockets inherit it and the window they offer.
  if (receive_buffer > 0) ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, SOMAXCONN) == 0)
    return socket;
  const std::string why = std::strerror(errno);
  ::close(socket);
  return std::unexpected(why);
}

Result<int, std::string> bind_to(const std::string& host_port, int receive_buffer) {
  const std::size_t colon = host_port.rfind(':');
  if (colon == std::string::npos) return std::unexpected(host_port + ": HOST:PORT is wanted");
  std::string host = host_port.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), host_port.substr(colon + 1).c_str(),
                                   &hints, &found);
  if (failed != 0) return std::unexpected(host_port + ": " + ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, AddressListFree> owned(found);
  auto socket = bind_to(*found, receive_buffer);
  if (!socket) return std::unexpected("can't listen on " + host_port + ": " + socket.error());
  return socket;
}

}  // namespace

struct Sink::State {
  State(SinkOptions wanted, TokenEndpoint tokens)
      : options(std::move(wanted)), service(options, std::move(tokens), [this] { tell_hubs(); }) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
      loops.push_back(std::make_unique<net::IoLoop>(fmt::format("sink-{}", i)));
      hubs.push_back(std::make_unique<Hub>(*loops.back(), service, options));
    }
  }

  // The loops end first; then nobody else touches the hubs, whose sockets must go before the loops do.
  ~State() {
    for (const auto& loop : loops) loop->stop();
    hubs.clear();
  }

  void tell_hubs() {
    for (const auto& hub : hubs) hub->loop().post([&hub = *hub] { hub.behaviour_changed(); });
  }

  void give_away(int socket, ssl_ctx_st* tls) {
    Hub& hub = *hubs[next++ % hubs.size()];
    hub.loop().post([&hub, socket, tls] { hub.adopt(socket, tls); });
  }

  const SinkOptions options;
  Service service;
  std::vector<net::TlsContext> contexts;
  std::vector<std::unique_ptr<net::IoLoop>> loops;
  std::vector<std::unique_ptr<Hub>> hubs;
  std::size_t next = 0;  // touched on the first loop only
};

Sink::Sink(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sink::~Sink() = default;

Result<std::unique_ptr<Sink>, std::string> Sink::make(SinkOptions options) {
  TRY_ASSIGN(TokenEndpoint tokens, TokenEndpoint::make(options.token_public_key));
  return std::unique_ptr<Sink>(new Sink(std::make_unique<State>(std::move(options), std::move(tokens))));
}

Result<std::string, std::string> Sink::listen(const std::string& host_port,
                                              const std::optional<SinkTls>& tls) {
  ssl_ctx_st* context = nullptr;
  if (tls) {
    TRY_ASSIGN(auto made, net::make_server_tls(tls->certificate_chain, tls->private_key));
    context = made.get();
    state_->contexts.push_back(std::move(made));
  }
  TRY_ASSIGN(const int socket, bind_to(host_port, state_->options.receive_buffer));
  const std::string bound = name_of(socket);
  Hub& first = *state_->hubs.front();
  first.loop().post([state = state_.get(), &first, socket, context] {
    first.accept_from(socket, [state, context](int accepted) { state->give_away(accepted, context); });
  });
  return bound;
}

Counts Sink::counts() const {
  return state_->service.ledger().counts();
}
const Ledger& Sink::ledger() const {
  return state_->service.ledger();
}
Behaviour Sink::behaviour() const {
  return state_->service.behaviour();
}
void Sink::set_behaviour(const Behaviour& behaviour) {
  state_->service.set_behaviour(behaviour);
}
void Sink::reset() {
  state_->service.reset();
}

Micros Sink::cpu_time() const {
  Micros total{};
  for (const auto& loop : state_->loops) total += loop->cpu_time();
  return total;
}

}  // namespace belay::sink
