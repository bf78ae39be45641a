#include "net/outbound_guard.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace belay::net {
namespace {

IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  CHECK(address.has_value());
  return *address;
}

OutboundGuard guard(const std::vector<std::string>& rules) {
  auto parsed = OutboundGuard::parse(rules);
  CHECK(parsed.has_value());
  return std::move(*parsed);
}

TEST(OutboundGuard, refuses_every_address_that_is_not_public) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.170",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",  // and the same in IPv6's clothes:
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::a9fe:a9fe",
                           "2002:7f00:1::",
                           "2002:a00:1::1",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "fe80::1",
                           "fec0::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "ff02::1",
                           "2001::1",
                           "2001:db8::1",
                           "100::1",
                           "64:ff9b:1::1",
                           "3fff::1"}) {
    EXPECT_FALSE(is_public(ip(text))) << text;
    EXPECT_NE(OutboundGuard().refusal("somewhere.example.com", 443, ip(text)), "") << text;
  }
}

TEST(OutboundGuard, lets_the_public_internet_pass) {
  for (const char* text : {"1.1.1.1",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "142.250.74.138",
                           "169.253.255.255",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.255.255",
                           "198.17.255.255",
                           "198.20.0.0",
                           "223.255.255.255",
                           "2606:4700::1111",
                           "2a00:1450:4001:82b::200a",
                           "::ffff:1.1.1.1",
                           "64:ff9b::101:101",
                           "2002:101:101::1",
                           "2001:4860:4860::8888"}) {
    EXPECT_TRUE(is_public(ip(text))) << text;
    EXPECT_EQ(OutboundGuard().refusal("fcm.example.com", 443, ip(text)), "") << text;
  }
}

TEST(OutboundGuard, lets_pass_what_is_allowed_by_name_address_or_range) {
  const auto g =
      guard({"crm.internal", "localhost:9001", "10.0.0.0/8", "[::1]:80", "192.168.1.7", "fd00::/8"});
  const auto passes = [&](std::string_view host, std::uint16_t port, std::string_view address) {
    return g.refusal(host, port, ip(address)).empty();
  };
  EXPECT_TRUE(passes("crm.internal", 443, "172.16.0.1"));
  EXPECT_TRUE(passes("CRM.Internal.", 80, "172.16.0.1"));
  EXPECT_FALSE(passes("evil-crm.internal", 443, "172.16.0.1"));
  EXPECT_FALSE(passes("crm.internal.example.com", 443, "172.16.0.1"));
  EXPECT_TRUE(passes("localhost", 9001, "127.0.0.1"));
  EXPECT_FALSE(passes("localhost", 9002, "127.0.0.1"));
  EXPECT_FALSE(passes("127.0.0.1", 9001, "127.0.0.1")) << "the name is allowed, not the address";
  EXPECT_TRUE(passes("any.example.com", 1, "10.9.8.7"));
  EXPECT_TRUE(passes("any.example.com", 1, "::ffff:10.9.8.7"));
  EXPECT_FALSE(passes("any.example.com", 1, "11.0.0.1") && passes("any.example.com", 1, "127.0.0.1"));
  EXPECT_TRUE(passes("::1", 80, "::1"));
  EXPECT_FALSE(passes("::1", 81, "::1"));
  EXPECT_TRUE(passes("x", 1, "192.168.1.7"));
  EXPECT_FALSE(passes("x", 1, "192.168.1.8"));
  EXPECT_TRUE(passes("x", 1, "fd12::1"));
}

// What reads addresses stops at a zero byte; what comes behind it must not go unread.
TEST(IpAddress, is_the_whole_text_or_none) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"10.0.0.1\0"sv, "8.8.8.8\0.evil"sv, "f00::900\0%"sv, "\0::1"sv})
    EXPECT_FALSE(IpAddress::parse(text));
  EXPECT_TRUE(IpAddress::parse("f00::900"));
}

TEST(OutboundGuard, refuses_rules_that_mean_nothing) {
  for (const char* rule :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "fd00::/129", "host/8", "host:", "host:0", "host:65536",
        "host:http", "[::1", "[::1]x", "[::1]:", "http://host", "a b"}) {
    const auto parsed = OutboundGuard::parse({"ok.example.com", rule});
    ASSERT_FALSE(parsed) << rule;
    EXPECT_NE(parsed.error().find(rule), std::string::npos) << parsed.error();
  }
}

TEST(OutboundGuard, says_exactly_which_line_would_allow_it) {
  const std::string why = OutboundGuard().refusal("crm.example.com", 8443, ip("10.0.0.7"));
  EXPECT_NE(why.find("crm.example.com leads there"), std::string::npos) << why;
  EXPECT_NE(why.find(R"(under [outbound]: allow = ["crm.example.com:8443"])"), std::string::npos) << why;
  EXPECT_NE(OutboundGuard().refusal_of_literal("::1", 80).find(R"(["[::1]:80"])"), std::string::npos);
  EXPECT_EQ(OutboundGuard().refusal_of_literal("localhost", 80), "") << "a name: decided when it is resolved";
  for (const char* rule : {"crm.example.com:8443", "[::1]:80"})
    EXPECT_TRUE(OutboundGuard::parse({rule})) << rule;
  EXPECT_EQ(guard({"crm.example.com:8443"}).refusal("crm.example.com", 8443, ip("10.0.0.7")), "");
  EXPECT_EQ(guard({"[::1]:80"}).refusal_of_literal("::1", 80), "");
}

// DNS rebinding: what counts is each address, whatever the name has been before.
TEST(OutboundGuard, decides_by_the_address_and_not_by_the_name) {
  const OutboundGuard g;
  EXPECT_EQ(g.refusal("rebind.example.com", 80, ip("1.1.1.1")), "");
  EXPECT_NE(g.refusal("rebind.example.com", 80, ip("127.0.0.1")), "");
}

}  // namespace
}  // namespace belay::net
