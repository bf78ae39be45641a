#include "api/observed_responder.h"

#include "api/compatibility.h"
#include "api/errors.h"
#include "base/log.h"

namespace belay::api {

namespace {

// A stream of somebody who may have been signed out meanwhile.
class AllowedStream final : public net::HttpStream {
 public:
  AllowedStream(std::shared_ptr<net::HttpStream> inner, std::function<bool()> allowed)
      : inner_(std::move(inner)), allowed_(std::move(allowed)) {}
  bool write(std::string chunk) override { return allowed_() && inner_->write(std::move(chunk)); }
  void end() override { inner_->end(); }
  std::size_t unsent() const override { return inner_->unsent(); }

 private:
  const std::shared_ptr<net::HttpStream> inner_;
  const std::function<bool()> allowed_;
};

}  // namespace

bool speaks_vendors(std::string_view path) {
  return path.starts_with("/1/") || path.starts_with("/2/") || path.starts_with("/v1/");
}

bool speaks_native(std::string_view path) {
  return path == "/api" || path.starts_with("/api/");
}

net::HttpReply fail_on(std::string_view path, int status, std::string_view native_type,
                       std::string_view text) {
  return speaks_native(path) ? native_fail(status, native_type, text) : clevertap_fail(status, text);
}

ObservedResponder::ObservedResponder(std::unique_ptr<net::Responder> inner, const net::HttpRequest& request,
                                     const Clock& clock, std::shared_ptr<CallCounts> counts, bool recorded_blanks)
    : inner_(std::move(inner)),
      clock_(clock),
      counts_(std::move(counts)),
      method_(request.method),
      path_(request.path),
      peer_(request.peer),
      since_(request.received),
      recorded_blanks_(recorded_blanks && speaks_vendors(request.path)) {}

ObservedResponder::~ObservedResponder() {
  if (!inner_) return;
  if (begun_)
    reply(fail_on(path_, 500, "internal", "Internal error, see the server's log"));
  else
    reply(fail_on(path_, 503, "shutting_down", "The server is shutting down"));
}

void ObservedResponder::reply(net::HttpReply reply) {
  if (!inner_) return;
  if (recorded_blanks_) reply.body = with_recorded_blanks(reply.body);
  record(reply.status, reply.body.size());
  // The place is free before the client can know that it has its answer, or its next call might be refused.
  slot_ = {};
  std::exchange(inner_, nullptr)->reply(std::move(reply));
}

std::shared_ptr<net::HttpStream> ObservedResponder::stream(net::HttpReply head) {
  record(head.status, head.body.size());
  auto stream = std::exchange(inner_, nullptr)->stream(std::move(head));
  if (!allowed_ || !stream) return stream;
  return std::make_shared<AllowedStream>(std::move(stream), std::move(allowed_));
}

void ObservedResponder::record(int status, std::size_t bytes) const {
  counts_->add(route_, status);
  // 503 is the answer to too much load: worth knowing, and nothing has failed.
  const LogLevel level = status < 500 ? LogLevel::debug : status == 503 ? LogLevel::warning : LogLevel::error;
  log_event(level, "http.call",
            {{"method", method_},
             {"path", path_},
             {"status", status},
             {"account", account_},
             {"peer", peer_},
             {"bytes", bytes},
             {"us", (clock_.steady() - since_).count()}});
}

}  // namespace belay::api
