#include "sim/disk_port.h"

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace belay::sim {

// A file that SQLite has open.
class Handle {
 public:
  Handle(DiskPort& p, std::shared_ptr<DiskFile> f, bool sync_name)
      : port(p), file(std::move(f)), sync_name_(sync_name) {
    file->handles.push_back(this);
  }
  ~Handle() {
    unmap();
    std::erase(file->handles, this);
  }

  int read(void* out, int amount, sqlite3_int64 at);
  int write(const void* from, int amount, sqlite3_int64 at);
  int truncate(sqlite3_int64 size);
  int sync();
  int lock(int level);
  int unlock(int level) {
    lock_ = level;
    return SQLITE_OK;
  }
  bool reserved() const;
  int map(int region, int size, bool extend, void volatile** out);
  int shm_lock(int offset, int n, int flags);
  int unmap();

  DiskPort& port;
  std::shared_ptr<DiskFile> file;

 private:
  bool sync_name_;  // new: its name is synced with its first sync, as SQLite's unix VFS does it
  int lock_ = SQLITE_LOCK_NONE;
  bool mapped_ = false;
  unsigned shared_ = 0, exclusive_ = 0;  // slots of the wal-index
};

int Handle::read(void* out, int amount, sqlite3_int64 at) {
  if (port.fails(DiskCall::read)) return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(amount);
  const auto from = static_cast<std::size_t>(at);
  const std::size_t there = from >= file->size() ? 0 : std::min(wanted, file->size() - from);
  std::memcpy(out, file->data().data() + std::min(from, file->size()), there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int Handle::write(const void* from, int amount, sqlite3_int64 at) {
  const auto offset = static_cast<std::size_t>(at);
  const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(amount));
  if (port.fails(DiskCall::write)) return SQLITE_IOERR_WRITE;
  if (port.disk().full && offset + bytes.size() > file->size()) {
    // What fits is written, as by a real disk.
    if (offset < file->size()) file->write(offset, bytes.substr(0, file->size() - offset));
    port.last_errno = ENOSPC;
    ++port.injected;
    return SQLITE_FULL;
  }
  file->write(offset, bytes);
  return SQLITE_OK;
}

int Handle::truncate(sqlite3_int64 size) {
  if (port.fails(DiskCall::write)) return SQLITE_IOERR_TRUNCATE;
  file->truncate(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int Handle::sync() {
  if (port.fails(DiskCall::sync)) return SQLITE_IOERR_FSYNC;
  file->sync();
  if (std::exchange(sync_name_, false)) port.disk().sync_names();
  return SQLITE_OK;
}

int Handle::lock(int level) {
  if (port.is_cut()) return SQLITE_IOERR_LOCK;
  for (const Handle* other : file->handles) {
    if (other == this) continue;
    if (other->lock_ >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_RESERVED && other->lock_ >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && other->lock_ >= SQLITE_LOCK_SHARED) return SQLITE_BUSY;
  }
  lock_ = level;
  return SQLITE_OK;
}

bool Handle::reserved() const {
  return std::any_of(file->handles.begin(), file->handles.end(),
                     [](const Handle* h) { return h->lock_ >= SQLITE_LOCK_RESERVED; });
}

int Handle::map(int region, int size, bool extend, void volatile** out) {
  SharedMemory& shm = file->shared;
  *out = nullptr;
  if (port.is_cut()) return SQLITE_IOERR_SHMMAP;
  if (!std::exchange(mapped_, true)) shm.users.push_back(this);
  const auto index = static_cast<std::size_t>(region);
  while (shm.regions.size() <= index) {
    if (!extend) return SQLITE_OK;
    shm.regions.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(size)));
  }
  *out = shm.regions[index]->data();
  return SQLITE_OK;
}

int Handle::shm_lock(int offset, int n, int flags) {
  const unsigned mask = ((1u << n) - 1) << offset;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    shared_ &= ~mask;
    exclusive_ &= ~mask;
    return SQLITE_OK;
  }
  if (port.is_cut()) return SQLITE_IOERR_SHMLOCK;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (const Handle* other : file->shared.users) {
    if (other == this) continue;
    if ((other->exclusive_ & mask) != 0 || (exclusive && (other->shared_ & mask) != 0)) return SQLITE_BUSY;
  }
  (exclusive ? exclusive_ : shared_) |= mask;
  return SQLITE_OK;
}

int Handle::unmap() {
  if (!std::exchange(mapped_, false)) return SQLITE_OK;
  shared_ = exclusive_ = 0;
  std::erase(file->shared.users, this);
  if (file->shared.users.empty()) file->shared.regions.clear();
  return SQLITE_OK;
}

namespace {

struct OpenFile : sqlite3_file {
  Handle* handle;
};

Handle& of(sqlite3_file* f) {
  return *static_cast<OpenFile*>(f)->handle;
}

DiskPort& port_of(sqlite3_vfs* vfs) {
  return *static_cast<DiskPort*>(vfs->pAppData);
}

sqlite3_io_methods methods() {
  sqlite3_io_methods m{};
  m.iVersion = 2;
  m.xClose = [](sqlite3_file* f) {
    delete std::exchange(static_cast<OpenFile*>(f)->handle, nullptr);
    return SQLITE_OK;
  };
  m.xRead = [](sqlite3_file* f, void* out, int n, sqlite3_int64 at) { return of(f).read(out, n, at); };
  m.xWrite = [](sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
    return of(f).write(from, n, at);
  };
  m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) { return of(f).truncate(size); };
  m.xSync = [](sqlite3_file* f, int) { return of(f).sync(); };
  m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(of(f).file->size());
    return SQLITE_OK;
  };
  m.xLock = [](sqlite3_file* f, int level) { return of(f).lock(level); };
  m.xUnlock = [](sqlite3_file* f, int level) { return of(f).unlock(level); };
  m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
    *out = of(f).reserved() ? 1 : 0;
    return SQLITE_OK;
  };
  m.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
  m.xSectorSize = [](sqlite3_file*) { return 4096; };
  m.xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; };
  m.xShmMap = [](sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    return of(f).map(region, size, extend != 0, out);
  };
  m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) { return of(f).shm_lock(offset, n, flags); };
  m.xShmBarrier = [](sqlite3_file*) {};
  m.xShmUnmap = [](sqlite3_file* f, int) { return of(f).unmap(); };
  return m;
}

