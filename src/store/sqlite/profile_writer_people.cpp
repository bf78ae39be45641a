// The writer's rarer work on single people: their end, undoing a merge, and their word on messages.
#include "store/sqlite/event_layers.h"
#include "store/sqlite/profile_writer.h"

namespace belay::store::sqlite {

// Every name of a profile. Its identity and its devices with an address are found through its own rows; the
// index on names covers the rest, so that uploads of identities and tokens pay nothing for it.
Result<std::vector<ProfileWriter::OwnName>> ProfileWriter::names_of(const Row& row) {
  std::vector<OwnName> all;
  if (!row.identity.empty()) all.push_back({IdentityKind::identity, row.identity, 0});
  {
    Query q = db_->query("SELECT object_id, id FROM address WHERE profile = ? ORDER BY id", row.id);
    while (true) {
      TRY_ASSIGN(const bool there, q.next());
      if (!there) break;
      all.push_back({IdentityKind::object_id, q.string(0), q.i64(1)});
    }
  }
  Query q = db_->query(
      "SELECT kind, value FROM name WHERE profile = ? AND kind <> 0 AND address = 0 ORDER BY kind, value",
      row.id);
  while (true) {
    TRY_ASSIGN(const bool there, q.next());
    if (!there) break;
    all.push_back({static_cast<IdentityKind>(q.i64(0)), q.string(1), 0});
  }
  if (static_cast<std::int64_t>(all.size()) != row.names) return std::unexpected(damaged(row.id));
  return all;
}

Result<bool> ProfileWriter::remove(AccountId account, const IdentityRef& who) {
  return write([&]() -> Result<bool> {
    Batch batch{.account = account};
    TRY_ASSIGN(const auto name, look_up(account, who.kind, who.value));
    if (!name) return false;
    TRY(load_row(row_, name->profile));
    TRY_ASSIGN(const auto names, names_of(row_));
    // What is deleted must not stay readable in free pages.
    TRY(db_->run("PRAGMA secure_delete = ON"));
    const auto removed = remove_row(batch, row_, names);
    TRY(db_->run("PRAGMA secure_delete = OFF"));
    if (!removed) return std::unexpected(removed.error());
    TRY(save_tally(batch));
    return true;
  });
}

Result<void> ProfileWriter::remove_row(Batch& batch, const Row& row, const std::vector<OwnName>& names) {
  for (const OwnName& name : names) {
    TRY(db_->run("DELETE FROM name WHERE account = ? AND kind = ? AND value = ?", batch.account,
                 static_cast<int>(name.kind), std::string_view(name.value)));
    names_.forget(batch.account, {name.kind, name.value});
  }
  TRY_ASSIGN(const int live, db_->run("DELETE FROM address WHERE profile = ? AND live = 1", row.id));
  TRY(db_->run("DELETE FROM address WHERE profile = ?", row.id));
  TRY(event_layers::remove(*db_, batch.account, row.id));
  TRY(db_->run("DELETE FROM engagement WHERE profile = ?", row.id));
  TRY(db_->run("DELETE FROM merged WHERE profile IN"
               " (WITH RECURSIVE one(id) AS (SELECT ?1 UNION SELECT m.profile FROM one JOIN merged m"
               " ON m.into_profile = one.id) SELECT id FROM one)",
               row.id));
  TRY(db_->run("DELETE FROM profile WHERE id = ?", row.id));
  batch.changed.push_back(row.id);
  batch.live_addresses -= live;
  --batch.profiles;
  return {};
}

Result<std::uint32_t> ProfileWriter::part(AccountId account, std::string_view name) {
  return write([&]() -> Result<std::uint32_t> {
    using enum IdentityKind;
    Batch batch{.account = account};
    for (const IdentityKind kind : {identity, fb_id, gp_id, object_id}) {
      TRY_ASSIGN(const auto found, look_up(account, kind, name));
      if (!found) continue;
      TRY(load_row(row_, found->profile));
      TRY_ASSIGN(const auto names, names_of(row_));
      TRY_ASSIGN(const std::uint32_t made, part_row(batch, row_, names, {kind, name}));
      TRY(ids_.save(*db_));
      TRY(save_tally(batch));
      return made;
    }
    return 0;
  });
}

Result<std::uint32_t> ProfileWriter::part_row(Batch& batch, Row& row, const std::vector<OwnName>& names,
                                              const IdentityRef& stays) {
  std::uint32_t made = 0;
  for (const OwnName& name : names) {
    if (name.kind == stays.kind && name.value == stays.value) continue;
    TRY(begin_row(batch, loser_));
    loser_.names = 1;
    loser_.kinds = bit_of(name.kind);
    loser_.updated = row.updated;
    if (name.kind == IdentityKind::identity) loser_.identity = name.value;
    if (name.kind == IdentityKind::object_id) loser_.object_id = name.value;
    TRY(save_row(batch, loser_));
    TRY(db_->run("UPDATE name SET profile = ? WHERE account = ? AND kind = ? AND value = ?", loser_.id,
                 batch.account, static_cast<int>(name.kind), std::string_view(name.value)));
    names_.forget(batch.account, {name.kind, name.value});
    if (name.address != 0) TRY(db_->run("UPDATE address SET profile = ? WHERE id = ?", loser_.id, name.address));
    ++made;
  }
  if (made == 0) return made;
  row.names = 1;
  row.kinds = bit_of(stays.kind);
  row.identity = stays.kind == IdentityKind::identity ? stays.value : std::string_view{};
  row.object_id = stays.kind == IdentityKind::object_id ? stays.value : std::string_view{};
  row.changed = true;
  TRY(save_row(batch, row));
  return made;
}

Result<std::uint32_t> ProfileWriter::unset(AccountId account, std::span<const Unset> properties) {
  return write([&]() -> Result<std::uint32_t> {
    Batch batch{.account = account};
    std::uint32_t changed = 0;
    for (const Unset& one : properties) {
      {
        Query q = db_->query("SELECT 1 FROM profile WHERE id = ? AND account = ?", one.profile, account);
        TRY_ASSIGN(const bool there, q.next());
        if (!there) continue;
      }
      TRY(load_row(row_, one.profile.value));
      if (!properties_.read(row_.properties)) return std::unexpected(damaged(row_.id));
      if (properties_.value_of(one.name) != one.value) continue;
      const Properties::Change gone{one.name, "null"};
      properties_.apply({&gone, 1});
      std::string text;
      properties_.write(text);
      row_.properties = std::move(text);
      row_.changed = true;
      TRY(save_row(batch, row_));
      ++changed;
    }
    TRY(save_tally(batch));
    return changed;
  });
}

Result<void> ProfileWriter::subscribe(AccountId account, std::span<const Subscription> words) {
  return write([&]() -> Result<void> {
    for (const Subscription& word : words)
      TRY(db_->run("INSERT INTO subscription (account, kind, value, wanted, at) VALUES (?1, ?2, ?3, ?4, ?5)"
                   " ON CONFLICT (account, kind, value) DO UPDATE SET wanted = ?4, at = ?5 WHERE at <= ?5",
                   account, static_cast<int>(word.kind), word.value, word.wanted ? 1 : 0, word.at));
    return {};
  });
}

}  // namespace belay::store::sqlite
