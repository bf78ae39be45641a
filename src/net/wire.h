// One connected socket, in cleartext or TLS, never blocking, and exact about what the operating
// system has accepted. Lives on one loop; all calls and callbacks happen there.
//
// write() returns how many of the offered bytes the socket has taken. In TLS a byte counts only when
// the whole record that carries it is in the socket: records are sealed at most 16 KiB at a time
// straight onto the socket (no buffer of encrypted bytes besides OpenSSL's own single record), and
// OpenSSL reports success only when the record is written to its end. While a record is stuck half
// way, sealed() says how many of the next bytes it carries: those can't be taken back, because
// leaving out a record breaks the connection. In cleartext sealed() is always 0.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/tls.h"

namespace belay::net {

class IoLoop;

class WireEvents {
 public:
  virtual ~WireEvents() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

class Wire {
 public:
  enum class Status { ok, again, closed, failed };
  struct Io {
    Status status;
    std::size_t bytes;
  };

  // Takes a non-blocking socket over, with a TLS session or none. Waits for nothing yet.
  Wire(IoLoop& loop, int socket, TlsSession tls);
  ~Wire();  // closes; no event comes any more
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void set_events(WireEvents* events);

  // TLS only: goes on with the handshake; `again` has armed the wait it needs.
  Status handshake();
  bool chose_http2() const;  // what ALPN settled on

  // ok: bytes > 0. again: nothing now. closed: the peer's end. failed: see error().
  Io read(std::span<char> into);
  // ok: all of it was accepted. again: `bytes` of it were, the socket is full.
  Io write(std::string_view bytes);
  std::size_t sealed() const { return sealed_; }
  // How many bytes one write() gives to the system in one call: who has to look at something before each
  // call offers no more at once.
  std::size_t at_once() const;

  // One event each, when there is something to read or room to write. Asking twice gives one event.
  void await_readable();
  void await_writable();

  // Says goodbye in TLS (best effort) and closes. Later calls do nothing.
  void close();
  std::string error() const { return error_; }

 private:
  struct Waits;

  Io read_tls(std::span<char> into);
  Io write_tls(std::string_view bytes);
  Status tls_problem(int result);

  std::shared_ptr<Waits> waits_;
  int socket_;
  TlsSession tls_;
  std::size_t sealed_ = 0;
  bool more_to_read_ = false;  // OpenSSL may hold plaintext that the socket will not announce again
  std::string error_;
};

}  // namespace belay::net
