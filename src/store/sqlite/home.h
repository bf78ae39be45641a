// Where a data folder is at home: tells a folder from its copy. A copied folder, a restored backup or
// an older belay.db put back must not send what its original has sent, or is about to send.
//
// Two records that copying can't keep together: a row in belay.db (table `home`), and the file `home`
// beside it. Both carry a mark that is new at every renewal (start, end, now and then between); the row
// also knows the file's inode and time of birth, and the machine. Renaming the folder on its file system
// changes none of this. What belongs together, and only that, is at home.
//
// Known limit: a whole file system or machine that is set back (a snapshot) takes both records along and
// can't be told from within; docs/operations.md says what to do then.
//
// Blocks on the disk. One object a folder, whose lock the caller holds; single-threaded.
#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "campaign/audit.h"
#include "store/errors.h"
#include "store/sqlite/db.h"

namespace belay::store {

// What tells machines apart: /etc/machine-id and /proc/sys/kernel/random/boot_id; "" where not known.
struct Machine {
  std::string id, boot;
};
Machine this_machine();

class Home {
 public:
  // What look() found. `why_not` is a sentence for people: why this folder is not where it belongs;
  // "" when all is well, or when the folder has never been a server's.
  struct Standing {
    std::string store;  // random; names the store on this machine; "" before the first renewal
    std::string why_not;
  };

  // The store must have been opened before (its schema is up to date).
  static Result<std::unique_ptr<Home>> open(const std::string& folder, Machine machine);

  Result<Standing> look();
  // This folder is at home: a fresh mark. Only after look() found nothing wrong.
  Result<void> renew(Random& random, WallTime now);
  // This folder is at home from now on, whatever it was: it gets a name of its own, too. The audit trail has
  // a row of it, by `actor`, with `detail`.
  Result<void> adopt(Random& random, WallTime now, const std::string& actor, const std::string& detail);

 private:
  struct File {
    std::string mark;
    std::int64_t inode = 0, born = 0;  // born: nanoseconds, 0 where the file system does not know
    bool operator==(const File&) const = default;
  };
  Home(std::unique_ptr<sqlite::Db> db, std::string folder, Machine machine)
      : db_(std::move(db)), folder_(std::move(folder)), machine_(std::move(machine)) {}
  std::string path() const { return folder_ + "/home"; }
  Result<File> write_fresh(const std::string& mark) const;
  Result<void> settle_in(const std::string& store, Random& random, WallTime now,
                         const AuditEntry* told = nullptr);

  std::unique_ptr<sqlite::Db> db_;
  std::string folder_;
  Machine machine_;
};

// Marks the belay.db in `folder` as a backup made at `now`: whoever starts it is asked first.
Result<void> mark_as_backup(const std::string& folder, WallTime now);

}  // namespace belay::store
