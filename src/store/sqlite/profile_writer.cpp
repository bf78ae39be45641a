#include "store/sqlite/profile_writer.h"

#include <algorithm>

#include "store/sqlite/event_layers.h"
#include "store/sqlite/schema.h"

namespace belay::store::sqlite {
namespace {

// Enough for what one batch touches. More does not pay: most names are found in the NameCache, and while a file is
// smaller than 1 GiB, SQLite goes through all of the cache at many commits (a rebalanced page is for a moment
// numbered as the one at that place, which is behind the end of the file).
constexpr std::int64_t cache_kib = 16 * 1024;
constexpr std::size_t most_event_names = 10'000;  // remembered, not stored

// FNV-1a: the file keeps it, so it must never change.
std::int64_t hash_of(std::string_view token) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : token) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return static_cast<std::int32_t>(h ^ (h >> 32));
}

void append_id(std::string& out, std::int64_t id) {
  const auto narrow = static_cast<std::uint32_t>(id);  // see IdBlocks: they fit
  out.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
}

}  // namespace

Result<std::unique_ptr<ProfileWriter>> ProfileWriter::open(const std::string& path, WriteTurn& turn,
                                                           const Tenure& tenure, const SqliteOptions& options) {
  TRY_ASSIGN(auto db, Db::open(path, {.cache_kib = cache_kib, .create = true, .vfs = options.vfs}));
  TRY(prepare_file(*db, profile_schema()));
  return std::unique_ptr<ProfileWriter>(new ProfileWriter(std::move(db), turn, tenure, options));
}

void ProfileWriter::forget() {
  ids_.forget();
  names_.clear();
  event_names_.clear();
}

Result<std::int64_t> ProfileWriter::highest_term() {
  const auto turn = turn_.take(Lane::ordinary);  // the connection is shared
  Query q = db_->query("SELECT term FROM owner");
  TRY(q.next());
  return q.i64(0);
}

Result<void> ProfileWriter::raise_term() {
  return write([]() -> Result<void> { return {}; });
}

Error ProfileWriter::damaged(std::int64_t profile) const {
  return {Code::damaged,
          fmt::format("{}: profile {} can't be understood: restore a backup", db_->path(), profile)};
}

Result<void> ProfileWriter::apply(AccountId account, std::span<const UploadRecord> records) {
  return write([&]() -> Result<void> {
    Batch batch{.account = account};
    for (const UploadRecord& record : records)
      TRY(std::visit([&](const auto& r) { return one(batch, r); }, record));
    TRY(ids_.save(*db_));
    return save_tally(batch);
  });
}

Result<void> ProfileWriter::write_index(const std::function<Result<void>(Db&)>& body) {
  return write([&]() -> Result<void> { return body(*db_); });
}

Result<void> ProfileWriter::merge_events() {
  return write([&] { return event_layers::merge_some(*db_); });
}

// Nothing is logged for an account that has no index yet: that will look at every row.
Result<void> ProfileWriter::log_changes(Batch& b) {
  if (b.changed.empty() && b.merged.empty()) return {};
  {
    Query q = db_->query("SELECT 1 FROM index_state WHERE account = ?", b.account);
    TRY_ASSIGN(const bool indexed, q.next());
    if (!indexed) return {};
  }
  std::ranges::sort(b.changed);
  b.changed.erase(std::unique(b.changed.begin(), b.changed.end()), b.changed.end());
  std::string changed, merged;
  for (const std::int64_t id : b.changed) append_id(changed, id);
  for (const auto& [from, into] : b.merged) append_id(merged, from), append_id(merged, into);
  TRY(db_->run("INSERT INTO index_change (account, profiles, merged) VALUES (?, ?, ?)", b.account,
               Blob{changed}, Blob{merged}));
  return {};
}

Result<void> ProfileWriter::save_tally(Batch& b) {
  TRY(log_changes(b));
  if (b.profiles == 0 && b.live_addresses == 0) return {};
  TRY(db_->run(
      "INSERT INTO tally (account, live_addresses, profiles) VALUES (?1, ?2, ?3) ON CONFLICT (account)"
      " DO UPDATE SET live_addresses = live_addresses + ?2, profiles = profiles + ?3",
      b.account, b.live_addresses, b.profiles));
  return {};
}

// ---- names and rows ------------------------------------------------------------------------------

