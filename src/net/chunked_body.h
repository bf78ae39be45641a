// A chunked body (RFC 9112 section 7.1), read byte by byte, so that what is made of it can't depend on how
// it arrives. Strict where readers are known to differ: only CR LF ends a line, a size is hex digits and
// nothing else, control characters are nowhere, a trailer is fields, not folded,
// that say nothing of the framing (and is dropped). No
// sockets; one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace belay::net {

class ChunkedBody {
 public:
  enum class State { more, whole, malformed, too_large };
  struct Fed {
    std::size_t used;  // all of it, unless the body ended before
    State state;
  };

  // `limit`: the largest body, in bytes.
  explicit ChunkedBody(std::size_t limit) : limit_(limit) {}

  // Appends what is content to `body`. Not to be called again after anything but State::more.
  Fed feed(std::string_view bytes, std::string& body);

 private:
  enum class At {
    size_begin,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_line,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    end,
    wrong,
  };

  At next(unsigned char c);
  At in_size(unsigned char c);
  At in_trailer_name(unsigned char c);
  At add_digit(unsigned digit);

  const std::size_t limit_;
  At at_ = At::size_begin;
  std::uint64_t left_ = 0;    // of the chunk
  std::size_t received_ = 0;  // content so far
  std::size_t line_ = 0;      // length of the size line, or of the whole trailer
  std::string trailer_name_;  // in lower case
  bool too_large_ = false;
};

}  // namespace belay::net
