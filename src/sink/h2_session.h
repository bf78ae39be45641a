// HTTP/2 server side of one connection (RFC 9113) on libnghttp2.
#pragma once
#include <nghttp2/nghttp2.h>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sink/session.h"

namespace belay::sink {

class H2Session final : public Session {
 public:
  H2Session(SessionHost& host, std::size_t max_body);
  ~H2Session() override;

  bool receive(std::string_view bytes) override;
  void fill(std::string& out) override;
  bool done() const override;
  bool peer_closes() const override { return last_stream_ != 0; }
  void behaviour_changed() override;
  std::size_t incomplete_messages() const override;

 private:
  struct Stream {
    std::int32_t id = 0;
    std::string method;
    std::string target;
    std::string authorization;
    std::string body;  // the request's, then the answer's
    std::size_t body_sent = 0;
    Pieces pieces;
    bool active = false;
    bool whole = false;
  };
  friend struct H2SessionCallbacks;

  // GOAWAY promises that later streams are not processed, also those that came in with the same read.
  bool disclaimed(std::int32_t id) const { return last_stream_ != 0 && id > last_stream_; }
  Stream* stream(std::int32_t id) const;
  Stream& begin(std::int32_t id);
  void finish(Stream& stream);
  void take_body(Stream& stream, std::string_view bytes);
  void answer(Stream& stream);
  void respond(std::int32_t id, Outgoing out);

  SessionHost& host_;
  const std::size_t max_body_;
  nghttp2_session* session_ = nullptr;
  std::string* out_ = nullptr;  // during fill()
  std::deque<Stream> streams_;
  std::vector<Stream*> free_;
  std::uint32_t announced_streams_ = 0;
  std::int32_t last_stream_ = 0;  // that GOAWAY has named; 0: none was sent
};

}  // namespace belay::sink
