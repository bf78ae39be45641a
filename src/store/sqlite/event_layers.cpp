#include "store/sqlite/event_layers.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "store/sqlite/id_blocks.h"

namespace belay::store::sqlite::event_layers {
namespace {

// Read of each layer for one step: so a step moves at most fan_in times as many, and keeps uploads waiting
// for some milliseconds.
constexpr std::int64_t entries_a_look = 128;

// The layer of an event that has just come: its block of ids. Merged layers have numbers below zero.
constexpr std::int64_t first_layer_of(std::int64_t event) {
  return (event - 1) / ids_per_block + 1;
}
constexpr bool begins_a_layer(std::int64_t event) {
  return (event - 1) % ids_per_block == 0;
}

// The layer that is being filled from others; 0 if none is.
Result<std::int64_t> target_under_way(Db& db) {
  Query q = db.query("SELECT into_layer FROM event_layer WHERE into_layer <> 0 LIMIT 1");
  TRY_ASSIGN(const bool row, q.next());
  return row ? q.i64(0) : 0;
}

struct Level {
  std::int64_t account, level;
};

// The lowest level of which some account has enough layers. Its newest layer of all is still being written.
Result<std::optional<Level>> full_level(Db& db) {
  Query q = db.query(
      "SELECT account, level FROM event_layer l WHERE id <> (SELECT max(id) FROM event_layer WHERE account ="
      " l.account) GROUP BY account, level HAVING count(*) >= ? ORDER BY level LIMIT 1",
      fan_in);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(Level{q.i64(0), q.i64(1)}) : std::nullopt;
}

// Begins to merge the oldest layers of a full level. The layer they go into, or 0.
Result<std::int64_t> begin(Db& db) {
  TRY_ASSIGN(const auto full, full_level(db));
  if (!full) return 0;
  TRY_ASSIGN(const std::int64_t target, db.number("SELECT min(min(id), 0) - 1 FROM event_layer"));
  TRY(db.run("UPDATE event_layer SET into_layer = ?1 WHERE id IN (SELECT id FROM event_layer WHERE account = ?2"
             " AND level = ?3 ORDER BY abs(id) LIMIT ?4)",
             target, full->account, full->level, fan_in));
  TRY(db.run("INSERT INTO event_layer (id, account, level, into_layer) VALUES (?, ?, ?, 0)", target, full->account,
             full->level + 1));
  return target;
}

struct Look {
  std::int64_t layer;
  std::vector<Entry> entries;
  bool to_its_end = false;
};

Result<Look> look_into(Db& db, std::int64_t layer) {
  Look look{.layer = layer};
  Query q = db.query(
      "SELECT profile, name, at, event FROM event_of_person WHERE layer = ?"
      " ORDER BY profile, name, at, event LIMIT ?",
      layer, entries_a_look);
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) break;
    look.entries.push_back({q.i64(0), q.i64(1), q.i64(2), q.i64(3)});
  }
  look.to_its_end = std::ssize(look.entries) < entries_a_look;
  return look;
}

// Up to the last entry before which nothing is unseen in any of them.
std::vector<Entry> what_can_be_moved(const std::vector<Look>& looks) {
  const Look* bound = nullptr;
  std::vector<Entry> all;
  for (const Look& look : looks) {
    if (!look.to_its_end && (bound == nullptr || look.entries.back() < bound->entries.back())) bound = &look;
    all.insert(all.end(), look.entries.begin(), look.entries.end());
  }
  std::ranges::sort(all);
  if (bound != nullptr) all.erase(std::ranges::upper_bound(all, bound->entries.back()), all.end());
  return all;
}

Result<void> insert(Db& db, std::int64_t layer, const Entry& e) {
  TRY(db.run("INSERT INTO event_of_person (layer, profile, name, at, event) VALUES (?, ?, ?, ?, ?)", layer, e.profile,
             e.name, e.at, e.event));
  return {};
}

}  // namespace

Result<void> add(Db& db, AccountId account, const Entry& entry) {
  const std::int64_t layer = first_layer_of(entry.event);
  if (begins_a_layer(entry.event))
    TRY(db.run("INSERT INTO event_layer (id, account, level, into_layer) VALUES (?, ?, 0, 0)", layer, account));
  return insert(db, layer, entry);
}

Result<void> remove(Db& db, AccountId account, std::int64_t profile) {
  TRY(db.run("DELETE FROM event WHERE id IN"
             " (WITH RECURSIVE one(id) AS (SELECT ?1 UNION SELECT m.profile FROM one JOIN merged m"
             " ON m.into_profile = one.id)"
             " SELECT o.event FROM event_layer l CROSS JOIN one CROSS JOIN event_of_person o"
             " ON o.layer = l.id AND o.profile = one.id WHERE l.account = ?2)",
             profile, account));
  TRY(db.run("DELETE FROM event_of_person WHERE (layer, profile) IN"
             " (WITH RECURSIVE one(id) AS (SELECT ?1 UNION SELECT m.profile FROM one JOIN merged m"
             " ON m.into_profile = one.id)"
             " SELECT l.id, one.id FROM event_layer l CROSS JOIN one WHERE l.account = ?2)",
             profile, account));
  return {};
}

Result<bool> merge_is_due(Db& db) {
  TRY_ASSIGN(const std::int64_t target, target_under_way(db));
  if (target != 0) return true;
  TRY_ASSIGN(const auto full, full_level(db));
  return full.has_value();
}

Result<void> merge_some(Db& db) {
  TRY_ASSIGN(std::int64_t target, target_under_way(db));
  if (target == 0) {
    TRY_ASSIGN(target, begin(db));
  }
  if (target == 0) return {};
  std::vector<Look> looks;
  for (Query sources = db.query("SELECT id FROM event_layer WHERE into_layer = ?", target);;) {
    TRY_ASSIGN(const bool source, sources.next());
    if (!source) break;
    TRY_ASSIGN(Look look, look_into(db, sources.i64(0)));
    looks.push_back(std::move(look));
  }
  const std::vector<Entry> moved = what_can_be_moved(looks);
  if (!moved.empty()) {
    const Entry& last = moved.back();
    for (const Look& look : looks)
      TRY(db.run("DELETE FROM event_of_person WHERE layer = ? AND (profile, name, at, event) <= (?, ?, ?, ?)",
                 look.layer, last.profile, last.name, last.at, last.event));
    for (const Entry& entry : moved) TRY(insert(db, target, entry));
  }
  for (const Look& look : looks)
    if (look.to_its_end && (look.entries.empty() || !(moved.back() < look.entries.back())))
      TRY(db.run("DELETE FROM event_layer WHERE id = ?", look.layer));
  return {};
}

Result<bool> purge(Db& db, AccountId account) {
  std::int64_t layer = 0;
  {
    // What is being emptied goes before what it is emptied into: a merge may go on between two calls.
    Query q = db.query("SELECT id FROM event_layer WHERE account = ? ORDER BY into_layer = 0 LIMIT 1", account);
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return false;
    layer = q.i64(0);
  }
  TRY_ASSIGN(const int entries,
             db.run("DELETE FROM event_of_person WHERE layer = ?1 AND (profile, name, at, event) IN (SELECT profile,"
                    " name, at, event FROM event_of_person WHERE layer = ?1 LIMIT 2000)",
                    layer));
  if (entries == 0) TRY(db.run("DELETE FROM event_layer WHERE id = ?", layer));
  return true;
}

}  // namespace belay::store::sqlite::event_layers
