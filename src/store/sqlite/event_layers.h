// Which events a person has, for looking at one person among millions. An index in the order of persons would
// have each event of an upload change a page of its own; here it changes the few pages of its account's newest
// layer, which holds one block of event ids. Full layers are merged in the background, `fan_in` of a level into
// one of the next, so that a person is looked for in a few dozen layers however many events there are: the
// log-structured merge tree of O'Neil et al. (Acta Informatica 33, 1996).
//
// An event is in exactly one layer of its account whenever nobody is writing. Used inside the write
// transactions of profiles.db; readers join `event_layer` and `event_of_person`.
#pragma once
#include <cstdint>

#include "store/sqlite/db.h"

namespace belay::store::sqlite::event_layers {

// Layers of one level that are merged into one.
inline constexpr int fan_in = 32;

struct Entry {
  std::int64_t profile, name, at, event;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

Result<void> add(Db& db, AccountId account, const Entry& entry);
// Deletes the events of the profile, and of those that it has taken in.
Result<void> remove(Db& db, AccountId account, std::int64_t profile);
// Whether merge_some() has something to do. Only reads.
Result<bool> merge_is_due(Db& db);
// Moves a few thousand entries towards fewer layers.
Result<void> merge_some(Db& db);
// Deletes a part of what the account has; false when there was nothing.
Result<bool> purge(Db& db, AccountId account);

}  // namespace belay::store::sqlite::event_layers
