// How many connections the server holds, in all and from one address.
#include <gtest/gtest.h>

#include <chrono>

#include "net/http_server_probe.h"

namespace belay::net {
namespace {

using namespace std::chrono_literals;
using testing::Fixture;
constexpr auto patience = 10s;

TEST(HttpServer, at_the_connection_cap_the_one_that_waited_longest_makes_room) {
  const Fixture fixture({.connections = 2});
  auto first = fixture.client();
  auto second = fixture.client();
  for (auto* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client->read_reply().status, 200);
  }
  second.send("GET / HT");  // half a header is no reason to stay
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(first.read_reply().status, 200);
  for (int i = 0; i < 5; ++i) {
    auto next = fixture.client();
    next.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(next.read_reply().status, 200);
    if (i == 0) EXPECT_TRUE(second.at_end());
  }
}

// One address that asks nothing, or everything at once, gets no further than its own share.
TEST(HttpServer, at_the_cap_of_an_address_its_own_make_room_and_nobody_elses) {
  const Fixture fixture({.connections = 100, .connections_per_address = 2, .spare_loopback = false});
  auto first = fixture.client();
  auto second = fixture.client();
  for (auto* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client->read_reply().status, 200);
  }
  auto third = fixture.client();
  third.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(third.read_reply().status, 100);
  EXPECT_TRUE(first.at_end()) << "waited longest";
  second.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(second.read_reply().status, 100);
  auto fourth = fixture.client();  // both have a request under way
  const auto refused = fourth.read_reply();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("from your address"), std::string::npos) << refused.body;
  EXPECT_TRUE(fourth.at_end());
  for (auto* client : {&second, &third}) client->send("x");
  for (auto* client : {&second, &third}) EXPECT_EQ(client->read_reply().status, 200);
  auto fifth = fixture.client();
  fifth.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(fifth.read_reply().status, 200) << "closed connections count no more";
}

TEST(HttpServer, has_no_cap_for_loopback_where_a_proxy_connects_for_everybody) {
  const Fixture fixture({.connections = 100, .connections_per_address = 1});
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(fixture.client());
  for (RawClient& client : clients) client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  for (RawClient& client : clients) EXPECT_EQ(client.read_reply().status, 200);
}

TEST(HttpServer, answers_503_above_the_connection_cap_and_serves_again_below_it) {
  const Fixture fixture({.connections = 2});
  auto first = fixture.client();
  auto second = fixture.client();
  for (auto* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client->read_reply().status, 200);
    client->send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    EXPECT_EQ(client->read_reply().status, 100);
  }
  auto third = fixture.client();
  EXPECT_EQ(third.read_reply().status, 503);
  EXPECT_TRUE(third.at_end());
  first.send("x");
  EXPECT_EQ(first.read_reply().status, 200);
  first.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(first.read_reply().status, 200);
  EXPECT_TRUE(first.at_end());
  first.close();
  // The server learns of the close a moment later.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (status != 200 && std::chrono::steady_clock::now() < deadline) {
    auto next = fixture.client();
    next.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    status = next.read_reply().status;
  }
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace belay::net
