// A consistent copy of a store, made while a server uses it or while none does. Reads through SQLite and
// needs no lock of the folder: a writer, and so a stop, is never kept waiting. It blocks, for as long as
// the disk takes; any thread, other than a loop's.
//
// Order: belay.db is fixed first, profiles.db right after it, so that every recipient a run refers to is
// in the copy (profiles may be a moment newer, never older).
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "store/errors.h"

namespace belay::store {

struct BackupProgress {
  std::uint64_t done = 0, total = 0;  // bytes of both files
};

struct BackupDone {
  std::uint64_t bytes = 0;
  std::uint64_t unfinished = 0;  // campaigns that are neither over nor stopped in the copy
};

// Copies the two files of the store in `folder` into `into`, which exists and is empty, and syncs them.
// The copy is marked as a backup made at `now` (home.h). `progress` is called every few megabytes;
// returning false ends it (Code::conflict). Of an error, what is in `into` is worth nothing.
Result<BackupDone> back_up(const std::string& folder, const std::string& into, WallTime now,
                           const std::function<bool(BackupProgress)>& progress);

}  // namespace belay::store
