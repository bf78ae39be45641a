// Bytes in, one HTTP/1.1 request out (RFC 9112). The header's grammar is Boost.Beast's; in front of it stands
// a scan that refuses what parsers are known to read differently (request smuggling): bare CR or LF,
// NUL and other control characters, folded headers, repeated or comma-listed Content-Length,
// Content-Length beside Transfer-Encoding, any transfer coding but "chunked". Chunks are
// read by ChunkedBody. No sockets; one thread at a time.
#pragma once
#include <memory>
#include <string_view>

#include "net/http_server.h"

namespace belay::net {

class RequestParser {
 public:
  enum class State {
    header,   // the header is not complete
    body,     // the header is complete and good, the body is not complete
    whole,    // take() the request
    refused,  // answer with refusal() and close: what follows can't be trusted
  };
  struct Fed {
    std::size_t used;  // bytes not used must be given again, with more behind them
    State state;
  };
  struct Refusal {
    int status = 0;
    std::string_view text;
  };

  explicit RequestParser(const HttpLimits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  Fed feed(std::string_view bytes);
  Refusal refusal() const;

  // From State::body on:
  bool wants_continue() const;  // "Expect: 100-continue"
  bool keep_alive() const;
  bool is_http_1_0() const;

  HttpRequest take();  // in State::whole; peer, over_unix_socket and received are left to the caller
  void reset();        // for the next request

  // A buffer of this size never fills up without progress.
  static std::size_t buffer_needed(const HttpLimits& limits);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace belay::net
