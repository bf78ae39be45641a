// The receiver: an HTTP server that stands in for providers and knows exactly whom it got. It speaks
// FCM HTTP v1 (POST /v1/projects/{project}/messages:send), an OAuth2 token endpoint (POST /token) and
// webhooks (POST /webhook...), over HTTP/1.1 and HTTP/2, in cleartext (told apart by the preface) and
// TLS (ALPN). Used by `belay sink`, the demo of `belay serve`, tests and benchmarks.
//
// A message counts as received when its whole request has been parsed, whatever it is answered.
// Requests for messages that began and never became whole (reset streams, closed connections) are
// counted apart, as incomplete.
//
// Control, on every listener: GET /_sink/counts; GET /_sink/list?campaign=ID&format=csv|jsonl
// [&what=recipients|arrivals]; GET and POST /_sink/behave (JSON object of settings, see options.h);
// POST /_sink/reset.
//
// The sink owns its loops. All members may be called from any thread but those of its loops; the
// constructor and listen() start threads and bind sockets, the destructor ends and joins them.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "sink/ledger.h"
#include "sink/options.h"

namespace belay::sink {

struct SinkTls {
  std::string certificate_chain;  // PEM paths
  std::string private_key;
};

class Sink {
 public:
  // The error is a sentence: a token_public_key that is none.
  static Result<std::unique_ptr<Sink>, std::string> make(SinkOptions options = {});
  ~Sink();

  // "127.0.0.1:0" picks a port. Returns the address bound, or a sentence. May be called
  // several times, by one thread.
  Result<std::string, std::string> listen(const std::string& host_port,
                                          const std::optional<SinkTls>& tls = {});

  Counts counts() const;
  const Ledger& ledger() const;  // lists, arrival times
  Behaviour behaviour() const;
  void set_behaviour(const Behaviour& behaviour);
  void reset();
  Micros cpu_time() const;  // of all its loops

 private:
  struct State;
  explicit Sink(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace belay::sink
