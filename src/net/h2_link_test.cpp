// HTTP/2 links against a peer that is scripted byte by byte.
#include "net/link_probe.h"
#include "net/outbound_guard.h"
#include "net/scripted_peer.h"

namespace belay::net {
namespace {

constexpr std::uint16_t max_concurrent_streams = 3;
constexpr std::uint16_t initial_window_size = 4;
constexpr std::uint32_t refused = 7;
constexpr std::uint32_t cancel = 8;

struct H2Link : testing::Test {
  ScriptedH2Peer peer;
  std::unique_ptr<LinkProbe> probe;

  void open(const std::string& entries = {}, TransportOptions options = {}) {
    probe = std::make_unique<LinkProbe>(peer.endpoint(HttpVersion::http2), options);
    peer.greet(entries);
    ASSERT_TRUE(probe->wait_room());
  }
};

TEST_F(H2Link, hands_over_and_then_gives_the_answer) {
  open();
  probe->send(1, {.path = "/x", .body = "hello"});
  ASSERT_TRUE(peer.read_request(1));
  EXPECT_TRUE(probe->wait_handed_over(1));
  peer.write(raw_frame(headers, 4, 1,
                       "\x88" + std::string("\x0f\x26\x02"
                                            "17")));  // retry-after: 17, literal
  peer.write(raw_frame(data, 1, 1, "ok"));
  ASSERT_TRUE(probe->wait_end(1));
  EXPECT_EQ(probe->fate(1).status, 200);
  EXPECT_EQ(probe->fate(1).body, "ok");
  EXPECT_EQ(probe->fate(1).retry_after, "17");
}

TEST_F(H2Link, takes_nothing_before_the_peers_SETTINGS) {
  probe = std::make_unique<LinkProbe>(peer.endpoint(HttpVersion::http2));
  peer.accept();
  EXPECT_EQ(peer.read(24).substr(0, 3), "PRI");
  probe->run([&] { EXPECT_FALSE(probe->link().can_take()); });
  peer.write(raw_frame(settings, 0, 0, {}));
  EXPECT_TRUE(probe->wait_room());
  probe->run([&] { EXPECT_TRUE(probe->link().can_take()); });
}

TEST_F(H2Link, keeps_to_the_peers_MAX_CONCURRENT_STREAMS) {
  open(raw_setting(max_concurrent_streams, 2));
  EXPECT_EQ(probe->capacity(), 2U);
  probe->run([&] {
    probe->submit(1, {.body = "a"});
    EXPECT_TRUE(probe->link().can_take());
    probe->submit(2, {.body = "b"});
    EXPECT_FALSE(probe->link().can_take());
    probe->link().flush();
  });
  ASSERT_TRUE(peer.read_request(3));
  peer.answer_200(1);
  ASSERT_TRUE(probe->wait_end(1));
  probe->run([&] { EXPECT_TRUE(probe->link().can_take()); });
}

TEST_F(H2Link, answers_PING) {
  open();
  peer.write(raw_frame(ping, 0, 0, "12345678"));
  const auto pong = peer.next(ping);
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->flags, 1);
  EXPECT_EQ(pong->payload, "12345678");
}

TEST_F(H2Link, after_GOAWAY_lower_streams_finish_and_higher_ones_were_not_processed) {
  open();
  probe->send(1, {.body = "a"});
  probe->send(2, {.body = "b"});
  ASSERT_TRUE(peer.read_request(3));
  peer.write(raw_frame(goaway, 0, 0, raw_number(1) + raw_number(0)));
  ASSERT_TRUE(probe->wait_end(2));
  EXPECT_EQ(probe->fate(2).end, Fate::End::lost);
  EXPECT_EQ(probe->fate(2).error, LinkError::refused_stream);
  probe->run([&] { EXPECT_FALSE(probe->link().can_take()); });
  peer.answer_200(1);
  ASSERT_TRUE(probe->wait_closed());
  EXPECT_EQ(probe->fate(1).end, Fate::End::answered);
  EXPECT_EQ(probe->closed_with(), LinkError::peer_closed);
}

TEST_F(H2Link, after_GOAWAY_what_has_not_left_is_unsent_and_never_leaves) {
  ScriptedH2Peer slow(4096);
  LinkProbe sender(slow.endpoint(HttpVersion::http2), {.send_buffer = 4096});
  slow.greet(raw_setting(initial_window_size, 1 << 20));
  ASSERT_TRUE(sender.wait_room());
  sender.run([&] {
    for (std::uint64_t token = 1; token <= 4; ++token)
      sender.submit(token, {.body = std::string(10'000, 'x')});
    sender.link().flush();
  });
  ASSERT_FALSE(sender.fate(4).handed_over);
  slow.write(raw_frame(goaway, 0, 0, raw_number(0) + raw_number(0)));
  ASSERT_TRUE(sender.wait_end(4));
  EXPECT_EQ(sender.fate(4).end, Fate::End::unsent);
  EXPECT_EQ(sender.fate(4).error, LinkError::refused_stream);
  std::size_t whole = 0;
  for (auto frame = slow.next_frame(); frame; frame = slow.next_frame())
    if (frame->type == data && (frame->flags & 1) != 0) ++whole;
  ASSERT_TRUE(sender.wait_closed());
  EXPECT_EQ(sender.handed_over().size(), whole);
  EXPECT_LT(whole, 4U);
}

TEST_F(H2Link, REFUSED_STREAM_says_that_the_request_was_not_processed) {
  open();
  probe->send(1, {.body = "a"});
  ASSERT_TRUE(peer.read_request(1));
  peer.write(raw_frame(rst_stream, 0, 1, raw_number(refused)));
  ASSERT_TRUE(probe->wait_end(1));
  EXPECT_EQ(probe->fate(1).error, LinkError::refused_stream);
  probe->send(2, {.body = "b"});  // the link goes on
  EXPECT_TRUE(peer.read_request(3));
}

TEST_F(H2Link, a_peer_that_closes_leaves_the_handed_over_in_doubt) {
  open();
  probe->send(1, {.body = "a"});
  ASSERT_TRUE(peer.read_request(1));
  peer.hang_up();
  ASSERT_TRUE(probe->wait_closed());
  EXPECT_EQ(probe->fate(1).end, Fate::End::lost);
  EXPECT_EQ(probe->fate(1).error, LinkError::peer_closed);
  EXPECT_EQ(probe->closed_with(), LinkError::peer_closed);
}

TEST_F(H2Link, no_answer_in_time_resets_the_stream) {
  open();
  probe->send(1, {.body = "a", .answer_within = Millis{30}});
  ASSERT_TRUE(probe->wait_end(1));
  EXPECT_EQ(probe->fate(1).end, Fate::End::lost);
  EXPECT_EQ(probe->fate(1).error, LinkError::timeout);
  const auto reset = peer.next(rst_stream);
  ASSERT_TRUE(reset.has_value());
  EXPECT_EQ(reset->payload, raw_number(cancel));
  ASSERT_TRUE(probe->wait_closed()) << "a peer that gave no sign of life is not used again";
  EXPECT_EQ(probe->closed_with(), LinkError::timeout);
}

TEST_F(H2Link, a_late_answer_on_a_living_connection_costs_only_that_request) {
  open();
  // The link stands still until the sign of life is in its socket, where it finds it before it looks at deadlines.
  probe->run([&] {
    probe->submit(1, {.body = "a", .answer_within = Millis{30}});
    probe->link().flush();
    EXPECT_TRUE(peer.read_request(1));
    peer.write(raw_frame(ping, 0, 0, "12345678"));
  });
  ASSERT_TRUE(probe->wait_end(1));
  EXPECT_EQ(probe->fate(1).error, LinkError::timeout);
  ASSERT_TRUE(peer.next(rst_stream).has_value());
  probe->send(2, {.body = "b"});
  ASSERT_TRUE(peer.read_request(3));
  peer.answer_200(3);
  EXPECT_TRUE(probe->wait_end(2));
}

TEST_F(H2Link, a_long_answer_is_cut) {
  open();
  probe->send(1, {.body = "a"});
  ASSERT_TRUE(peer.read_request(1));
  peer.write(raw_frame(headers, 4, 1, "\x88"));
  peer.write(raw_frame(data, 0, 1, std::string(16'000, 'x')));
  peer.write(raw_frame(data, 1, 1, std::string(16'000, 'y')));
  ASSERT_TRUE(probe->wait_end(1));
  EXPECT_EQ(probe->fate(1).end, Fate::End::answered);
  EXPECT_EQ(probe->fate(1).body.size(), max_answer_body);
}

TEST_F(H2Link, flow_control_holds_a_request_back_until_the_window_opens) {
  open(raw_setting(initial_window_size, 4));
  probe->send(1, {.body = "123456"});
  const auto first = peer.next(data);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->payload, "1234");
  EXPECT_FALSE(probe->fate(1).handed_over);
  probe->run(
      [&] { EXPECT_FALSE(probe->link().can_take()) << "a second request would wait behind the first"; });
  peer.write(raw_frame(window_update, 0, 1, raw_number(100)));
  const auto second = peer.next(data);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->payload, "56");
  EXPECT_EQ(second->flags, 1);
  EXPECT_TRUE(probe->wait_handed_over(1));
}

TEST_F(H2Link, a_request_that_flow_control_holds_back_can_be_withdrawn) {
  open(raw_setting(initial_window_size, 4));
  probe->send(1, {.body = "123456"});
  EXPECT_TRUE(probe->withdraw([](auto) { return true; }).empty());
  EXPECT_EQ(probe->fate(1).end, Fate::End::unsent);
  EXPECT_EQ(probe->fate(1).error, LinkError::withdrawn);
  const auto reset = peer.next(rst_stream);
  ASSERT_TRUE(reset.has_value());
  EXPECT_EQ(reset->stream, 1U);
  EXPECT_EQ(reset->payload, raw_number(cancel));
}

TEST_F(H2Link, withdraws_what_was_submitted_and_not_flushed) {
  open();
  probe->run([&] {
    for (std::uint64_t i = 1; i <= 3; ++i) probe->submit(i, {.body = "body"});
    EXPECT_TRUE(probe->link().withdraw([](Token t) { return t.value != 2; }).empty());
    EXPECT_EQ(probe->fate(1).end, Fate::End::unsent);
    EXPECT_EQ(probe->fate(3).end, Fate::End::unsent);
    probe->link().flush();
  });
  EXPECT_TRUE(probe->wait_handed_over(2));
  std::set<std::uint32_t> whole;
  std::set<std::uint32_t> reset;
  while (reset.size() < 2) {
    const auto frame = peer.next_frame();
    ASSERT_TRUE(frame.has_value());
    if (frame->type == rst_stream) reset.insert(frame->stream);
    if (frame->type == data && (frame->flags & 1) != 0) whole.insert(frame->stream);
  }
  EXPECT_EQ(whole, std::set<std::uint32_t>{3});
  EXPECT_EQ(reset, (std::set<std::uint32_t>{1, 5}));
  peer.answer_200(3);
  ASSERT_TRUE(probe->wait_closed()) << "its flow control window has leaked";
  EXPECT_EQ(probe->fate(2).end, Fate::End::answered);
  EXPECT_EQ(probe->closed_with(), LinkError::withdrawn);
}

TEST_F(H2Link, a_withdrawn_request_without_body_never_becomes_whole) {
  open();
  probe->run([&] {
    probe->submit(1, {.method = "GET"});
    EXPECT_TRUE(probe->link().withdraw([](Token) { return true; }).empty());
    probe->submit(2, {.method = "GET"});
    probe->link().flush();
  });
  const auto first = peer.next(headers);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->stream, 1U);
  EXPECT_EQ(first->flags & 1, 0) << "END_STREAM";
  EXPECT_TRUE(peer.read_request(3));
  EXPECT_TRUE(probe->wait_handed_over(2)) << "no window was used, so the link goes on";
}

TEST_F(H2Link, what_may_not_leave_comes_back_and_answers_are_still_heard) {
  open();
  probe->send(1, {.body = "a"});
  ASSERT_TRUE(peer.read_request(1));
  probe->run([&] {
    probe->may_leave = false;
    probe->submit(2, {.body = "b"});
    probe->submit(3, {.body = "c"});
    probe->link().flush();
  });
  for (const std::uint64_t token : {2, 3}) {
    EXPECT_EQ(probe->fate(token).end, Fate::End::unsent);
    EXPECT_EQ(probe->fate(token).error, LinkError::withdrawn);
  }
  std::set<std::uint32_t> reset;
  while (reset.size() < 2) {
    const auto frame = peer.next_frame();
    ASSERT_TRUE(frame.has_value());
    if (frame->type == rst_stream) reset.insert(frame->stream);
    EXPECT_FALSE(frame->type <= headers && (frame->flags & 1) != 0) << "END_STREAM of " << frame->stream;
  }
  peer.answer_200(1);
  ASSERT_TRUE(probe->wait_closed()) << "its flow control window has leaked";
  EXPECT_EQ(probe->fate(1).end, Fate::End::answered);
}

TEST_F(H2Link, goes_on_when_messages_may_leave_again) {
  open();
  probe->run([&] {
    probe->may_leave = false;
    probe->submit(1, {.method = "GET"});
    probe->link().flush();
    EXPECT_EQ(probe->fate(1).end, Fate::End::unsent);
    probe->may_leave = true;
    probe->submit(2, {.method = "GET"});
    probe->link().flush();
  });
  EXPECT_TRUE(peer.read_request(3));
  EXPECT_TRUE(probe->wait_handed_over(2));
}

// The owner's permission ends while the socket is full; then the peer reads on.
TEST_F(H2Link, nothing_more_leaves_a_full_socket_when_it_may_not) {
  ScriptedH2Peer slow(4096);
  LinkProbe sender(slow.endpoint(HttpVersion::http2), {.send_buffer = 4096});
  slow.greet(raw_setting(initial_window_size, 1 << 20));
  ASSERT_TRUE(sender.wait_room());
  sender.run([&] {
    for (std::uint64_t token = 1; token <= 4; ++token)
      sender.submit(token, {.body = std::string(10'000, 'x')});
    sender.link().flush();
    sender.may_leave = false;
  });
  const auto before = sender.handed_over();
  ASSERT_FALSE(before.contains(4));
  std::size_t whole = 0;
  for (auto frame = slow.next_frame(); frame; frame = slow.next_frame())
    if (frame->type == data && (frame->flags & 1) != 0) ++whole;
  ASSERT_TRUE(sender.wait_closed());
  EXPECT_EQ(sender.handed_over(), before);
  EXPECT_EQ(whole, before.size());
  EXPECT_EQ(sender.fate(4).end, Fate::End::unsent);
  EXPECT_EQ(sender.fate(4).error, LinkError::withdrawn);
}

TEST_F(H2Link, close_ends_everything_at_once) {
  open();
  probe->send(1, {.body = "a"});
  probe->run([&] {
    probe->submit(2, {.body = "b"});
    probe->link().close();
    EXPECT_EQ(probe->fate(1).end, Fate::End::lost);
    EXPECT_EQ(probe->fate(1).error, LinkError::withdrawn);
    EXPECT_EQ(probe->fate(2).end, Fate::End::unsent);
    EXPECT_EQ(probe->closed_with(), LinkError::withdrawn);
  });
  EXPECT_TRUE(peer.read_request(1));
  EXPECT_FALSE(peer.read_request(3));
}

TEST_F(H2Link, drain_waits_for_the_last_answer) {
  open();
  probe->send(1, {.body = "a"});
  probe->run([&] { probe->link().drain(); });
  probe->run([&] { EXPECT_FALSE(probe->link().can_take()); });
  ASSERT_TRUE(peer.read_request(1));
  peer.answer_200(1, "fine");
  ASSERT_TRUE(probe->wait_closed());
  EXPECT_EQ(probe->fate(1).body, "fine");
  EXPECT_TRUE(peer.next(goaway).has_value());
}

TEST_F(H2Link, an_early_answer_is_given_after_the_hand_over) {
  ScriptedH2Peer narrow(4096);
  LinkProbe slow(narrow.endpoint(HttpVersion::http2), {.send_buffer = 4096});
  narrow.greet(raw_setting(initial_window_size, 1 << 20));
  ASSERT_TRUE(slow.wait_room());
  slow.send(1, {.body = std::string(60'000, 'x')});
  ASSERT_FALSE(slow.fate(1).handed_over);
  narrow.answer_200(1, "early");
  ASSERT_TRUE(narrow.read_request(1));
  ASSERT_TRUE(slow.wait_end(1));  // the probe checks the order of the events
  EXPECT_EQ(slow.fate(1).body, "early");
}

TEST_F(H2Link, gives_up_a_peer_that_takes_no_more_bytes) {
  ScriptedH2Peer deaf(4096);
  LinkProbe stuck(deaf.endpoint(HttpVersion::http2), {.flush_patience = Millis{50}, .send_buffer = 4096});
  deaf.greet();
  ASSERT_TRUE(stuck.wait_room());
  stuck.send(1, {.body = std::string(60'000, 'x')});
  ASSERT_TRUE(stuck.wait_closed());
  EXPECT_EQ(stuck.fate(1).end, Fate::End::unsent);
  EXPECT_EQ(stuck.closed_with(), LinkError::timeout);
}

TEST_F(H2Link, the_owner_may_act_inside_every_event) {
  open();
  probe->in_answered = [&](Token token) {
    if (token.value == 1) {
      probe->submit(2, {.body = "b"});
      probe->submit(3, {.body = "c"});
      EXPECT_TRUE(probe->link().withdraw([](Token t) { return t.value == 3; }).empty());
      probe->link().flush();
    } else {
      probe->link().close();
    }
  };
  probe->send(1, {.body = "a"});
  ASSERT_TRUE(peer.read_request(1));
  peer.answer_200(1);
  ASSERT_TRUE(peer.read_request(3));
  EXPECT_EQ(probe->fate(3).end, Fate::End::unsent);
  peer.answer_200(3);
  EXPECT_TRUE(probe->wait_closed());
}

TEST_F(H2Link, withdraw_inside_handed_over_leaves_what_is_handed_over_too) {
  open();
  probe->in_handed_over = [&](Token token) {
    if (token.value != 1) return;
    EXPECT_TRUE(probe->link().withdraw([](Token) { return true; }).empty());
  };
  probe->run([&] {
    for (std::uint64_t i = 1; i <= 3; ++i) probe->submit(i, {.body = "body"});
    probe->link().flush();
  });
  // All three went out in one write, so none of them could be taken back in the first one's event.
  EXPECT_EQ(probe->handed_over(), (std::set<std::uint64_t>{1, 2, 3}));
  EXPECT_TRUE(peer.read_request(5));
}

TEST_F(H2Link, a_peer_that_speaks_HTTP_1_is_found_out_before_anything_is_taken) {
  probe = std::make_unique<LinkProbe>(peer.endpoint(HttpVersion::http2));
  peer.accept();
  peer.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(probe->wait_closed());
  EXPECT_EQ(probe->closed_with(), LinkError::protocol_error);
}

TEST_F(H2Link, a_refused_connection_is_reported) {
  Endpoint nowhere = peer.endpoint(HttpVersion::http2);
  {
    const ScriptedPeer gone;
    nowhere.port = gone.endpoint(HttpVersion::http2).port;
  }
  LinkProbe lonely(nowhere);
  ASSERT_TRUE(lonely.wait_closed());
  EXPECT_EQ(lonely.closed_with(), LinkError::connect_failed);
  EXPECT_FALSE(lonely.closed_detail().empty());
}

TEST_F(H2Link, a_peer_that_accepts_and_says_nothing_is_given_up) {
  LinkProbe waiting(peer.endpoint(HttpVersion::http2), {.connect_within = Millis{50}});
  ASSERT_TRUE(waiting.wait_closed());
  EXPECT_EQ(waiting.closed_with(), LinkError::connect_failed);
}

TEST_F(H2Link, a_peer_that_does_not_shake_hands_is_given_up) {
  Endpoint mute = peer.endpoint(HttpVersion::http2);
  mute.tls = true;
  LinkProbe waiting(mute, {.connect_within = Millis{50}});
  ASSERT_TRUE(waiting.wait_closed());
  EXPECT_EQ(waiting.closed_with(), LinkError::connect_failed);
}

TEST_F(H2Link, may_be_closed_or_drained_while_it_connects) {
  LinkProbe closed(peer.endpoint(HttpVersion::http2));
  closed.run([&] { closed.link().close(); });
  EXPECT_TRUE(closed.wait_closed());
  LinkProbe drained(peer.endpoint(HttpVersion::http2));
  drained.run([&] { drained.link().drain(); });
  ASSERT_TRUE(drained.wait_closed());
  EXPECT_EQ(drained.closed_with(), LinkError::withdrawn);
}

TEST_F(H2Link, names_are_resolved) {
  Endpoint by_name = peer.endpoint(HttpVersion::http2);
  by_name.host = "localhost";
  LinkProbe named(by_name);
  peer.greet();
  EXPECT_TRUE(named.wait_room());
}

TEST_F(H2Link, leads_nowhere_that_the_guard_refuses) {
  const auto guarded = [&](const std::string& host, const std::vector<std::string>& allowed) {
    Endpoint endpoint = peer.endpoint(HttpVersion::http2);
    endpoint.host = host;
    auto guard = std::make_shared<const OutboundGuard>(OutboundGuard::parse(allowed).value());
    return std::make_unique<LinkProbe>(endpoint, TransportOptions{.guard = guard});
  };
  for (const char* host : {"127.0.0.1", "localhost", "127.1", "::ffff:127.0.0.1"}) {
    const auto refused_link = guarded(host, {});
    ASSERT_TRUE(refused_link->wait_closed()) << host;
    EXPECT_EQ(refused_link->closed_with(), LinkError::connect_failed);
    EXPECT_NE(refused_link->closed_detail().find("[outbound]: allow = ["), std::string::npos)
        << refused_link->closed_detail();
  }
  const auto named =
      guarded("localhost", {fmt::format("localhost:{}", peer.endpoint(HttpVersion::http2).port)});
  peer.greet();
  EXPECT_TRUE(named->wait_room());
}

}  // namespace
}  // namespace belay::net