Result<std::optional<ProfileWriter::Name>> ProfileWriter::look_up(AccountId account, IdentityKind kind,
                                                                  std::string_view value) {
  Query q = db_->query("SELECT profile, address FROM name WHERE account = ? AND kind = ? AND value = ?",
                       account, static_cast<int>(kind), value);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(Name{q.i64(0), q.i64(1)}) : std::nullopt;
}

Result<std::optional<std::int64_t>> ProfileWriter::profile_named(AccountId account, const IdentityRef& who) {
  if (const auto known = names_.find(account, who)) return known;
  TRY_ASSIGN(const auto name, look_up(account, who.kind, who.value));
  if (!name) return std::nullopt;
  names_.learn(account, who, name->profile);
  return name->profile;
}

// Devices, of which there are more than people, are learned when somebody is looked for by one.
Result<void> ProfileWriter::add_name(const Batch& batch, Row& row, IdentityKind kind, std::string_view value,
                                     std::int64_t address) {
  TRY(db_->run("INSERT INTO name (account, kind, value, profile, address) VALUES (?, ?, ?, ?, ?)",
               batch.account, static_cast<int>(kind), value, row.id, address));
  if (kind != IdentityKind::object_id) names_.learn(batch.account, {kind, value}, row.id);
  ++row.names;
  row.kinds |= bit_of(kind);
  row.changed = true;
  if (kind == IdentityKind::identity && row.identity.empty()) row.identity = value;
  if (kind == IdentityKind::object_id && row.object_id.empty()) row.object_id = value;
  return {};
}

Result<void> ProfileWriter::begin_row(Batch& batch, Row& row) {
  TRY_ASSIGN(row.id, ids_.next(*db_, batch.account, IdKind::profile));
  row.names = row.kinds = row.updated = 0;
  row.identity.clear();
  row.object_id.clear();
  row.properties = "{}";
  row.fresh = row.changed = true;
  ++batch.profiles;
  return {};
}

Result<void> ProfileWriter::load_row(Row& row, std::int64_t id) {
  Query q = db_->query(
      "SELECT names, kinds, updated, identity, object_id, properties FROM profile WHERE id = ?", id);
  TRY_ASSIGN(const bool there, q.next());
  if (!there) return std::unexpected(damaged(id));
  row.id = id;
  row.names = q.i64(0);
  row.kinds = q.i64(1);
  row.updated = q.i64(2);
  row.identity = q.text(3);
  row.object_id = q.text(4);
  row.properties = q.text(5);
  row.fresh = row.changed = false;
  return {};
}

Result<void> ProfileWriter::save_row(Batch& batch, const Row& row) {
  if (row.fresh) {
    TRY(
        db_->run("INSERT INTO profile (id, account, names, kinds, updated, identity, object_id, properties)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 row.id, batch.account, row.names, row.kinds, row.updated, row.identity, row.object_id,
                 row.properties));
  } else if (row.changed) {
    TRY(db_->run(
        "UPDATE profile SET names = ?, kinds = ?, updated = ?, identity = ?, object_id = ?, properties = ?"
        " WHERE id = ?",
        row.names, row.kinds, row.updated, row.identity, row.object_id, row.properties, row.id));
    batch.changed.push_back(row.id);
  }
  return {};
}

// ---- profiles ------------------------------------------------------------------------------------

// Whether a name nobody has yet becomes one more name of the profile that the device belongs to.
Result<bool> ProfileWriter::joins(const IdentityRef& who, const Name& device) {
  if (who.kind == IdentityKind::object_id) return true;  // people have many devices
  Query q = db_->query("SELECT kinds FROM profile WHERE id = ?", device.profile);
  TRY_ASSIGN(const bool row, q.next());
  return row && (q.i64(0) & bit_of(who.kind)) == 0;
}

Result<void> ProfileWriter::one(Batch& batch, const ProfileWrite& w) {
  const bool names_device =
      !w.object_id.empty() && !(w.who.kind == IdentityKind::object_id && w.who.value == w.object_id);
  TRY_ASSIGN(const auto who, profile_named(batch.account, w.who));
  std::optional<Name> device;
  if (names_device) {
    TRY_ASSIGN(device, look_up(batch.account, IdentityKind::object_id, w.object_id));
  }
  if (who) {
    TRY(load_row(row_, *who));
  } else {
    bool join = false;
    if (device) {
      TRY_ASSIGN(join, joins(w.who, *device));
    }
    TRY(join ? load_row(row_, device->profile) : begin_row(batch, row_));
    TRY(add_name(batch, row_, w.who.kind, w.who.value, 0));
  }
  if (device && device->profile != row_.id) TRY(take_over(batch, row_, w.object_id, *device));
  if (names_device && !device) TRY(add_name(batch, row_, IdentityKind::object_id, w.object_id, 0));
  TRY(set_properties(row_, w));
  return save_row(batch, row_);
}

