// The protocol half of one connection to the sink. The other half, Connection, owns the socket.
#pragma once
#include <string>
#include <string_view>

#include "base/executor.h"
#include "sink/message.h"
#include "sink/service.h"

namespace belay::sink {

// What a session needs from its connection.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual Service& service() = 0;
  virtual MessageReader& reader() = 0;
  virtual void later(Micros delay,
                     Task task) = 0;  // on the loop, if the connection still lives; output is written after
  virtual void abort() = 0;           // close the socket when the current call has returned
};

class Session {
 public:
  virtual ~Session() = default;
  virtual bool receive(std::string_view bytes) = 0;  // false: broken protocol, close
  virtual void fill(std::string& out) = 0;           // appends what is to be sent, some 64 KiB at most
  virtual bool done() const = 0;                     // nothing more to receive or send
  // Whether the peer knows of the end and closes: what it still sends must be read until then, as closing a
  // socket with something unread in it resets the connection, and what was said last may be lost.
  virtual bool peer_closes() const { return false; }
  virtual void behaviour_changed() {}
  virtual std::size_t incomplete_messages() const = 0;  // begun, not whole: asked when the connection ends
};

constexpr std::size_t fill_bytes = 64 * 1024;

}  // namespace belay::sink
