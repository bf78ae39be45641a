#include "net/peer_address.h"

#include <gtest/gtest.h>

namespace belay::net {
namespace {

TEST(PeerAddress, is_counted_without_its_port) {
  EXPECT_EQ(counted_address("192.0.2.7:5123"), "192.0.2.7");
  EXPECT_EQ(counted_address("10.0.0.1:1"), counted_address("10.0.0.1:65535"));
  EXPECT_NE(counted_address("10.0.0.1:1"), counted_address("10.0.0.2:1"));
}

TEST(PeerAddress, of_ipv6_is_its_network) {
  EXPECT_EQ(counted_address("[2001:db8:1:2:3::1]:80"), "2001:db8:1:2::/64");
  EXPECT_EQ(counted_address("[2001:db8:1:2:ffff::9]:81"), "2001:db8:1:2::/64");
  EXPECT_NE(counted_address("[2001:db8:1:3::1]:80"), "2001:db8:1:2::/64");
  EXPECT_EQ(counted_address("[::ffff:192.0.2.7]:80"), "192.0.2.7")
      << "one client, over one socket or the other";
}

TEST(PeerAddress, of_what_is_local_is_not_counted) {
  for (const char* local : {"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80",
                            "unix:uid=0,pid=17", "unknown", ""})
    EXPECT_EQ(counted_address(local), "") << local;
}

}  // namespace
}  // namespace belay::net
