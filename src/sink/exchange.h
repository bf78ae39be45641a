// One request as the sink sees it, whatever protocol it came over, and what becomes of it.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace belay::sink {

struct Incoming {
  std::string_view method;
  std::string_view target;         // path and query as sent
  std::string_view authorization;  // the header's value, or ""
};

// Appends the next piece of a long answer; false when there is no more.
using Pieces = std::move_only_function<bool(std::string&)>;

struct Outgoing {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json; charset=UTF-8";
  std::uint32_t retry_after = 0;  // seconds; 0: no header
  Micros delay{};
  bool hang = false;   // never answer
  bool close = false;  // close the connection instead
  bool last = false;   // announce the end of the connection (GOAWAY, Connection: close)
  Pieces pieces;       // if set: the body is `body` and then these
};

}  // namespace belay::sink
