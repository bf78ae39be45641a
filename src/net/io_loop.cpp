#include "net/io_loop.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <mutex>
#include <thread>

#include "base/check.h"

namespace belay::net {
namespace {

namespace asio = boost::asio;

// Shared by the handle and the pending wait. The Asio timer itself belongs to the wait alone, so a
// handle that outlives its loop touches nothing of it.
struct Wait {
  std::atomic<bool> cancelled = false;
  std::weak_ptr<asio::steady_timer> timer;
};

Micros to_duration(const timespec& t) {
  return Seconds{t.tv_sec} + Micros{t.tv_nsec / 1000};
}

}  // namespace

struct IoLoop::State {
  // Tasks have a queue of their own instead of one Asio post each: Asio keeps what the loop posts
  // to itself in a private queue, which would let another thread's later post overtake it.
  std::mutex mutex;
  std::deque<Task> queued;
  bool drain_posted = false;
  std::atomic<bool> stopping = false;

  std::mutex join_mutex;
  std::thread thread;
  std::thread::id thread_id;
  clockid_t cpu_clock{};
  std::atomic<std::int64_t> final_cpu_us = -1;

  // Last, so destroyed first: what its handlers own may still call post() and after() then.
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  // Asio opens a context's descriptors with its first timer or socket, and throws where it can't. With this
  // they are there from the start: a loop that runs works on when the process has no descriptor left.
  asio::steady_timer reactor{context};

  void run(const std::string& name);
  void post_drain() {
    asio::post(context, [this] { drain(); });
  }
  void drain();
  void drop_queued();
};

void IoLoop::State::run(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  context.run();
  drop_queued();
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  final_cpu_us = to_duration(used).count();
}

// One batch a turn: what a task posts waits for the next turn, so sockets and timers get theirs.
void IoLoop::State::drain() {
  std::deque<Task> batch;
  {
    const std::lock_guard lock(mutex);
    batch.swap(queued);
  }
  while (!batch.empty() && !stopping.load(std::memory_order_relaxed)) {
    Task task = std::move(batch.front());
    batch.pop_front();
    task();
  }
  const std::lock_guard lock(mutex);
  drain_posted = !queued.empty() && !stopping;
  if (drain_posted) post_drain();
}

// Their destructors may post: that is dropped, as the loop is stopping.
void IoLoop::State::drop_queued() {
  std::deque<Task> dropped;
  {
    const std::lock_guard lock(mutex);
    dropped.swap(queued);
  }
}

namespace {

class LoopTimer final : public Executor::Timer {
 public:
  LoopTimer(std::shared_ptr<Wait> wait, std::thread::id loop) : wait_(std::move(wait)), loop_(loop) {}
  ~LoopTimer() override {
    wait_->cancelled = true;
    // Only for the memory: the flag already keeps the task from running. On another thread the wait just
    // runs out, and nothing of the loop is touched, which may be gone.
    if (std::this_thread::get_id() != loop_) return;
    if (const auto timer = wait_->timer.lock()) timer->cancel();
  }
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

 private:
  std::shared_ptr<Wait> wait_;
  std::thread::id loop_;
};

}  // namespace

namespace {

// sched_setattr(2); glibc 2.36 has neither the call nor the struct.
struct SchedulerAttributes {
  std::uint32_t size = sizeof(SchedulerAttributes), policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice_ns = 0, deadline_ns = 0, period_ns = 0;  // slice: since 6.12 for SCHED_OTHER
};

}  // namespace

void IoLoop::hurry() {
  post([] {
    SchedulerAttributes wish;
    wish.nice = -10;
    wish.slice_ns = 100'000;
    if (syscall(SYS_sched_setattr, 0, &wish, 0u) == 0) return;
    wish.nice = getpriority(PRIO_PROCESS, 0);  // not privileged: the short slice alone
    (void)syscall(SYS_sched_setattr, 0, &wish, 0u);
  });
}

IoLoop::IoLoop(std::string thread_name) : state_(std::make_unique<State>()) {
  State* state = state_.get();
  state->thread = std::thread([state, name = std::move(thread_name)] { state->run(name); });
  state->thread_id = state->thread.get_id();
  CHECK(pthread_getcpuclockid(state->thread.native_handle(), &state->cpu_clock) == 0);
}

IoLoop::~IoLoop() {
  CHECK(std::this_thread::get_id() != state_->thread_id);
  stop();
}

void IoLoop::post(Task task) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return;  // the task is destroyed by the caller's frame, after the lock is gone
  state_->queued.push_back(std::move(task));
  if (std::exchange(state_->drain_posted, true)) return;
  state_->post_drain();
}

std::unique_ptr<Executor::Timer> IoLoop::after(Micros delay, Task task) {
  auto wait = std::make_shared<Wait>();
  auto handle = std::make_unique<LoopTimer>(wait, state_->thread_id);
  if (state_->stopping) return handle;
  auto timer = std::make_shared<asio::steady_timer>(state_->context, delay);
  wait->timer = timer;
  auto& started = *timer;
  started.async_wait([state = state_.get(), timer = std::move(timer), wait = std::move(wait),
                      task = std::move(task)](const boost::system::error_code& error) mutable {
    if (error || wait->cancelled || state->stopping) return;
    timer.reset();
    task();
  });
  return handle;
}

void IoLoop::stop() {
  state_->stopping = true;
  state_->context.stop();
  if (std::this_thread::get_id() == state_->thread_id) return;  // the destructor joins
  const std::lock_guard lock(state_->join_mutex);
  if (state_->thread.joinable()) state_->thread.join();
}

Micros IoLoop::cpu_time() const {
  timespec used{};
  const bool running = clock_gettime(state_->cpu_clock, &used) == 0;
  if (const auto final_us = state_->final_cpu_us.load(); final_us >= 0) return Micros{final_us};
  return running ? to_duration(used) : Micros{};
}

boost::asio::io_context& IoLoop::context() {
  return state_->context;
}

}  // namespace belay::net
