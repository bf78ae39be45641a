#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/config.h"

namespace belay::app {
namespace {

std::unexpected<std::string> failed(std::string_view what, const std::string& path) {
  return std::unexpected(fmt::format("{} {}: {}", what, path, std::strerror(errno)));
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0;
}

// A new name is only durable once its folder is.
void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const int fd =
      ::open(slash == std::string::npos ? "." : path.substr(0, slash).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

Result<void, std::string> DataFolder::create() const {
  std::error_code error;
  if (std::filesystem::is_directory(path_, error)) return {};
  const auto parent = std::filesystem::path(path_).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) return failed("data folder", path_);
  return {};
}

Result<Secret, std::string> DataFolder::hash_key(Random& random) const {
  const std::string path = path_ + "/secret.key";
  if (auto there = read_file(path)) {
    while (!there->empty() && there->back() == '\n') there->pop_back();
    if (there->size() < 32)
      return std::unexpected(path +
                             " is damaged: it must hold at least 32 characters. Restore it from a backup, or "
                             "remove it and give every account new passcodes");
    return Secret(std::move(*there));
  }
  if (::access(path.c_str(), F_OK) == 0) return failed("can't read", path);
  Secret fresh(random_hex(random, 32));
  TRY(write_file(path, fresh.reveal() + "\n", 0600));
  return fresh;
}

Result<DataFolder, std::string> choose_folder(const std::string& data_flag, const std::string& config_flag) {
  if (!data_flag.empty()) return DataFolder(data_flag);
  const bool given = !config_flag.empty();
  const std::string file = given ? config_flag : "belay.toml";
  if (!given && ::access(file.c_str(), F_OK) != 0) return DataFolder("data");
  TRY_ASSIGN(Config config, read_config(file));
  return DataFolder(config.data);
}

Result<void, std::string> write_file(const std::string& path, std::string_view content, unsigned mode) {
  const std::string fresh = fmt::format("{}.new-{}", path, ::getpid());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return failed("can't write", path);
  const bool written = write_all(fd, content);
  ::close(fd);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    auto error = failed("can't write", path);
    ::unlink(fresh.c_str());
    return error;
  }
  sync_folder_of(path);
  return {};
}

Result<std::string, std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed("can't read", path);
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return failed("can't read", path);
  return std::move(text).str();
}

}  // namespace belay::app
