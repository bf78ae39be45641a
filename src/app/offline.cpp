#include "app/offline.h"

#include <unistd.h>

#include <future>

#include "api/route.h"
#include "api/services.h"
#include "app/clone_guard.h"
#include "app/version.h"
#include "app/workers.h"
#include "net/io_loop.h"
#include "net/percent.h"
#include "store/sqlite/open.h"

namespace belay::app {
namespace {

// Where the answer to one call goes. Shared by the caller, who waits, and whoever answers.
struct Outcome {
  explicit Outcome(Backend::Sink s) : sink(std::move(s)) {}
  Backend::Sink sink;
  std::promise<int> status;
};

class DirectStream final : public net::HttpStream {
 public:
  DirectStream(std::shared_ptr<Outcome> outcome, int status)
      : outcome_(std::move(outcome)), status_(status) {}
  ~DirectStream() override { end(); }

  bool write(std::string chunk) override {
    if (!ended_ && wanted_) wanted_ = outcome_->sink(chunk);
    return wanted_;
  }
  void end() override {
    if (!std::exchange(ended_, true)) outcome_->status.set_value(status_);
  }
  std::size_t unsent() const override { return 0; }

 private:
  std::shared_ptr<Outcome> outcome_;
  int status_;
  bool wanted_ = true, ended_ = false;
};

class DirectResponder final : public net::Responder {
 public:
  explicit DirectResponder(std::shared_ptr<Outcome> outcome) : outcome_(std::move(outcome)) {}
  ~DirectResponder() override {
    if (outcome_) reply({.status = 500, .body = R"({"error":{"type":"internal","message":"no answer"}})"});
  }
  void reply(net::HttpReply reply) override { stream(std::move(reply))->end(); }
  std::shared_ptr<net::HttpStream> stream(net::HttpReply head) override {
    auto out = std::make_shared<DirectStream>(std::move(outcome_), head.status);
    if (!head.body.empty()) out->write(std::move(head.body));
    return out;
  }

 private:
  std::shared_ptr<Outcome> outcome_;
};

class Offline final : public Backend {
 public:
  Offline(store::FolderLock lock, std::unique_ptr<store::Store> store, Secret hash_key)
      : lock_(std::move(lock)),
        store_(std::move(store)),
        services_{.clock = clock_, .random = random_, .store = *store_} {
    services_.hash_key = std::move(hash_key);
    services_.version = version_text();
  }
  ~Offline() override {
    loop_.stop();
    api_.reset();
  }

  // The sessions are opened here because opening can fail.
  Result<void, std::string> begin(const std::string& folder) {
    TRY_ASSIGN(guard_, CloneGuard::open(folder, *store_, random_, clock_));
    services_.held = [this] { return guard_->held(); };
    services_.adopt = [this](bool resume, const std::string& actor) { return guard_->adopt(resume, actor); };
    auto worker = open_worker(*store_, loop_, store::Lane::brake);
    if (!worker) return std::unexpected(std::move(worker.error().text));
    worker_ = std::move(*worker);
    services_.uploads = {&worker_};
    services_.reads = {&worker_};
    services_.brake = &worker_;
    api_ = std::make_unique<api::Api>(services_);
    services_.credentials_changed = [this] { api_->forget_credentials(); };
    return {};
  }

  Result<ApiReply, std::string> call(const ApiCall& call) override {
    ApiReply reply;
    TRY_ASSIGN(reply.status, stream(call, [&](std::string_view part) { return reply.body += part, true; }));
    return reply;
  }

  Result<int, std::string> stream(const ApiCall& call, const Sink& sink) override {
    auto outcome = std::make_shared<Outcome>(sink);
    std::future<int> status = outcome->status.get_future();
    api_->handle(request(call), std::make_unique<DirectResponder>(std::move(outcome)));
    return status.get();
  }

  bool server_running() const override { return false; }

 private:
  net::HttpRequest request(const ApiCall& call) const {
    net::HttpRequest r;
    r.method = call.method;
    r.path = net::percent_decode(call.path).value_or(call.path);
    r.query = call.query;
    r.body = call.body;
    r.peer = fmt::format("unix:uid={},pid={}", ::getuid(), ::getpid());
    r.over_unix_socket = true;
    r.received = clock_.steady();
    r.headers = call.headers;
    if (!call.body.empty()) r.headers.emplace_back("Content-Type", "application/json");
    return r;
  }

  RealClock clock_;
  RealRandom random_;
  store::FolderLock lock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<CloneGuard> guard_;
  api::Services services_;
  net::IoLoop loop_{"belay-offline"};
  api::Worker worker_;
  std::unique_ptr<api::Api> api_;
};

}  // namespace

Result<std::unique_ptr<Backend>, OfflineError> open_offline(const DataFolder& folder) {
  auto lock = store::FolderLock::take(folder.path(), fmt::format("{}, pid {}", offline_holder, ::getpid()));
  if (!lock)
    return std::unexpected(
        OfflineError{lock.error().code == store::Code::busy, std::move(lock.error().text)});
  auto store = store::open_sqlite(folder.path());
  if (!store) return std::unexpected(OfflineError{false, std::move(store.error().text)});
  RealRandom random;
  auto key = folder.hash_key(random);
  if (!key) return std::unexpected(OfflineError{false, std::move(key.error())});
  auto offline = std::make_unique<Offline>(std::move(*lock), std::move(*store), std::move(*key));
  if (auto begun = offline->begin(folder.path()); !begun)
    return std::unexpected(OfflineError{false, std::move(begun.error())});
  return offline;
}

}  // namespace belay::app
