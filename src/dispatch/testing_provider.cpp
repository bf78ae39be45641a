#include "dispatch/testing_provider.h"

namespace belay::dispatch::testing {
namespace {

std::string token_in(const std::string& body) {
  const std::string key = "\"token\":\"";
  const auto at = body.find(key);
  if (at == std::string::npos) return body;
  return body.substr(at + key.size(), body.find('"', at + key.size()) - at - key.size());
}

}  // namespace

void VirtualProvider::took(const std::string& body) {
  ++got[token_in(body)];
  ++total;
}

class VirtualLink final : public net::Link {
 public:
  VirtualLink(VirtualProvider& provider, Executor& executor, net::LinkEvents& events)
      : provider_(provider), executor_(executor), events_(events) {
    later([this] {
      if (provider_.behaviour.unreachable) return finish(net::LinkError::connect_failed);
      connected_ = true;
      events_.on_room();
    });
  }
  ~VirtualLink() override { *alive_ = false; }

  bool can_take() const override {
    return connected_ && !closed_ &&
           queued_.size() + waiting_.size() + stuck_.size() < provider_.behaviour.streams;
  }
  void submit(net::Request request, net::Token token) override {
    CHECK(can_take());
    queued_.push_back({token, std::move(request.body), request.answer_within});
  }
  void flush() override {
    CHECK(events_.may_write());  // no lease in this world
    while (!queued_.empty() && !closed_) {
      Sent s = std::move(queued_.front());
      queued_.pop_front();
      if (provider_.chance(provider_.behaviour.stuck_of_100)) {
        stuck_.push_back(std::move(s));
        continue;
      }
      hand_over(std::move(s));
    }
  }
  std::vector<net::Token> withdraw(const std::function<bool(net::Token)>& mine) override {
    std::vector<net::Token> half, back;
    for (const Sent& s : stuck_)
      if (mine(s.token)) half.push_back(s.token);
    std::erase_if(queued_, [&](const Sent& s) { return mine(s.token) && (back.push_back(s.token), true); });
    for (net::Token t : back) events_.on_unsent(t, net::LinkError::withdrawn);
    if (provider_.chance(50) && !half.empty())
      release_stuck();  // half of the time the socket drains by itself
    return half;
  }
  void drain() override {
    closed_ = true;
    if (waiting_.empty()) finish(net::LinkError::withdrawn);
  }
  void close() override { finish(net::LinkError::withdrawn); }
  std::size_t in_flight() const override { return waiting_.size(); }
  std::size_t capacity() const override { return connected_ ? provider_.behaviour.streams : 0; }

 private:
  struct Sent {
    net::Token token;
    std::string body;
    Micros answer_within;
  };

  void later(Task task) {
    executor_.post([alive = alive_, t = std::move(task)]() mutable {
      if (*alive) t();
    });
  }
  void release_stuck() {
    later([this] {
      for (Sent& s : std::exchange(stuck_, {}))
        if (!finished_) hand_over(std::move(s));
    });
  }
  void hand_over(Sent s) {
    provider_.took(s.body);
    const net::Token token = s.token;
    waiting_.insert(token.value);
    events_.on_handed_over(token);
    if (provider_.chance(provider_.behaviour.lose_of_100))
      return later([this] { finish(net::LinkError::peer_closed); });
    if (provider_.behaviour.hang) {
      timers_.push_back(
          executor_.after(s.answer_within, [this, token] { lose(token, net::LinkError::timeout); }));
      return;
    }
    if (provider_.chance(provider_.behaviour.refuse_of_100))
      return later([this, token] { lose(token, net::LinkError::refused_stream); });
    int status = 200;
    if (provider_.chance(provider_.behaviour.later_of_100))
      status = 503;
    else if (provider_.chance(provider_.behaviour.dead_of_100))
      status = 404;
    timers_.push_back(
        executor_.after(provider_.behaviour.delay, [this, token, status] { answer(token, status); }));
  }
  void answer(net::Token token, int status) {
    if (waiting_.erase(token.value) == 0) return;
    net::Answer a;
    a.status = status;
    if (status == 404)
      a.body =
          R"({"error":{"code":404,"status":"NOT_FOUND","details":[)"
          R"({"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}})";
    events_.on_answered(token, a);
    room();
  }
  void lose(net::Token token, net::LinkError error) {
    if (waiting_.erase(token.value) == 0) return;
    events_.on_lost(token, error);
    room();
  }
  void room() {
    later([this] {
      if (!closed_)
        events_.on_room();
      else if (waiting_.empty())
        finish(net::LinkError::withdrawn);
    });
  }
  void finish(net::LinkError error) {
    if (std::exchange(finished_, true)) return;
    closed_ = true;
    for (Sent& s : std::exchange(queued_, {})) events_.on_unsent(s.token, error);
    for (Sent& s : std::exchange(stuck_, {})) events_.on_unsent(s.token, error);
    for (auto t : std::exchange(waiting_, {})) events_.on_lost(net::Token{t}, error);
    events_.on_closed(error, "virtual");
  }

  VirtualProvider& provider_;
  Executor& executor_;
  net::LinkEvents& events_;
  bool connected_ = false, closed_ = false, finished_ = false;
  std::deque<Sent> queued_, stuck_;
  std::set<std::uint64_t> waiting_;
  std::vector<std::unique_ptr<Executor::Timer>> timers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

namespace {

class VirtualTransport final : public net::Transport {
 public:
  VirtualTransport(VirtualProvider& provider, Executor& executor)
      : provider_(provider), executor_(executor) {}
  std::unique_ptr<net::Link> open(const net::Endpoint&, net::LinkEvents& events) override {
    return std::make_unique<VirtualLink>(provider_, executor_, events);
  }

 private:
  VirtualProvider& provider_;
  Executor& executor_;
};

}  // namespace

std::unique_ptr<net::Transport> VirtualProvider::transport(Executor& executor) {
  return std::make_unique<VirtualTransport>(*this, executor);
}

}  // namespace belay::dispatch::testing
