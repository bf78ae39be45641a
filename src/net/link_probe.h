// For tests: the owner of one link. Opens it on a loop of its own, notes every event and checks the
// order that link.h promises. The test's thread calls in; events come on the loop.
#pragma once
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/io_loop.h"
#include "net/link.h"
#include "net/transport.h"

namespace belay::net {

constexpr Seconds probe_patience{20};

struct Fate {
  enum class End { none, answered, lost, unsent };
  bool handed_over = false;
  End end = End::none;
  int status = 0;
  std::string body;
  std::string retry_after;
  LinkError error{};
};

struct ProbeRequest {
  std::string path = "/";
  std::string body;
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers;
  Micros answer_within{Seconds{30}};
};

class LinkProbe final : private LinkEvents {
 public:
  explicit LinkProbe(const Endpoint& endpoint, TransportOptions options = {}) {
    run([&] {
      transport_ = make_transport(loop_, options);
      link_ = transport_->open(endpoint, *this);
    });
  }
  ~LinkProbe() override {
    run([&] {
      link_.reset();
      transport_.reset();
    });
  }

  // Runs `what` on the loop and waits for it.
  void run(const std::function<void()>& what) {
    std::promise<void> done;
    loop_.post([&] {
      what();
      done.set_value();
    });
    ASSERT_EQ(done.get_future().wait_for(probe_patience), std::future_status::ready);
  }

  // On the loop only.
  Link& link() { return *link_; }
  void submit(std::uint64_t token, const ProbeRequest& request) {
    std::vector<HeaderView> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    {
      const std::lock_guard lock(mutex_);
      fates_[token];
    }
    link_->submit({request.method, request.path, headers, request.body, request.answer_within}, Token{token});
  }

  // From the test's thread.
  void send(std::uint64_t token, const ProbeRequest& request) {
    run([&] {
      submit(token, request);
      link_->flush();
    });
  }
  std::vector<std::uint64_t> withdraw(const std::function<bool(std::uint64_t)>& mine) {
    std::vector<std::uint64_t> leaving;
    run([&] {
      for (const Token token : link_->withdraw([&](Token t) { return mine(t.value); }))
        leaving.push_back(token.value);
    });
    return leaving;
  }
  std::size_t capacity() {
    std::size_t value = 0;
    run([&] { value = link_->capacity(); });
    return value;
  }

  Fate fate(std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    return fates_.at(token);
  }
  std::set<std::uint64_t> tokens(const std::function<bool(const Fate&)>& which) {
    const std::lock_guard lock(mutex_);
    std::set<std::uint64_t> found;
    for (const auto& [token, fate] : fates_)
      if (which(fate)) found.insert(token);
    return found;
  }
  std::set<std::uint64_t> handed_over() {
    return tokens([](const Fate& fate) { return fate.handed_over; });
  }
  bool wait_until(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, probe_patience, holds);
  }
  bool wait_room() {
    return wait_until([&] { return rooms_ > 0; });
  }
  bool wait_handed_over(std::uint64_t token) {
    return wait_until([&] { return fates_[token].handed_over; });
  }
  bool wait_end(std::uint64_t token) {
    return wait_until([&] { return fates_[token].end != Fate::End::none; });
  }
  bool wait_all_ended() {
    return wait_until([&] {
      for (const auto& [token, fate] : fates_)
        if (fate.end == Fate::End::none) return false;
      return true;
    });
  }
  bool wait_closed() {
    return wait_until([&] { return closed_.has_value(); });
  }
  LinkError closed_with() {
    const std::lock_guard lock(mutex_);
    return closed_.value();
  }
  std::string closed_detail() {
    const std::lock_guard lock(mutex_);
    return detail_;
  }

  // Set on the loop: what the link is told when it asks.
  bool may_leave = true;

  // Called on the loop, inside the event.
  std::function<void()> in_room;
  std::function<void(Token)> in_handed_over;
  std::function<void(Token)> in_answered;
  std::function<void(Token)> in_unsent;

 private:
  void on_handed_over(Token token) override {
    note(token, [](Fate& fate) {
      EXPECT_FALSE(fate.handed_over);
      EXPECT_EQ(fate.end, Fate::End::none);
      fate.handed_over = true;
    });
    if (in_handed_over) in_handed_over(token);
  }
  void on_answered(Token token, const Answer& answer) override {
    note(token, [&](Fate& fate) {
      EXPECT_TRUE(fate.handed_over);
      EXPECT_EQ(fate.end, Fate::End::none);
      fate.end = Fate::End::answered;
      fate.status = answer.status;
      fate.body = answer.body;
      fate.retry_after = answer.retry_after;
    });
    if (in_answered) in_answered(token);
  }
  void on_lost(Token token, LinkError error) override {
    note(token, [&](Fate& fate) {
      EXPECT_TRUE(fate.handed_over);
      EXPECT_EQ(fate.end, Fate::End::none);
      fate.end = Fate::End::lost;
      fate.error = error;
    });
  }
  void on_unsent(Token token, LinkError error) override {
    note(token, [&](Fate& fate) {
      EXPECT_FALSE(fate.handed_over);
      EXPECT_EQ(fate.end, Fate::End::none);
      fate.end = Fate::End::unsent;
      fate.error = error;
    });
    if (in_unsent) in_unsent(token);
  }
  bool may_write() override { return may_leave; }
  void on_room() override {
    {
      const std::lock_guard lock(mutex_);
      ++rooms_;
      changed_.notify_all();
    }
    if (in_room) in_room();
  }
  void on_closed(LinkError error, std::string_view detail) override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(closed_.has_value());
    for (const auto& [token, fate] : fates_) EXPECT_NE(fate.end, Fate::End::none) << "token " << token;
    closed_ = error;
    detail_ = detail;
    changed_.notify_all();
  }
  void note(Token token, const std::function<void(Fate&)>& change) {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(closed_.has_value());
    change(fates_[token.value]);
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Fate> fates_;
  std::size_t rooms_ = 0;
  std::optional<LinkError> closed_;
  std::string detail_;
  IoLoop loop_{"probe"};
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Link> link_;
};

}  // namespace belay::net
