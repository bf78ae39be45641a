// The PeopleSession side of Profiles.
#include "store/sqlite/profiles.h"

#include <map>
#include <unordered_map>

namespace belay::store::sqlite {

Result<std::vector<Device>> Profiles::devices(AccountId account, ProfileId profile) {
  std::vector<Device> all;
  {
    Query q = db_->query(
        "SELECT object_id, platform, token, live FROM address WHERE profile = ? AND account = ? ORDER BY id",
        profile, account);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      all.push_back({q.string(0), static_cast<Platform>(q.i64(1)), q.string(2), q.i64(3) == 1});
    }
  }
  Query q = db_->query(
      "SELECT value FROM name WHERE profile = ? AND kind <> 0 AND address = 0 AND kind = 1 AND account = ?"
      " ORDER BY value",
      profile, account);
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back({q.string(0), Platform::android, "", false});
  }
}

// Events stay under the profile that raised them when it is merged into another.
Result<std::vector<EventTotal>> Profiles::event_totals(AccountId account, ProfileId profile) {
  Query q = db_->query(
      "WITH RECURSIVE one(id) AS (SELECT ?1 UNION SELECT m.profile FROM one JOIN merged m ON m.into_profile ="
      " one.id)"
      " SELECT n.name, count(*), min(o.at), max(o.at) FROM event_layer l CROSS JOIN one"
      " CROSS JOIN event_of_person o ON o.layer = l.id AND o.profile = one.id"
      " JOIN event_name n ON n.id = o.name WHERE l.account = ?2 GROUP BY o.name ORDER BY n.name",
      profile, account);
  std::vector<EventTotal> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    all.push_back({q.string(0), static_cast<std::uint64_t>(q.i64(1)), q.time(2), q.time(3)});
  }
}

Result<std::int64_t> Profiles::last_event(AccountId account) {
  Query q = db_->query(
      "SELECT max(first + used - 1) FROM id_block WHERE account = ? AND kind = ? AND used > 0", account,
      static_cast<int>(IdKind::event));
  TRY(q.next());
  return q.i64(0);
}

Result<std::int64_t> Profiles::owner_now(std::int64_t profile) {
  {  // Almost always it is still there.
    Query q = db_->query("SELECT 1 FROM profile WHERE id = ?", profile);
    TRY_ASSIGN(const bool there, q.next());
    if (there) return profile;
  }
  Query q = db_->query(
      "WITH RECURSIVE one(id) AS (SELECT ?1 UNION SELECT m.into_profile FROM one JOIN merged m ON m.profile ="
      " one.id) SELECT p.id FROM one JOIN profile p ON p.id = one.id",
      profile);
  TRY_ASSIGN(const bool row, q.next());
  return row ? q.i64(0) : 0;
}

Result<std::optional<std::int64_t>> Profiles::scan_events(const EventScan& scan,
                                                        const std::function<void(const EventRow&)>& visit) {
  std::map<std::int64_t, std::string> names;
  {
    Query q = db_->query("SELECT id, name FROM event_name WHERE account = ?", scan.account);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      if (scan.names.empty() || std::ranges::find(scan.names, q.text(1)) != scan.names.end())
        names.emplace(q.i64(0), q.string(1));
    }
  }
  if (names.empty()) return std::nullopt;
  Query blocks = db_->query(
      "SELECT first FROM id_block WHERE account = ? AND kind = ? AND first > ? AND first <= ? ORDER BY first",
      scan.account, static_cast<int>(IdKind::event), scan.after - ids_per_block, scan.until);
  std::unordered_map<std::int64_t, std::int64_t> owners;
  std::uint32_t seen = 0;
  while (true) {
    TRY_ASSIGN(const bool block, blocks.next());
    if (!block) return std::nullopt;
    const std::int64_t first = blocks.i64(0);
    Query rows = db_->query("SELECT id, profile, name, at, properties FROM event WHERE id BETWEEN ? AND ?",
                            std::max(first, scan.after + 1), std::min(first + ids_per_block - 1, scan.until));
    while (true) {
      TRY_ASSIGN(const bool row, rows.next());
      if (!row) break;
      const auto name = names.find(rows.i64(2));
      if (name != names.end() && rows.time(3) >= scan.from && rows.time(3) < scan.before) {
        const auto [owner, fresh] = owners.try_emplace(rows.i64(1));
        if (fresh) {
          TRY_ASSIGN(owner->second, owner_now(rows.i64(1)));
        }
        visit({rows.i64(0), ProfileId{owner->second}, name->second, rows.text(4), rows.time(3)});
      }
      if (++seen >= scan.limit) return rows.i64(0);
    }
  }
}

Result<void> Profiles::engaged(AccountId account, Engagement how, std::span<const EngagedScope> scopes,
                               const std::function<void(ProfileId, WallTime)>& visit) {
  for (const EngagedScope& scope : scopes) {
    Query q = db_->query(
        "SELECT profile, at FROM engagement WHERE account = ?1 AND campaign = ?2 AND kind = ?3"
        " AND day BETWEEN ?4 AND ?5",
        account, scope.campaign, static_cast<int>(how), scope.day.value_or(0), scope.day.value_or(99991231));
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      visit(ProfileId{q.i64(0)}, q.time(1));
    }
  }
  return {};
}

Result<void> Profiles::events_of(AccountId account, ProfileId profile, std::string_view name, WallTime from,
                                 WallTime before, const std::function<void(const EventRow&)>& visit) {
  Query q = db_->query(
      "WITH RECURSIVE one(id) AS (SELECT ?1 UNION SELECT m.profile FROM one JOIN merged m ON m.into_profile ="
      " one.id)"
      " SELECT e.id, e.at, e.properties FROM event_layer l CROSS JOIN one"
      " CROSS JOIN event_of_person o ON o.layer = l.id AND o.profile = one.id"
      " AND o.name = (SELECT id FROM event_name WHERE account = ?2 AND name = ?3)"
      " AND o.at >= ?4 AND o.at < ?5"
      " CROSS JOIN event e ON e.id = o.event WHERE l.account = ?2 ORDER BY e.at, e.id",
      profile, account, name, from, before);
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return {};
    visit({q.i64(0), profile, name, q.text(2), q.time(1)});
  }
}

Result<std::uint32_t> Profiles::remove(AccountId account, std::span<const IdentityRef> who) {
  std::uint32_t removed = 0;
  for (const IdentityRef& one : who) {
    TRY_ASSIGN(const bool was_there, writer_.remove(account, one));
    removed += was_there;
  }
  return removed;
}

Result<std::uint32_t> Profiles::part(AccountId account, std::span<const std::string_view> names) {
  std::uint32_t made = 0;
  for (const std::string_view name : names) {
    TRY_ASSIGN(const std::uint32_t more, writer_.part(account, name));
    made += more;
  }
  return made;
}

Result<std::uint32_t> Profiles::unset(AccountId account, std::span<const Unset> properties) {
  return writer_.unset(account, properties);
}

Result<void> Profiles::subscribe(AccountId account, std::span<const Subscription> words) {
  return writer_.subscribe(account, words);
}

Result<bool> Profiles::wanted(AccountId account, ContactKind kind, std::string_view value) {
  Query q = db_->query("SELECT wanted FROM subscription WHERE account = ? AND kind = ? AND value = ?", account,
                       static_cast<int>(kind), value);
  TRY_ASSIGN(const bool row, q.next());
  return !row || q.i64(0) == 1;
}

}  // namespace belay::store::sqlite
