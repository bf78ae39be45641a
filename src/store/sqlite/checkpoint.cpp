#include "store/sqlite/checkpoint.h"

#include "store/sqlite/schema.h"

namespace belay::store::sqlite {
namespace {

// A log longer than this is brought to its end even while others write.
constexpr std::int64_t long_log_pages = 32 * 1024 * 1024 / page_bytes;
// A log shorter than this is kept when nothing happens: overwriting it is quicker than making a new one.
constexpr std::int64_t short_log_pages = 4 * 1024 * 1024 / page_bytes;
constexpr std::int64_t little_pages = 1024 * 1024 / page_bytes;
constexpr int most_rounds = 2;

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::open(const std::string& path, WriteTurn& turn,
                                                         const std::string& vfs) {
  TRY_ASSIGN(auto db, Db::open(path, {.cache_kib = 256, .vfs = vfs}));
  sqlite3_busy_timeout(db->raw(), 0);  // there is always a next round
  return std::unique_ptr<Checkpointer>(new Checkpointer(std::move(db), turn));
}

Result<Checkpointer::Log> Checkpointer::checkpoint(int mode) {
  int pages = 0, moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_->raw(), nullptr, mode, &pages, &moved);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return std::unexpected(db_->error());
  return Log{pages, moved};
}

Result<void> Checkpointer::run() {
  const std::uint64_t turns = turn_.taken();
  TRY_ASSIGN(Log log, checkpoint(SQLITE_CHECKPOINT_PASSIVE));
  // Also when nobody has begun to write meanwhile: who began before may have ended since.
  if (log.pages > long_log_pages && turns != turns_seen_) {
    TRY(begin_anew(log));
  } else if (turns == turns_seen_ && log.pages == log.moved && log.pages > short_log_pages) {
    const auto turn = turn_.take(Lane::ordinary);  // idle: give the disk space back
    TRY(checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
  }
  turns_seen_ = turn_.taken();
  return {};
}

// Writers went on meanwhile, so the log can't begin anew: it would grow for as long as they do, and a
// start after a crash has to read it. What has come since is moved, until that is little enough to
// be moved while nobody writes.
Result<void> Checkpointer::begin_anew(Log log) {
  for (int round = 0; round < most_rounds; ++round) {
    const std::int64_t before = log.pages;
    TRY_ASSIGN(log, checkpoint(SQLITE_CHECKPOINT_PASSIVE));
    if (log.pages - before < little_pages) break;
  }
  const auto turn = turn_.take(Lane::ordinary);
  TRY(checkpoint(SQLITE_CHECKPOINT_PASSIVE));
  return {};
}

}  // namespace belay::store::sqlite
