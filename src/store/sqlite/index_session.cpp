#include "store/sqlite/index_session.h"

#include <algorithm>

#include "base/check.h"
#include "store/sqlite/id_blocks.h"

namespace belay::store::sqlite {
namespace {

constexpr int row_bits = 23, shard_bits = 16;

std::int64_t bits_id(std::int64_t field, std::uint32_t shard, std::uint32_t row) {
  CHECK(field < most_index_fields && shard < 1u << shard_bits && row < most_index_rows);
  return field << (shard_bits + row_bits) | std::int64_t{shard} << row_bits | row;
}
constexpr std::uint32_t row_of(std::int64_t id) {
  return static_cast<std::uint32_t>(id & ((1 << row_bits) - 1));
}
constexpr std::uint32_t shard_of(std::int64_t id) {
  return static_cast<std::uint32_t>(id >> row_bits & ((1 << shard_bits) - 1));
}

IndexField field_of(const Query& q) {
  return {q.i64(0), static_cast<IndexFieldKind>(q.i64(1)), q.string(2)};
}

std::int64_t id_at(std::string_view ids, std::size_t index) {
  std::uint32_t id = 0;
  std::memcpy(&id, ids.data() + index * sizeof id, sizeof id);
  return id;
}

// Runs of ids that lie together are read in one go.
constexpr std::int64_t widest_gap = 8;

std::size_t end_of_run(std::span<const ProfileId> ids, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < ids.size() && ids[end].value - ids[end - 1].value <= widest_gap) ++end;
  return end;
}

}  // namespace

Result<void> SqliteIndex::begin(AccountId account, bool upkeep) {
  end();
  if (upkeep) upkeep_.emplace(shared_.upkeep.take(Lane::ordinary));
  account_ = account;
  auto begun = [&]() -> Result<void> {
    TRY(db_.run("BEGIN"));
    open_ = true;
    return load_state();  // the first read: from here on it is one moment
  }();
  if (!begun) end();
  return begun;
}

void SqliteIndex::end() {
  if (open_ && sqlite3_get_autocommit(db_.raw()) == 0) (void)db_.run("ROLLBACK");
  open_ = false;
  upkeep_.reset();
}

Result<void> SqliteIndex::load_state() {
  Query q = db_.query("SELECT generation, profiles_to, events_to, zone FROM index_state WHERE account = ?",
                      account_);
  TRY_ASSIGN(const bool row, q.next());
  state_ = row ? IndexState{q.i64(0), q.i64(1), q.i64(2), q.string(3)} : IndexState{};
  return {};
}

Result<std::optional<IndexField>> SqliteIndex::field(IndexFieldKind kind, std::string_view name) {
  Query q = db_.query("SELECT id, kind, name FROM index_field WHERE account = ? AND kind = ? AND name = ?",
                      account_, static_cast<int>(kind), name);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(field_of(q)) : std::nullopt;
}

Result<std::vector<IndexField>> SqliteIndex::fields(IndexFieldKind kind) {
  Query q = db_.query("SELECT id, kind, name FROM index_field WHERE account = ? AND kind = ?", account_,
                      static_cast<int>(kind));
  std::vector<IndexField> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(field_of(q));
  }
}

Result<std::int64_t> SqliteIndex::highest_field() {
  Query q = db_.query("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'index_field'");
  TRY(q.next());
  return q.i64(0);
}

// One step of the tree for each shard: their rows are not gone through.
Result<std::vector<std::uint32_t>> SqliteIndex::shards(std::int64_t field) {
  std::vector<std::uint32_t> all;
  const std::int64_t end = bits_id(field, (1u << shard_bits) - 1, most_index_rows - 1);
  for (std::int64_t from = bits_id(field, 0, 0);;) {
    Query q = db_.query("SELECT id FROM index_bits WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1", from, end);
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(shard_of(q.i64(0)));
    if (all.back() + 1 == 1u << shard_bits) return all;
    from = bits_id(field, all.back() + 1, 0);
  }
}

