// A disk in memory under the real SQLite: what a program has written, what of it is synced, and what a
// power loss makes of the difference. Single-threaded; deterministic.
//
//   process crash   everything written stays; locks and open handles go
//   power loss      synced bytes stay; of the rest each 512-byte sector is there or not (torn, reordered);
//                   names made, removed and not synced with their folder are there or not
//
// Programs reach it through ports, one a process: see disk_port.h.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace belay::sim {

class Handle;

// The wal-index of one database file: shared memory, gone when nobody has it open.
struct SharedMemory {
  static constexpr int slots = 8;  // SQLITE_SHM_NLOCK
  std::vector<std::unique_ptr<std::vector<char>>> regions;
  std::vector<Handle*> users;
};

class DiskFile {
 public:
  std::size_t size() const { return data_.size(); }
  std::string_view data() const { return data_; }
  void write(std::size_t at, std::string_view bytes);
  void truncate(std::size_t size);
  void sync();
  // What is not synced survives by chance: `keep_of_100` of the sectors.
  void lose_power(Random& random, unsigned keep_of_100);
  bool dirty() const { return !unsynced_.empty(); }

  std::vector<Handle*> handles;  // open ones: locks are theirs
  SharedMemory shared;

 private:
  friend class Disk;
  struct Change {
    std::size_t at;
    std::string bytes;
    bool truncate;  // to size `at`
  };
  std::string data_, durable_;
  std::vector<Change> unsynced_;
};

// Files with everything synced: worlds begin as copies of one.
using DiskImage = std::map<std::string, std::string>;

class Disk {
 public:
  Disk() = default;
  explicit Disk(const DiskImage& image);
  DiskImage image() const;

  std::shared_ptr<DiskFile> find(const std::string& name) const;
  std::shared_ptr<DiskFile> create(const std::string& name);
  bool remove(const std::string& name);
  void sync_names() { durable_names_ = names_; }
  // All handles must be closed.
  void lose_power(Random& random);

  bool full = false;  // no file can grow

 private:
  std::map<std::string, std::shared_ptr<DiskFile>> names_, durable_names_;
};

}  // namespace belay::sim
