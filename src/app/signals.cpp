#include "app/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>

#include "base/check.h"
#include "net/io_loop.h"

namespace belay::app {
namespace {

sigset_t ours() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, s);
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t set = ours();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  std::signal(SIGPIPE, SIG_IGN);
}

struct Signals::State : std::enable_shared_from_this<State> {
  State(net::IoLoop& loop, int fd) : descriptor(loop.context(), fd) {}
  boost::asio::posix::stream_descriptor descriptor;
  RealClock clock;
  EndSignals end_signals;
  std::function<void(int)> end;
  std::function<void()> stop;

  void wait() {
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                            if (error) return;
                            self->read();
                            self->wait();
                          });
  }
  void read() {
    signalfd_siginfo info{};
    while (::read(descriptor.native_handle(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGUSR1)
        stop();
      else if (end_signals.counts(clock.steady()))
        end(static_cast<int>(info.ssi_signo));
    }
  }
};

Signals::Signals(net::IoLoop& loop, std::function<void(int)> end, std::function<void()> stop) {
  const sigset_t set = ours();
  const int fd = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  CHECK(fd >= 0);
  state_ = std::make_shared<State>(loop, fd);
  state_->end = std::move(end);
  state_->stop = std::move(stop);
  loop.post([state = state_] { state->wait(); });
}

Signals::~Signals() = default;

}  // namespace belay::app
