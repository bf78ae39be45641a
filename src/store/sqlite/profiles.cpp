#include "store/sqlite/profiles.h"

namespace belay::store::sqlite {
namespace {

constexpr bool of_addresses(RecipientKind kind) {
  return kind == RecipientKind::address;
}

// All four queries of a scan give the same columns: id, live, profile, platform, identity,
// object_id, properties. Without properties an address is not joined with its profile. The account
// was asked for when its blocks of ids were looked up.
constexpr auto addresses_only =
    "SELECT id, live, profile, platform, '', object_id, '' FROM address WHERE id BETWEEN ? AND ?";
constexpr auto addresses_with_profiles =
    "SELECT a.id, a.live, a.profile, a.platform, p.identity, a.object_id, p.properties"
    " FROM address a CROSS JOIN profile p ON p.id = a.profile WHERE a.id BETWEEN ? AND ?";
constexpr auto profiles_only =
    "SELECT id, 1, id, 0, identity, object_id, '' FROM profile WHERE id BETWEEN ? AND ?";
constexpr auto profiles_with_properties =
    "SELECT id, 1, id, 0, identity, object_id, properties FROM profile WHERE id BETWEEN ? AND ?";

constexpr const char* scan_sql(const ScanQuery& query) {
  if (of_addresses(query.kind)) return query.with_properties ? addresses_with_profiles : addresses_only;
  return query.with_properties ? profiles_with_properties : profiles_only;
}

ScanRow scan_row(const Query& q) {
  return {RecipientId{q.i64(0)},
          ProfileId{q.i64(2)},
          static_cast<Platform>(q.i64(3)),
          q.text(4),
          q.text(5),
          q.text(6)};
}

constexpr auto read_addresses =
    "SELECT a.id, a.live, a.profile, a.platform, a.token, p.identity, a.object_id, p.properties, p.object_id"
    " FROM address a CROSS JOIN profile p ON p.id = a.profile WHERE a.id BETWEEN ? AND ? AND a.account = ?";
constexpr auto read_profiles =
    "SELECT id, 1, id, 0, '', identity, object_id, properties, object_id FROM profile WHERE id BETWEEN ? AND "
    "? "
    "AND account = ?";
// A left join keeps the profiles in their order, which read_by() goes by.
constexpr auto read_profiles_with_tokens =
    "SELECT p.id, 1, p.id, coalesce(a.platform, 0), coalesce(a.token, ''), p.identity, p.object_id, p.properties,"
    " p.object_id FROM profile p LEFT JOIN address a ON a.id ="
    " (SELECT id FROM address WHERE profile = p.id AND live = 1 ORDER BY id DESC LIMIT 1)"
    " WHERE p.id BETWEEN ? AND ? AND p.account = ?";

RecipientRow recipient_row(const Query& q) {
  return {RecipientId{q.i64(0)},
          ProfileId{q.i64(2)},
          true,
          q.i64(1) == 1,
          static_cast<Platform>(q.i64(3)),
          q.text(4),
          q.text(5),
          q.text(6),
          q.text(7),
          q.text(5).empty() ? q.text(8) : q.text(5)};
}

// Stepping over a few unwanted rows costs less than starting anew.
constexpr std::int64_t widest_gap = 8;

std::size_t end_of_run(std::span<const RecipientId> ids, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < ids.size() && ids[end].value - ids[end - 1].value <= widest_gap) ++end;
  return end;
}

}  // namespace

Result<void> Profiles::apply(AccountId account, std::span<const UploadRecord> records) {
  return writer_.apply(account, records);
}

Result<void> Profiles::mark_dead(AccountId account, std::span<const RecipientId> addresses) {
  return writer_.mark_dead(account, addresses);
}

Result<std::optional<Profile>> Profiles::find(AccountId account, IdentityRef who) {
  Query q = db_->query(
      "SELECT p.id, p.identity, p.object_id, p.properties FROM name n CROSS JOIN profile p ON p.id = "
      "n.profile"
      " WHERE n.account = ? AND n.kind = ? AND n.value = ?",
      account, static_cast<int>(who.kind), who.value);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return std::nullopt;
  return Profile{ProfileId{q.i64(0)}, q.string(1), q.string(2), q.string(3)};
}

