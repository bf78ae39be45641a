// The route table: every path the server answers, as data. Authentication, method errors, caps on
// concurrent calls, the metrics' labels, the OpenAPI check and the isolation tests all read it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call_counts.h"
#include "api/services.h"
#include "base/ids.h"
#include "net/http_server.h"
#include "store/users.h"

namespace belay::api {

struct SignIn;  // api/sign_in.h

enum class Access {
  open,       // no credentials: /healthz
  account,    // X-CleverTap-Account-Id and X-CleverTap-Passcode, or a session of the dashboard; over the Unix
              // socket the operator may call these too, naming the account in X-CleverTap-Account-Id or none
  operator_,  // only over the Unix socket
  operator_or_session,  // the same, or a session, for its own account: where the pattern names an
                        // {account}, any other is not found
  session,              // only who is signed in
};

enum class Lane {
  inline_,
  read,
  upload,
  brake,
  password,  // hashing and checking passwords, which takes long: one at a time, few may wait
};

// Concurrent calls of one account to one API; more are answered 429 (contract 2.6). A stop has no cap.
enum class Cap { none, upload /* 15 */, campaign /* 3 */ };

struct Call {
  net::HttpRequest request;
  AccountId account;  // none: the operator, over every account
  std::string account_key;
  std::string actor;                // "api:TEST-123-4567", "user:ann" or "cli:root"
  std::vector<std::string> params;  // what {…} in the pattern matched, in order
  Services& services;
  Worker& worker;
  SignIn& sign_in;
  std::shared_ptr<const store::SignedIn> session;  // who is signed in; null: the call is not by a session
};

// Answers a call: now, by returning a reply; or later, by keeping the responder.
class Answer {
 public:
  explicit Answer(std::unique_ptr<net::Responder> responder) : responder_(std::move(responder)) {}
  void send(net::HttpReply reply) {
    if (responder_) responder_->reply(std::move(reply));
    responder_.reset();
  }
  std::shared_ptr<net::HttpStream> stream(net::HttpReply head) {
    auto out = responder_->stream(std::move(head));
    responder_.reset();
    return out;
  }

 private:
  std::unique_ptr<net::Responder> responder_;
};

using Handler = std::function<void(Call, Answer)>;

struct Route {
  std::string_view method;   // "POST"
  std::string_view pattern;  // "/api/v1/campaigns/{id}"
  Access access;
  Lane lane;
  Cap cap;
  Handler handler;
  // The least that whoever calls by a session must be. Where it says nothing: a Member for GET, a Creator for
  // what changes something.
  std::optional<store::Role> least = std::nullopt;
};
store::Role least_role(const Route& route);

// Every table of the server, put together in api.cpp.
std::vector<Route> clevertap_routes();  // api/clevertap/routes.cpp
std::vector<Route> native_routes();     // api/native/routes.cpp
std::vector<Route> admin_routes();      // api/native/admin.cpp
std::vector<Route> session_routes();    // api/native/session_routes.cpp: signing in, users

// Takes requests from the HTTP server (or the command line), finds the route, authenticates, caps,
// and runs the handler on its lane. handle() may be called from any thread and does not block.
class Api {
 public:
  explicit Api(Services& services);
  ~Api();
  void handle(net::HttpRequest request, std::unique_ptr<net::Responder> responder);
  const std::vector<Route>& routes() const;
  // Accounts, passcodes or users changed in the store: looks again, and waits for the store meanwhile.
  void forget_credentials();
  // What the HTTP server answers for requests that never became one.
  net::HttpReply transport_error(int status, std::string_view text);
  CallCounts::Rows call_counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::api
