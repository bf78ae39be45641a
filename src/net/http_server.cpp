#include "net/http_server.h"

#include <future>
#include <utility>

#include "net/http_server_accept.h"
#include "net/http_server_session.h"
#include "net/io_loop.h"
#include "net/peer_address.h"

namespace belay::net {
namespace {

constexpr Millis deadline_sweep{200};
// Connections above the cap are told so, but only so many at once: more are just closed.
constexpr std::size_t most_refused_sessions = 64;

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(IoLoop& on, HttpLimits limits, HttpHandler handler, HttpErrorBody error_body)
      : loop(on), host(std::make_shared<SessionHost>()) {
    host->limits = limits;
    host->handler = std::make_shared<HttpHandler>(std::move(handler));
    host->error_body = std::make_shared<HttpErrorBody>(std::move(error_body));
    host->mailbox = std::make_shared<Mailbox>(loop);
  }

  IoLoop& loop;
  const std::shared_ptr<SessionHost> host;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::unique_ptr<Executor::Timer> sweep_timer;

  Result<std::string, std::string> adopt(OpenedListener opened);
  void start(const std::shared_ptr<Listener>& listener);
  void on_socket(std::unique_ptr<ServerSocket> socket);
  std::string_view refusal(const std::string& address);
  bool make_room(const std::string& address);
  std::string address_of(const ServerSocket& socket) const;
  void schedule_sweep();
  std::vector<std::shared_ptr<Session>> all_sessions() const;
  void close_listeners();
  void shut_down();
};

Result<std::string, std::string> HttpServer::State::adopt(OpenedListener opened) {
  TRY_ASSIGN(auto listener, std::move(opened));
  auto address = listener->address();
  host->mailbox->run([weak = weak_from_this(), listener = std::move(listener)] {
    if (const auto self = weak.lock()) self->start(listener);
  });
  return address;
}

void HttpServer::State::start(const std::shared_ptr<Listener>& listener) {
  if (host->closing) return listener->close();
  listeners.push_back(listener);
  listener->start([weak = weak_from_this()](std::unique_ptr<ServerSocket> socket) {
    if (const auto self = weak.lock()) self->on_socket(std::move(socket));
  });
}

void HttpServer::State::on_socket(std::unique_ptr<ServerSocket> socket) {
  if (host->closing) return;
  std::string address = address_of(*socket);
  const std::string_view why_not = refusal(address);
  if (!why_not.empty() && host->refused_sessions >= most_refused_sessions) return;
  std::make_shared<Session>(host, std::move(socket), std::move(address), why_not)->start();
  if (!sweep_timer) schedule_sweep();
}

// What the connection counts for, or "": nobody's in particular.
std::string HttpServer::State::address_of(const ServerSocket& socket) const {
  if (host->limits.connections_per_address == 0 || socket.is_unix()) return "";
  const std::string address = counted_address(socket.peer());
  return address.empty() && !host->limits.spare_loopback ? "loopback" : address;
}

// Why one more from there is not served, or "". Room is made for it where that can be.
std::string_view HttpServer::State::refusal(const std::string& address) {
  const auto from_there = host->by_address.find(address);
  const bool crowded = !address.empty() && from_there != host->by_address.end() &&
                       from_there->second >= host->limits.connections_per_address;
  if (crowded) return make_room(address) ? "" : "There are too many connections from your address.";
  const bool full = host->sessions.size() - host->refused_sessions >= host->limits.connections;
  return !full || make_room("") ? "" : "The server has too many connections.";
}

// Many connections that ask nothing must not lock out those that do. `address`: room among its own; "" any.
bool HttpServer::State::make_room(const std::string& address) {
  std::shared_ptr<Session> longest;
  for (const auto& session : host->sessions) {
    if (!address.empty() && session->address() != address) continue;
    if (session->idle_since() < (longest ? longest->idle_since() : SteadyTime::max())) longest = session;
  }
  if (longest) longest->close();
  return longest != nullptr;
}

// One timer for all deadlines of all connections: nothing to arm and cancel for each request.
void HttpServer::State::schedule_sweep() {
  sweep_timer = loop.after(deadline_sweep, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    const auto now = self->host->clock.steady();
    for (const auto& session : self->all_sessions()) session->check_deadline(now);
    self->sweep_timer.reset();
    if (!self->host->sessions.empty()) self->schedule_sweep();
  });
}

// A copy, because sessions leave the set while they are visited.
std::vector<std::shared_ptr<Session>> HttpServer::State::all_sessions() const {
  return {host->sessions.begin(), host->sessions.end()};
}

void HttpServer::State::close_listeners() {
  host->closing = true;
  for (const auto& listener : std::exchange(listeners, {})) listener->close();
  for (const auto& session : all_sessions()) session->finish_and_close();
}

void HttpServer::State::shut_down() {
  host->closing = true;
  host->handler.reset();
  host->error_body.reset();
  for (const auto& listener : std::exchange(listeners, {})) listener->close();
  for (const auto& session : all_sessions()) session->close();
  sweep_timer.reset();
}

HttpServer::HttpServer(IoLoop& loop, HttpLimits limits, HttpHandler handler, HttpErrorBody error_body)
    : state_(std::make_shared<State>(loop, limits, std::move(handler), std::move(error_body))) {}

// Waits for the loop, so that afterwards no handler runs and all ports are free.
HttpServer::~HttpServer() {
  std::promise<void> finished;
  auto result = finished.get_future();
  bool done = false;
  // A loop that has been stopped destroys the task unrun, which breaks the promise.
  state_->host->mailbox->run([state = state_, &done, finished = std::move(finished)]() mutable {
    state->shut_down();
    done = true;
    finished.set_value();
  });
  result.wait();
  if (!done) {
    state_->loop.stop();  // joins: from here on this thread is alone
    state_->shut_down();
  }
  state_->host->mailbox->close();
}

Result<std::string, std::string> HttpServer::listen_tcp(const std::string& host_port) {
  return state_->adopt(open_tcp(state_->loop.context(), host_port));
}

Result<std::string, std::string> HttpServer::listen_tls(const std::string& host_port, const TlsFiles& files) {
  return state_->adopt(open_tls(state_->loop.context(), host_port, files));
}

Result<std::string, std::string> HttpServer::listen_unix(const std::string& path) {
  return state_->adopt(open_unix(state_->loop.context(), path));
}

void HttpServer::close_listeners() {
  state_->host->mailbox->run([weak = std::weak_ptr(state_)] {
    if (const auto state = weak.lock()) state->close_listeners();
  });
}

}  // namespace belay::net
