#include "net/io_loop.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

namespace belay::net {
namespace {

using namespace std::chrono_literals;

template <class F>
auto on_loop(IoLoop& loop, F work) {
  std::promise<decltype(work())> done;
  auto result = done.get_future();
  loop.post([&] {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      done.set_value();
    } else {
      done.set_value(work());
    }
  });
  return result.get();
}

TEST(IoLoop, runs_tasks_in_the_order_they_were_posted_from_many_threads) {
  IoLoop loop("order");
  constexpr int per_thread = 2000;
  std::vector<std::vector<int>> seen(3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < per_thread; ++i) {
        loop.post([&seen, t, i] { seen[static_cast<std::size_t>(t)].push_back(i); });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  on_loop(loop, [] {});
  for (const auto& one : seen) {
    ASSERT_EQ(one.size(), static_cast<std::size_t>(per_thread));
    EXPECT_TRUE(std::is_sorted(one.begin(), one.end()));
  }
}

TEST(IoLoop, a_task_posted_by_the_loop_is_not_overtaken_by_a_later_post_of_another_thread) {
  IoLoop loop("overtake");
  std::promise<void> first_posted;
  std::promise<void> second_posted;
  std::promise<std::string> order;
  std::string text;
  loop.post([&] {
    loop.post([&] { text += "first "; });
    first_posted.set_value();
    second_posted.get_future().wait();
  });
  first_posted.get_future().wait();
  loop.post([&] { order.set_value(text + "second"); });
  second_posted.set_value();
  EXPECT_EQ(order.get_future().get(), "first second");
}

TEST(IoLoop, a_timer_fires_on_the_loop_and_not_early) {
  IoLoop loop("timer");
  const auto begun = std::chrono::steady_clock::now();
  std::promise<std::pair<std::thread::id, std::chrono::steady_clock::time_point>> fired;
  const auto timer = loop.after(20ms, [&] {
    fired.set_value({std::this_thread::get_id(), std::chrono::steady_clock::now()});
  });
  const auto [thread, when] = fired.get_future().get();
  EXPECT_GE(when - begun, 20ms);
  EXPECT_EQ(thread, on_loop(loop, [] { return std::this_thread::get_id(); }));
}

TEST(IoLoop, a_timer_destroyed_on_the_loop_never_fires_even_when_it_is_already_due) {
  IoLoop loop("cancel");
  std::atomic<int> fired = 0;
  std::promise<void> later;
  std::unique_ptr<Executor::Timer> due;
  std::unique_ptr<Executor::Timer> last;
  loop.post([&] {
    due = loop.after(Micros{-1}, [&] { ++fired; });
    last = loop.after(1ms, [&] { later.set_value(); });
    due.reset();
  });
  later.get_future().wait();
  EXPECT_EQ(fired, 0);
  on_loop(loop, [&] { last.reset(); });
}

TEST(IoLoop, of_two_timers_due_together_the_first_can_still_cancel_the_second) {
  IoLoop loop("both");
  int fired = 0;
  std::promise<void> later;
  std::vector<std::unique_ptr<Executor::Timer>> timers;
  loop.post([&] {
    timers.push_back(loop.after(1us, [&] { ++fired, timers[1].reset(); }));
    timers.push_back(loop.after(1us, [&] { ++fired, timers[0].reset(); }));
    const auto until = std::chrono::steady_clock::now() + 1ms;
    while (std::chrono::steady_clock::now() < until) {
    }  // both are due before the loop looks
    timers.push_back(loop.after(5ms, [&] { later.set_value(); }));
  });
  later.get_future().wait();
  EXPECT_EQ(on_loop(loop, [&] { return fired; }), 1);
  on_loop(loop, [&] { timers.clear(); });
}

TEST(IoLoop, a_timer_may_drop_its_own_handle) {
  IoLoop loop("self");
  std::promise<void> done;
  std::unique_ptr<Executor::Timer> timer;
  auto owned = std::make_unique<int>(7);
  loop.post([&] {
    timer = loop.after(1ms, [&, owned = std::move(owned)] {
      timer.reset();
      EXPECT_EQ(*owned, 7);
      done.set_value();
    });
  });
  done.get_future().wait();
}

TEST(IoLoop, stop_drops_what_is_queued_and_later_posts) {
  IoLoop loop("stop");
  std::promise<void> running;
  std::promise<void> go_on;
  std::atomic<int> ran = 0;
  loop.post([&] {
    running.set_value();
    go_on.get_future().wait();
    loop.stop();
    ++ran;
  });
  loop.post([&] { ran += 100; });
  running.get_future().wait();
  go_on.set_value();
  loop.stop();
  loop.post([&] { ran += 100; });
  EXPECT_EQ(ran, 1);
}

TEST(IoLoop, tasks_and_timers_left_over_may_touch_the_loop_while_they_are_destroyed) {
  struct Toucher {
    IoLoop* loop;
    ~Toucher() {
      loop->post([] {});
      const auto timer = loop->after(1ms, [] {});
    }
  };
  std::unique_ptr<Executor::Timer> outlives;
  {
    IoLoop loop("left");
    loop.stop();
  }
  {
    IoLoop loop("left");
    std::promise<void> running;
    std::promise<void> go_on;
    loop.post([&] { running.set_value(), go_on.get_future().wait(); });
    running.get_future().wait();
    loop.post([keep = std::make_unique<Toucher>(&loop)] {});
    outlives = loop.after(1h, [keep = std::make_unique<Toucher>(&loop)] {});
    std::thread stopper([&] { loop.stop(); });
    go_on.set_value();
    stopper.join();
  }
  outlives.reset();
}

TEST(IoLoop, its_first_timer_needs_no_descriptor) {
  IoLoop loop("starved");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest = dup(0);
  ASSERT_GE(lowest, 0);
  close(lowest);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  std::promise<void> fired;
  const auto timer = on_loop(loop, [&] { return loop.after(1ms, [&] { fired.set_value(); }); });
  fired.get_future().wait();
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(IoLoop, knows_its_cpu_time_also_after_it_ended) {
  IoLoop loop("cpu");
  on_loop(loop, [] {
    const auto until = std::chrono::steady_clock::now() + 30ms;
    volatile int sum = 0;
    while (std::chrono::steady_clock::now() < until) sum = sum + 1;
  });
  const auto used = loop.cpu_time();
  EXPECT_GT(used, Micros{0});
  loop.stop();
  EXPECT_GE(loop.cpu_time(), used);
}

}  // namespace
}  // namespace belay::net
