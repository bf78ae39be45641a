// HTTP/1.1 in, over TCP, TLS and Unix sockets. The server parses and limits; what a request means
// is the handler's business. Built on Boost.Beast.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace belay::net {

class IoLoop;

struct HttpRequest {
  std::string method;  // as sent, e.g. "POST"
  std::string path;    // percent-decoded, without the query
  std::string query;   // raw, without '?'
  std::string body;
  std::string peer;               // "127.0.0.1:5123" or "unix:uid=0,pid=17"
  bool over_unix_socket = false;  // the sender is a local process that may open the data folder
  bool over_tls = false;          // this server decrypted it; a proxy before it may have, unseen
  SteadyTime received{};

  // First header of that name (any case), or "".
  std::string_view header(std::string_view name) const;
  // Decoded value of a query parameter, or nullopt. '+' is a blank only where it came percent-encoded as
  // such.
  std::optional<std::string> query_value(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json;charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Feeds an answer of unknown length (server-sent events, exports). Safe from any thread. write()
// says false once the client is gone or too slow: stop producing then. Too slow means that the chunk would
// make more than max_unsent_stream bytes wait; the connection is cut, since the answer can't be whole any
// more. A producer that has much to say looks at unsent() and waits. Letting go of the stream without end()
// cuts the connection too.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  virtual bool write(std::string chunk) = 0;
  virtual void end() = 0;
  virtual std::size_t unsent() const = 0;
};

// Answers one request, exactly once, from any thread, now or later, also after the server is gone (then the
// answer goes nowhere). Dropping it unanswered sends 500.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void reply(HttpReply reply) = 0;
  // Chunked answer; `head.body` is sent first.
  virtual std::shared_ptr<HttpStream> stream(HttpReply head) = 0;
};

// Called on the server's loop with a whole request; must not block: hand slow work elsewhere.
using HttpHandler = std::function<void(HttpRequest, std::unique_ptr<Responder>)>;

// Answers for what never becomes a request (bad syntax, too large, too slow): status and a sentence in, whole
// reply out.
using HttpErrorBody = std::function<HttpReply(int status, std::string_view text)>;

struct HttpLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t header_fields = 100;
  std::size_t target_bytes = 8 * 1024;
  std::size_t body_bytes = 8 * 1024 * 1024;
  Seconds header_within{10};
  Seconds body_within{60};
  Seconds idle_within{75};  // keep-alive
  // One more than that takes the place of the connection that has waited longest between requests or with
  // half a header; where every one has a request under way, it is answered 503.
  std::size_t connections = 1024;
  // The same for those that come from one address (IPv6: one /64 network); 0: no such cap. Unix sockets and
  // loopback are spared, since a proxy on this machine connects from one address for everybody.
  std::size_t connections_per_address = 256;
  bool spare_loopback = true;
  std::size_t max_unsent_stream = 1024 * 1024;
};

struct TlsFiles {
  std::string certificate_chain;  // PEM path
  std::string private_key;        // PEM path
};

class HttpServer {
 public:
  HttpServer(IoLoop& loop, HttpLimits limits, HttpHandler handler, HttpErrorBody error_body);
  // Closes listeners and connections. Afterwards no handler runs and the ports are free, which takes waiting
  // for the loop's current task unless this is the loop. The loop must still run or have been stopped.
  ~HttpServer();

  // Return the address bound ("127.0.0.1:8080"; port 0 picks one), or a sentence saying why not.
  Result<std::string, std::string> listen_tcp(const std::string& host_port);
  Result<std::string, std::string> listen_tls(const std::string& host_port, const TlsFiles& files);
  Result<std::string, std::string> listen_unix(
      const std::string& path);  // mode 0600; replaces a stale socket file

  // No new connections or requests; in-progress answers may finish. Returns at once.
  void close_listeners();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace belay::net
