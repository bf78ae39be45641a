// A backup as one file: a tar archive of a store's files, manifest.json first, which says what is in it with
// size and SHA-256. Any tar can list and unpack it; what unpack() takes is only what pack() makes.
//
// The checksums find damage: a flipped bit, a file cut short, a member that is missing. They are no
// signature: who can write the archive can write what is in it, as with a data folder.
//
// Blocks on the disk, for as long as it takes; any thread, other than a loop's.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/errors.h"

namespace belay::store {

struct Manifest {
  struct File {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256;  // 64 hex digits
  };
  WallTime made{};
  std::uint64_t unfinished = 0;  // campaigns that were neither over nor stopped
  std::vector<File> files;

  std::uint64_t bytes() const;  // of all files
};

// Writes those of a store's files (belay.db, profiles.db, secret.key) that are in `folder` to the new file
// `archive`, mode 0600, and syncs it. A name that ends in .zst is compressed. `manifest.files` is filled in.
Result<void> pack(const std::string& folder, const std::string& archive, Manifest& manifest);

// Unpacks into `folder`, which exists and is empty: files with mode 0600, synced. Code::damaged, and a
// sentence that names the archive, unless it is whole and holds exactly what its manifest says; Code::full
// when there is no room for it, which is asked before anything is written. Of an error, what is in `folder`
// is worth nothing.
Result<Manifest> unpack(const std::string& archive, const std::string& folder);

}  // namespace belay::store
