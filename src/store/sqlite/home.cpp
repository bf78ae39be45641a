#include "store/sqlite/home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "store/sqlite/schema.h"
#include "store/sqlite/trail.h"

namespace belay::store {

using sqlite::Db;
using sqlite::Query;

namespace {

constexpr std::string_view preamble =
    "The mark of this data folder; see `belay adopt --help`. Not to be copied.\n";

std::string first_line(const char* path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

Error trouble(std::string_view what, const std::string& path) {
  const int error = errno;
  return {error == ENOSPC || error == EDQUOT ? Code::full : Code::io,
          fmt::format("{} {}: {}", what, path, std::strerror(error))};
}

struct Place {
  std::int64_t inode = 0, born = 0;
};

std::optional<Place> place_of(int fd) {
  struct statx s {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &s) != 0) return std::nullopt;
  const bool knows = (s.stx_mask & STATX_BTIME) != 0;
  return Place{static_cast<std::int64_t>(s.stx_ino),
               knows ? s.stx_btime.tv_sec * 1'000'000'000 + s.stx_btime.tv_nsec : 0};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0;
}

Result<void> sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) return std::unexpected(trouble("data folder", folder));
  return {};
}

}  // namespace

Machine this_machine() {
  return {first_line("/etc/machine-id"), first_line("/proc/sys/kernel/random/boot_id")};
}

Result<std::unique_ptr<Home>> Home::open(const std::string& folder, Machine machine) {
  TRY_ASSIGN(auto db, Db::open(folder + "/belay.db", {.cache_kib = 128}));
  return std::unique_ptr<Home>(new Home(std::move(db), folder, std::move(machine)));
}

Result<Home::Standing> Home::look() {
  Query row = db_->query(
      "SELECT store, origin, at, machine, boot, mark, inode, born, old_mark, old_inode, old_born FROM home");
  TRY_ASSIGN(const bool there, row.next());
  if (!there) return Standing{};
  Standing found{row.string(0), ""};
  const auto not_home = [&](std::string why) { return found.why_not = std::move(why), found; };
  if (row.text(1) == "backup") return not_home("it is a restored backup");

  const int fd = ::open(path().c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return not_home("its file `home` is missing, so belay.db came from elsewhere");
  if (fd < 0) return std::unexpected(trouble("can't read", path()));
  std::array<char, 512> text{};
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  const auto place = place_of(fd);
  ::close(fd);
  if (n < 0 || !place) return std::unexpected(trouble("can't read", path()));
  std::string_view mark(text.data(), static_cast<std::size_t>(n));
  if (!mark.starts_with(preamble)) return not_home("its file `home` is damaged");
  mark.remove_prefix(preamble.size());
  while (mark.ends_with('\n')) mark.remove_suffix(1);

  const File file{std::string(mark), place->inode, place->born};
  const File now{row.string(5), row.i64(6), row.i64(7)};
  const File before{row.string(8), row.i64(9), row.i64(10)};  // a crash between the row and the file
  if (file.mark != now.mark && file.mark != before.mark)
    return not_home(
        "belay.db is not the one that was here last: an older or another one was put in its place");
  if (file != now && file != before) return not_home("the folder is a copy");
  // A container may be given a new machine id on the same machine: the boot tells.
  const bool other_machine = !machine_.id.empty() && row.text(3) != "" && row.text(3) != machine_.id;
  if (other_machine && row.text(4) != machine_.boot) return not_home("it was on another machine");
  return found;
}

Result<Home::File> Home::write_fresh(const std::string& mark) const {
  const std::string fresh = path() + ".new";
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return std::unexpected(trouble("can't write", fresh));
  const bool written = write_all(fd, fmt::format("{}{}\n", preamble, mark));
  const auto place = written ? place_of(fd) : std::nullopt;
  const auto error = trouble("can't write", fresh);
  ::close(fd);
  if (!place) return std::unexpected(error);
  return File{mark, place->inode, place->born};
}

// The row goes first and keeps the mark before: whatever a crash leaves, file and row agree.
Result<void> Home::settle_in(const std::string& store, Random& random, WallTime now,
                             const AuditEntry* told) {
  const std::string mark = random_hex(random, 16);
  TRY_ASSIGN(const File file, write_fresh(mark));
  const std::string_view machine = machine_.id, boot = machine_.boot, name = store;
  TRY(in_transaction(*db_, [&]() -> Result<void> {
    TRY(db_->run("INSERT OR IGNORE INTO home (one) VALUES (1)"));
    TRY(
        db_->run("UPDATE home SET store = ?, origin = 'home', at = ?, machine = ?, boot = ?,"
                 " old_mark = mark, old_inode = inode, old_born = born, mark = ?, inode = ?, born = ?",
                 name, now, machine, boot, std::string_view(file.mark), file.inode, file.born));
    if (told != nullptr) TRY(sqlite::Trail(*db_).append(*told));
    return {};
  }));
  if (::rename((path() + ".new").c_str(), path().c_str()) != 0)
    return std::unexpected(trouble("can't write", path()));
  return sync_folder(folder_);
}

Result<void> Home::renew(Random& random, WallTime now) {
  TRY_ASSIGN(const Standing standing, look());
  if (!standing.why_not.empty())
    return fail(Code::conflict, "the data folder is not at home: " + standing.why_not);
  return settle_in(standing.store.empty() ? random_hex(random, 16) : standing.store, random, now);
}

Result<void> Home::adopt(Random& random, WallTime now, const std::string& actor, const std::string& detail) {
  TRY_ASSIGN(const Standing standing, look());
  const AuditEntry told{.at = now,
                        .actor = actor,
                        .action = "store.adopted",
                        .subject = "store",
                        .before = standing.why_not,
                        .after = "at home",
                        .detail = detail};
  return settle_in(random_hex(random, 16), random, now, &told);
}

Result<void> mark_as_backup(const std::string& folder, WallTime now) {
  TRY_ASSIGN(const auto db, Db::open(folder + "/belay.db", {.cache_kib = 128}));
  TRY(prepare_file(*db, sqlite::control_schema()));
  return in_transaction(*db, [&]() -> Result<void> {
    TRY(db->run("INSERT OR IGNORE INTO home (one) VALUES (1)"));
    TRY(db->run("UPDATE home SET origin = 'backup', at = ?", now));
    return {};
  });
}

}  // namespace belay::store