Result<void> ProfileWriter::set_properties(Row& row, const ProfileWrite& w) {
  if (!properties_.read(row.properties)) return std::unexpected(damaged(row.id));
  properties_.apply(w.set);
  if (properties_.changed()) {
    std::string text;
    text.reserve(row.properties.size() + 128);
    properties_.write(text);
    row.properties = std::move(text);
    row.changed = true;
  }
  if (row.changed) row.updated = to_micros(w.at);
  return {};
}

Result<void> ProfileWriter::take_over(Batch& batch, Row& winner, std::string_view object_id,
                                      const Name& device) {
  TRY(load_row(loser_, device.profile));
  TRY(db_->run("UPDATE name SET profile = ? WHERE account = ? AND kind = ? AND value = ?", winner.id,
               batch.account, static_cast<int>(IdentityKind::object_id), object_id));
  TRY(db_->run("UPDATE address SET profile = ? WHERE id = ?", winner.id, device.address));
  names_.forget(batch.account, {IdentityKind::object_id, object_id});
  ++winner.names;
  winner.kinds |= bit_of(IdentityKind::object_id);
  if (winner.object_id.empty()) winner.object_id = object_id;
  winner.changed = true;
  if (loser_.object_id == object_id) loser_.object_id.clear();
  loser_.changed = true;
  if (--loser_.names > 0) return save_row(batch, loser_);

  if (!properties_.read(winner.properties) || !properties_.add_missing(loser_.properties))
    return std::unexpected(damaged(loser_.id));
  std::string merged;
  properties_.write(merged);
  winner.properties = std::move(merged);
  TRY(db_->run("DELETE FROM profile WHERE id = ?", loser_.id));
  TRY(db_->run("INSERT INTO merged (profile, into_profile) VALUES (?, ?)", loser_.id, winner.id));
  TRY(db_->run("UPDATE OR REPLACE engagement SET profile = ?2 WHERE profile = ?1", loser_.id, winner.id));
  batch.changed.push_back(loser_.id);
  batch.merged.emplace_back(loser_.id, winner.id);
  --batch.profiles;
  return {};
}

// ---- addresses -----------------------------------------------------------------------------------

Result<void> ProfileWriter::one(Batch& batch, const AddressWrite& w) {
  TRY_ASSIGN(const auto device, look_up(batch.account, IdentityKind::object_id, w.object_id));
  if (device && device->address != 0) return renew_address(batch, *device, w);
  if (device) {
    batch.changed.push_back(device->profile);
    TRY_ASSIGN(const std::int64_t address, insert_address(batch, device->profile, w));
    TRY(db_->run("UPDATE name SET address = ? WHERE account = ? AND kind = ? AND value = ?", address,
                 batch.account, static_cast<int>(IdentityKind::object_id), w.object_id));
    return {};
  }
  TRY(begin_row(batch, row_));
  TRY_ASSIGN(const std::int64_t address, insert_address(batch, row_.id, w));
  TRY(add_name(batch, row_, IdentityKind::object_id, w.object_id, address));
  return save_row(batch, row_);
}

Result<std::int64_t> ProfileWriter::insert_address(Batch& batch, std::int64_t profile,
                                                   const AddressWrite& w) {
  TRY_ASSIGN(const std::int64_t id, ids_.next(*db_, batch.account, IdKind::address));
  TRY(bury_token(batch, w.token, id));
  TRY(db_->run(
      "INSERT INTO address (id, account, profile, platform, live, token_hash, object_id, token, keys)"
      " VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)",
      id, batch.account, profile, static_cast<int>(w.platform), hash_of(w.token), w.object_id, w.token,
      w.keys));
  ++batch.live_addresses;
  return id;
}