Result<std::vector<Address>> Profiles::addresses_of(AccountId account, ProfileId profile) {
  Query q = db_->query(
      "SELECT id, platform, token, live FROM address WHERE profile = ? AND account = ? ORDER BY id", profile,
      account);
  std::vector<Address> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back(
        {RecipientId{q.i64(0)}, profile, static_cast<Platform>(q.i64(1)), q.string(2), q.i64(3) == 1});
  }
}

Result<std::uint64_t> Profiles::count(AccountId account, RecipientKind kind) {
  Query q = db_->query("SELECT live_addresses, profiles FROM tally WHERE account = ?", account);
  TRY_ASSIGN(const bool row, q.next());
  return row ? static_cast<std::uint64_t>(q.i64(of_addresses(kind) ? 0 : 1)) : 0;
}

Result<std::vector<std::string>> Profiles::event_names(AccountId account, std::uint32_t most) {
  Query q = db_->query("SELECT name FROM event_name WHERE account = ? ORDER BY name LIMIT ?", account, most);
  std::vector<std::string> names;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return names;
    names.push_back(q.string(0));
  }
}

Result<std::vector<std::string>> Profiles::add_event_names(AccountId account, std::span<const std::string> names,
                                                           std::uint32_t most) {
  return writer_.add_event_names(account, names, most);
}

Result<std::optional<RecipientId>> Profiles::scan(const ScanQuery& query,
                                                  const std::function<void(const ScanRow&)>& visit) {
  Query blocks = db_->query(
      "SELECT first FROM id_block WHERE account = ? AND kind = ? AND first > ? ORDER BY first", query.account,
      static_cast<int>(of_addresses(query.kind) ? IdKind::address : IdKind::profile),
      query.after.value - ids_per_block);
  const char* sql = scan_sql(query);
  std::uint32_t seen = 0;  // dead ones too: the limit bounds the work
  while (true) {
    TRY_ASSIGN(const bool block, blocks.next());
    if (!block) return std::nullopt;
    const std::int64_t first = blocks.i64(0);
    Query rows = db_->query(sql, std::max(first, query.after.value + 1), first + ids_per_block - 1);
    while (true) {
      TRY_ASSIGN(const bool row, rows.next());
      if (!row) break;
      if (rows.i64(1) == 1) visit(scan_row(rows));
      if (++seen >= query.limit) return RecipientId{rows.i64(0)};
    }
  }
}

Result<void> Profiles::read(AccountId account, RecipientKind kind, std::span<const RecipientId> ids,
                            const std::function<void(const RecipientRow&)>& visit) {
  return read_by(of_addresses(kind) ? read_addresses : read_profiles, account, ids, visit);
}

Result<void> Profiles::read_with_tokens(AccountId account, std::span<const RecipientId> ids,
                                        const std::function<void(const RecipientRow&)>& visit) {
  return read_by(read_profiles_with_tokens, account, ids, visit);
}

Result<void> Profiles::read_by(const char* sql, AccountId account, std::span<const RecipientId> ids,
                               const std::function<void(const RecipientRow&)>& visit) {
  for (std::size_t begin = 0; begin < ids.size();) {
    const std::size_t end = end_of_run(ids, begin);
    Query q = db_->query(sql, ids[begin].value, ids[end - 1].value, account);
    TRY_ASSIGN(bool row, q.next());
    for (; begin < end; ++begin) {
      while (row && q.i64(0) < ids[begin].value) {
        TRY_ASSIGN(row, q.next());
      }
      if (row && q.i64(0) == ids[begin].value)
        visit(recipient_row(q));
      else
        visit(RecipientRow{.id = ids[begin]});
    }
  }
  return {};
}

}  // namespace belay::store::sqlite
