#include "api/same_origin.h"

#include <algorithm>

namespace belay::api {
namespace {

// "https://belay.example.com:443" -> "belay.example.com", and so for "belay.example.com:443": browsers leave
// a scheme's own port out, proxies may put it in.
std::string_view host_of(std::string_view origin, std::string_view own_port) {
  if (origin.ends_with(own_port)) origin.remove_suffix(own_port.size());
  return origin;
}

bool same_host(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  for (const auto& [scheme, port] :
       {std::pair<std::string_view, std::string_view>{"https://", ":443"}, {"http://", ":80"}})
    if (origin.starts_with(scheme))
      return same_host(host_of(origin.substr(scheme.size()), port), host_of(host, port));
  return false;  // "null", an extension's, an application's
}

}  // namespace

bool from_own_pages(const net::HttpRequest& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin") return false;
  const std::string_view origin = request.header("Origin");
  return origin.empty() || is_own_origin(origin, request.header("Host"));
}

}  // namespace belay::api
