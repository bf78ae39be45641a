// For tests: a server on 127.0.0.1 that does exactly what the test says, byte by byte, on the test's
// own thread. Reads wait for the deadline at most. SO_RCVBUF can be made small, so that a peer that
// does not read makes the sender's socket fill up.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>

#include "net/endpoint.h"

namespace belay::net {

class ScriptedPeer {
 public:
  explicit ScriptedPeer(int receive_buffer = 0) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0)
      ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~ScriptedPeer() {
    hang_up();
    ::close(listener_);
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  Endpoint endpoint(HttpVersion version) const {
    return {.host = "127.0.0.1", .port = port_, .version = version};
  }

  void accept() {
    ASSERT_TRUE(ready(listener_));
    socket_ = ::accept(listener_, nullptr, nullptr);
    ASSERT_GE(socket_, 0);
  }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  // Exactly `size` bytes; fewer when the other side has closed or the deadline has passed.
  std::string read(std::size_t size) {
    while (in_.size() < size && read_some()) {
    }
    std::string bytes = in_.substr(0, size);
    in_.erase(0, bytes.size());
    return bytes;
  }
  // Up to and with `end`; what there is when it never comes.
  std::string read_until(std::string_view end) {
    while (in_.find(end) == std::string::npos && read_some()) {
    }
    const std::size_t at = in_.find(end);
    return read(at == std::string::npos ? in_.size() : at + end.size());
  }
  std::string read_to_end() {
    while (read_some()) {
    }
    return std::exchange(in_, {});
  }
  void hang_up() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  static bool ready(int socket) {
    pollfd entry{socket, POLLIN, 0};
    return ::poll(&entry, 1, 20'000) == 1;
  }
  bool read_some() {
    if (socket_ < 0 || !ready(socket_)) return false;
    char bytes[16 * 1024];
    const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n > 0) in_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
  }

  int listener_ = -1;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::string in_;
};

// An HTTP/2 frame as it is on the wire (RFC 9113 section 4.1).
struct RawFrame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

enum RawType : std::uint8_t {
  data = 0,
  headers = 1,
  rst_stream = 3,
  settings = 4,
  ping = 6,
  goaway = 7,
  window_update = 8
};

inline std::string raw_number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

inline std::string raw_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                             std::string_view payload) {
  std::string bytes = raw_number(static_cast<std::uint32_t>(payload.size())).substr(1);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  return bytes + raw_number(stream) + std::string(payload);
}

// SETTINGS entry.
inline std::string raw_setting(std::uint16_t id, std::uint32_t value) {
  return raw_number(id).substr(2) + raw_number(value);
}

class ScriptedH2Peer : public ScriptedPeer {
 public:
  using ScriptedPeer::ScriptedPeer;

  // Takes the connection preface and sends SETTINGS with these entries.
  void greet(const std::string& entries = {}) {
    accept();
    ASSERT_EQ(read(24), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    write(raw_frame(settings, 0, 0, entries));
  }
  std::optional<RawFrame> next_frame() {
    const std::string head = read(9);
    if (head.size() < 9) return std::nullopt;
    const auto byte = [&](std::size_t at) {
      return static_cast<std::uint32_t>(static_cast<std::uint8_t>(head[at]));
    };
    const std::uint32_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    RawFrame frame{static_cast<std::uint8_t>(byte(3)), static_cast<std::uint8_t>(byte(4)),
                   (byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8)) & 0x7fffffff, read(size)};
    if (frame.payload.size() < size) return std::nullopt;
    return frame;
  }
  // The next frame of that type; others are passed over.
  std::optional<RawFrame> next(std::uint8_t type) {
    for (;;) {
      auto frame = next_frame();
      if (!frame || frame->type == type) return frame;
    }
  }
  // Reads on to the frame that ends that stream's request.
  bool read_request(std::uint32_t stream) {
    for (;;) {
      const auto frame = next_frame();
      if (!frame) return false;
      if (frame->stream == stream && frame->type <= headers && (frame->flags & 1) != 0) return true;
    }
  }
  // ":status: 200" is entry 8 of HPACK's static table (RFC 7541 appendix A).
  void answer_200(std::uint32_t stream, std::string_view body = {}) {
    write(raw_frame(headers, body.empty() ? 5 : 4, stream, "\x88"));
    if (!body.empty()) write(raw_frame(data, 1, stream, body));
  }
};

}  // namespace belay::net
