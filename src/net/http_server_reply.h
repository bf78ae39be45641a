// The head of an HTTP/1.1 answer as bytes.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "net/http_server.h"

namespace belay::net {

struct Framing {
  std::optional<std::size_t> content_length;  // else chunked, or, where that is off, up to the close
  bool chunked = false;
  bool close = false;
  bool keep_alive_1_0 = false;  // an HTTP/1.0 client asked to keep the connection
};

// 1xx, 204 and 304 have no body whatever the handler says (RFC 9112 section 6.3).
bool has_no_body(int status);

// The handler's framing headers (Content-Length, Transfer-Encoding, Connection) are left out, and
// line ends in its values become blanks: nothing a handler copies from a request can split the answer.
std::string reply_head(const HttpReply& reply, const Framing& framing);

}  // namespace belay::net
