#include "net/http_server_accept.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/http_server.h"
#include "net/tls_server.h"

namespace belay::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

constexpr auto accept_retry = std::chrono::milliseconds(100);

using TwoBuffers = std::array<asio::const_buffer, 2>;

TwoBuffers two_buffers(std::string_view first, std::string_view second) {
  return {asio::const_buffer(first.data(), first.size()), asio::const_buffer(second.data(), second.size())};
}

std::string address_text(const tcp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), host, endpoint.port());
}

std::string peer_text(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string("unknown") : address_text(endpoint);
}

std::string peer_text(Local::socket& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unix:unknown";
  return fmt::format("unix:uid={},pid={}", peer.uid, peer.pid);
}

template <class Protocol>
class PlainSocket final : public ServerSocket {
 public:
  explicit PlainSocket(typename Protocol::socket socket)
      : socket_(std::move(socket)), peer_(peer_text(socket_)) {}

  const std::string& peer() const override { return peer_; }
  bool is_unix() const override { return std::is_same_v<Protocol, Local>; }
  bool is_tls() const override { return false; }
  void handshake(IoDone done) override {
    asio::post(socket_.get_executor(), [done = std::move(done)]() mutable { done({}, 0); });
  }
  void read_some(std::span<char> into, IoDone done) override {
    socket_.async_read_some(asio::mutable_buffer(into.data(), into.size()), std::move(done));
  }
  void write_some(std::string_view first, std::string_view second, IoDone done) override {
    socket_.async_write_some(two_buffers(first, second), std::move(done));
  }
  std::size_t write_now(std::string_view first, std::string_view second) override {
    iovec parts[] = {{const_cast<char*>(first.data()), first.size()},
                     {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  void finish_sending(IoDone done) override {
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    handshake(std::move(done));
  }
  void discard_some(std::span<char> into, IoDone done) override { read_some(into, std::move(done)); }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  typename Protocol::socket socket_;
  std::string peer_;
};

class TlsSocket final : public ServerSocket {
 public:
  TlsSocket(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)),
        stream_(std::move(socket), *context_),
        peer_(peer_text(stream_.next_layer())) {}

  const std::string& peer() const override { return peer_; }
  bool is_unix() const override { return false; }
  bool is_tls() const override { return true; }
  void handshake(IoDone done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](const error_code& error) mutable { done(error, 0); });
  }
  void read_some(std::span<char> into, IoDone done) override {
    stream_.async_read_some(asio::mutable_buffer(into.data(), into.size()), std::move(done));
  }
  void write_some(std::string_view first, std::string_view second, IoDone done) override {
    const auto part = first.empty() ? second : first;  // TLS takes one buffer a record
    stream_.async_write_some(asio::const_buffer(part.data(), part.size()), std::move(done));
  }
  std::size_t write_now(std::string_view, std::string_view) override { return 0; }
  void finish_sending(IoDone done) override {
    stream_.async_shutdown([this, done = std::move(done)](const error_code&) mutable {
      error_code ignored;
      stream_.next_layer().shutdown(asio::socket_base::shutdown_send, ignored);
      done({}, 0);
    });
  }
  void discard_some(std::span<char> into, IoDone done) override {
    stream_.next_layer().async_read_some(asio::mutable_buffer(into.data(), into.size()), std::move(done));
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<tcp::socket> stream_;
  std::string peer_;
};

template <class Protocol>
class ProtocolListener : public Listener, public std::enable_shared_from_this<ProtocolListener<Protocol>> {
 public:
  ProtocolListener(typename Protocol::acceptor acceptor, std::string address)
      : acceptor_(std::move(acceptor)), retry_(acceptor_.get_executor()), address_(std::move(address)) {}

  const std::string& address() const override { return address_; }
  void start(OnSocket on_socket) override {
    on_socket_ = std::move(on_socket);
    accept();
  }
  void close() override {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    on_socket_ = nullptr;
  }

 protected:
  virtual std::unique_ptr<ServerSocket> wrap(typename Protocol::socket socket) {
    return std::make_unique<PlainSocket<Protocol>>(std::move(socket));
  }

 private:
  void accept() {
    acceptor_.async_accept(
        [self = this->shared_from_this()](const error_code& error, typename Protocol::socket socket) {
          self->accepted(error, std::move(socket));
        });
  }
  void accepted(const error_code& error, typename Protocol::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error && error != asio::error::connection_aborted) {
      retry_.expires_after(accept_retry);
      retry_.async_wait([self = this->shared_from_this()](const error_code&) {
        if (self->acceptor_.is_open()) self->accept();
      });
      return;
    }
    if (!error) on_socket_(wrap(std::move(socket)));
    if (acceptor_.is_open()) accept();
  }

  typename Protocol::acceptor acceptor_;
  asio::steady_timer retry_;
  std::string address_;
  OnSocket on_socket_;
};

void set_no_delay(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
}

class TcpListener final : public ProtocolListener<tcp> {
 public:
  using ProtocolListener::ProtocolListener;
  std::unique_ptr<ServerSocket> wrap(tcp::socket socket) override {
    set_no_delay(socket);
    return ProtocolListener::wrap(std::move(socket));
  }
};

