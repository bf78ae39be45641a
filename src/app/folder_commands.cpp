// belay status, backup, adopt: the data folder as a whole.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "app/asking.h"
#include "app/words.h"
#include "store/sqlite/backup.h"

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

// Written beside, then renamed: what has the name is whole.
struct Copy {
  std::string name, beside;
};

Result<Copy, Failure> begin_copy(std::string into) {
  while (into.size() > 1 && into.ends_with('/')) into.pop_back();
  std::error_code error;
  if (fs::exists(into, error) && !(fs::is_directory(into, error) && fs::is_empty(into, error)))
    return failed(into + " is there already: name a folder that is not", ExitCode::conflict);
  const auto parent = fs::path(into).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  Copy copy{into, fmt::format("{}.partial-{}", into, ::getpid())};
  if (::mkdir(copy.beside.c_str(), 0700) != 0)
    return failed(fmt::format("can't make {}: {}", copy.beside, std::strerror(errno)));
  return copy;
}

// Passcodes are worth nothing without the key they are hashed with.
Result<void, Failure> copy_key(const DataFolder& folder, const Copy& copy) {
  auto key = read_file(folder.path() + "/secret.key");
  if (!key && ::access((folder.path() + "/secret.key").c_str(), F_OK) != 0) return {};
  if (!key) return failed(key.error());
  if (auto written = write_file(copy.beside + "/secret.key", *key, 0600); !written)
    return failed(written.error());
  return {};
}

Result<store::BackupDone, Failure> copy_all(const DataFolder& folder, const Copy& copy) {
  TRY(copy_key(folder, copy));
  Progress progress;
  const RealClock clock;
  auto done = store::back_up(folder.path(), copy.beside, clock.wall(),
                             [&](store::BackupProgress p) { return progress.show(p); });
  if (!done) return failed(done.error().text);
  if (::rename(copy.beside.c_str(), copy.name.c_str()) != 0)
    return failed(fmt::format("can't rename {} to {}: {}", copy.beside, copy.name, std::strerror(errno)));
  return *done;
}

Result<store::BackupDone, Failure> back_up(const BackupOptions& o) {
  auto folder = choose_folder(o.place.data, o.place.config);
  if (!folder) return failed(folder.error(), ExitCode::usage);
  if (::access((folder->path() + "/belay.db").c_str(), F_OK) != 0)
    return failed(fmt::format("there is no store in {} (name it with --data DIR)", folder->path()),
                  ExitCode::unreachable);
  TRY_ASSIGN(const Copy copy, begin_copy(o.into));
  auto done = copy_all(*folder, copy);
  std::error_code ignored;
  if (!done) fs::remove_all(copy.beside, ignored);
  return done;
}

}  // namespace

ExitCode backup_command(const BackupOptions& o) {
  const RealClock clock;
  const SteadyTime began = clock.steady();
  const auto done = back_up(o);
  if (!done) return complain("belay backup", done.error());
  const Micros took = std::chrono::duration_cast<Micros>(clock.steady() - began);
  if (o.place.json)
    print_json(json::object{{"backup", o.into},
                            {"bytes", done->bytes},
                            {"unfinished_campaigns", done->unfinished},
                            {"took_us", took.count()}});
  else
    fmt::print("{} MB are in {}, with {} that had not ended; took {}\n", (done->bytes + 999'999) / 1'000'000,
               o.into, counted(static_cast<std::int64_t>(done->unfinished), "campaign", "campaigns"),
               in_words(took));
  return ExitCode::ok;
}

ExitCode adopt_command(const AdoptOptions& o) {
  auto asking = Asking::begin(o.place);
  if (!asking) return complain("belay adopt", asking.error());
  ApiCall call{.method = "POST", .path = "/api/v1/adopt"};
  call.body = to_text(json::object{{"resume", o.resume}});
  const auto answer = asking->ask(std::move(call));
  if (!answer) return complain("belay adopt", answer.error());
  if (o.place.json) return print_json(*answer), ExitCode::ok;
  const json::object& a = answer->as_object();
  const std::string was = text_at(a, "was");
  if (was.empty()) {
    fmt::print("Nothing was held: this data folder is where it belongs.\n");
    return ExitCode::ok;
  }
  fmt::print("Adopted ({}). It sends from {} on.\n", was,
             asking->server_running() ? "now" : "the next start");
  for (const json::value& id : a.at("stopped").as_array())
    fmt::print("stopped {}: the original may have sent more of it than is known here\n",
               id.to_number<std::int64_t>());
  return ExitCode::ok;
}

ExitCode status_command(const StatusOptions& o) {
  auto asking = Asking::begin(o.place);
  if (!asking) return complain("belay status", asking.error());
  const auto answer = asking->ask({.path = "/api/v1/status"});
  if (!answer) return complain("belay status", answer.error());
  if (o.place.json) return print_json(*answer), ExitCode::ok;
  const json::object& a = answer->as_object();
  fmt::print("{}\n", text_at(a, "state"));
  if (const std::string held = text_at(a, "held"); !held.empty())
    fmt::print(
        "Nothing is sent from this data folder: {}.\nWhen its original is gone for good: belay adopt\n",
        held);
  return ExitCode::ok;
}

}  // namespace belay::app
