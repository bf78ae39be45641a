#include "store/sqlite/db.h"

#include <cerrno>

#include "base/check.h"

namespace belay::store::sqlite {

namespace {

constexpr int busy_patience_ms = 5000;  // for other processes; this one takes turns

Code code_from(int sqlite_code, int os_error) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
      return Code::full;
    case SQLITE_IOERR:
      return os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG ? Code::full : Code::io;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // the statements are right, so the schema is not
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
      return Code::damaged;
    case SQLITE_CONSTRAINT:
      return Code::conflict;
    default:
      return Code::io;
  }
}

std::string_view advice_for(Code code) {
  switch (code) {
    case Code::full:
      return ". Make room on the disk (or raise the quota) and try again";
    case Code::damaged:
      return ". Stop the server, keep a copy of the whole data folder, then restore the file from a backup "
             "or "
             "recover what is readable with sqlite3's .recover";
    case Code::busy:
      return ". Another program has the file locked: end it and try again";
    default:
      return "";
  }
}

}  // namespace

Error error_from(int sqlite_code, int os_error, std::string_view message, const std::string& path) {
  const Code code = code_from(sqlite_code, os_error);
  std::string text = fmt::format("{}: {}", path, message);
  if (os_error != 0 && (code == Code::io || code == Code::full))
    text += fmt::format(" ({})", std::strerror(os_error));
  text += advice_for(code);
  return {code, std::move(text)};
}

Result<std::unique_ptr<Db>> Db::open(const std::string& path, const DbOptions& options) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (options.create ? SQLITE_OPEN_CREATE : 0);
  const int opened =
      sqlite3_open_v2(path.c_str(), &raw, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  auto db = std::unique_ptr<Db>(new Db(raw, path));
  if (raw == nullptr) return fail(Code::io, path + ": out of memory");
  if (opened != SQLITE_OK) return std::unexpected(db->error());
  sqlite3_busy_timeout(raw, busy_patience_ms);
  // No mmap: what is mapped counts as resident, and a read error would be a SIGBUS instead of an Error.
  TRY(
      db->script(fmt::format("PRAGMA cache_size = -{}; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON;"
                             "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                             "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;"
                             "PRAGMA secure_delete = FAST; PRAGMA trusted_schema = OFF",
                             options.cache_kib)));
  return db;
}

Db::~Db() {
  statements_.clear();
  sqlite3_close(db_);
}

Error Db::error() const {
  const int code = sqlite3_extended_errcode(db_);
  const int base = code & 0xff;
  const bool medium = base == SQLITE_IOERR || base == SQLITE_CANTOPEN || base == SQLITE_FULL;
  // A commit that fails does not pass its errno on to sqlite3_system_errno().
  const int os_error = sqlite3_system_errno(db_) != 0 ? sqlite3_system_errno(db_) : errno;
  return error_from(code, medium ? os_error : 0, sqlite3_errmsg(db_), path_);
}

CachedStatement* Db::cached(const char* sql) {
  auto& slot = statements_[sql];
  if (!slot) slot = std::make_unique<CachedStatement>();
  CHECK(!slot->in_use);            // one run of a statement at a time
  if (slot->statement == nullptr)  // a failure shows when the query runs
    sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->statement, nullptr);
  slot->in_use = true;
  return slot.get();
}

Result<void> Db::script(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return std::unexpected(error());
  return {};
}

Result<std::int64_t> Db::number(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  Result<std::int64_t> result = 0;
  if (code == SQLITE_ROW)
    result = sqlite3_column_int64(statement, 0);
  else if (code != SQLITE_DONE)
    result = std::unexpected(error());
  sqlite3_finalize(statement);
  return result;
}

Query::Query(Db& db, CachedStatement* cached) : db_(&db), cached_(cached), statement_(cached->statement) {}

Query::Query(Query&& other) noexcept : db_(other.db_), cached_(other.cached_), statement_(other.statement_) {
  other.cached_ = nullptr;
}

Query::~Query() {
  if (cached_ == nullptr) return;
  sqlite3_reset(statement_);
  cached_->in_use = false;
}

Result<bool> Query::next() {
  if (statement_ == nullptr) return std::unexpected(db_->error());  // could not be prepared
  errno = 0;  // what it is afterwards, the step has left: see Db::error()
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(db_->error());
}

std::string_view Query::text(int column) const {
  const auto* p = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return p == nullptr
             ? std::string_view{}
             : std::string_view{p, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Query::blob(int column) const {
  const auto* p = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return p == nullptr
             ? std::string_view{}
             : std::string_view{p, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<WallTime> Query::maybe_time(int column) const {
  return null(column) ? std::nullopt : std::optional(time(column));
}

void Query::bind(int index, std::string_view text) {
  // A view of nothing must still be a text: NULL means something else.
  const char* p = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(statement_, index, p, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Query::bind(int index, Blob blob) {
  const char* p = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  sqlite3_bind_blob64(statement_, index, p, blob.bytes.size(), SQLITE_STATIC);
}

}  // namespace belay::store::sqlite