Result<void> ProfileWriter::renew_address(Batch& batch, const Name& device, const AddressWrite& w) {
  const std::int64_t address = device.address;
  bool live = false;
  {
    Query q = db_->query("SELECT live, platform, token, keys FROM address WHERE id = ?", address);
    TRY_ASSIGN(const bool row, q.next());
    if (!row)
      return fail(Code::damaged,
                  fmt::format("{}: address {} is missing: restore a backup", db_->path(), address));
    live = q.i64(0) == 1;
    if (live && q.i64(1) == static_cast<int>(w.platform) && q.text(2) == w.token && q.text(3) == w.keys)
      return {};
  }
  TRY(bury_token(batch, w.token, address));
  TRY(db_->run("UPDATE address SET live = 1, platform = ?, token_hash = ?, token = ?, keys = ? WHERE id = ?",
               static_cast<int>(w.platform), hash_of(w.token), w.token, w.keys, address));
  batch.changed.push_back(device.profile);
  if (!live) ++batch.live_addresses;
  return {};
}

// The token has a new owner: whoever had it before can't be reached by it any more.
Result<void> ProfileWriter::bury_token(Batch& batch, std::string_view token, std::int64_t except) {
  Query buried = db_->query(
      "UPDATE address SET live = 0 WHERE token_hash = ? AND token = ? AND account = ?"
      " AND live = 1 AND id <> ? RETURNING profile",
      hash_of(token), token, batch.account, except);
  while (true) {
    TRY_ASSIGN(const bool row, buried.next());
    if (!row) return {};
    batch.changed.push_back(buried.i64(0));
    --batch.live_addresses;
  }
}

Result<void> ProfileWriter::mark_dead(AccountId account, std::span<const RecipientId> addresses) {
  return write([&]() -> Result<void> {
    Batch batch{.account = account};
    for (const RecipientId id : addresses) {
      Query died = db_->query(
          "UPDATE address SET live = 0 WHERE id = ? AND account = ? AND live = 1 RETURNING profile", id,
          account);
      TRY_ASSIGN(const bool row, died.next());
      if (!row) continue;
      batch.changed.push_back(died.i64(0));
      --batch.live_addresses;
      TRY(died.next());  // to its end
    }
    return save_tally(batch);
  });
}

// ---- events --------------------------------------------------------------------------------------

Result<void> ProfileWriter::one(Batch& batch, const EventWrite& w) {
  TRY_ASSIGN(const std::int64_t profile, profile_of(batch, w.who, w.at));
  TRY_ASSIGN(const std::int64_t name, event_name(batch.account, w.name));
  TRY_ASSIGN(const std::int64_t id, ids_.next(*db_, batch.account, IdKind::event));
  TRY(db_->run("INSERT INTO event (id, account, profile, name, at, properties) VALUES (?, ?, ?, ?, ?, ?)", id,
               batch.account, profile, name, w.at, w.properties));
  TRY(event_layers::add(*db_, batch.account, {profile, name, to_micros(w.at), id}));
  if (!w.engaged) return {};
  TRY(db_->run("INSERT INTO engagement (account, campaign, kind, day, profile, at) VALUES (?, ?, ?, ?, ?, ?)"
               " ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at < at",
               batch.account, w.engaged->message.campaign, static_cast<int>(w.engaged->how),
               w.engaged->message.day, profile, w.at));
  return {};
}

Result<std::int64_t> ProfileWriter::profile_of(Batch& batch, const IdentityRef& who, WallTime at) {
  TRY_ASSIGN(const auto known, profile_named(batch.account, who));
  if (known) return *known;
  TRY(begin_row(batch, row_));
  row_.updated = to_micros(at);
  TRY(add_name(batch, row_, who.kind, who.value, 0));
  TRY(save_row(batch, row_));
  return row_.id;
}

Result<std::int64_t> ProfileWriter::event_name(AccountId account, std::string_view name) {
  const std::string key = fmt::format("{} {}", account, name);
  if (const auto known = event_names_.find(key); known != event_names_.end()) return known->second;
  TRY(db_->run("INSERT OR IGNORE INTO event_name (account, name) VALUES (?, ?)", account, name));
  Query q = db_->query("SELECT id FROM event_name WHERE account = ? AND name = ?", account, name);
  TRY(q.next());
  if (event_names_.size() >= most_event_names) event_names_.clear();
  return event_names_[key] = q.i64(0);
}

