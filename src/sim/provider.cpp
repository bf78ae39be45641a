#include "sim/provider.h"

#include <charconv>
#include <deque>
#include <map>

#include "base/check.h"

namespace belay::sim {
namespace {

// The number that follows `key` in the message; the world numbers titles and tokens.
int number_after(const std::string& body, std::string_view key) {
  const auto at = body.find(key);
  CHECK(at != std::string::npos);
  int number = -1;
  const char* from = body.data() + at + key.size();
  CHECK(std::from_chars(from, body.data() + body.size(), number).ec == std::errc());
  return number;
}

net::Answer answer_of(int status) {
  net::Answer a;
  a.status = status;
  if (status == 429) a.retry_after = "2";
  if (status == 404)
    a.body =
        R"({"error":{"code":404,"status":"NOT_FOUND","details":[)"
        R"({"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}})";
  if (status == 400) a.body = R"({"error":{"code":400,"status":"INVALID_ARGUMENT"}})";
  return a;
}

}  // namespace

class SimLink final : public net::Link {
 public:
  SimLink(Provider& provider, int node, const Clock& clock, Executor& executor, net::LinkEvents& events)
      : provider_(provider), node_(node), clock_(clock), executor_(executor), events_(events) {
    later([this] {
      if (finished_) return;
      if (provider_.chance(provider_.mood.unreachable_of_100)) return finish(net::LinkError::connect_failed);
      connected_ = true;
      events_.on_room();
    });
  }
  ~SimLink() override { *alive_ = false; }

  bool can_take() const override {
    return connected_ && !closed_ &&
           queued_.size() + waiting_.size() + stuck_.size() < provider_.mood.streams;
  }
  void submit(net::Request request, net::Token token) override {
    CHECK(can_take());
    queued_.push_back({token, number_after(request.body, "\"title\":\"c"),
                       CampaignId{number_after(request.body, "\"wzrk_id\":\"")},
                       static_cast<seen::Person>(number_after(request.body, "\"token\":\"t")),
                       request.answer_within});
  }
  void flush() override;
  std::vector<net::Token> withdraw(const std::function<bool(net::Token)>& mine) override;
  void drain() override {
    closed_ = true;
    if (waiting_.empty()) finish(net::LinkError::withdrawn);
  }
  void close() override { finish(net::LinkError::withdrawn); }
  std::size_t in_flight() const override { return waiting_.size(); }
  std::size_t capacity() const override { return connected_ ? provider_.mood.streams : 0; }

 private:
  struct Message {
    net::Token token;
    seen::CampaignNo campaign;
    CampaignId id;
    seen::Person person;
    Micros answer_within;
  };

  void later(Task task) {
    executor_.post([alive = alive_, t = std::move(task)]() mutable {
      if (*alive) t();
    });
  }
  void after(Micros delay, Task task) { timers_.push_back(executor_.after(delay, std::move(task))); }
  void release_stuck();
  void hold_back();
  void hand_over(const Message& m);
  int choose_status();
  void answer(net::Token token, int status);
  void lose(net::Token token, net::LinkError error);
  void word(const Message& m, seen::Word w) {
    provider_.record_(seen::Verdict{node_, m.campaign, m.person, w, m.id});
  }
  void room();
  void finish(net::LinkError error);

