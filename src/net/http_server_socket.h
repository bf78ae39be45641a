// A server's accepted connection with its kind (TCP, TLS, Unix) hidden, so that the session above is
// compiled once. Lives on the loop; every completion comes there, never from inside the call.
// At most one read and one write at a time. Destroying the socket closes it.
#pragma once
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace belay::net {

using IoDone = std::move_only_function<void(boost::system::error_code, std::size_t)>;

class ServerSocket {
 public:
  virtual ~ServerSocket() = default;

  virtual const std::string& peer() const = 0;  // "127.0.0.1:5123" or "unix:uid=0,pid=17"
  virtual bool is_unix() const = 0;
  virtual bool is_tls() const = 0;

  virtual void handshake(IoDone done) = 0;  // completes at once where there is none
  virtual void read_some(std::span<char> into, IoDone done) = 0;
  // The bytes must stay until the completion.
  virtual void write_some(std::string_view first, std::string_view second, IoDone done) = 0;
  // Writes what the system takes right now; 0 also where the kind can't (TLS). Errors show in the next
  // write_some().
  virtual std::size_t write_now(std::string_view first, std::string_view second) = 0;
  // Tells the peer that nothing follows (close_notify, FIN).
  virtual void finish_sending(IoDone done) = 0;
  // Reads below TLS, to let a peer finish sending what nobody will look at.
  virtual void discard_some(std::span<char> into, IoDone done) = 0;
  virtual void close() = 0;
};

}  // namespace belay::net
