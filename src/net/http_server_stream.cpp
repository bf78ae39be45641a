// Mailbox and StreamQueue: the parts of the HTTP server that other threads touch.
#include <boost/asio/io_context.hpp>
#include <utility>

#include "net/http_server_session.h"
#include "net/io_loop.h"

namespace belay::net {

bool Mailbox::on_loop() {
  const std::lock_guard lock(mutex_);
  return loop_ != nullptr && loop_->context().get_executor().running_in_this_thread();
}

void Mailbox::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (loop_ != nullptr) loop_->post(std::move(task));
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
}

bool StreamQueue::write(std::string chunk) {
  std::unique_lock lock(mutex_);
  if (gone_ || end_ != End::open) return false;
  if (chunk.empty()) return true;
  if (chunk.size() > limit_ - std::min(unsent_, limit_)) {
    end_ = End::broken;
    notify(lock);
    return false;
  }
  unsent_ += chunk.size();
  if (waiting_.empty()) {
    waiting_ = std::move(chunk);
  } else {
    waiting_ += chunk;
  }
  notify(lock);
  return true;
}

void StreamQueue::end() {
  std::unique_lock lock(mutex_);
  if (gone_ || end_ != End::open) return;
  end_ = End::ended;
  notify(lock);
}

void StreamQueue::abandon() {
  std::unique_lock lock(mutex_);
  if (gone_ || end_ != End::open) return;
  end_ = End::broken;
  notify(lock);
}

std::size_t StreamQueue::unsent() const {
  const std::lock_guard lock(mutex_);
  return gone_ ? 0 : unsent_;
}

StreamQueue::Taken StreamQueue::take() {
  const std::lock_guard lock(mutex_);
  notified_ = false;
  return {std::exchange(waiting_, {}), end_};
}

void StreamQueue::sent(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  unsent_ -= bytes;
}

void StreamQueue::client_gone() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
  waiting_ = {};
}

void StreamQueue::notify(std::unique_lock<std::mutex>& lock) {
  if (std::exchange(notified_, true)) return;
  lock.unlock();
  mailbox_->run([session = session_] {
    if (const auto alive = session.lock()) alive->stream_changed();
  });
}

}  // namespace belay::net
