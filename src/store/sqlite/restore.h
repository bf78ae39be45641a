// A data folder from a backup's archive: unpacked, checked, and marked as a restored backup, so that whoever
// starts it is asked first (home.h). Blocks on the disk; any thread, other than a loop's.
#pragma once
#include <string>

#include "store/sqlite/archive.h"

namespace belay::store {

// Into `folder`, which exists and is empty. Code::damaged unless the archive is whole, and both databases in
// it are Belay's and of a schema that this one knows. Of an error, what is in `folder` is worth nothing.
Result<Manifest> restore(const std::string& archive, const std::string& folder, WallTime now);

}  // namespace belay::store
