// Answers that take long to work out: a piece of work is done a step at a time on a worker, in between its
// other calls. What is ready in time is answered at once; else the caller gets a req_id to ask again with
// (contract 2.4), and the work goes on. Safe from any thread.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "api/route.h"

namespace belay::api::clevertap {

class Work {
 public:
  virtual ~Work() = default;
  virtual store::Result<bool> step(Worker& worker) = 0;  // true: done
  virtual net::HttpReply answer() = 0;                   // once, after that
};

class Jobs {
 public:
  static constexpr std::size_t most_kept = 1000, most_running = 10;  // running: of an account
  static constexpr Seconds kept_for{3600};
  static constexpr Micros no_end = Micros::max();  // a patience: the answer comes when the work is done
  explicit Jobs(Micros patience = Millis{1500}) : shared_(std::make_shared<Shared>()), patience_(patience) {}

  void begin(Call call, Answer answer, std::shared_ptr<Work> work);
  // GET ?req_id=
  void poll(Call call, Answer answer);

 private:
  struct Entry {
    AccountId account;
    std::string path;
    WallTime touched;
    std::optional<net::HttpReply> reply;  // none: it is still being worked on
  };
  struct Shared {
    std::mutex mutex;
    std::map<std::int64_t, Entry> entries;
  };
  struct Job;
  static bool work_on(Job& job);
  static void go_on(std::shared_ptr<Job> job);
  static bool keep(Job& job);

  std::shared_ptr<Shared> shared_;
  Micros patience_;
};

net::HttpReply partial_reply(std::int64_t request);

}  // namespace belay::api::clevertap
