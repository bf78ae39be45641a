#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "store/sqlite/open.h"

namespace belay::store {
namespace {

std::string read_text(int fd) {
  std::array<char, 512> text;
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : std::string();
}

// What a second comer is told is a courtesy; the lock itself does not depend on it.
void write_text(int fd, std::string_view text) {
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, text.data(), std::min<std::size_t>(text.size(), 512), 0);
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder, const std::string& who) {
  std::error_code ignored;  // mkdir says what is wrong
  const auto parent = std::filesystem::path(folder).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(Code::io, fmt::format("can't create data folder {}: {}", folder, std::strerror(errno)));
  const std::string path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Code::io, fmt::format("can't open {}: {}", path, std::strerror(errno)));
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return fail(Code::io, fmt::format("can't lock {}: {}", path, std::strerror(errno)));
    const std::string holder = read_text(fd);
    return fail(Code::busy, fmt::format("data folder {} is in use by {}", folder,
                                        holder.empty() ? "another belay process" : holder));
  }
  lock.describe(who);
  return lock;
}

void FolderLock::describe(const std::string& who) {
  write_text(fd_, who);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);  // lets the lock go; the file stays, so that nobody locks a removed one
}

}  // namespace belay::store