  Provider& provider_;
  int node_;
  const Clock& clock_;
  Executor& executor_;
  net::LinkEvents& events_;
  bool connected_ = false, closed_ = false, finished_ = false;
  std::deque<Message> queued_, stuck_;
  std::map<std::uint64_t, Message> waiting_;
  std::vector<std::unique_ptr<Executor::Timer>> timers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void SimLink::flush() {
  if (!queued_.empty() && !events_.may_write()) return hold_back();
  while (!queued_.empty() && !closed_) {
    Message m = queued_.front();
    queued_.pop_front();
    // Behind half a message nothing else gets into the socket.
    if (stuck_.empty() && !provider_.chance(provider_.mood.stuck_of_100)) {
      hand_over(m);
      continue;
    }
    stuck_.push_back(m);
    if (stuck_.size() > 1) continue;
    // The peer takes bytes again after a while, or never: then the link gives it up, as real ones do.
    if (provider_.random_.below(3) > 0)
      after(Millis{static_cast<int>(provider_.random_.below(300))}, [this] { release_stuck(); });
    else
      after(Seconds{30}, [this] { finish(net::LinkError::peer_closed); });
  }
}

// The first of those stuck is half in the socket; those behind it are in the link's own buffer.
std::vector<net::Token> SimLink::withdraw(const std::function<bool(net::Token)>& mine) {
  std::vector<net::Token> half, back;
  if (!stuck_.empty() && mine(stuck_.front().token)) half.push_back(stuck_.front().token);
  const auto take_back = [&](const Message& m) { return mine(m.token) && (back.push_back(m.token), true); };
  if (stuck_.size() > 1)
    stuck_.erase(std::remove_if(stuck_.begin() + 1, stuck_.end(), take_back), stuck_.end());
  std::erase_if(queued_, take_back);
  for (net::Token t : back) events_.on_unsent(t, net::LinkError::withdrawn);
  if (!half.empty() && provider_.chance(50))
    later([this] { release_stuck(); });  // the socket drains by itself
  return half;
}

// As real links do: half a message goes with its connection.
void SimLink::hold_back() {
  if (!stuck_.empty()) return finish(net::LinkError::withdrawn);
  for (const Message& m : std::exchange(queued_, {})) events_.on_unsent(m.token, net::LinkError::withdrawn);
}

void SimLink::release_stuck() {
  if (!stuck_.empty() && !events_.may_write()) return hold_back();
  for (const Message& m : std::exchange(stuck_, {}))
    if (!finished_) hand_over(m);
}

int SimLink::choose_status() {
  const Mood& mood = provider_.mood;
  if (provider_.chance(mood.throttled_of_100)) return 429;
  if (provider_.chance(mood.later_of_100)) return 503;
  if (provider_.chance(mood.dead_of_100)) return 404;
  if (provider_.chance(mood.rejected_of_100)) return 400;
  return 200;
}

void SimLink::hand_over(const Message& m) {
  const Mood& mood = provider_.mood;
  ++provider_.messages;
  provider_.record_(seen::HandedOver{node_, m.campaign, m.person, clock_.wall(), m.id});
  const net::Token token = m.token;
  waiting_.emplace(token.value, m);
  events_.on_handed_over(token);
  if (provider_.chance(mood.lose_of_100)) return later([this] { finish(net::LinkError::peer_closed); });
  after(m.answer_within, [this, token] { lose(token, net::LinkError::timeout); });
  if (provider_.chance(mood.hang_of_100)) return;
  if (provider_.chance(mood.refuse_of_100))
    return later([this, token] { lose(token, net::LinkError::refused_stream); });
  if (provider_.chance(mood.cut_of_100))
    return later([this, token] { lose(token, net::LinkError::peer_closed); });
  const int status = choose_status();
  Micros delay{static_cast<std::int64_t>(
      provider_.random_.below(static_cast<std::uint64_t>(mood.slowest.count()) + 1))};
  if (provider_.chance(mood.late_of_100)) delay += m.answer_within;
  after(delay, [this, token, status] { answer(token, status); });
  if (provider_.chance(mood.twice_of_100)) after(delay * 2, [this, token] { answer(token, 200); });
}

void SimLink::answer(net::Token token, int status) {
  const auto found = waiting_.find(token.value);
  if (found == waiting_.end()) return;  // the second answer, or one that nobody waits for any more
  word(found->second, status == 200                    ? seen::Word::accepted
                      : status == 503 || status == 429 ? seen::Word::again
                                                       : seen::Word::failed);
  waiting_.erase(found);
  events_.on_answered(token, answer_of(status));
  room();
}

void SimLink::lose(net::Token token, net::LinkError error) {
  const auto found = waiting_.find(token.value);
  if (found == waiting_.end()) return;
  if (error == net::LinkError::refused_stream) word(found->second, seen::Word::again);
  waiting_.erase(found);
  events_.on_lost(token, error);
  room();
}

void SimLink::room() {
  later([this] {
    if (finished_) return;
    if (!closed_)
      events_.on_room();
    else if (waiting_.empty())
      finish(net::LinkError::withdrawn);
  });
}

void SimLink::finish(net::LinkError error) {
  if (std::exchange(finished_, true)) return;
  closed_ = true;
  for (const Message& m : std::exchange(queued_, {})) events_.on_unsent(m.token, error);
  for (const Message& m : std::exchange(stuck_, {})) events_.on_unsent(m.token, error);
  for (const auto& [token, m] : std::exchange(waiting_, {})) events_.on_lost(net::Token{token}, error);
  events_.on_closed(error, "virtual");
}

namespace {

class SimTransport final : public net::Transport {
 public:
  SimTransport(Provider& provider, int node, const Clock& clock, Executor& executor)
      : provider_(provider), node_(node), clock_(clock), executor_(executor) {}
  std::unique_ptr<net::Link> open(const net::Endpoint&, net::LinkEvents& events) override {
    return std::make_unique<SimLink>(provider_, node_, clock_, executor_, events);
  }

 private:
  Provider& provider_;
  int node_;
  const Clock& clock_;
  Executor& executor_;
};

}  // namespace

std::unique_ptr<net::Transport> Provider::transport(int node, const Clock& clock, Executor& executor) {
  return std::make_unique<SimTransport>(*this, node, clock, executor);
}

}  // namespace belay::sim
