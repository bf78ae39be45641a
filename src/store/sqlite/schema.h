// The tables of both files and how older files become newer ones.
#pragma once
#include <string>
#include <vector>

#include "store/errors.h"
#include "store/sqlite/db.h"

namespace belay::store::sqlite {

// The pages of both files. A commit writes whole pages: with two journal blocks in it, 4 KiB pages
// write half of what 8 KiB pages do, and an upload under random names touches a page a record.
inline constexpr int page_bytes = 4096;

struct Schema {
  std::int32_t application_id;          // in the file's header: tells the two files, and others' files, apart
  std::vector<std::string> migrations;  // number n makes version n+1 of version n
};

Schema control_schema();
Schema profile_schema();

// Makes the file what the schema says: creates the tables of an empty one, migrates an older one.
// Code::damaged for a file of another kind or of a newer Belay.
Result<void> prepare_file(Db& db, const Schema& schema);

}  // namespace belay::store::sqlite