const sqlite3_io_methods io_methods = methods();

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  DiskPort& port = port_of(vfs);
  out->pMethods = nullptr;
  if (name == nullptr || port.fails(DiskCall::open)) return SQLITE_CANTOPEN;
  auto file = port.disk().find(name);
  const bool fresh = file == nullptr;
  if (fresh && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  if (fresh) file = port.disk().create(name);
  const bool log = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  static_cast<OpenFile*>(out)->handle = new Handle(port, std::move(file), fresh && log);
  out->pMethods = &io_methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  DiskPort& port = port_of(vfs);
  if (port.fails(DiskCall::write)) return SQLITE_IOERR_DELETE;
  if (!port.disk().remove(name)) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_folder != 0) port.disk().sync_names();
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* out) {
  *out = port_of(vfs).disk().find(name) != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  if (static_cast<int>(std::strlen(name)) >= size) return SQLITE_CANTOPEN;
  std::strcpy(out, name);
  return SQLITE_OK;
}

}  // namespace

DiskPort::DiskPort(Disk& disk, Random& random, const std::string& name)
    : disk_(disk), random_(random), name_(name) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = 256;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = remove_file;
  vfs_.xAccess = access_file;
  vfs_.xFullPathname = full_name;
  vfs_.xRandomness = [](sqlite3_vfs* vfs, int n, char* out) {
    for (int i = 0; i < n; ++i) out[i] = static_cast<char>(port_of(vfs).random_.below(256));
    return n;
  };
  // Nobody but a retry of a busy lock sleeps, and in one thread nobody could let it go meanwhile.
  vfs_.xSleep = [](sqlite3_vfs*, int micros) { return micros; };
  vfs_.xCurrentTime = [](sqlite3_vfs*, double* out) {
    *out = 2457462.5;
    return SQLITE_OK;
  };
  vfs_.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* out) {
    *out = 212'324'760'000'000;
    return SQLITE_OK;
  };
  vfs_.xGetLastError = [](sqlite3_vfs* vfs, int, char*) { return port_of(vfs).last_errno; };
  CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

DiskPort::~DiskPort() {
  sqlite3_vfs_unregister(&vfs_);
}

void DiskPort::crash_after(std::uint64_t calls, std::function<void()> then) {
  crash_in_ = calls;
  on_crash_ = std::move(then);
}

bool DiskPort::fails(DiskCall call) {
  last_errno = EIO;
  if (cut_) return true;
  if (call != DiskCall::read && crash_in_ > 0 && --crash_in_ == 0) {
    cut_ = true;
    if (on_crash_) on_crash_();
    return true;
  }
  unsigned chance = 0;
  switch (call) {
    case DiskCall::read:
      chance = faults.read_of_10000;
      break;
    case DiskCall::write:
      chance = faults.write_of_10000;
      break;
    case DiskCall::sync:
      chance = faults.sync_of_10000;
      break;
    case DiskCall::open:
      chance = faults.open_of_10000;
      break;
  }
  bool failing = chance > 0 && random_.below(10'000) < chance;
  if (call != DiskCall::read && faults.fail_after > 0 && --faults.fail_after == 0) failing = true;
  injected += failing ? 1 : 0;
  return failing;
}

int DiskPort::sync_folder() {
  if (fails(DiskCall::sync)) return EIO;
  disk_.sync_names();
  return 0;
}

}  // namespace belay::sim
