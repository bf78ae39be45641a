#include "net/http_client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "net/http_raw_client.h"
#include "net/http_server.h"
#include "net/io_loop.h"
#include "net/outbound_guard.h"

namespace belay::net {
namespace {

using namespace std::chrono_literals;

struct Server {
  Server() {
    server = std::make_unique<HttpServer>(
        loop, HttpLimits{},
        [this](HttpRequest request, std::unique_ptr<Responder> responder) {
          handle(request, std::move(responder));
        },
        [](int status, std::string_view text) {
          return HttpReply{.status = status, .body = std::string(text)};
        });
    tcp = server->listen_tcp("127.0.0.1:0").value();
    unix_path = dir.file("s.sock");
    server->listen_unix(unix_path).value();
    make_certificate(dir.file("cert.pem"), dir.file("key.pem"));
    tls = server->listen_tls("127.0.0.1:0", {dir.file("cert.pem"), dir.file("key.pem")}).value();
  }
  void handle(const HttpRequest& request, std::unique_ptr<Responder> responder) {
    if (request.path == "/hang") {
      hanging = std::move(responder);
    } else if (request.path == "/redirect") {
      responder->reply({.status = 302, .headers = {{"Location", "/"}}});
    } else if (request.path == "/stream") {
      const auto stream = responder->stream({.status = 201});
      for (int i = 0; i < 100; ++i) stream->write(std::string(1000, 'a'));
      stream->end();
    } else {
      responder->reply(
          {.status = 202,
           .body = fmt::format("{} {} {} {} {}", request.method, request.path, request.header("X-A"),
                               request.header("Content-Type"), request.body),
           .headers = {{"X-Reply", " padded "}}});
    }
  }

  TempDir dir;
  IoLoop loop{"client-test"};
  std::unique_ptr<Responder> hanging;
  std::unique_ptr<HttpServer> server;
  std::string tcp, tls, unix_path;
};

TEST(HttpClient, sends_method_headers_and_body_and_reads_the_answer) {
  const Server server;
  const auto reply = fetch({.method = "POST",
                            .url = "http://" + server.tcp + "/p",
                            .headers = {{"X-A", "b"}, {"Content-Type", "text/x"}},
                            .body = std::string("b\0dy", 4)});
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->status, 202);
  EXPECT_EQ(reply->body, "POST /p b text/x " + std::string("b\0dy", 4));
  const auto find = [&](std::string_view name) {
    return std::find_if(reply->headers.begin(), reply->headers.end(),
                        [&](const auto& h) { return h.first == name; });
  };
  ASSERT_NE(find("x-reply"), reply->headers.end());
  EXPECT_EQ(find("x-reply")->second, "padded");

  EXPECT_EQ(fetch({.method = "DELETE", .url = "http://" + server.tcp + "/d"})->body, "DELETE /d   ");
  EXPECT_EQ(fetch({.method = "POST", .url = "http://" + server.tcp + "/e"})->body, "POST /e   ");
  EXPECT_EQ(fetch({.method = "HEAD", .url = "http://" + server.tcp + "/h"})->body, "");
}

TEST(HttpClient, reaches_a_unix_socket) {
  const Server server;
  const auto reply = fetch({.url = "http://belay/api/v1/stops", .unix_socket = server.unix_path});
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->body, "GET /api/v1/stops   ");
}

TEST(HttpClient, trusts_the_given_authority_and_only_that) {
  const Server server;
  const auto good = fetch({.url = "https://" + server.tls + "/", .ca_file = server.dir.file("cert.pem")});
  ASSERT_TRUE(good) << good.error();
  EXPECT_EQ(good->status, 202);
  EXPECT_FALSE(fetch({.url = "https://" + server.tls + "/"}));
}

TEST(HttpClient, follows_no_redirect_and_speaks_no_other_protocol) {
  const Server server;
  EXPECT_EQ(fetch({.url = "http://" + server.tcp + "/redirect"})->status, 302);
  EXPECT_FALSE(fetch({.url = "file:///etc/hostname"}));
  EXPECT_FALSE(fetch({.url = "http://" + server.tcp + "/", .headers = {{"X", "a\r\nY: b"}}}));
}

