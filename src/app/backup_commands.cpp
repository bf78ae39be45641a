// belay backup, restore: a data folder as one file, and back.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "app/asking.h"
#include "app/words.h"
#include "base/time_text.h"
#include "store/sqlite/archive.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/restore.h"

namespace belay::app {
namespace {

namespace fs = std::filesystem;

// On the terminal, one line that is written over; nothing where nobody looks.
class Progress {
 public:
  bool show(store::BackupProgress p) {
    const SteadyTime now = clock_.steady();
    if (!tty_ || now - shown_ < Millis{200}) return true;
    shown_ = now;
    fmt::print(stderr, "\r\033[K{} of {} MB", p.done / 1'000'000, p.total / 1'000'000);
    std::fflush(stderr);
    return true;
  }
  ~Progress() {
    if (tty_) std::fputs("\r\033[K", stderr);
  }

 private:
  const RealClock clock_;
  SteadyTime shown_{};
  const bool tty_ = ::isatty(STDERR_FILENO) == 1;
};

std::unexpected<Failure> failed(std::string text, ExitCode code = ExitCode::failed) {
  return std::unexpected(Failure{code, std::move(text)});
}

std::unexpected<Failure> failed(const store::Error& error) {
  return failed(error.text, error.code == store::Code::conflict ? ExitCode::conflict : ExitCode::failed);
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

void sync_parent_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path();
  const int fd = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

// A folder beside `name`, in which it is made; then it is renamed, so what has the name is whole. Goes with
// all that is in it.
class Beside {
 public:
  static Result<std::unique_ptr<Beside>, Failure> make(const std::string& name) {
    std::error_code ignored;
    const auto parent = fs::path(name).parent_path();
    if (!parent.empty()) fs::create_directories(parent, ignored);
    auto made = std::unique_ptr<Beside>(new Beside(fmt::format("{}.partial-{}", name, ::getpid())));
    if (::mkdir(made->path_.c_str(), 0700) == 0) return made;
    const int error = errno;
    const std::string path = std::exchange(made->path_, "");
    return failed(fmt::format("can't make {}: {}", path, std::strerror(error)));
  }
  ~Beside() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit Beside(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Passcodes are worth nothing without the key they are hashed with.
Result<void, Failure> copy_key(const DataFolder& folder, const std::string& into) {
  auto key = read_file(folder.path() + "/secret.key");
  if (!key && ::access((folder.path() + "/secret.key").c_str(), F_OK) != 0) return {};
  if (!key) return failed(key.error());
  if (auto written = write_file(into + "/secret.key", *key, 0600); !written) return failed(written.error());
  return {};
}

std::unexpected<Failure> is_there_already(const std::string& file) {
  return failed(file + " is there already: name a file that is not", ExitCode::conflict);
}

// Never over what is there, even if it has come since we looked.
Result<void, Failure> name_it(const std::string& made, const std::string& file) {
  if (::link(made.c_str(), file.c_str()) == 0) {
    ::unlink(made.c_str());
  } else if (errno == EEXIST) {
    return is_there_already(file);
  } else if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0) {
    // A file system without hard links.
    if (errno == EEXIST) return is_there_already(file);
    return failed(fmt::format("can't rename {} to {}: {}", made, file, std::strerror(errno)));
  }
  sync_parent_of(file);
  return {};
}

Result<store::Manifest, Failure> back_up(const BackupOptions& o) {
  auto folder = choose_folder(o.place.data, o.place.config);
  if (!folder) return failed(folder.error(), ExitCode::usage);
  if (::access((folder->path() + "/belay.db").c_str(), F_OK) != 0)
    return failed(fmt::format("there is no store in {} (name it with --data DIR)", folder->path()),
                  ExitCode::unreachable);
  struct stat there {};
  if (::lstat(o.file.c_str(), &there) == 0) return is_there_already(o.file);
  if (o.file.empty() || o.file.ends_with('/')) return failed("a backup is a file: name one", ExitCode::usage);
  TRY_ASSIGN(const auto beside, Beside::make(o.file));
  TRY(copy_key(*folder, beside->path()));
  const RealClock clock;
  store::Manifest manifest{.made = clock.wall()};
  {
    Progress progress;
    auto done = store::back_up(folder->path(), beside->path(), manifest.made,
                               [&](store::BackupProgress p) { return progress.show(p); });
    if (!done) return failed(done.error());
    manifest.unfinished = done->unfinished;
  }
  const std::string made = beside->path() + "/" + fs::path(o.file).filename().string();
  if (auto packed = store::pack(beside->path(), made, manifest); !packed) return failed(packed.error());
  TRY(name_it(made, o.file));
  return manifest;
}

Result<store::Manifest, Failure> restore(const RestoreOptions& o) {
  const std::string into = without_slashes(o.into);
  std::error_code error;
  if (fs::exists(fs::symlink_status(into, error)) &&
      !(fs::is_directory(into, error) && fs::is_empty(into, error)))
    return failed(into + " is there already: name a folder that is not, or is empty", ExitCode::conflict);
  TRY_ASSIGN(const auto beside, Beside::make(into));
  const RealClock clock;
  auto manifest = store::restore(o.file, beside->path(), clock.wall());
  if (!manifest) return failed(manifest.error());
  // Over an empty folder a rename goes as well; over anything else it fails.
  if (::rename(beside->path().c_str(), into.c_str()) != 0) {
    if (errno == EBUSY) return failed(into + " is a mount point: name a folder in it", ExitCode::usage);
    return failed(fmt::format("can't rename {} to {}: {}", beside->path(), into, std::strerror(errno)));
  }
  sync_parent_of(into);
  return std::move(*manifest);
}

std::string unfinished_in_words(const store::Manifest& m) {
  return counted(static_cast<std::int64_t>(m.unfinished), "campaign", "campaigns") + " that had not ended";
}

std::uint64_t megabytes(const store::Manifest& m) {
  return (m.bytes() + 999'999) / 1'000'000;
}

}  // namespace

ExitCode backup_command(const BackupOptions& o) {
  const RealClock clock;
  const SteadyTime began = clock.steady();
  const auto done = back_up(o);
  if (!done) return complain("belay backup", done.error());
  const Micros took = std::chrono::duration_cast<Micros>(clock.steady() - began);
  if (o.place.json)
    print_json(json::object{{"backup", o.file},
                            {"bytes", done->bytes()},
                            {"unfinished_campaigns", done->unfinished},
                            {"took_us", took.count()}});
  else
    fmt::print("{} MB are in {}, with {}; took {}\n", megabytes(*done), o.file, unfinished_in_words(*done),
               in_words(took));
  return ExitCode::ok;
}

ExitCode restore_command(const RestoreOptions& o) {
  const auto done = restore(o);
  if (!done) return complain("belay restore", done.error());
  if (o.json)
    print_json(json::object{{"restored", o.into},
                            {"made", iso_time(done->made)},
                            {"bytes", done->bytes()},
                            {"unfinished_campaigns", done->unfinished}});
  else
    fmt::print(
        "{} MB are in {}, as they were at {}, with {}.\nNothing is sent from it until its original is gone "
        "for good: belay adopt --data {}\n",
        megabytes(*done), o.into, short_time(iso_time(done->made)), unfinished_in_words(*done), o.into);
  return ExitCode::ok;
}

}  // namespace belay::app
