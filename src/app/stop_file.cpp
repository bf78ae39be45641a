#include "app/stop_file.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/native/time_text.h"
#include "base/log.h"
#include "net/io_loop.h"

namespace belay::app {

bool stop_file_there(const DataFolder& folder) {
  return ::access(folder.stop_file().c_str(), F_OK) == 0;
}

std::string stop_file_reason(const DataFolder& folder) {
  std::string text = read_file(folder.stop_file()).value_or("");
  text.resize(std::min<std::size_t>(text.size(), 500));
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text.empty() ? "file STOP" : text;
}

Result<void, std::string> stop_file_applied(const DataFolder& folder, WallTime now) {
  const std::string to = fmt::format("{}.applied-{}", folder.stop_file(), api::iso_time(now));
  if (::rename(folder.stop_file().c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return std::unexpected(fmt::format("can't rename {}: {}", folder.stop_file(), std::strerror(errno)));
}

struct StopFileWatch::State : std::enable_shared_from_this<State> {
  State(net::IoLoop& loop, int fd, std::string stop_file, std::function<void()> call, Micros wait_for_close)
      : descriptor(loop.context(), fd),
        file(std::move(stop_file)),
        appeared(std::move(call)),
        patience(wait_for_close),
        timer(loop.context()) {}
  boost::asio::posix::stream_descriptor descriptor;
  std::string file;
  std::function<void()> appeared;
  Micros patience;
  boost::asio::steady_timer timer;

  void wait() {
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                            if (error) return;
                            const std::uint32_t seen = self->read();
                            if ((seen & ~std::uint32_t{IN_CREATE}) != 0)
                              self->whole();
                            else if (seen != 0)
                              self->made();
                            self->wait();
                          });
  }
  void whole() {
    timer.cancel();
    appeared();
  }
  void made() {
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0 && found.st_size > 0)
      return whole();  // a link, say: no one closes it
    timer.expires_after(patience);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->appeared();
    });
  }
  // What has happened to STOP: bits of inotify(7). Events that were lost (overflow) count as its being there.
  std::uint32_t read() {
    alignas(inotify_event) char buffer[4096];
    std::uint32_t seen = 0;
    for (ssize_t n; (n = ::read(descriptor.native_handle(), buffer, sizeof buffer)) > 0;) {
      for (const char* at = buffer; at < buffer + n;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        if ((event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && std::string_view(event->name) == "STOP"))
          seen |= event->mask;
        at += sizeof(inotify_event) + event->len;
      }
    }
    return seen;
  }
};

StopFileWatch::StopFileWatch(net::IoLoop& loop, const DataFolder& folder, std::function<void()> appeared,
                             Micros patience) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0 ||
      ::inotify_add_watch(fd, folder.path().c_str(), IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
    log_error("stop_file.unwatched", {{"folder", folder.path()}, {"error", std::strerror(errno)}});
    if (fd >= 0) ::close(fd);
    return;
  }
  state_ = std::make_shared<State>(loop, fd, folder.stop_file(), std::move(appeared), patience);
  loop.post([state = state_] { state->wait(); });
}

StopFileWatch::~StopFileWatch() = default;

}  // namespace belay::app