TEST(HttpClient, gives_up_after_its_timeout_and_says_so) {
  const Server server;
  const auto reply = fetch({.url = "http://" + server.tcp + "/hang", .timeout = 100ms});
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().find("/hang"), std::string::npos) << reply.error();
  const auto nobody = fetch({.url = "http://x/", .unix_socket = server.dir.file("none.sock")});
  ASSERT_FALSE(nobody);
  EXPECT_NE(nobody.error().find("none.sock"), std::string::npos) << nobody.error();
}

TEST(HttpClient, a_cancelled_request_opens_no_connection) {
  const Server server;
  Cancellation cancellation;
  cancellation.cancel();
  const auto reply = fetch({.url = "http://" + server.tcp + "/hang", .cancellation = &cancellation});
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().find("cancelled"), std::string::npos) << reply.error();
  EXPECT_FALSE(server.hanging);
}

// A receiver that reads nothing takes what the sockets hold, and not one byte more after that.
TEST(HttpClient, nothing_more_enters_the_system_once_a_request_is_cancelled) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  Cancellation cancellation;
  constexpr std::size_t whole = 64 << 20;
  Result<SimpleReply, std::string> reply;
  std::thread asker([&] {
    reply = fetch({.method = "POST",
                   .url = fmt::format("http://127.0.0.1:{}/", ntohs(address.sin_port)),
                   .body = std::string(whole, 'x'),
                   .timeout = 60s,
                   .cancellation = &cancellation});
  });
  const int accepted = ::accept(listener, nullptr, nullptr);
  std::string part(1 << 16, '\0');
  ASSERT_GT(::read(accepted, part.data(), part.size()), 0);  // it has begun
  cancellation.cancel();
  std::size_t left = 0;  // what is read makes room for more, were there any
  for (ssize_t n; left < whole / 2 && (n = ::read(accepted, part.data(), part.size())) > 0;)
    left += static_cast<std::size_t>(n);
  EXPECT_LT(left, whole / 2) << "what was in the sockets is bounded";
  ::close(accepted);
  ::close(listener);
  asker.join();
  EXPECT_FALSE(reply);
}

TEST(HttpClient, streams_a_body_and_ends_early_when_the_sink_has_enough) {
  const Server server;
  std::size_t bytes = 0;
  const auto status =
      fetch_streaming({.url = "http://" + server.tcp + "/stream"}, [&](std::string_view part) {
        bytes += part.size();
        return true;
      });
  EXPECT_EQ(status, 201);
  EXPECT_EQ(bytes, 100'000u);
  EXPECT_EQ(
      fetch_streaming({.url = "http://" + server.tcp + "/stream"}, [](std::string_view) { return false; }),
      201);
}

TEST(HttpClient, calls_nobody_whom_the_guard_refuses) {
  const Server server;
  const std::string port = server.tcp.substr(server.tcp.rfind(':') + 1);
  const OutboundGuard none;
  for (const std::string host : {"127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]"}) {
    const auto reply = fetch({.url = "http://" + host + ":" + port + "/", .guard = &none});
    ASSERT_FALSE(reply) << host;
    EXPECT_NE(reply.error().find("[outbound]: allow = ["), std::string::npos)
        << host << ": " << reply.error();
  }
  const auto by_address = OutboundGuard::parse({server.tcp});
  ASSERT_TRUE(by_address);
  EXPECT_TRUE(fetch({.url = "http://" + server.tcp + "/", .guard = &*by_address}));
  const auto by_name = OutboundGuard::parse({"localhost:" + port});
  ASSERT_TRUE(by_name);
  EXPECT_TRUE(fetch({.url = "http://localhost:" + port + "/", .guard = &*by_name}));
  EXPECT_FALSE(fetch({.url = "http://" + server.tcp + "/", .guard = &*by_name}));
  EXPECT_TRUE(fetch({.url = "http://belay/", .unix_socket = server.unix_path, .guard = &none}));
}

TEST(HttpClient, with_a_guard_goes_through_no_proxy_of_the_environment) {
  const Server server;
  ::unsetenv("no_proxy");
  ASSERT_EQ(::setenv("http_proxy", ("http://" + server.tcp).c_str(), 1), 0);
  const auto allowed = OutboundGuard::parse({"127.0.0.1"});
  const auto reply = fetch({.url = "http://127.0.0.1:1/", .timeout = 100ms, .guard = &*allowed});
  ::unsetenv("http_proxy");
  EXPECT_FALSE(reply) << "answered by the proxy";
}

}  // namespace
}  // namespace belay::net
