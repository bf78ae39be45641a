// For tests and benchmarks: an SQLite VFS over the system's that knows what has been written and not yet
// synced, and can leave syncs out, to show what they cost. Registered as long as it lives; any thread.
#pragma once
#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <new>
#include <string>

namespace belay::store::sqlite {

enum class Syncs {
  all,     // synchronous=FULL: each commit syncs the log
  no_log,  // what synchronous=NORMAL does in WAL mode: a commit syncs nothing, a checkpoint does
  none,    // synchronous=OFF
};

class SyncVfs {
 public:
  explicit SyncVfs(std::string name, Syncs syncs = Syncs::all)
      : name_(std::move(name)), syncs_(syncs), real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pNext = nullptr;
    vfs_.xOpen = &open;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~SyncVfs() { sqlite3_vfs_unregister(&vfs_); }
  SyncVfs(const SyncVfs&) = delete;
  SyncVfs& operator=(const SyncVfs&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t log_writes() const { return log_writes_; }
  std::uint64_t log_syncs() const { return log_syncs_; }
  // Something is in a write-ahead log and would be lost with the power.
  bool anything_unsynced() const { return unsynced_; }

 private:
  struct File {
    sqlite3_file base;
    SyncVfs* vfs;
    bool log;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File* mine(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return mine(file)->real(); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto* self = static_cast<SyncVfs*>(vfs->pAppData);
    File* f = mine(file);
    f->base.pMethods = nullptr;
    f->vfs = self;
    f->log = (flags & SQLITE_OPEN_WAL) != 0;
    const int code = self->real_->xOpen(self->real_, path, f->real(), flags, out_flags);
    if (f->real()->pMethods != nullptr) f->base.pMethods = &methods;
    return code;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    File* f = mine(file);
    if (f->log) {
      ++f->vfs->log_writes_;
      f->vfs->unsynced_ = true;
    }
    return f->real()->pMethods->xWrite(f->real(), data, size, at);
  }
  static int sync(sqlite3_file* file, int flags) {
    File* f = mine(file);
    const Syncs wanted = f->vfs->syncs_;
    if (wanted == Syncs::none || (wanted == Syncs::no_log && f->log)) return SQLITE_OK;
    const int code = f->real()->pMethods->xSync(f->real(), flags);
    if (f->log && code == SQLITE_OK) {
      ++f->vfs->log_syncs_;
      f->vfs->unsynced_ = false;
    }
    return code;
  }

  static inline const sqlite3_io_methods methods{
      .iVersion = 3,
      .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
      .xRead = [](sqlite3_file* f, void* to, int n,
                  sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); },
      .xWrite = &write,
      .xTruncate = [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
      .xSync = &sync,
      .xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
      .xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); },
      .xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); },
      .xCheckReservedLock = [](sqlite3_file* f,
                               int* r) { return real(f)->pMethods->xCheckReservedLock(real(f), r); },
      .xFileControl = [](sqlite3_file* f, int op,
                         void* a) { return real(f)->pMethods->xFileControl(real(f), op, a); },
      .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
      .xDeviceCharacteristics =
          [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
      .xShmMap =
          [](sqlite3_file* f, int page, int size, int extend, void volatile** at) {
            return real(f)->pMethods->xShmMap(real(f), page, size, extend, at);
          },
      .xShmLock = [](sqlite3_file* f, int offset, int n,
                     int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); },
      .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
      .xShmUnmap = [](sqlite3_file* f, int drop) { return real(f)->pMethods->xShmUnmap(real(f), drop); },
      .xFetch = [](sqlite3_file* f, sqlite3_int64 at, int n,
                   void** p) { return real(f)->pMethods->xFetch(real(f), at, n, p); },
      .xUnfetch = [](sqlite3_file* f, sqlite3_int64 at,
                     void* p) { return real(f)->pMethods->xUnfetch(real(f), at, p); },
  };

  const std::string name_;
  const Syncs syncs_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_{};
  std::atomic<std::uint64_t> log_writes_ = 0, log_syncs_ = 0;
  std::atomic<bool> unsynced_ = false;
};

}  // namespace belay::store::sqlite
