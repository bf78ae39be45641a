// For tests: a running sink, its address as an endpoint, and messages for it.
#pragma once
#include <memory>
#include <string>

#include "base/json.h"
#include "net/http_raw_client.h"
#include "net/link_probe.h"
#include "sink/sink.h"

namespace belay::sink {

inline std::string push_body(std::string_view token, std::string_view campaign, std::size_t padding = 0) {
  return to_text({{"message",
                   {{"token", token},
                    {"notification", {{"title", "Hello"}, {"body", std::string(padding, 'x')}}},
                    {"data", {{"wzrk_id", campaign}}}}}});
}

inline std::string webhook_body(std::string_view identity, std::int64_t campaign, std::size_t padding = 0) {
  return to_text({{"targetId", campaign},
                  {"key_values", {{"text", std::string(padding, 'x')}}},
                  {"profiles", json::array{{{"identity", identity}, {"objectId", "o"}}}}});
}

inline net::ProbeRequest push(std::string_view token, std::string_view campaign = "77",
                              std::size_t padding = 0) {
  return {.path = "/v1/projects/p/messages:send",
          .body = push_body(token, campaign, padding),
          .headers = {{"authorization", "Bearer abc"}, {"content-type", "application/json"}}};
}

class SinkProbe {
 public:
  explicit SinkProbe(SinkOptions options = {}) : sink_(Sink::make(std::move(options)).value()) {
    net::make_certificate(folder_.file("cert.pem"), folder_.file("key.pem"));
    plain_ = sink_->listen("127.0.0.1:0").value();
    tls_ = sink_->listen("127.0.0.1:0", SinkTls{folder_.file("cert.pem"), folder_.file("key.pem")}).value();
  }

  Sink* operator->() { return sink_.get(); }
  const std::string& plain() const { return plain_; }
  std::string ca_file() const { return folder_.file("cert.pem"); }

  net::Endpoint endpoint(net::HttpVersion version, bool tls = false) const {
    const std::string& address = tls ? tls_ : plain_;
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    return {
        .tls = tls, .host = "127.0.0.1", .port = port, .version = version, .ca_file = tls ? ca_file() : ""};
  }

  // One request over HTTP/1.1, on a connection of its own.
  net::RawReply ask(std::string_view method, std::string_view target, std::string_view body = {}) const {
    auto client = net::RawClient::tcp(plain_);
    client.send(fmt::format("{} {} HTTP/1.1\r\nhost: sink\r\ncontent-length: {}\r\n\r\n{}", method, target,
                            body.size(), body));
    return client.read_reply();
  }

 private:
  net::TempDir folder_;
  std::unique_ptr<Sink> sink_;
  std::string plain_;
  std::string tls_;
};

}  // namespace belay::sink