class TlsListener final : public ProtocolListener<tcp> {
 public:
  TlsListener(tcp::acceptor acceptor, std::string address, std::shared_ptr<asio::ssl::context> context)
      : ProtocolListener(std::move(acceptor), std::move(address)), context_(std::move(context)) {}
  std::unique_ptr<ServerSocket> wrap(tcp::socket socket) override {
    set_no_delay(socket);
    return std::make_unique<TlsSocket>(std::move(socket), context_);
  }

 private:
  std::shared_ptr<asio::ssl::context> context_;
};

// Takes its socket file away when it goes, unless somebody else's stands there by now.
class UnixListener final : public ProtocolListener<Local> {
 public:
  UnixListener(Local::acceptor acceptor, std::string path)
      : ProtocolListener(std::move(acceptor), path), path_(std::move(path)) {
    struct stat file {};
    if (::stat(path_.c_str(), &file) == 0) inode_ = file.st_ino;
  }
  ~UnixListener() override { remove_file(); }
  void close() override {
    remove_file();
    ProtocolListener::close();
  }

 private:
  void remove_file() {
    struct stat file {};
    if (inode_ != 0 && ::stat(path_.c_str(), &file) == 0 && file.st_ino == inode_) ::unlink(path_.c_str());
    inode_ = 0;
  }

  std::string path_;
  ino_t inode_ = 0;
};

std::unexpected<std::string> cannot_listen(const std::string& where, std::string_view why) {
  return std::unexpected(fmt::format("Can't listen on {}: {}.", where, why));
}

template <class Protocol>
error_code listen_on(typename Protocol::acceptor& acceptor) {
  error_code error;
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

Result<tcp::endpoint, std::string> resolve(asio::io_context& context, const std::string& host_port) {
  const auto colon = host_port.rfind(':');
  std::string host = host_port.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (colon == std::string::npos || host.empty() || (!bracketed && host.find(':') != std::string::npos)) {
    return cannot_listen("'" + host_port + "'", "the address must read HOST:PORT or [HOST]:PORT");
  }
  const std::string port = host_port.substr(colon + 1);
  const bool is_number =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(port) > 65535) return cannot_listen(host_port, "the port must be 0 to 65535");
  error_code error;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(host, port, tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) return cannot_listen(host_port, error ? error.message() : "no such host");
  return found.begin()->endpoint();
}

Result<tcp::acceptor, std::string> bind_tcp(asio::io_context& context, const std::string& host_port) {
  TRY_ASSIGN(const auto endpoint, resolve(context, host_port));
  tcp::acceptor acceptor(context);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) error = listen_on<tcp>(acceptor);
  if (error) return cannot_listen(host_port, error.message());
  return acceptor;
}

std::string bound_address(const tcp::acceptor& acceptor) {
  error_code ignored;
  return address_text(acceptor.local_endpoint(ignored));
}

// A socket file that nobody listens on is left over from a process that is gone.
Result<void, std::string> remove_stale_socket(asio::io_context& context, const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return {};
  if (!S_ISSOCK(file.st_mode)) return cannot_listen(path, "a file that is not a socket stands there");
  error_code error;
  Local::socket probe(context);
  probe.connect(Local::endpoint(path), error);
  if (!error) return cannot_listen(path, "another process listens there");
  if (error != asio::error::connection_refused) return cannot_listen(path, error.message());
  if (::unlink(path.c_str()) != 0) return cannot_listen(path, "can't remove the stale socket file");
  return {};
}

}  // namespace

OpenedListener open_tcp(asio::io_context& context, const std::string& host_port) {
  TRY_ASSIGN(auto acceptor, bind_tcp(context, host_port));
  auto address = bound_address(acceptor);
  return std::make_shared<TcpListener>(std::move(acceptor), std::move(address));
}

OpenedListener open_tls(asio::io_context& context, const std::string& host_port, const TlsFiles& files) {
  TRY_ASSIGN(auto tls, make_tls_server(files));
  TRY_ASSIGN(auto acceptor, bind_tcp(context, host_port));
  auto address = bound_address(acceptor);
  return std::make_shared<TlsListener>(std::move(acceptor), std::move(address), std::move(tls));
}

OpenedListener open_unix(asio::io_context& context, const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return cannot_listen("'" + path + "'", "the path of a Unix socket must have 1 to 107 bytes");
  }
  TRY(remove_stale_socket(context, path));
  Local::acceptor acceptor(context);
  error_code error;
  acceptor.open(Local(), error);
  if (!error) acceptor.bind(Local::endpoint(path), error);
  if (error) return cannot_listen(path, error.message());
  // Between bind and listen nobody can connect, so the mode is right before it matters.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return cannot_listen(path, "can't set its mode");
  if (error = listen_on<Local>(acceptor); error) return cannot_listen(path, error.message());
  return std::make_shared<UnixListener>(std::move(acceptor), path);
}

}  // namespace belay::net
