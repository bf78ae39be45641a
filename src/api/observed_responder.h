// A Responder that sees to it that every call ends well: one answer whatever happens (a handler that
// threw or was dropped is answered 500, one that never ran 503), its place under the cap given back,
// one line in the log, and one more in the counts.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "api/call_caps.h"
#include "api/call_counts.h"
#include "base/clock.h"
#include "net/http_server.h"

namespace belay::api {

// True where the native API's error shape is spoken.
bool speaks_native(std::string_view path);
// An error in the shape that the path speaks.
net::HttpReply fail_on(std::string_view path, int status, std::string_view native_type,
                       std::string_view text);

class ObservedResponder final : public net::Responder {
 public:
  ObservedResponder(std::unique_ptr<net::Responder> inner, const net::HttpRequest& request,
                    const Clock& clock, std::shared_ptr<CallCounts> counts, bool recorded_blanks = false);
  ~ObservedResponder() override;

  void reply(net::HttpReply reply) override;
  std::shared_ptr<net::HttpStream> stream(net::HttpReply head) override;

  // `pattern` lives as long as the counts do.
  void set_route(std::string_view pattern) { route_ = pattern; }
  void set_account(std::string_view key) { account_ = key; }
  void hold(CallCaps::Slot slot) { slot_ = std::move(slot); }
  // Whether whoever asked may still be told: a stream ends when not.
  void let_go_unless(std::function<bool()> allowed) { allowed_ = std::move(allowed); }
  void begun() { begun_ = true; }  // the handler has the call now

 private:
  void record(int status, std::size_t bytes) const;

  std::unique_ptr<net::Responder> inner_;
  const Clock& clock_;
  std::shared_ptr<CallCounts> counts_;  // a call that is dropped with its executor outlives the API
  const std::string method_, path_, peer_;
  const SteadyTime since_;
  const bool recorded_blanks_;  // see Compatibility
  std::string_view route_ = CallCounts::no_route;
  std::string account_;
  CallCaps::Slot slot_;
  std::function<bool()> allowed_;
  bool begun_ = false;
};

}  // namespace belay::api
