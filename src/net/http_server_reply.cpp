#include "net/http_server_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <iterator>

namespace belay::net {
namespace {

bool is_framing(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "content-length" || lower == "transfer-encoding" || lower == "connection" ||
         lower == "keep-alive";
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  const auto begin = head.size();
  head += value;
  std::replace_if(
      head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(),
      [](unsigned char c) { return c < ' ' && c != '\t'; }, ' ');
  head += "\r\n";
}

}  // namespace

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

std::string reply_head(const HttpReply& reply, const Framing& framing) {
  std::string head;
  head.reserve(192);
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(reply.status)));
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {:03} {}\r\n", reply.status,
                 std::string_view(reason.data(), reason.size()));
  if (!reply.content_type.empty() && !has_no_body(reply.status)) {
    append_field(head, "Content-Type", reply.content_type);
  }
  if (framing.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (framing.content_length) {
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", *framing.content_length);
  }
  if (framing.close) {
    head += "Connection: close\r\n";
  } else if (framing.keep_alive_1_0) {
    head += "Connection: keep-alive\r\n";
  }
  for (const auto& [name, value] : reply.headers) {
    if (!is_framing(name)) append_field(head, name, value);
  }
  head += "\r\n";
  return head;
}

}  // namespace belay::net
