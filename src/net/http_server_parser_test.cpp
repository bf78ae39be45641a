#include "net/http_server_parser.h"

#include <gtest/gtest.h>

#include "base/manual.h"

namespace belay::net {
namespace {

// What a server would make of the bytes: the requests it sees, then the refusal, if any.
struct Outcome {
  std::vector<std::string> requests;
  int refused = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Feeds parts whose sizes `next_size` chooses, keeping unused bytes as the session does.
template <class NextSize>
Outcome parse(std::string_view bytes, NextSize next_size) {
  const HttpLimits limits{.header_bytes = 300, .header_fields = 6, .target_bytes = 60, .body_bytes = 50};
  RequestParser parser(limits);
  Outcome outcome;
  std::string buffer;
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, std::max<std::size_t>(1, next_size()));
    buffer += part;
    bytes.remove_prefix(part.size());
    for (bool again = true; again && !buffer.empty();) {
      const auto [used, state] = parser.feed(buffer);
      EXPECT_LE(used, buffer.size());
      buffer.erase(0, used);
      again = state == RequestParser::State::whole;
      if (state == RequestParser::State::refused) {
        outcome.refused = parser.refusal().status;
        return outcome;
      }
      if (!again) continue;
      const auto request = parser.take();
      EXPECT_LE(request.body.size(), limits.body_bytes);
      EXPECT_LE(request.headers.size(), limits.header_fields);
      outcome.requests.push_back(request.method + "|" + request.path + "|" + request.query + "|" +
                                 request.body);
      parser.reset();
    }
    EXPECT_LE(buffer.size(), RequestParser::buffer_needed(limits));
  }
  return outcome;
}

const std::string_view samples[] = {
    "GET /a%41?x HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
    "\r\nPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3;a=b\r\nabc\r\n0a\r\n0123456789\r\n0\r\nT: x\r\n\r\n"
    "GET /after HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n012345678901234567890123456789\r\n"
    "1e\r\n012345678901234567890123456789\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
    "GET /0123456789012345678901234567890123456789012345678901234567890123456789 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA:1\r\nB:2\r\nC:3\r\nD:4\r\nE:5\r\nF:6\r\n\r\n",
    // A body of no chunks but the last; what comes behind a size, a chunk and a trailer must be right too.
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: x\r\n y\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /?a=%ff HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /?a=b&c=%zz HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /?a=%00&%C3%A4=%26%3d%25 HTTP/1.1\r\nHost: h\r\n\r\n",
};

TEST(RequestParser, sees_requests_and_refusals) {
  const Outcome expected[] = {
      {{"GET|/aA|x|", "GET|/2||"}, 0},
      {{"POST|/||hello", "GET|/||"}, 0},
      {{"POST|/||abc0123456789", "GET|/after||"}, 0},
      {{}, 413},
      {{}, 400},
      {{}, 414},
      {{}, 431},
      {{"GET|/||"}, 0},
      {{}, 400},
      {{}, 400},
      {{}, 400},
      {{}, 400},
      {{}, 400},
      {{}, 400},
      {{}, 400},
      {{"GET|/|a=%00&%C3%A4=%26%3d%25|"}, 0},
  };
  for (std::size_t i = 0; i < std::size(samples); ++i) {
    const auto got = parse(samples[i], [] { return 1000; });
    EXPECT_EQ(got.requests, expected[i].requests) << samples[i];
    EXPECT_EQ(got.refused, expected[i].refused) << samples[i];
  }
}

TEST(RequestParser, sees_the_same_whatever_parts_the_bytes_come_in) {
  for (const auto sample : samples) {
    const auto whole = parse(sample, [&] { return sample.size(); });
    EXPECT_EQ(parse(sample, [] { return 1; }), whole) << sample;
    for (std::size_t at = 1; at < sample.size(); ++at) {
      bool first = true;
      EXPECT_EQ(parse(sample, [&] { return std::exchange(first, false) ? at : sample.size(); }), whole)
          << at << " of " << sample;
    }
  }
}

TEST(RequestParser, keeps_its_bounds_on_damaged_requests_and_never_depends_on_their_parts) {
  SeededRandom random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random.next() % n); };
  static constexpr std::string_view spice("\r\n\t :;,0\0\x7f%/?a\"", 16);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(samples[below(std::size(samples))]);
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const auto at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = spice[below(spice.size())];
          break;
        case 1:
          bytes.insert(at, 1, spice[below(spice.size())]);
          break;
        case 2:
          bytes.erase(at, 1 + below(3));
          break;
        default:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(20)));
      }
      if (bytes.empty()) bytes = "x";
    }
    const auto whole = parse(bytes, [&] { return bytes.size(); });
    const auto parts = parse(bytes, [&] { return below(12); });
    ASSERT_EQ(parts.requests, whole.requests) << testing::PrintToString(bytes);
    ASSERT_EQ(parts.refused, whole.refused) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace belay::net