Result<std::vector<std::string>> ProfileWriter::add_event_names(AccountId account,
                                                                std::span<const std::string> names,
                                                                std::uint32_t most) {
  return write([&]() -> Result<std::vector<std::string>> {
    std::int64_t there = 0;
    {
      Query q = db_->query("SELECT count(*) FROM event_name WHERE account = ?", account);
      TRY(q.next());
      there = q.i64(0);
    }
    std::vector<std::string> refused;
    for (const std::string& name : names) {
      Query q = db_->query("SELECT 1 FROM event_name WHERE account = ? AND name = ?", account, name);
      TRY_ASSIGN(const bool known, q.next());
      if (known) continue;
      if (there >= most) {
        refused.push_back(name);
        continue;
      }
      TRY(event_name(account, name));
      ++there;
    }
    return refused;
  });
}

// ---- the end of an account -----------------------------------------------------------------------

Result<bool> ProfileWriter::purge(AccountId account) {
  return write([&]() -> Result<bool> {
    ids_.forget();
    TRY_ASSIGN(const bool had_index, purge_index(account));
    if (had_index) return false;
    TRY_ASSIGN(const bool had_layer, event_layers::purge(*db_, account));
    if (had_layer) return false;
    TRY_ASSIGN(const bool had_block, purge_block(account));
    if (had_block) return false;
    TRY_ASSIGN(const int names,
               db_->run("DELETE FROM name WHERE (account, kind, value) IN"
                        " (SELECT account, kind, value FROM name WHERE account = ? LIMIT 2000)",
                        account));
    if (names > 0) {
      names_.clear();
      return false;
    }
    TRY_ASSIGN(const int engagements,
               db_->run("DELETE FROM engagement WHERE (account, campaign, kind, day, profile) IN (SELECT account,"
                        " campaign, kind, day, profile FROM engagement WHERE account = ? LIMIT 2000)",
                        account));
    if (engagements > 0) return false;
    TRY(db_->run("DELETE FROM event_name WHERE account = ?", account));
    TRY(db_->run("DELETE FROM subscription WHERE account = ?", account));
    TRY(db_->run("DELETE FROM tally WHERE account = ?", account));
    event_names_.clear();
    return true;
  });
}

// The rows of one block of ids. The block itself stays, owned by nobody: its ids are used up.
Result<bool> ProfileWriter::purge_block(AccountId account) {
  std::int64_t first = 0, kind = 0;
  {
    Query q = db_->query("SELECT kind, first FROM id_block WHERE account = ? LIMIT 1", account);
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return false;
    kind = q.i64(0);
    first = q.i64(1);
  }
  const std::int64_t last = first + ids_per_block - 1;
  if (kind == static_cast<int>(IdKind::address)) {
    TRY(db_->run("DELETE FROM address WHERE id BETWEEN ? AND ?", first, last));
  } else if (kind == static_cast<int>(IdKind::profile)) {
    TRY(db_->run("DELETE FROM profile WHERE id BETWEEN ? AND ?", first, last));
    TRY(db_->run("DELETE FROM merged WHERE profile BETWEEN ? AND ?", first, last));
  } else {
    TRY(db_->run("DELETE FROM event WHERE id BETWEEN ? AND ?", first, last));
  }
  TRY(db_->run("UPDATE id_block SET account = 0 WHERE kind = ? AND first = ?", kind, first));
  return true;
}

// A field's rows at a time. The state goes last, and only with the account: nothing is indexed anew.
Result<bool> ProfileWriter::purge_index(AccountId account) {
  TRY(db_->run("DELETE FROM index_change WHERE account = ?", account));
  std::int64_t field = 0;
  {
    Query q = db_->query("SELECT id FROM index_field WHERE account = ? LIMIT 1", account);
    TRY_ASSIGN(const bool row, q.next());
    if (row) field = q.i64(0);
  }
  if (field == 0) {
    TRY(db_->run("DELETE FROM index_state WHERE account = ?", account));
    return false;
  }
  // A field's own rows, and those that belong to it: see IndexField.
  TRY_ASSIGN(const int rows,
             db_->run("DELETE FROM index_bits WHERE id IN (SELECT id FROM index_bits"
                      " WHERE id >= ?1 << 39 AND id < (?1 + 2) << 39 LIMIT 2000)",
                      field));
  if (rows == 0) TRY(db_->run("DELETE FROM index_field WHERE id = ?", field));
  return true;
}

}  // namespace belay::store::sqlite
