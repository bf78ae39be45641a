// Bytes from anybody: a whole request, a refusal, or more bytes wanted, always with progress.
#include "base/check.h"
#include "net/http_server_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using belay::net::RequestParser;
  belay::net::HttpLimits limits;
  limits.body_bytes = 4096;
  RequestParser parser(limits);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const RequestParser::Fed fed = parser.feed(rest);
    CHECK(fed.used <= rest.size());
    rest.remove_prefix(fed.used);
    if (fed.state == RequestParser::State::refused) return 0;
    if (fed.state == RequestParser::State::whole) {
      CHECK(parser.take().body.size() <= limits.body_bytes);
      parser.reset();
    } else if (fed.used == 0) {
      return 0;
    }
  }
  return 0;
}
