// Where a provider or peer is reached.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace belay::net {

enum class HttpVersion {
  automatic,  // TLS: what ALPN settles on, h2 preferred. Cleartext: HTTP/1.1
  http1,
  http2,      // cleartext means prior knowledge (RFC 9113 section 3.3)
};

struct Endpoint {
  bool tls = false;
  std::string host;         // name or address, no brackets
  std::uint16_t port = 0;
  std::string base_path;    // path part of the URL, "" or "/x" without a trailing slash
  HttpVersion version = HttpVersion::automatic;
  std::string ca_file;      // trust this PEM file instead of the system's authorities
  friend bool operator==(const Endpoint&, const Endpoint&) = default;

  std::string authority() const;  // host[:port], the port left out where it is the scheme's own
};

// "https://fcm.googleapis.com" or "http://127.0.0.1:9001/x". The error is a sentence for people.
Result<Endpoint, std::string> parse_url(std::string_view url);

}  // namespace belay::net
