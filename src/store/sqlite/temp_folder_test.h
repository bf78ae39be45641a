// A folder that is gone after the test. In memory where the system has such a place: the tests
// commit thousands of times, and what they prove does not depend on how long a disk takes.
#pragma once
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace belay::store {

class TempFolder {
 public:
  TempFolder() {
    const bool in_memory = ::access("/dev/shm", W_OK) == 0;
    std::string name =
        (in_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/belay-store-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace belay::store