Result<std::shared_ptr<const Fragment>> SqliteIndex::fragment(std::int64_t field, std::uint32_t shard) {
  const auto key = IndexCache::key_of(field, shard);
  if (auto known = shared_.cache.find(account_, key, state_.generation)) return known;
  auto fragment = std::make_shared<Fragment>();
  Query q = db_.query("SELECT id, bits FROM index_bits WHERE id BETWEEN ? AND ? ORDER BY id",
                      bits_id(field, shard, 0), bits_id(field, shard, most_index_rows - 1));
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) break;
    fragment->add(row_of(q.i64(0)), q.blob(1));
  }
  shared_.cache.put(account_, key, state_.generation, fragment);
  return fragment;
}

// ---- what has changed ------------------------------------------------------------------------------

Result<IndexChanges> SqliteIndex::changes(std::uint32_t most) {
  Query q =
      db_.query("SELECT id, profiles, merged FROM index_change WHERE account = ? ORDER BY id", account_);
  IndexChanges changes;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) break;
    if (changes.profiles.size() >= most) {
      changes.all = false;
      break;
    }
    changes.last = q.i64(0);
    const std::string_view ids = q.blob(1), pairs = q.blob(2);
    for (std::size_t i = 0; i < ids.size() / 4; ++i) changes.profiles.emplace_back(id_at(ids, i));
    for (std::size_t i = 0; i + 1 < pairs.size() / 4; i += 2)
      changes.merged.emplace_back(id_at(pairs, i), id_at(pairs, i + 1));
  }
  std::ranges::sort(changes.profiles);
  const auto doubles = std::ranges::unique(changes.profiles);
  changes.profiles.erase(doubles.begin(), doubles.end());
  return changes;
}

// Rows behind `after` in the account's blocks of ids; false when `most` came before the end.
Result<bool> SqliteIndex::behind(int kind, const char* sql, std::int64_t after, std::uint32_t most,
                                 const std::function<void(const Query&)>& visit) {
  Query blocks =
      db_.query("SELECT first FROM id_block WHERE account = ? AND kind = ? AND first > ? ORDER BY first",
                account_, kind, after - ids_per_block);
  std::uint32_t seen = 0;
  while (true) {
    TRY_ASSIGN(const bool block, blocks.next());
    if (!block) return true;
    const std::int64_t first = blocks.i64(0);
    Query rows = db_.query(sql, std::max(first, after + 1), first + ids_per_block - 1);
    while (true) {
      TRY_ASSIGN(const bool row, rows.next());
      if (!row) break;
      if (seen++ == most) return false;
      visit(rows);
    }
  }
}

Result<bool> SqliteIndex::new_profiles(std::uint32_t most,
                                       const std::function<void(ProfileId, std::string_view)>& visit) {
  return behind(static_cast<int>(IdKind::profile),
                "SELECT id, properties FROM profile WHERE id BETWEEN ? AND ? ORDER BY id", state_.profiles_to,
                most, [&](const Query& q) { visit(ProfileId{q.i64(0)}, q.text(1)); });
}

Result<bool> SqliteIndex::new_events(std::uint32_t most,
                                     const std::function<void(const IndexedEvent&)>& visit) {
  return behind(static_cast<int>(IdKind::event),
                "SELECT id, profile, name, at FROM event WHERE id BETWEEN ? AND ? ORDER BY id",
                state_.events_to, most, [&](const Query& q) {
                  visit({q.i64(0), ProfileId{q.i64(1)}, q.i64(2), q.time(3)});
                });
}

Result<std::optional<std::string>> SqliteIndex::event_name(std::int64_t id) {
  Query q = db_.query("SELECT name FROM event_name WHERE id = ?", id);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(q.string(0)) : std::nullopt;
}

