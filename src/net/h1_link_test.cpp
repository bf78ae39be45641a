// HTTP/1.1 links against a peer that is scripted byte by byte.
#include "net/link_probe.h"
#include "net/scripted_peer.h"

namespace belay::net {
namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct H1Link : testing::Test {
  ScriptedPeer peer;
  LinkProbe probe{peer.endpoint(HttpVersion::http1)};

  void SetUp() override {
    peer.accept();
    ASSERT_TRUE(probe.wait_room());
  }
};

// Boost.Beast's own reader of chunks asserts when the last chunk comes in certain pieces. Here the system may
// join them; http_answer_fuzz reads byte by byte for certain.
TEST_F(H1Link, reads_a_chunked_answer_in_whatever_pieces_it_comes) {
  int turn = 0;
  for (const std::string_view body : {"0\r\n\r\n", "2;x=y\r\nok\r\n0\r\nt: x\r\n\r\n"}) {
    const std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
    ++turn;
    probe.send(turn, {.body = "hello"});
    peer.read_until("hello");
    for (const char c : answer) peer.write(std::string_view(&c, 1));
    ASSERT_TRUE(probe.wait_end(turn));
    EXPECT_EQ(probe.fate(turn).end, Fate::End::answered);
    EXPECT_EQ(probe.fate(turn).body, turn == 1 ? "" : "ok");
  }
}

TEST_F(H1Link, hands_over_and_gives_the_answer_and_keeps_the_connection) {
  probe.send(1, {.path = "/hook?a=b", .body = "hello", .headers = {{"content-type", "application/json"}}});
  const std::string request = peer.read_until("hello");
  EXPECT_TRUE(request.starts_with("POST /hook?a=b HTTP/1.1\r\nhost: 127.0.0.1:")) << request;
  EXPECT_NE(request.find("content-type: application/json\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("content-length: 5\r\n\r\nhello")) << request;
  EXPECT_TRUE(probe.wait_handed_over(1));
  peer.write(ok);
  ASSERT_TRUE(probe.wait_end(1));
  EXPECT_EQ(probe.fate(1).status, 200);
  EXPECT_EQ(probe.fate(1).body, "ok");
  probe.send(2, {.body = "again"});
  EXPECT_TRUE(peer.read_until("again").ends_with("again"));
}

TEST_F(H1Link, takes_one_request_at_a_time) {
  EXPECT_EQ(probe.capacity(), 1U);
  probe.run([&] {
    probe.submit(1, {.body = "a"});
    EXPECT_FALSE(probe.link().can_take());
    probe.link().flush();
    EXPECT_FALSE(probe.link().can_take());
    EXPECT_EQ(probe.link().in_flight(), 1U);
  });
  peer.write(ok);
  ASSERT_TRUE(probe.wait_end(1));
  probe.run([&] { EXPECT_TRUE(probe.link().can_take()); });
}

TEST_F(H1Link, reads_chunked_answers_in_pieces_and_passes_over_informational_ones) {
  probe.send(1, {.body = "a"});
  for (const std::string_view piece :
       {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too", " Many\r\nRetry-After: 9\r\nTransfer-Enc",
        "oding: chunked\r\n\r\n3\r\nabc\r", "\n2\r\nde\r\n0\r", "\n\r\n"})
    peer.write(piece);
  ASSERT_TRUE(probe.wait_end(1));
  EXPECT_EQ(probe.fate(1).status, 429);
  EXPECT_EQ(probe.fate(1).retry_after, "9");
  EXPECT_EQ(probe.fate(1).body, "abcde");
}

TEST_F(H1Link, a_long_answer_is_cut) {
  probe.send(1, {.body = "a"});
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'x'));
  ASSERT_TRUE(probe.wait_end(1));
  EXPECT_EQ(probe.fate(1).body.size(), max_answer_body);
  probe.run([&] { EXPECT_TRUE(probe.link().can_take()); });
}

TEST_F(H1Link, an_announced_close_ends_the_link_after_the_answer) {
  probe.in_answered = [&](Token) { EXPECT_FALSE(probe.link().can_take()); };
  probe.send(1, {.body = "a"});
  peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).end, Fate::End::answered);
}

TEST_F(H1Link, an_answer_may_end_with_the_connection) {
  probe.send(1, {.body = "a"});
  peer.read_until("\r\n\r\na");
  peer.write("HTTP/1.1 200 OK\r\n\r\nto the end");
  peer.hang_up();
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).body, "to the end");
}

TEST_F(H1Link, a_peer_that_closes_an_idle_connection_loses_nothing) {
  peer.hang_up();
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.closed_with(), LinkError::peer_closed);
}

TEST_F(H1Link, a_peer_that_closes_without_an_answer_leaves_the_request_in_doubt) {
  probe.send(1, {.body = "a"});
  peer.read_until("\r\n\r\na");
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  peer.hang_up();
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).end, Fate::End::lost);
  EXPECT_EQ(probe.fate(1).error, LinkError::peer_closed);
}

TEST_F(H1Link, no_answer_in_time_closes_the_connection) {
  probe.send(1, {.body = "a", .answer_within = Millis{30}});
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).end, Fate::End::lost);
  EXPECT_EQ(probe.fate(1).error, LinkError::timeout);
}

TEST_F(H1Link, what_is_not_HTTP_is_a_protocol_error) {
  probe.send(1, {.body = "a"});
  peer.write("220 mail.example.com ESMTP\r\n");
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).error, LinkError::protocol_error);
}

TEST_F(H1Link, an_answer_nobody_asked_for_ends_the_link) {
  peer.write(ok);
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.closed_with(), LinkError::protocol_error);
}

