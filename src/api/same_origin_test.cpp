#include "api/same_origin.h"

#include <gtest/gtest.h>

namespace belay::api {
namespace {

bool own(std::vector<std::pair<std::string, std::string>> headers) {
  net::HttpRequest request;
  request.headers = std::move(headers);
  return from_own_pages(request);
}

TEST(SameOrigin, is_what_a_browser_says_of_our_own_page) {
  EXPECT_TRUE(own({{"Host", "belay.example.com"}, {"Origin", "https://belay.example.com"}}));
  EXPECT_TRUE(own({{"Host", "Belay.example.com:8080"}, {"Origin", "http://belay.Example.com:8080"}}));
  EXPECT_TRUE(own({{"Host", "belay.example.com:443"}, {"Origin", "https://belay.example.com"}}));
  EXPECT_TRUE(
      own({{"Host", "[::1]:8080"}, {"Origin", "http://[::1]:8080"}, {"Sec-Fetch-Site", "same-origin"}}));
}

TEST(SameOrigin, is_assumed_of_what_is_no_browser) {
  EXPECT_TRUE(own({}));
  EXPECT_TRUE(own({{"Host", "belay.example.com"}}));
}

TEST(SameOrigin, is_not_another_host_port_or_scheme) {
  for (const char* origin :
       {"https://evil.example", "https://belay.example.com.evil.example", "https://belay.example.com:8443",
        "https://sub.belay.example.com", "null", "", "file://", "chrome-extension://belay.example.com",
        "belay.example.com", "https://belay.example.com/", "https://user@belay.example.com"}) {
    if (*origin == '\0') continue;
    EXPECT_FALSE(own({{"Host", "belay.example.com"}, {"Origin", origin}})) << origin;
  }
  EXPECT_FALSE(own({{"Origin", "https://belay.example.com"}})) << "no Host to hold it against";
}

TEST(SameOrigin, is_not_what_the_browser_calls_another_site) {
  for (const char* site : {"cross-site", "same-site", "none", "whatever"})
    EXPECT_FALSE(own({{"Sec-Fetch-Site", site}})) << site;
}

}  // namespace
}  // namespace belay::api
