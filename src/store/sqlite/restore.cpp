#include "store/sqlite/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/sqlite/db.h"
#include "store/sqlite/home.h"
#include "store/sqlite/schema.h"

namespace belay::store {
namespace {

// An empty file would be taken for a store that has just been made.
Result<void> refuse_if_empty(sqlite::Db& db) {
  TRY_ASSIGN(const auto tables, db.number("SELECT count(*) FROM sqlite_schema"));
  if (tables > 0) return {};
  return fail(Code::damaged, db.path() + " in it is empty");
}

Result<void> look_at_databases(const std::string& folder) {
  {
    TRY_ASSIGN(const auto control, sqlite::Db::open(folder + "/belay.db", {.cache_kib = 512}));
    TRY(refuse_if_empty(*control));
  }
  TRY_ASSIGN(const auto profiles, sqlite::Db::open(folder + "/profiles.db", {.cache_kib = 512}));
  TRY(refuse_if_empty(*profiles));
  return sqlite::prepare_file(*profiles, sqlite::profile_schema());
}

Result<void> sync(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) return fail(Code::io, fmt::format("{}: {}", path, std::strerror(error)));
  return {};
}

}  // namespace

Result<Manifest> restore(const std::string& archive, const std::string& folder, WallTime now) {
  TRY_ASSIGN(Manifest manifest, unpack(archive, folder));
  TRY(look_at_databases(folder));
  TRY(mark_as_backup(folder, now));  // looks at belay.db's kind and schema, too
  for (const char* name : {"/belay.db", "/profiles.db"}) TRY(sync(folder + name, 0));
  TRY(sync(folder, O_DIRECTORY));
  return manifest;
}

}  // namespace belay::store