TEST_F(H1Link, bytes_after_the_answer_do_not_become_the_next_answer) {
  probe.send(1, {.body = "a"});
  peer.write(std::string(ok) + std::string(ok));
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).end, Fate::End::answered);
  EXPECT_EQ(probe.closed_with(), LinkError::protocol_error);
}

TEST_F(H1Link, content_can_not_become_a_header) {
  probe.send(1, {.body = "a", .headers = {{"x-name", "Anna\r\nx-evil: 1"}}});
  ASSERT_TRUE(probe.wait_end(1));
  EXPECT_EQ(probe.fate(1).end, Fate::End::unsent);
  EXPECT_EQ(probe.fate(1).error, LinkError::protocol_error);
  probe.send(2, {.body = "b"});
  EXPECT_EQ(peer.read_until("\r\n\r\nb").find("evil"), std::string::npos);
}

TEST_F(H1Link, withdraws_what_was_not_flushed_and_goes_on) {
  probe.run([&] {
    probe.submit(1, {.path = "/one", .body = "a"});
    EXPECT_TRUE(probe.link().withdraw([](Token) { return true; }).empty());
    EXPECT_EQ(probe.fate(1).end, Fate::End::unsent);
    EXPECT_TRUE(probe.link().can_take());
    probe.submit(2, {.path = "/two", .body = "b"});
    probe.link().flush();
  });
  EXPECT_TRUE(peer.read_until("\r\n\r\nb").starts_with("POST /two"));
}

TEST_F(H1Link, withdraw_leaves_the_handed_over_alone) {
  probe.send(1, {.body = "a"});
  EXPECT_TRUE(probe.withdraw([](auto) { return true; }).empty());
  peer.write(ok);
  ASSERT_TRUE(probe.wait_end(1));
  EXPECT_EQ(probe.fate(1).end, Fate::End::answered);
}

TEST_F(H1Link, drain_waits_for_the_answer) {
  probe.send(1, {.body = "a"});
  probe.run([&] {
    probe.link().drain();
    EXPECT_FALSE(probe.link().can_take());
  });
  peer.write(ok);
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).end, Fate::End::answered);
}

TEST_F(H1Link, the_owner_may_submit_in_the_answers_event) {
  probe.in_answered = [&](Token token) {
    if (token.value == 1) probe.submit(2, {.body = "second"});
  };
  probe.send(1, {.body = "first"});
  EXPECT_TRUE(peer.read_until("first").ends_with("first"));
  peer.write(ok);
  EXPECT_TRUE(peer.read_until("second").ends_with("second"));
}

TEST(H1LinkHalfSent, is_named_by_withdraw_and_made_unsent_by_close) {
  ScriptedPeer deaf(4096);
  LinkProbe probe(deaf.endpoint(HttpVersion::http1), {.send_buffer = 4096});
  deaf.accept();
  ASSERT_TRUE(probe.wait_room());
  probe.send(1, {.body = std::string(1'000'000, 'x')});
  EXPECT_EQ(probe.withdraw([](auto) { return true; }), std::vector<std::uint64_t>{1});
  EXPECT_EQ(probe.fate(1).end, Fate::End::none);
  probe.run([&] { probe.link().close(); });
  EXPECT_EQ(probe.fate(1).end, Fate::End::unsent);
  EXPECT_LT(deaf.read_to_end().size(), 1'000'000U);
}

TEST_F(H1Link, what_may_not_leave_comes_back_and_the_connection_goes_on) {
  probe.run([&] {
    probe.may_leave = false;
    probe.submit(1, {.path = "/one", .body = "a"});
    probe.link().flush();
    EXPECT_EQ(probe.fate(1).end, Fate::End::unsent);
    EXPECT_EQ(probe.fate(1).error, LinkError::withdrawn);
    probe.may_leave = true;
    probe.submit(2, {.path = "/two", .body = "b"});
    probe.link().flush();
  });
  EXPECT_TRUE(peer.read_until("\r\n\r\nb").starts_with("POST /two"));
}

// The owner's permission ends while the socket is full; then the peer reads on.
TEST(H1LinkHalfSent, is_not_finished_when_it_may_not_leave_any_more) {
  ScriptedPeer slow(4096);
  LinkProbe probe(slow.endpoint(HttpVersion::http1), {.send_buffer = 4096});
  slow.accept();
  ASSERT_TRUE(probe.wait_room());
  probe.send(1, {.body = std::string(1'000'000, 'x')});
  probe.run([&] { probe.may_leave = false; });
  EXPECT_LT(slow.read_to_end().size(), 1'000'000U);
  ASSERT_TRUE(probe.wait_closed());
  EXPECT_EQ(probe.fate(1).end, Fate::End::unsent);
  EXPECT_EQ(probe.fate(1).error, LinkError::withdrawn);
  EXPECT_EQ(probe.closed_with(), LinkError::withdrawn);
}

TEST(H1LinkHalfSent, ends_by_itself_when_the_peer_reads_on) {
  ScriptedPeer slow(4096);
  LinkProbe probe(slow.endpoint(HttpVersion::http1), {.send_buffer = 4096});
  slow.accept();
  ASSERT_TRUE(probe.wait_room());
  std::string body(300'001, 'x');
  body.back() = '!';
  probe.send(1, {.body = body});
  EXPECT_EQ(probe.withdraw([](auto) { return true; }).size(), 1U);
  EXPECT_TRUE(slow.read_until("x!").ends_with("x!"));
  slow.write(ok);
  ASSERT_TRUE(probe.wait_end(1));
  EXPECT_EQ(probe.fate(1).end, Fate::End::answered);
}

}  // namespace
}  // namespace belay::net