Result<void> SqliteIndex::profiles(std::span<const ProfileId> ids,
                                   const std::function<void(ProfileId, std::string_view)>& visit) {
  for (std::size_t begin = 0; begin < ids.size();) {
    const std::size_t end = end_of_run(ids, begin);
    Query q = db_.query(
        "SELECT id, properties FROM profile WHERE id BETWEEN ? AND ? AND account = ?"
        " ORDER BY id",
        ids[begin].value, ids[end - 1].value, account_);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      while (begin < end && ids[begin].value < q.i64(0)) ++begin;
      if (begin < end && ids[begin].value == q.i64(0)) visit(ids[begin], q.text(1));
    }
    begin = end;
  }
  return {};
}

Result<void> SqliteIndex::devices(std::span<const ProfileId> ids,
                                  const std::function<void(const IndexDevice&)>& visit) {
  for (const ProfileId profile : ids) {
    Query q =
        db_.query("SELECT platform FROM address WHERE profile = ? AND account = ? AND live = 1 ORDER BY id",
                  profile, account_);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      visit({profile, static_cast<Platform>(q.i64(0))});
    }
  }
  return {};
}

Result<std::optional<ProfileId>> SqliteIndex::merged_into(ProfileId profile) {
  Query q = db_.query("SELECT into_profile FROM merged WHERE profile = ?", profile);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(ProfileId{q.i64(0)}) : std::nullopt;
}

// ---- upkeep ------------------------------------------------------------------------------------------

Result<void> SqliteIndex::commit(const IndexWrite& w) {
  CHECK(open_ && upkeep_);
  if (sqlite3_get_autocommit(db_.raw()) == 0) TRY(db_.run("ROLLBACK"));  // the moment is over
  open_ = false;
  const std::int64_t generation = state_.generation + 1;
  auto written = writer_.write_index([&](Db& db) { return write(db, w, generation); });
  upkeep_.reset();
  return written;
}

Result<void> SqliteIndex::write(Db& db, const IndexWrite& w, std::int64_t generation) {
  TRY_ASSIGN(const int moved,
             db.run("INSERT INTO index_state (account, generation, profiles_to, events_to, zone)"
                    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account) DO UPDATE SET generation = ?2,"
                    " profiles_to = ?3, events_to = ?4, zone = ?5 WHERE generation = ?2 - 1",
                    account_, generation, w.next.profiles_to, w.next.events_to, w.next.zone));
  if (moved == 0) return fail(Code::conflict, "the index has been changed by somebody else meanwhile");
  for (const IndexField& field : w.fields)
    TRY(db.run("INSERT INTO index_field (id, account, kind, name) VALUES (?, ?, ?, ?)", field.id, account_,
               static_cast<int>(field.kind), field.name));
  for (const std::int64_t field : w.emptied)
    TRY(db.run("DELETE FROM index_bits WHERE id BETWEEN ? AND ?", bits_id(field, 0, 0),
               bits_id(field, (1u << shard_bits) - 1, most_index_rows - 1)));
  std::vector<IndexCache::Key> changed;
  for (const IndexRow& row : w.rows) {
    const std::int64_t id = bits_id(row.field, row.shard, row.row);
    if (row.bytes.empty()) {
      TRY(db.run("DELETE FROM index_bits WHERE id = ?", id));
    } else {
      TRY(
          db.run("INSERT INTO index_bits (id, bits) VALUES (?, ?)"
                 " ON CONFLICT (id) DO UPDATE SET bits = excluded.bits",
                 id, Blob{row.bytes}));
    }
    const auto key = IndexCache::key_of(row.field, row.shard);
    if (changed.empty() || changed.back() != key) changed.push_back(key);
  }
  TRY(db.run("DELETE FROM index_change WHERE account = ? AND id <= ?", account_, w.changes_done));
  shared_.cache.announce(account_, generation, changed, !w.emptied.empty());
  return {};
}

}  // namespace belay::store::sqlite
