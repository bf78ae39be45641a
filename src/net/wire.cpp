#include "net/wire.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/check.h"
#include "net/io_loop.h"

namespace belay::net {
namespace asio = boost::asio;
namespace {

constexpr std::size_t record_bytes = 16 * 1024;
constexpr int at_end = 0x800;  // our own BIO flag, outside OpenSSL's public ones: the peer has closed

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}
bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t n = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && would_block(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t n = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
  if (n < 0 && would_block(errno)) BIO_set_retry_read(bio);
  if (n == 0) BIO_set_flags(bio, at_end);
  return static_cast<int>(n);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, at_end) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the peer is gone.
BIO_METHOD* make_bio_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "belay wire");
  CHECK(method != nullptr);
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

BIO* make_bio(int socket) {
  static const BIO_METHOD* const method = make_bio_method();
  BIO* bio = BIO_new(method);
  CHECK(bio != nullptr);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

// Outlives the Wire for as long as Asio holds a handler; `events` is null from then on.
struct Wire::Waits : std::enable_shared_from_this<Wire::Waits> {
  Waits(asio::io_context& context, int socket) : loop(context), descriptor(context, socket) {}

  void wait(asio::posix::stream_descriptor::wait_type what, bool Waits::*armed, void (WireEvents::*event)()) {
    if (this->*armed || !descriptor.is_open()) return;
    this->*armed = true;
    descriptor.async_wait(what, [self = shared_from_this(), armed, event](boost::system::error_code error) {
      self->fire(error, armed, event);
    });
  }
  void post_read() {
    if (reading) return;
    reading = true;
    asio::post(loop,
               [self = shared_from_this()] { self->fire({}, &Waits::reading, &WireEvents::on_readable); });
  }
  void fire(boost::system::error_code error, bool Waits::*armed, void (WireEvents::*event)()) {
    this->*armed = false;
    if (events != nullptr && error != asio::error::operation_aborted) (events->*event)();
  }

  asio::io_context& loop;
  asio::posix::stream_descriptor descriptor;
  WireEvents* events = nullptr;
  bool reading = false;
  bool writing = false;
};

Wire::Wire(IoLoop& loop, int socket, TlsSession tls)
    : waits_(std::make_shared<Waits>(loop.context(), socket)), socket_(socket), tls_(std::move(tls)) {
  if (!tls_) return;
  BIO* bio = make_bio(socket);
  SSL_set_bio(tls_.get(), bio, bio);
}

Wire::~Wire() {
  close();
}

void Wire::set_events(WireEvents* events) {
  waits_->events = events;
}

void Wire::close() {
  waits_->events = nullptr;
  if (socket_ < 0) return;
  if (tls_ && error_.empty() && sealed_ == 0 && SSL_is_init_finished(tls_.get())) {
    SSL_shutdown(tls_.get());
    ERR_clear_error();
  }
  socket_ = -1;
  boost::system::error_code ignored;
  waits_->descriptor.close(ignored);
}

void Wire::await_readable() {
  if (more_to_read_) return waits_->post_read();
  waits_->wait(asio::posix::stream_descriptor::wait_read, &Waits::reading, &WireEvents::on_readable);
}

void Wire::await_writable() {
  waits_->wait(asio::posix::stream_descriptor::wait_write, &Waits::writing, &WireEvents::on_writable);
}

Wire::Status Wire::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  if (result == 1) return Status::ok;
  const Status status = tls_problem(result);
  if (status == Status::failed) {
    const long verdict = SSL_get_verify_result(tls_.get());
    if (verdict != X509_V_OK) error_ = X509_verify_cert_error_string(verdict);
  }
  return status;
}

bool Wire::chose_http2() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (tls_) SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

// What a call that did not succeed means; arms the wait when OpenSSL wants the socket.
Wire::Status Wire::tls_problem(int result) {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      waits_->wait(asio::posix::stream_descriptor::wait_read, &Waits::reading, &WireEvents::on_readable);
      return Status::again;
    case SSL_ERROR_WANT_WRITE:
      await_writable();
      return Status::again;
    case SSL_ERROR_ZERO_RETURN:
      return Status::closed;
    case SSL_ERROR_SYSCALL:
      error_ = errno == 0 ? "closed without a TLS goodbye" : std::strerror(errno);
      return Status::failed;
    default:
      // Without a goodbye the end may be a cut: HTTP's own framing tells whether an answer is whole.
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return Status::closed;
      error_ = take_tls_error();
      return Status::failed;
  }
}

Wire::Io Wire::read(std::span<char> into) {
  if (socket_ < 0) return {Status::closed, 0};
  if (tls_) return read_tls(into);
  const ssize_t n = ::recv(socket_, into.data(), into.size(), 0);
  if (n > 0) return {Status::ok, static_cast<std::size_t>(n)};
  if (n == 0) return {Status::closed, 0};
  if (would_block(errno)) return {Status::again, 0};
  error_ = std::strerror(errno);
  return {Status::failed, 0};
}

Wire::Io Wire::read_tls(std::span<char> into) {
  std::size_t total = 0;
  more_to_read_ = false;
  while (total < into.size()) {
    ERR_clear_error();
    const int n = SSL_read(tls_.get(), into.data() + total, static_cast<int>(into.size() - total));
    if (n > 0) {
      total += static_cast<std::size_t>(n);
      continue;
    }
    const Status status = tls_problem(n);
    if (total == 0) return {status, 0};
    more_to_read_ = status != Status::again;  // give what came before the end; the end comes next time
    return {Status::ok, total};
  }
  more_to_read_ = true;
  return {Status::ok, total};
}

std::size_t Wire::at_once() const {
  return tls_ ? record_bytes : std::string_view::npos;
}

Wire::Io Wire::write(std::string_view bytes) {
  if (socket_ < 0) return {Status::failed, 0};
  if (tls_) return write_tls(bytes);
  const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0 && !would_block(errno)) {
    error_ = std::strerror(errno);
    return {Status::failed, 0};
  }
  const std::size_t accepted = n < 0 ? 0 : static_cast<std::size_t>(n);
  return {accepted == bytes.size() ? Status::ok : Status::again, accepted};
}

Wire::Io Wire::write_tls(std::string_view bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    // A stuck record is offered again with exactly the bytes it was sealed from.
    const std::size_t size = sealed_ != 0 ? sealed_ : std::min(bytes.size() - total, record_bytes);
    CHECK(total + size <= bytes.size());
    ERR_clear_error();
    const int n = SSL_write(tls_.get(), bytes.data() + total, static_cast<int>(size));
    if (n <= 0) {
      sealed_ = size;
      const Status status = tls_problem(n);
      return {status == Status::again ? Status::again : Status::failed, total};
    }
    sealed_ = 0;
    total += static_cast<std::size_t>(n);
  }
  return {Status::ok, total};
}

}  // namespace belay::net
