#include "net/endpoint.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace belay::net {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// What may stand in a host or path that is later copied into a request line or a header.
bool is_printable_ascii(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '"' || c == '<' || c == '>' || c == '\\') return false;
  }
  return true;
}

std::unexpected<std::string> wrong(std::string_view url, std::string_view why) {
  return std::unexpected(fmt::format("The URL '{}' {}.", url, why));
}

struct HostPort {
  std::string_view host;
  std::string_view port;  // "" where none is given
  bool valid = false;
};

HostPort split_authority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return {};
    const auto host = authority.substr(1, end - 1);
    const auto rest = authority.substr(end + 1);
    if (rest.empty()) return {host, {}, !host.empty()};
    return {host, rest.substr(1), rest[0] == ':' && rest.size() > 1 && !host.empty()};
  }
  const auto colon = authority.find(':');
  if (colon == std::string_view::npos) return {authority, {}, !authority.empty()};
  const auto port = authority.substr(colon + 1);
  return {authority.substr(0, colon), port, colon > 0 && !port.empty()};
}

}  // namespace

std::string Endpoint::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string text = is_v6 ? "[" + host + "]" : host;
  if (port != (tls ? https_port : http_port)) text += ":" + std::to_string(port);
  return text;
}

Result<Endpoint, std::string> parse_url(std::string_view url) {
  Endpoint endpoint;
  std::string_view rest = url;
  if (!is_printable_ascii(url)) return wrong(url, "holds blanks or characters that must be percent-encoded");
  if (starts_with_any_case(url, "https://")) {
    endpoint.tls = true;
    rest.remove_prefix(8);
  } else if (starts_with_any_case(url, "http://")) {
    rest.remove_prefix(7);
  } else {
    return wrong(url, "must begin with http:// or https://");
  }
  if (rest.find_first_of("?#") != std::string_view::npos)
    return wrong(url, "must not hold a query or fragment");
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  auto path = rest.substr(slash);
  if (authority.find('@') != std::string_view::npos)
    return wrong(url, "must not hold a user name or password");

  const auto parts = split_authority(authority);
  if (!parts.valid) return wrong(url, "must name a host, and a port after ':' if there is one");
  endpoint.host = parts.host;
  endpoint.port = endpoint.tls ? https_port : http_port;
  if (!parts.port.empty()) {
    const char* end = parts.port.data() + parts.port.size();
    const auto [stop, error] = std::from_chars(parts.port.data(), end, endpoint.port);
    if (error != std::errc{} || stop != end || endpoint.port == 0)
      return wrong(url, "has a port that is not 1 to 65535");
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  endpoint.base_path = path;
  return endpoint;
}

}  // namespace belay::net
