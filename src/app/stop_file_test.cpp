#include "app/stop_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "net/io_loop.h"

namespace belay::app {
namespace {

// A folder under watch; `reason` is what the file says when the watch first calls.
struct Watched {
  explicit Watched(Micros patience)
      : path(std::filesystem::temp_directory_path() / fmt::format("belay-stop-file-{}", ::getpid())),
        folder(path.string()) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
    watch = std::make_unique<StopFileWatch>(
        loop, folder,
        [this] {
          if (!std::exchange(told, true)) reason.set_value(stop_file_reason(folder));
        },
        patience);
    on_loop();
  }
  ~Watched() {
    loop.stop();
    std::filesystem::remove_all(path);
  }
  // What had been posted before is done, such as beginning to watch.
  void on_loop() {
    std::promise<void> done;
    loop.post([&] { done.set_value(); });
    done.get_future().wait();
  }
  int create() { return ::open(folder.stop_file().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600); }

  std::filesystem::path path;
  DataFolder folder;
  net::IoLoop loop{"stop-file"};
  std::unique_ptr<StopFileWatch> watch;
  bool told = false;
  std::promise<std::string> reason;
};

constexpr Micros forever = Seconds{3600};

TEST(StopFileWatch, one_written_in_two_steps_is_read_when_it_is_whole) {
  Watched watched(forever);
  const int fd = watched.create();
  ASSERT_GE(fd, 0);
  for (int i = 0; i < 100; ++i) watched.on_loop();  // the watch has met the empty file by now
  ASSERT_EQ(::write(fd, "wrong price\n", 12), 12);
  ::close(fd);
  EXPECT_EQ(watched.reason.get_future().get(), "wrong price");
}

TEST(StopFileWatch, one_that_stays_open_counts_as_it_is) {
  Watched watched(Millis{1});
  const int fd = watched.create();
  ASSERT_GE(fd, 0);
  EXPECT_EQ(watched.reason.get_future().get(), "file STOP");
  ::close(fd);
}

TEST(StopFileWatch, one_moved_or_linked_here_is_whole_at_once) {
  for (const bool moved : {true, false}) {
    Watched watched(forever);
    ASSERT_TRUE(write_file((watched.path / "why").string(), "moved", 0600));
    if (moved)
      std::filesystem::rename(watched.path / "why", watched.folder.stop_file());
    else
      std::filesystem::create_hard_link(watched.path / "why", watched.folder.stop_file());
    EXPECT_EQ(watched.reason.get_future().get(), "moved");
  }
}

}  // namespace
}  // namespace belay::app
