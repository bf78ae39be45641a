// Delivers notices: takes what is due from the store, sends it to its subscriber over HTTP, and writes down
// what came of it. Each is sent exactly once or marked as not delivered:
//   - `trying` is on disk before the first byte may leave;
//   - an answer 2xx is delivered;
//   - a definite refusal (no connection, another answer, not sent whole) is tried again, later and later;
//   - no answer after all of it had left, or a crash meanwhile, is in doubt, and is never repeated by itself.
//
// One a process, on one executor, which may wait for the store; its transport lives on the same one. Every
// method but counts() belongs to that executor. Destroyed when the executor has ended. One attempt a
// subscriber at a time and a bounded number in all: who is slow holds up neither the others nor anything
// else. A subscriber's notices may arrive out of order when some are refused: each carries its time and
// number.
#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "net/link.h"
#include "store/notices.h"
#include "store/store.h"

namespace belay::notify {

struct Ports {
  const Clock& clock;
  Random& random;
  store::Store& store;
  Executor& executor;
  net::Transport& transport;  // on that executor
  // May notices be sent there? The error is a sentence. Empty: everywhere.
  std::function<Result<void, std::string>(const net::Endpoint&)> may_call;
};

struct Options {
  Micros look_every = Millis{250};
  Micros answer_within = Seconds{10};
  Micros retry_initial = Seconds{5};  // doubles with each attempt, with jitter
  Micros retry_most = Seconds{3600};
  Micros give_up_after = Seconds{24 * 3600};
  std::uint32_t max_attempts = 20;
  std::size_t most_at_once = 32;
  std::uint32_t most_pending = 10'000;            // of one subscriber; above, the oldest is given up
  Micros forget_after = Seconds{30 * 24 * 3600};  // what is decided
};

struct Counts {
  std::uint64_t delivered = 0, refused = 0, undelivered = 0, in_doubt = 0;  // refused: will be tried again
};

// "t=1457432766,v1=…": HMAC-SHA-256 over "1457432766." and the body.
std::string signature(const Secret& secret, WallTime now, std::string_view body);

class Notifier {
 public:
  Notifier(Ports ports, Options options);
  ~Notifier();

  // `copied`: the data folder is a copy that was adopted. Its original may have sent whatever is pending.
  void start(bool copied);
  // Takes up nothing more; `done` runs when what is on its way has got its answer (or its time is over).
  void drain(Task done);
  Counts counts() const;  // any thread

 private:
  class Attempt;
  bool session();
  void look();
  void take_up(store::DueDelivery due);
  void over(SubscriberId subscriber, store::DeliveryEnd end, store::DeliveryState counted);
  void refused(const store::Delivery& delivery, std::string why);
  void write_ends();
  void tidy();
  void trouble(std::string_view what, const store::Error& error);

  const Ports ports_;
  const Options options_;
  std::unique_ptr<store::NoticeSession> session_;
  void drop_unbegun();
  void look_whether_drained();

  bool draining_ = false;
  Task drained_;
  bool copied_ = false, recovered_ = false, in_trouble_ = false;
  std::map<SubscriberId, std::shared_ptr<Attempt>> attempts_;  // their subscribers are busy
  std::map<SubscriberId, store::DeliveryEnd> unwritten_;       // the store did not take them yet: busy, too
  SteadyTime tidied_{};
  std::unique_ptr<Executor::Timer> timer_;
  std::atomic<std::uint64_t> delivered_{0}, refused_{0}, undelivered_{0}, in_doubt_{0};
};

}  // namespace belay::notify
