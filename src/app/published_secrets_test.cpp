#include "app/published_secrets.h"

#include <gtest/gtest.h>

namespace belay::app {
namespace {

TEST(PublishedSecrets, know_which_addresses_only_this_machine_reaches) {
  for (const char* inside : {"", "127.0.0.1:8080", "127.9.9.9:0", "localhost:1", "[::1]:8080"})
    EXPECT_TRUE(is_loopback(inside)) << inside;
  for (const char* outside :
       {"0.0.0.0:8080", "[::]:8080", "10.0.0.1:80", "127.example.com:80", "localhost.example.com:1",
        "example.com:80", "[::ffff:127.0.0.1]:80", "[2001:db8::1]:80"})
    EXPECT_FALSE(is_loopback(outside)) << outside;
}

}  // namespace
}  // namespace belay::app
