// One connection to an SQLite file: statements prepared once, values bound and never pasted into
// SQL, every failure as an Error. Belongs to one thread at a time; blocks on the medium.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "store/errors.h"

namespace belay::store::sqlite {

// Bytes to be bound as a BLOB; a string_view is bound as TEXT.
struct Blob {
  std::string_view bytes;
};

// Maps what SQLite says to what the store says. `os_error` is errno where the medium failed, else 0.
Error error_from(int sqlite_code, int os_error, std::string_view message, const std::string& path);

class Db;

// A prepared statement, kept for the next time.
struct CachedStatement {
  CachedStatement() = default;
  CachedStatement(const CachedStatement&) = delete;
  CachedStatement& operator=(const CachedStatement&) = delete;
  ~CachedStatement() { sqlite3_finalize(statement); }
  sqlite3_stmt* statement = nullptr;  // none: it could not be prepared
  bool in_use = false;
};

// A statement being run. Texts given by view must outlive it; texts read from it are valid until the
// next next(). Ends the statement when it goes.
class Query {
 public:
  Query(Db& db, CachedStatement* cached);
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  Result<bool> next();  // false: no further row
  std::int64_t i64(int column) const { return sqlite3_column_int64(statement_, column); }
  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  std::string string(int column) const { return std::string(text(column)); }
  WallTime time(int column) const { return wall_from_micros(i64(column)); }
  std::optional<WallTime> maybe_time(int column) const;

  template <class... Values>
  void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }

 private:
  template <class T>
  requires std::is_integral_v<T>
  void bind(int index, T value) { sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value)); }
  template <class Tag>
  void bind(int index, Id<Tag> id) {
    sqlite3_bind_int64(statement_, index, id.value);
  }
  void bind(int index, WallTime time) { sqlite3_bind_int64(statement_, index, to_micros(time)); }
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void bind(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value)
      bind(index, *value);
    else
      bind(index, nullptr);
  }

  Db* db_;
  CachedStatement* cached_;
  sqlite3_stmt* statement_ = nullptr;
};

struct DbOptions {
  std::int64_t cache_kib = 2048;  // page cache of this connection
  bool create = false;
  std::string vfs;  // "": the system's
};

class Db {
 public:
  static Result<std::unique_ptr<Db>> open(const std::string& path, const DbOptions& options);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  // `sql` must be a literal: statements are kept by its address.
  template <class... Values>
  Query query(const char* sql, Values&&... values) {
    static_assert((!std::is_same_v<Values, std::string> && ...),
                  "a temporary would be gone before the query ends");
    Query q(*this, cached(sql));
    q.bind_all(values...);
    return q;
  }
  // Runs to the end; the number of rows changed.
  template <class... Values>
  Result<int> run(const char* sql, const Values&... values) {
    Query q(*this, cached(sql));
    q.bind_all(values...);
    TRY(q.next());
    return sqlite3_changes(db_);
  }
  // Several statements without values: schema and pragmas.
  Result<void> script(const std::string& sql);
  // A pragma's or single query's number.
  Result<std::int64_t> number(const std::string& sql);

  std::int64_t last_id() const { return sqlite3_last_insert_rowid(db_); }
  const std::string& path() const { return path_; }
  sqlite3* raw() { return db_; }
  Error error() const;

 private:
  friend class Query;
  Db(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
  CachedStatement* cached(const char* sql);

  sqlite3* db_;
  std::string path_;
  std::unordered_map<const char*, std::unique_ptr<CachedStatement>> statements_;
};

// Runs `body` as one transaction: committed if it returns success, else rolled back. The caller holds
// the file's write turn.
template <class Body>
auto in_transaction(Db& db, Body&& body) -> std::invoke_result_t<Body> {
  TRY(db.run("BEGIN IMMEDIATE"));
  auto result = body();
  if (result) {
    auto committed = db.run("COMMIT");
    if (committed) return result;
    result = std::unexpected(std::move(committed.error()));
  }
  // Some failures have rolled back already.
  if (sqlite3_get_autocommit(db.raw()) == 0) (void)db.run("ROLLBACK");
  return result;
}

}  // namespace belay::store::sqlite
