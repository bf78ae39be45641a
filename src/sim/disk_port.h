// One process's way to a Disk: an SQLite VFS under a name of its own, and what goes wrong on that way.
// Register, open the store with its name, close the store, then let the port go. Single-threaded.
//
// A crash at any call: after cut() (or when crash_after mutating calls have been made) nothing that the
// process still does reaches the disk any more, every call fails, and closing its files changes nothing.
// So the task under way may run to its end; what it did after the crash has not happened.
#pragma once
#include <sqlite3.h>

#include <functional>
#include <string>

#include "sim/disk.h"

namespace belay::sim {

// Chances are of 10,000 calls of the kind.
struct DiskFaults {
  unsigned read_of_10000 = 0, write_of_10000 = 0, sync_of_10000 = 0, open_of_10000 = 0;
  // The n-th mutating call from now on fails, once; 0: none.
  std::uint64_t fail_after = 0;
};

enum class DiskCall { read, write, sync, open };

class DiskPort {
 public:
  DiskPort(Disk& disk, Random& random, const std::string& name);
  ~DiskPort();
  DiskPort(const DiskPort&) = delete;
  DiskPort& operator=(const DiskPort&) = delete;

  const std::string& name() const { return name_; }
  void cut() { cut_ = true; }
  bool is_cut() const { return cut_; }
  // The process dies at the n-th mutating call from now on; `then` is told, from inside that call.
  void crash_after(std::uint64_t calls, std::function<void()> then);
  int sync_folder();  // errno

  DiskFaults faults;
  std::uint64_t injected = 0;  // faults so far

  // For the VFS only.
  Disk& disk() { return disk_; }
  bool fails(DiskCall call);  // true: report an I/O error
  int last_errno = 0;

 private:
  Disk& disk_;
  Random& random_;
  std::string name_;
  sqlite3_vfs vfs_{};
  bool cut_ = false;
  std::uint64_t crash_in_ = 0;  // 0: not at all
  std::function<void()> on_crash_;
};

}  // namespace belay::sim
