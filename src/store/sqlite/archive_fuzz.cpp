// Anything at all as a backup's archive: restored whole, or refused, and never a byte outside of the folder.
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "store/sqlite/archive.h"
#include "store/sqlite/temp_folder_test.h"

namespace {

namespace fs = std::filesystem;

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const belay::store::TempFolder folder;
  const std::string archive = folder.path() + "/a", into = folder.path() + "/into";
  std::ofstream(archive, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  fs::create_directory(into);
  const auto done = belay::store::unpack(archive, into);
  CHECK(files_in(folder.path()) == 2);
  for (const auto& entry : fs::directory_iterator(into)) {
    const std::string name = entry.path().filename();
    CHECK(entry.is_regular_file() && !entry.is_symlink());
    CHECK(name == "belay.db" || name == "profiles.db" || name == "secret.key");
  }
  if (!done) return 0;
  CHECK(files_in(into) == done->files.size());
  for (const auto& file : done->files) CHECK(fs::file_size(into + "/" + file.name) == file.bytes);
  return 0;
}
