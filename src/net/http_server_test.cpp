#include "net/http_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <future>
#include <thread>

#include "net/http_server_probe.h"

namespace belay::net {
namespace {

using namespace std::chrono_literals;
using testing::echo, testing::error_body, testing::Fixture;
constexpr auto patience = 10s;

// Hands responders from the loop to the test.
class Inbox {
 public:
  struct Item {
    HttpRequest request;
    std::unique_ptr<Responder> responder;
  };
  HttpHandler handler() {
    return [this](HttpRequest request, std::unique_ptr<Responder> responder) {
      const std::lock_guard lock(mutex_);
      items_.push_back({std::move(request), std::move(responder)});
      arrived_.notify_one();
    };
  }
  Item next() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [&] { return !items_.empty(); })) return {};
    Item item = std::move(items_.front());
    items_.erase(items_.begin());
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Item> items_;
};

TEST(HttpServer, answers_many_requests_on_one_connection) {
  const Fixture fixture;
  auto client = fixture.client();
  for (int i = 0; i < 3; ++i) {
    client.send("GET /a%20b?x=1&y=%2B HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "GET /a b?x=1&y=%2B ");
    EXPECT_EQ(reply.headers.at("content-type"), "application/json;charset=utf-8");
    EXPECT_FALSE(reply.headers.contains("connection"));
  }
}

TEST(HttpServer, answers_pipelined_requests_in_their_order_even_when_answers_come_from_other_threads) {
  Inbox inbox;
  const Fixture fixture({}, inbox.handler());
  auto client = fixture.client();
  client.send(
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
      "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  client.finish_sending();  // half-closed: everything is answered nevertheless
  for (int i = 0; i < 3; ++i) {
    auto item = inbox.next();
    ASSERT_TRUE(item.responder);
    item.responder->reply(echo(item.request));
  }
  EXPECT_EQ(client.read_reply().body, "GET /1? ");
  EXPECT_EQ(client.read_reply().body, "POST /2? abc");
  EXPECT_EQ(client.read_reply().body, "GET /3? ");
  EXPECT_TRUE(client.at_end());
}

TEST(HttpServer, reads_a_request_that_comes_byte_by_byte) {
  const Fixture fixture;
  auto client = fixture.client();
  const std::string_view bytes =
      "\r\nPOST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n3\r\nyou\r\n0\r\nT: 1\r\n\r\n";
  for (const char& c : bytes) ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(client.read_reply().body, "POST /p? helloyou");
  client.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "GET /next? ");
}

TEST(HttpServer, finds_headers_in_any_case_and_keeps_them_in_order) {
  std::promise<HttpRequest> seen;
  const Fixture fixture({}, [&](HttpRequest request, std::unique_ptr<Responder> responder) {
    responder->reply({});
    seen.set_value(std::move(request));
  });
  auto client = fixture.client();
  client.send(
      "GET / HTTP/1.1\r\nHOST: h\r\nx-cleverTap-ACCOUNT-id:  TEST-1 \t\r\nA: 1\r\nA: 2\r\nEmpty:\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 200);
  const auto request = seen.get_future().get();
  EXPECT_EQ(request.header("X-CleverTap-Account-Id"), "TEST-1");
  EXPECT_EQ(request.header("a"), "1");
  EXPECT_EQ(request.header("absent"), "");
  EXPECT_EQ(request.headers.size(), 5u);
  EXPECT_TRUE(request.peer.starts_with("127.0.0.1:"));
  EXPECT_FALSE(request.over_unix_socket);
}

TEST(HttpServer, tells_a_client_that_waits_with_its_body_to_continue) {
  const Fixture fixture;
  auto client = fixture.client();
  for (const std::string_view framing : {"Content-Length: 4", "Transfer-Encoding: chunked"}) {
    client.send(fmt::format("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n{}\r\n\r\n", framing));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(framing.starts_with("C") ? "body" : "4\r\nbody\r\n0\r\n\r\n");
    EXPECT_EQ(client.read_reply().body, "POST /e? body");
  }
  client.send("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(client.read_reply().body, "POST /e? hi");  // the body came along: no need to say it
}

TEST(HttpServer, a_body_announced_too_large_is_refused_instead_of_continued) {
  const Fixture fixture({.body_bytes = 10});
  auto client = fixture.client();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 413);
  EXPECT_TRUE(client.at_end());
}

TEST(HttpServer, a_head_answer_has_the_length_but_no_body) {
  const Fixture fixture;
  auto client = fixture.client();
  client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto reply = client.read_reply(true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-length"), "9");
  EXPECT_EQ(client.read_reply().body, "GET /y? ");
}

TEST(HttpServer, an_answer_without_content_has_neither_body_nor_length) {
  const Fixture fixture({}, [](HttpRequest, std::unique_ptr<Responder> responder) {
    responder->reply({.status = 204, .body = "lost"});
  });
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, 204);
    EXPECT_FALSE(reply.headers.contains("content-length"));
  }
}

TEST(HttpServer, serves_http_1_0_clients_and_closes_unless_they_ask_to_keep_the_connection) {
  const Fixture fixture;
  auto client = fixture.client();
  client.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto kept = client.read_reply();
  EXPECT_EQ(kept.body, "GET /old? ");
  EXPECT_EQ(kept.headers.at("connection"), "keep-alive");
  client.send("GET /old HTTP/1.0\r\n\r\n");
  const auto last = client.read_reply();
  EXPECT_EQ(last.body, "GET /old? ");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST(HttpServer, closes_when_the_client_asks_for_it) {
  const Fixture fixture;
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nconnection: Close\r\n\r\n");
  EXPECT_EQ(client.read_reply().headers.at("connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST(HttpServer, a_body_of_many_megabytes_arrives_and_goes_back_whole) {
  const Fixture fixture;
  std::string body(7 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < body.size(); i += 97) body[i] = static_cast<char>('a' + i % 26);
  auto client = fixture.client();
  std::thread sender([&] {
    client.send(fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.size()));
    client.send(body);
  });
  const auto reply = client.read_reply();
  sender.join();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.body == "POST /? " + body);
}

struct Refused {
  std::string_view name;
  std::string bytes;
  int status;
};

std::vector<Refused> smuggling_cases() {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  return {
      {"both framings", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"both framings, other order",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"two lengths that differ", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400},
      {"two lengths in one line", post + "Content-Length: 3, 4\r\n\r\nabc", 400},
      {"two lengths that agree", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"signed length", post + "Content-Length: +3\r\n\r\nabc", 400},
      {"negative length", post + "Content-Length: -1\r\n\r\n", 400},
      {"hex length", post + "Content-Length: 0x3\r\n\r\nabc", 400},
      {"empty length", post + "Content-Length:\r\n\r\n", 400},
      {"length beyond 64 bit", post + "Content-Length: 18446744073709551619\r\n\r\nabc", 400},
      {"folded header", post + "X: a\r\n b\r\n\r\n", 400},
      {"folded transfer coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
      {"blank before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
      {"bare CR in a field", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
      {"blank before the colon", post + "Content-Length : 3\r\n\r\nabc", 400},
      {"tab before the colon", post + "Content-Length\t: 3\r\n\r\nabc", 400},
      {"field without colon", post + "Content-Length 3\r\n\r\n", 400},
      {"field without name", post + ": 3\r\n\r\n", 400},
      {"NUL in a value", post + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"NUL in a name", post + std::string("X\0: a\r\n\r\n", 9), 400},
      {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28), 400},
      {"NUL written in percent", "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"escape in a value", post + "X: a\x1b[0m\r\n\r\n", 400},
      {"half a percent sign", "GET /%4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"missing host", "GET / HTTP/1.1\r\nX: y\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"other transfer coding", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"chunked is not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
      {"chunked in disguise", post + "Transfer-Encoding: xchunked\r\n\r\n", 501},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunk size not hex", chunked + "g\r\n", 400},
      {"chunk size with a sign", chunked + "-1\r\n", 400},
      {"chunk size with 0x", chunked + "0x1\r\na\r\n0\r\n\r\n", 400},
      {"chunk size with a blank before", chunked + " 1\r\na\r\n0\r\n\r\n", 400},
      {"chunk size beyond 64 bit", chunked + "10000000000000001\r\na\r\n0\r\n\r\n", 400},
      {"chunk longer than its size", chunked + "1\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk line ends with LF", chunked + "1\na\r\n0\r\n\r\n", 400},
      {"chunk data ends with LF", chunked + "1\r\na\n0\r\n\r\n", 400},
      {"LF inside a chunk extension", chunked + "1;x=\"\n\"\r\na\r\n0\r\n\r\n", 400},
      {"endless chunk extension", chunked + "1;x=" + std::string(40'000, 'y'), 400},
      {"endless trailer", chunked + "0\r\nX: " + std::string(40'000, 'y'), 400},
      {"length in a trailer", chunked + "0\r\nContent-Length: 5\r\n\r\n", 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"lower case version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"authority as target", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"method with a blank first", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"unknown expectation", post + "Expect: miracles\r\n\r\n", 417},
  };
}

TEST(HttpServer, refuses_what_could_be_read_in_two_ways_and_closes) {
  const Fixture fixture;
  for (const auto& c : smuggling_cases()) {
    auto client = fixture.client();
    client.send(c.bytes + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, c.status) << c.name << ": " << reply.body;
    EXPECT_TRUE(reply.body.ends_with(fmt::format("\"code\":{}}}", c.status))) << c.name << ": " << reply.body;
    EXPECT_EQ(client.read_to_end(), "") << c.name;
  }
}

TEST(HttpServer, reads_what_is_unusual_but_clear) {
  const Fixture fixture;
  const std::pair<std::string, std::string> cases[] = {
      {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS *? "},
      {"GET http://h:1/abs?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET /abs?q "},
      {"GET https://h HTTP/1.1\r\nHost: h\r\n\r\n", "GET /? "},
      {"BREW /pot HTTP/1.1\r\nHost:\r\n\r\n", "BREW /pot? "},
      {"GET / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 0\r\n\r\n", "GET /? "},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
       "CHUNKED\r\n\r\n01\r\na\r\nA\r\n0123456789\r\n000\r\n\r\n",
       "POST /? a0123456789"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: x\r\n\r\n", "POST /? "},
  };
  auto client = fixture.client();
  for (const auto& [bytes, body] : cases) {
    client.send(bytes);
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, 200) << bytes;
    EXPECT_EQ(reply.body, body) << bytes;
  }
}

TEST(HttpServer, keeps_its_limits_for_target_header_fields_and_body) {
  const Fixture fixture({.header_bytes = 2000, .header_fields = 5, .target_bytes = 100, .body_bytes = 1000});
  std::string fields;
  for (int i = 0; i < 5; ++i) fields += fmt::format("F{}: v\r\n", i);
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
  const Refused cases[] = {
      {"target", "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"target without end", "GET /" + std::string(5000, 'a'), 414},
      {"one header", get + "X: " + std::string(2000, 'a') + "\r\n\r\n", 431},
      {"header without end", get + "X: " + std::string(50'000, 'a'), 431},
      {"header fields", get + fields + "\r\n", 431},
      {"long method", std::string(40, 'M') + " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413},
      {"chunked body", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", 413},
      {"chunked body in parts",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'b') +
           "\r\n1\r\n",
       413},
  };
  for (const auto& c : cases) {
    auto client = fixture.client();
    client.send(c.bytes);
    EXPECT_EQ(client.read_reply().status, c.status) << c.name;
    EXPECT_TRUE(client.at_end()) << c.name;
  }
  auto client = fixture.client();
  client.send("POST /" + std::string(99, 'a') + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" +
              std::string(1000, 'b'));
  EXPECT_EQ(client.read_reply().status, 200);
}

TEST(HttpServer, a_client_that_sends_all_of_a_refused_body_still_gets_the_answer) {
  const Fixture fixture({.body_bytes = 1000});
  auto client = fixture.client();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(4'000'000, 'b')));
  EXPECT_EQ(client.read_reply().status, 413);
}

TEST(HttpServer, answers_408_to_a_header_or_body_that_takes_too_long_and_closes_idle_connections_silently) {
  Fixture fixture({.header_within = 1s, .body_within = 1s, .idle_within = 1s});
  std::vector<RawClient> clients;
  fixture.while_it_stands_still([&] {
    for (const std::string_view bytes :
         {"", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
          "GET / HTTP/1.1\r\nHost: h\r\n\r\n"}) {
      clients.push_back(fixture.client());
      clients.back().send(bytes);
    }
  });
  auto &silent = clients[0], &slow_header = clients[1], &slow_body = clients[2], &idle = clients[3];
  EXPECT_EQ(idle.read_reply().status, 200);

  EXPECT_EQ(slow_header.read_reply().status, 408);
  EXPECT_EQ(slow_body.read_reply().status, 408);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(idle.at_end());
}

TEST(HttpServer, a_request_dropped_by_its_handler_is_answered_500) {
  const Fixture fixture({}, [](HttpRequest request, std::unique_ptr<Responder> responder) {
    if (request.path == "/throw") throw std::runtime_error("no");
    if (request.path == "/status") return responder->reply({.status = 42});
    std::thread([responder = std::move(responder)]() mutable { responder.reset(); }).join();
  });
  auto client = fixture.client();
  for (const auto* path : {"/drop", "/throw", "/status"}) {
    client.send(fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n\r\n", path));
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, 500) << path;
    EXPECT_EQ(reply.headers.at("content-length"), std::to_string(reply.body.size()));
  }
}

TEST(HttpServer, a_header_value_copied_from_a_request_cannot_split_the_answer) {
  const Fixture fixture({}, [](HttpRequest, std::unique_ptr<Responder> responder) {
    responder->reply({.body = "ok", .headers = {{"X-Note", "a\r\nSet-Cookie: b"}, {"Content-Length", "99"}}});
  });
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto reply = client.read_reply();
  EXPECT_EQ(reply.headers.at("x-note"), "a  Set-Cookie: b");
  EXPECT_FALSE(reply.headers.contains("set-cookie"));
  EXPECT_EQ(reply.body, "ok");
}

TEST(HttpServer, answers_and_streams_for_a_client_that_left_are_harmless) {
  Inbox inbox;
  const Fixture fixture({}, inbox.handler());
  auto client = fixture.client();
  client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  auto first = inbox.next();
  client.close();
  first.responder->reply({.body = "late"});

  auto watcher = fixture.client();
  watcher.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  auto second = inbox.next();
  const auto stream = second.responder->stream({.content_type = "text/event-stream", .body = "hello"});
  EXPECT_NE(watcher.read_until("hello"), "");
  watcher.close();
  // Nothing is written any more: the close itself must be noticed.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (stream->write({}) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_FALSE(stream->write("more"));
  EXPECT_EQ(stream->unsent(), 0u);
  stream->end();
}

TEST(HttpServer, streams_server_sent_events_from_another_thread_and_keeps_the_connection) {
  Inbox inbox;
  const Fixture fixture({}, inbox.handler());
  auto client = fixture.client();
  client.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
  auto item = inbox.next();
  const auto stream =
      item.responder->stream({.content_type = "text/event-stream", .body = "event: begin\n\n"});
  EXPECT_NE(client.read_until("begin\n\n\r\n"), "");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(stream->write(fmt::format("data: {}\n\n", i)));
    const auto chunk = client.read_until("\n\n\r\n");
    EXPECT_EQ(chunk,
              fmt::format("9\r\ndata: {}\n\n\r\n", i));  // each event arrives before the next is written
  }
  stream->end();
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_FALSE(stream->write("after the end"));
  client.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  auto next = inbox.next();
  next.responder->reply(echo(next.request));
  EXPECT_EQ(client.read_reply().body, "GET /next? ");
}

TEST(HttpServer, a_stream_written_in_the_handler_arrives_whole) {
  const Fixture fixture({}, [](HttpRequest, std::unique_ptr<Responder> responder) {
    const auto stream = responder->stream({.body = "a"});
    stream->write("b");
    stream->write("c");
    stream->end();
  });
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "abc");
  EXPECT_EQ(client.read_reply(true).headers.at("transfer-encoding"), "chunked");
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "abc");
  client.send("GET / HTTP/1.0\r\n\r\n");
  const auto old = client.read_to_end();
  EXPECT_TRUE(old.ends_with("\r\n\r\nabc")) << old;
}

TEST(HttpServer, a_stream_to_a_client_that_does_not_read_is_cut_at_its_bound) {
  Inbox inbox;
  const Fixture fixture({.max_unsent_stream = 100'000}, inbox.handler());
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto item = inbox.next();
  const auto stream = item.responder->stream({});
  std::size_t most = 0;
  int written = 0;
  while (stream->write(std::string(10'000, 'x'))) {
    most = std::max(most, stream->unsent());
    ASSERT_LT(++written, 1'000'000);
  }
  EXPECT_LE(most, 100'000u);
  EXPECT_FALSE(stream->write("x"));
  EXPECT_EQ(client.read_reply().status, 0);  // never looks like a whole answer
}

TEST(HttpServer, a_producer_that_waits_for_its_bytes_to_leave_can_stream_more_than_the_bound) {
  Inbox inbox;
  const Fixture fixture({.max_unsent_stream = 100'000}, inbox.handler());
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto reply = std::async(std::launch::async, [&] { return client.read_reply(); });
  auto item = inbox.next();
  const auto stream = item.responder->stream({});
  for (int i = 0; i < 500; ++i) {
    while (stream->unsent() > 50'000) std::this_thread::yield();
    ASSERT_TRUE(stream->write(std::string(10'000, 'x')));
  }
  stream->end();
  EXPECT_EQ(reply.get().body.size(), 5'000'000u);
}

TEST(HttpServer, a_stream_whose_producer_vanishes_does_not_look_complete) {
  Inbox inbox;
  const Fixture fixture({}, inbox.handler());
  auto client = fixture.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto item = inbox.next();
  item.responder->stream({.body = "part"}).reset();
  const auto bytes = client.read_to_end();
  EXPECT_EQ(bytes.find("\r\n0\r\n"), std::string::npos);
}

TEST(HttpServer, can_be_destroyed_while_requests_are_open_and_their_answers_go_nowhere) {
  Inbox inbox;
  auto fixture = std::make_unique<Fixture>(HttpLimits{}, inbox.handler());
  const auto address = fixture->address;
  auto open = fixture->client();
  open.send("GET /open HTTP/1.1\r\nHost: h\r\n\r\n");
  auto unanswered = inbox.next();
  auto streaming = fixture->client();
  streaming.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  auto item = inbox.next();
  const auto stream = item.responder->stream({.body = "x"});
  auto half = fixture->client();
  half.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");

  fixture->server.reset();
  EXPECT_FALSE(stream->write("y"));
  EXPECT_TRUE(open.at_end());
  EXPECT_FALSE(RawClient::tcp(address).connected());  // the port is free when the destructor is back
  fixture.reset();                                    // the loop too
  unanswered.responder->reply({});
}

TEST(HttpServer, can_be_destroyed_by_its_own_handler_and_after_its_loop_was_stopped) {
  Fixture inside;
  std::promise<void> destroyed;
  inside.server = std::make_unique<HttpServer>(
      inside.loop, HttpLimits{},
      [&](HttpRequest, std::unique_ptr<Responder> responder) {
        inside.server.reset();
        responder->reply({});
        destroyed.set_value();
      },
      &error_body);
  auto client = RawClient::tcp(inside.server->listen_tcp("127.0.0.1:0").value());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(destroyed.get_future().wait_for(patience), std::future_status::ready);
  EXPECT_TRUE(client.at_end());

  Inbox inbox;
  Fixture stopped({}, inbox.handler());
  auto waiting = stopped.client();
  waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto item = inbox.next();
  stopped.loop.stop();
  item.responder->reply({});
  stopped.server.reset();
  EXPECT_TRUE(waiting.at_end());
}

TEST(HttpServer, lets_answers_in_progress_finish_after_its_listeners_are_closed) {
  Inbox inbox;
  const Fixture fixture({}, inbox.handler());
  auto busy = fixture.client();
  busy.send("GET /busy HTTP/1.1\r\nHost: h\r\n\r\nGET /never HTTP/1.1\r\nHost: h\r\n\r\n");
  auto item = inbox.next();
  auto idle = fixture.client();
  auto half = fixture.client();
  half.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n");
  EXPECT_NE(half.read_until("\r\n\r\n"), "");

  fixture.server->close_listeners();
  EXPECT_TRUE(idle.at_end());
  EXPECT_EQ(half.read_reply().status, 503);
  EXPECT_FALSE(RawClient::tcp(fixture.address).connected());
  item.responder->reply(echo(item.request));
  const auto reply = busy.read_reply();
  EXPECT_EQ(reply.body, "GET /busy? ");
  EXPECT_EQ(reply.headers.at("connection"), "close");
  EXPECT_TRUE(busy.at_end());
}

TEST(HttpServer, speaks_tls_with_the_given_certificate) {
  const TempDir dir;
  make_certificate(dir.file("cert.pem"), dir.file("key.pem"));
  const Fixture fixture;
  const auto bound = fixture.server->listen_tls("127.0.0.1:0", {dir.file("cert.pem"), dir.file("key.pem")});
  ASSERT_TRUE(bound) << bound.error();

  auto client = RawClient::tcp(*bound);
  ASSERT_TRUE(client.start_tls(dir.file("cert.pem"), "\x02h2\x08http/1.1"));
  EXPECT_EQ(client.negotiated_protocol(), "http/1.1");
  const std::string big(300'000, 'b');
  client.send(fmt::format("POST /t HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{}", big.size(), big));
  EXPECT_TRUE(client.read_reply().body == "POST /t? " + big);
  client.send("GET /bye HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "GET /bye? ");
  EXPECT_TRUE(client.at_end());

  auto without_alpn = RawClient::tcp(*bound);
  EXPECT_TRUE(without_alpn.start_tls(dir.file("cert.pem"), ""));
  auto only_h2 = RawClient::tcp(*bound);
  EXPECT_FALSE(only_h2.start_tls(dir.file("cert.pem"), "\x02h2"));
  auto old = RawClient::tcp(*bound);
  EXPECT_FALSE(old.start_tls(dir.file("cert.pem"), "", TLS1_1_VERSION));
  auto cleartext = RawClient::tcp(*bound);
  cleartext.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(cleartext.read_reply().status, 0);
}

TEST(HttpServer, tells_over_tls_too_what_it_refuses) {
  const TempDir dir;
  make_certificate(dir.file("cert.pem"), dir.file("key.pem"));
  const auto listening = [&](const Fixture& on) {
    return on.server->listen_tls("127.0.0.1:0", {dir.file("cert.pem"), dir.file("key.pem")}).value();
  };
  const Fixture patient({.body_bytes = 1000});
  auto large = RawClient::tcp(listening(patient));
  ASSERT_TRUE(large.start_tls(dir.file("cert.pem"), ""));
  large.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n");
  large.send(std::string(2'000'000, 'b'));
  EXPECT_EQ(large.read_reply().status, 413);

  const Fixture hasty({.header_within = 1s});
  const std::string address = listening(hasty);
  // On a machine that is busy the second may be over before the client has said anything: then it tries again.
  int status = 0;
  for (int i = 0; status == 0 && i < 10; ++i) {
    auto slow = RawClient::tcp(address);
    if (!slow.start_tls(dir.file("cert.pem"), "")) continue;
    slow.send("GET");
    status = slow.read_reply().status;
    if (status != 0) EXPECT_TRUE(slow.at_end());
  }
  EXPECT_EQ(status, 408);
}

TEST(HttpServer, says_which_tls_file_is_wrong) {
  const TempDir dir;
  make_certificate(dir.file("cert.pem"), dir.file("key.pem"));
  make_certificate(dir.file("other.pem"), dir.file("other-key.pem"));
  const Fixture fixture;
  auto missing = fixture.server->listen_tls("127.0.0.1:0", {dir.file("none.pem"), dir.file("key.pem")});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("none.pem"), std::string::npos);
  auto mixed = fixture.server->listen_tls("127.0.0.1:0", {dir.file("cert.pem"), dir.file("other-key.pem")});
  ASSERT_FALSE(mixed);
  EXPECT_NE(mixed.error().find("other-key.pem"), std::string::npos);
}

TEST(HttpServer, listens_on_a_unix_socket_for_its_owner_only_and_names_the_peer) {
  const TempDir dir;
  const auto path = dir.file("control.sock");
  Fixture fixture({}, [](HttpRequest request, std::unique_ptr<Responder> responder) {
    responder->reply({.body = fmt::format("{} {}", request.peer, request.over_unix_socket)});
  });
  ASSERT_TRUE(fixture.server->listen_unix(path));
  struct stat file {};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  auto client = RawClient::unix_socket(path);
  client.send("GET / HTTP/1.1\r\nHost: belay\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, fmt::format("unix:uid={},pid={} true", ::getuid(), ::getpid()));

  const auto taken = fixture.server->listen_unix(path);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().find("another process"), std::string::npos) << taken.error();
  fixture.server.reset();
  EXPECT_NE(::stat(path.c_str(), &file), 0);
}

TEST(HttpServer, replaces_a_stale_socket_file_but_nothing_else) {
  const TempDir dir;
  const auto stale = dir.file("stale.sock");
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  stale.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
  const Fixture fixture;
  EXPECT_TRUE(fixture.server->listen_unix(stale));
  EXPECT_TRUE(RawClient::unix_socket(stale).connected());

  const auto regular = dir.file("file");
  std::fclose(std::fopen(regular.c_str(), "w"));
  EXPECT_FALSE(fixture.server->listen_unix(regular));
  EXPECT_TRUE(std::filesystem::exists(regular));
  EXPECT_FALSE(fixture.server->listen_unix(std::string(200, 'p')));
}

TEST(HttpServer, says_why_it_cannot_listen) {
  const Fixture fixture;
  for (const std::string where :
       {"127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:80"}) {
    const auto bound = fixture.server->listen_tcp(where);
    ASSERT_FALSE(bound) << where;
    EXPECT_TRUE(bound.error().ends_with('.')) << bound.error();
  }
  const auto twice = fixture.server->listen_tcp(fixture.address);
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().find("in use"), std::string::npos) << twice.error();
}

TEST(HttpServer, finds_query_values) {
  HttpRequest request;
  request.query = "a=1&b=x%20y&c&a=2&d%3D=e%3d&plus=1+1&bad=%zz&";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y");
  EXPECT_EQ(request.query_value("c"), "");
  EXPECT_EQ(request.query_value("d="), "e=");
  EXPECT_EQ(request.query_value("plus"), "1+1");
  EXPECT_EQ(request.query_value("bad"), std::nullopt);
  EXPECT_EQ(request.query_value("none"), std::nullopt);
}

}  // namespace
}  // namespace belay::net
