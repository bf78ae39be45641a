// For tests: an HTTP server on a loop of its own.
#pragma once
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "net/http_raw_client.h"
#include "net/http_server.h"
#include "net/io_loop.h"

namespace belay::net::testing {

inline HttpReply error_body(int status, std::string_view text) {
  return {.status = status, .body = fmt::format(R"({{"error":"{}","code":{}}})", text, status)};
}

// What the handler saw, as the body: path, query, method and the request's body.
inline HttpReply echo(const HttpRequest& request) {
  return {.body = request.method + " " + request.path + "?" + request.query + " " + request.body};
}

// A server on its own loop. Without a handler of its own it echoes.
struct Fixture {
  explicit Fixture(HttpLimits limits = {}, HttpHandler handler = {}) {
    if (!handler) {
      handler = [](HttpRequest request, std::unique_ptr<Responder> responder) {
        responder->reply(echo(request));
      };
    }
    server = std::make_unique<HttpServer>(loop, limits, std::move(handler), &error_body);
    address = server->listen_tcp("127.0.0.1:0").value();
  }
  RawClient client() const { return RawClient::tcp(address); }
  // The server stands still during `meanwhile`: what clients send in it is there, all of it, when it goes on.
  void while_it_stands_still(const std::function<void()>& meanwhile) {
    std::promise<void> stands, may_go_on;
    loop.post([&stands, go_on = may_go_on.get_future()] {
      stands.set_value();
      go_on.wait();
    });
    stands.get_future().wait();
    meanwhile();
    may_go_on.set_value();
  }

  IoLoop loop{"test-http"};
  std::unique_ptr<HttpServer> server;
  std::string address;
};

}  // namespace belay::net::testing
