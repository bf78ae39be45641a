#include "net/chunked_body.h"

#include <algorithm>

namespace belay::net {
namespace {

// A size line with its extensions, or the trailer.
constexpr std::size_t longest_line = 4096;

bool is_control(unsigned char c) {
  return (c < ' ' && c != '\t') || c == 0x7f;
}

bool is_token(unsigned char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
         (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
}

int hex_digit(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const unsigned char lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

ChunkedBody::Fed ChunkedBody::feed(std::string_view bytes, std::string& body) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    if (at_ == At::data) {
      const std::size_t part = std::min<std::uint64_t>(left_, bytes.size() - used);
      body.append(bytes, used, part);
      used += part;
      left_ -= part;
      if (left_ == 0) at_ = At::data_cr;
      continue;
    }
    at_ = ++line_ > longest_line ? At::wrong : next(static_cast<unsigned char>(bytes[used++]));
    if (at_ == At::end) return {used, State::whole};
    if (at_ == At::wrong) return {used, too_large_ ? State::too_large : State::malformed};
  }
  return {used, State::more};
}

ChunkedBody::At ChunkedBody::next(unsigned char c) {
  switch (at_) {
    case At::size_begin:
    case At::size:
      return in_size(c);
    case At::extension:
      return c == '\r' ? At::size_lf : is_control(c) ? At::wrong : At::extension;
    case At::size_lf:
      line_ = 0;
      if (c != '\n') return At::wrong;
      return left_ == 0 ? At::trailer_line : At::data;
    case At::data_cr:
      return c == '\r' ? At::data_lf : At::wrong;
    case At::data_lf:
      line_ = 0;
      return c == '\n' ? At::size_begin : At::wrong;
    case At::trailer_line:
      trailer_name_.clear();
      return c == '\r' ? At::end_lf : in_trailer_name(c);
    case At::trailer_name:
      return in_trailer_name(c);
    case At::trailer_value:
      return c == '\r' ? At::trailer_lf : is_control(c) ? At::wrong : At::trailer_value;
    case At::trailer_lf:
      return c == '\n' ? At::trailer_line : At::wrong;
    case At::end_lf:
      return c == '\n' ? At::end : At::wrong;
    case At::data:
    case At::end:
    case At::wrong:
      break;
  }
  return At::wrong;
}

ChunkedBody::At ChunkedBody::in_size(unsigned char c) {
  if (const int digit = hex_digit(c); digit >= 0) return add_digit(static_cast<unsigned>(digit));
  if (at_ == At::size_begin || (c != ';' && c != '\r')) return At::wrong;
  if (left_ > limit_ - received_) {
    too_large_ = true;
    return At::wrong;
  }
  received_ += left_;
  return c == ';' ? At::extension : At::size_lf;
}

// A field that would change what the request is must not come behind it (RFC 9110 section 6.5.1).
ChunkedBody::At ChunkedBody::in_trailer_name(unsigned char c) {
  if (is_token(c)) {
    trailer_name_ += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return At::trailer_name;
  }
  const bool forbidden = trailer_name_ == "content-length" || trailer_name_ == "transfer-encoding";
  return c == ':' && !forbidden ? At::trailer_value : At::wrong;
}

ChunkedBody::At ChunkedBody::add_digit(unsigned digit) {
  if (left_ >> 60 != 0) return At::wrong;
  left_ = left_ * 16 + digit;
  return At::size;
}

}  // namespace belay::net
