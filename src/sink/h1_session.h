// HTTP/1.1 server side of one connection (RFC 9112): keep-alive, chunked bodies, pipelining (answers
// in order), Expect: 100-continue.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "sink/session.h"

namespace belay::sink {

class H1Session final : public Session {
 public:
  H1Session(SessionHost& host, std::size_t max_body);
  ~H1Session() override;

  bool receive(std::string_view bytes) override;
  void fill(std::string& out) override;
  bool done() const override { return closing_ && !busy_ && out_.empty(); }
  std::size_t incomplete_messages() const override;

 private:
  class Parser;

  bool parse();
  void answer();
  void respond(Outgoing out);

  SessionHost& host_;
  const std::size_t max_body_;
  std::unique_ptr<Parser> parser_;
  std::string in_;
  std::string out_;
  Pieces pieces_;      // of the answer being sent
  bool busy_ = false;  // an answer is awaited or being sent: the next request has to wait
  bool keep_alive_ = true;
  bool closing_ = false;  // after this answer
};

}  // namespace belay::sink
