// The embedded store: one data folder, two SQLite files in WAL mode with synchronous=FULL.
//   belay.db     accounts, campaigns, stops, latches, runs, slices, journal
//   profiles.db  profiles, addresses, events: bulk, so that an upload never delays a stop
// Blocks while opening. One process at a time: the folder is locked by its `lock` file.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "store/store.h"

namespace belay::store {

// Holds the data folder for this process. Moves, never copies; released when it goes.
class FolderLock {
 public:
  FolderLock(FolderLock&&) noexcept;
  FolderLock& operator=(FolderLock&&) noexcept;
  ~FolderLock();

  // Creates the folder (mode 0700) if need be. `who` is written into the lock file and named to
  // whoever comes second: Code::busy "data folder ./data is in use by belay serve, pid 4711, listening on
  // ...".
  static Result<FolderLock> take(const std::string& folder, const std::string& who);
  // Replaces the text that a second comer is shown (once the address is known).
  void describe(const std::string& who);

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// Where the files are and who else may run while a thread waits. The defaults are what a server wants; a
// simulator brings its own.
struct SqliteOptions {
  std::string vfs;  // name of a registered sqlite3_vfs; "": the system's
  // Make the folder, and make the names in it durable: 0 or errno. Empty: the system's.
  std::function<int(const std::string&folder)> make_folder, sync_folder;
  std::size_t index_cache_bytes = 256u << 20;  // of the audience index, at most, kept in memory
  std::size_t name_cache_bytes = 256u << 20;   // of the names in uploads, at most, kept in memory
  std::array<std::uint64_t, 2> name_key{};     // hashes them: random, where uploads come from strangers
  std::function<void()> before_turn;  // called by whoever is about to queue for a write, holding nothing
};

// Opens or creates the store in `folder`. Migrates older schemas; refuses newer ones (Code::damaged).
Result<std::unique_ptr<Store>> open_sqlite(const std::string& folder, SqliteOptions options = {});

}  // namespace belay::store
