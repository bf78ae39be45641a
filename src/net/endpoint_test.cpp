#include "net/endpoint.h"

#include <gtest/gtest.h>

namespace belay::net {
namespace {

TEST(Endpoint, reads_urls) {
  struct Case {
    std::string_view url, host;
    int port;
    bool tls;
    std::string_view path, authority;
  };
  const Case cases[] = {
      {"https://fcm.googleapis.com", "fcm.googleapis.com", 443, true, "", "fcm.googleapis.com"},
      {"http://127.0.0.1:9001/x/", "127.0.0.1", 9001, false, "/x", "127.0.0.1:9001"},
      {"HTTP://h:80/", "h", 80, false, "", "h"},
      {"https://h:80/a/b", "h", 80, true, "/a/b", "h:80"},
      {"http://[::1]:8080", "::1", 8080, false, "", "[::1]:8080"},
      {"https://[2001:db8::1]/p", "2001:db8::1", 443, true, "/p", "[2001:db8::1]"},
  };
  for (const auto& c : cases) {
    const auto got = parse_url(c.url);
    ASSERT_TRUE(got) << c.url << ": " << got.error();
    EXPECT_EQ(got->host, c.host) << c.url;
    EXPECT_EQ(got->port, c.port) << c.url;
    EXPECT_EQ(got->tls, c.tls) << c.url;
    EXPECT_EQ(got->base_path, c.path) << c.url;
    EXPECT_EQ(got->authority(), c.authority) << c.url;
  }
}

TEST(Endpoint, refuses_what_is_not_a_url_it_can_use) {
  for (const std::string_view url :
       {"", "h", "ftp://h", "http://", "http:///x", "http://:80", "http://h:", "http://h:0", "http://h:65536",
        "http://h:8x", "http://u:p@h", "http://h/a?b=c", "http://h#f", "http://h /x", "http://h/\r\nx: y",
        "http://[::1", "http://[]:1", "http://[::1]x", "http://::1"}) {
    const auto got = parse_url(url);
    ASSERT_FALSE(got) << url;
    EXPECT_TRUE(got.error().ends_with('.')) << got.error();
  }
}

}  // namespace
}  // namespace belay::net
