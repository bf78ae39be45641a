#include "api/lockout.h"

#include <gtest/gtest.h>

#include "net/peer_address.h"

namespace belay::api {
namespace {

constexpr LockoutRules rules{3, Seconds{1}, Seconds{8}, Seconds{100}, 4};
SteadyTime at(int seconds) {
  return SteadyTime{Seconds{seconds}};
}

TEST(Lockout, costs_nothing_at_first_and_then_twice_as_much_each_time) {
  Lockout lockout(rules);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(lockout.failed("ann", at(0)));
    EXPECT_EQ(lockout.wait("ann", at(0)), Seconds{0});
  }
  EXPECT_TRUE(lockout.failed("ann", at(0)));
  EXPECT_EQ(lockout.wait("ann", at(0)), Seconds{1});
  EXPECT_EQ(lockout.wait("ann", at(1)), Seconds{0});
  for (const int wait : {2, 4, 8, 8, 8}) {
    EXPECT_FALSE(lockout.failed("ann", at(10))) << "told once";
    EXPECT_EQ(lockout.wait("ann", at(10)), Seconds{wait});
  }
  EXPECT_EQ(lockout.wait("bob", at(10)), Seconds{0});
}

TEST(Lockout, ends_with_success_and_with_time) {
  Lockout lockout(rules);
  for (int i = 0; i < 6; ++i) lockout.failed("ann", at(0));
  lockout.succeeded("ann");
  EXPECT_EQ(lockout.wait("ann", at(0)), Seconds{0});
  EXPECT_EQ(lockout.kept(), 0u);
  for (int i = 0; i < 6; ++i) lockout.failed("ann", at(0));
  EXPECT_FALSE(lockout.failed("ann", at(101)));
  EXPECT_EQ(lockout.wait("ann", at(101)), Seconds{0});
}

TEST(Lockout, keeps_a_bounded_number_and_whoever_failed_most) {
  Lockout lockout(rules);
  for (int i = 0; i < 6; ++i) lockout.failed("ann", at(0));
  for (int i = 0; i < 100; ++i) lockout.failed(std::to_string(i), at(1));
  EXPECT_EQ(lockout.kept(), 4u);
  EXPECT_EQ(lockout.wait("ann", at(0)), Seconds{4});
}

TEST(Lockout, counts_an_address_or_its_network_and_not_this_machine) {
  EXPECT_EQ(net::counted_address("192.0.2.1:5123"), "192.0.2.1");
  EXPECT_EQ(net::counted_address("[::ffff:192.0.2.1]:5123"), "192.0.2.1");
  EXPECT_EQ(net::counted_address("[2001:db8:1:2:3:4:5:6]:5123"), net::counted_address("[2001:db8:1:2::1]:9"));
  EXPECT_NE(net::counted_address("[2001:db8:1:2::1]:9"), net::counted_address("[2001:db8:1:3::1]:9"));
  for (const char* peer : {"127.0.0.1:5000", "[::1]:5000", "unix:uid=0,pid=17", "", ":"})
    EXPECT_EQ(net::counted_address(peer), "") << peer;
}

}  // namespace
}  // namespace belay::api
