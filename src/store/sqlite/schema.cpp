#include "store/sqlite/schema.h"

#include "campaign/state.h"

namespace belay::store::sqlite {
namespace {

// 'a','b','c' of the states for which `wanted` holds.
template <class Wanted>
std::string states(Wanted wanted) {
  std::string list;
  for (const StateRow& row : state_table)
    if (wanted(row)) list += fmt::format("{}'{}'", list.empty() ? "" : ",", row.name);
  return list;
}

constexpr std::string_view accounts_sql = R"(
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given out twice: profiles.db refers to it
  key TEXT NOT NULL UNIQUE,
  time_zone TEXT NOT NULL,
  region TEXT NOT NULL
) STRICT;
CREATE TABLE passcode (
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  hash TEXT NOT NULL,
  prefix TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE provider (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  nick_name TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('push', 'webhook')),
  kind TEXT NOT NULL,
  url TEXT NOT NULL,
  service_account TEXT NOT NULL,
  ca_file TEXT NOT NULL,
  http_version TEXT NOT NULL,
  max_per_second INTEGER NOT NULL,
  UNIQUE (account, nick_name)
) STRICT;
-- Accounts that were removed and whose profiles are still to be deleted.
CREATE TABLE removed_account (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE idempotency (
  account INTEGER NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  reply TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (at);
)";

// {0}: every state, {1}: those that are not final. Times are microseconds since 1970.
constexpr std::string_view campaigns_sql = R"(
CREATE TABLE campaign (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,   -- no foreign key: what was sent stays provable when the account has gone
  provider INTEGER NOT NULL,
  name TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('push', 'webhook')),
  definition TEXT NOT NULL,   -- JSON
  due INTEGER NOT NULL,
  past_due_grace INTEGER NOT NULL,  -- seconds
  state TEXT NOT NULL CHECK (state IN ({0})),
  epoch INTEGER NOT NULL,
  created INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER,
  state_reason TEXT NOT NULL,
  CHECK ((finished IS NULL) = (state IN ({1})))
) STRICT;
CREATE INDEX campaign_of_account ON campaign (account, id);
CREATE INDEX campaign_due ON campaign (due, id) WHERE state = 'scheduled';
CREATE INDEX campaign_unfinished ON campaign (id) WHERE finished IS NULL;
CREATE TABLE campaign_label (
  campaign INTEGER NOT NULL REFERENCES campaign,
  label TEXT NOT NULL,
  PRIMARY KEY (campaign, label)
) STRICT, WITHOUT ROWID;
)";

constexpr std::string_view stops_sql = R"(
CREATE TABLE stop (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope_kind TEXT NOT NULL,
  scope_account INTEGER NOT NULL,   -- 0: every account
  scope_campaign INTEGER NOT NULL,  -- 0: none
  scope_name TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  latency INTEGER NOT NULL,         -- microseconds
  latch INTEGER NOT NULL            -- 0: none
) STRICT;
CREATE INDEX stop_of_campaign ON stop (scope_campaign, id) WHERE scope_campaign <> 0;
CREATE TABLE receipt (
  stop INTEGER NOT NULL REFERENCES stop,
  campaign INTEGER NOT NULL REFERENCES campaign,
  account INTEGER NOT NULL,
  settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
  body TEXT NOT NULL,               -- JSON
  PRIMARY KEY (stop, campaign)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_of_campaign ON receipt (campaign, stop);
CREATE INDEX receipt_unsettled ON receipt (stop) WHERE settled = 0;
CREATE TABLE latch (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope_kind TEXT NOT NULL,
  scope_account INTEGER NOT NULL,
  scope_campaign INTEGER NOT NULL,
  scope_name TEXT NOT NULL,
  stop INTEGER NOT NULL REFERENCES stop,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
)";

constexpr std::string_view journal_sql = R"(
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  campaign INTEGER NOT NULL UNIQUE REFERENCES campaign,
  account INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),  -- addresses, profiles
  audience INTEGER NOT NULL,
  planned INTEGER NOT NULL,
  frozen INTEGER NOT NULL CHECK (frozen IN (0, 1)),  -- 0: the audience is still being written
  first_at INTEGER, first_ordinal INTEGER,
  last_at INTEGER, last_ordinal INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE audience_part (
  run INTEGER NOT NULL REFERENCES run,
  no INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (run, no)
) STRICT;
CREATE TABLE slice (
  run INTEGER NOT NULL REFERENCES run,
  no INTEGER NOT NULL,
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  cursor INTEGER NOT NULL,
  PRIMARY KEY (run, no),
  CHECK (begins <= cursor AND cursor <= ends)
) STRICT, WITHOUT ROWID;
-- Blocks of outcomes. id is run * 2^32 + a number that counts up: a run's blocks lie together, and
-- the newest is found by going to the end of its range. (Measured: a tenth to a quarter less to write
-- than WITHOUT ROWID and (run, number).)
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  packed BLOB NOT NULL
) STRICT;
)";

// Who may write: see OwnerSession.
constexpr std::string_view owner_sql = R"(
CREATE TABLE owner (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  term INTEGER NOT NULL,  -- counts owners
  beat INTEGER NOT NULL   -- counts their signs of life
) STRICT;
INSERT INTO owner VALUES (1, 0, 0);
)";

// Where the store is at home: see home.h.
constexpr std::string_view home_sql = R"(
CREATE TABLE home (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store TEXT NOT NULL DEFAULT '',        -- the store's own random name
  origin TEXT NOT NULL DEFAULT 'home' CHECK (origin IN ('home', 'backup')),
  at INTEGER NOT NULL DEFAULT 0,
  machine TEXT NOT NULL DEFAULT '',
  boot TEXT NOT NULL DEFAULT '',
  mark TEXT NOT NULL DEFAULT '',         -- what the file `home` says, and where and when it was born
  inode INTEGER NOT NULL DEFAULT 0,
  born INTEGER NOT NULL DEFAULT 0,
  old_mark TEXT NOT NULL DEFAULT '',     -- the same before the last renewal
  old_inode INTEGER NOT NULL DEFAULT 0,
  old_born INTEGER NOT NULL DEFAULT 0
) STRICT;
)";

// A state more: campaigns can be paused. SQLite's way to loosen a CHECK without rewriting the table. A file
// that began with the present table of states has it already.
// derived: which people of a campaign another one continues with; nobody's rest is sent to twice.
constexpr std::string_view paused_sql = R"(
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''running''', '''running'',''paused''')
  WHERE type = 'table' AND name = 'campaign' AND sql NOT LIKE '%''paused''%';
CREATE TABLE derived (
  parent INTEGER NOT NULL,
  standing TEXT NOT NULL,
  campaign INTEGER NOT NULL,
  PRIMARY KEY (parent, standing)
) STRICT, WITHOUT ROWID;
PRAGMA writable_schema = RESET;
)";

// The audit trail, and who is told of what is in it: see store/notices.h.
constexpr std::string_view trail_sql = R"(
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,     -- 1, 2, 3, … without a gap
  at INTEGER NOT NULL,
  account INTEGER NOT NULL,   -- 0: the operator's matter
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  "before" TEXT NOT NULL,
  "after" TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL          -- over the row before and this one
) STRICT;
CREATE INDEX audit_of_subject ON audit (subject, id);
CREATE TRIGGER audit_keeps_its_order BEFORE INSERT ON audit
  WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)
  BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TABLE subscriber (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,   -- 0: the operator, told of everything
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  kinds INTEGER NOT NULL,     -- bit n: wants notices of kind n
  created INTEGER NOT NULL
) STRICT;
CREATE TABLE notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  kind TEXT NOT NULL,
  campaign INTEGER NOT NULL,  -- 0: none
  body TEXT NOT NULL,         -- JSON, as it is sent
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_age ON notice (at);
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  notice INTEGER NOT NULL REFERENCES notice,
  subscriber INTEGER NOT NULL REFERENCES subscriber,
  state TEXT NOT NULL CHECK (state IN ('pending', 'trying', 'delivered', 'undelivered', 'in_doubt')),
  attempts INTEGER NOT NULL,
  since INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  detail TEXT NOT NULL,
  UNIQUE (notice, subscriber)
) STRICT;
CREATE INDEX delivery_of_subscriber ON delivery (subscriber, id);
CREATE INDEX delivery_pending ON delivery (subscriber, next_at, id) WHERE state = 'pending';
CREATE INDEX delivery_due ON delivery (next_at) WHERE state = 'pending';
CREATE INDEX delivery_trying ON delivery (id) WHERE state = 'trying';
CREATE INDEX delivery_decided ON delivery (since) WHERE state IN ('delivered', 'undelivered', 'in_doubt');
)";

// Guardrails: an account's rules; canaries whose verdicts are in; how many recipients were admitted on a
// local day, for rules that limit it.
constexpr std::string_view guardrails_sql = R"(
CREATE TABLE account_guardrails (
  account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  rules TEXT NOT NULL                    -- JSON
) STRICT;
CREATE TABLE canary (
  campaign INTEGER PRIMARY KEY REFERENCES campaign,
  epoch INTEGER NOT NULL                 -- the campaign's when it was out
) STRICT;
CREATE TABLE admitted_on (
  account INTEGER NOT NULL,
  day INTEGER NOT NULL,                  -- yyyymmdd
  campaign INTEGER NOT NULL REFERENCES campaign,
  recipients INTEGER NOT NULL,
  PRIMARY KEY (account, day, campaign)
) STRICT, WITHOUT ROWID;
)";

// Recurring campaigns: a run of a series is a campaign of its own. occurrence: of a run, which one it is
// (never two of one number); of a series, the one that comes next; else 0.
constexpr std::string_view series_sql = R"(
ALTER TABLE campaign ADD COLUMN series INTEGER NOT NULL DEFAULT 0;       -- 0: it is no run of one
ALTER TABLE campaign ADD COLUMN occurrence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign ADD COLUMN paused_with_series INTEGER NOT NULL DEFAULT 0 CHECK (paused_with_series IN (0, 1));
CREATE UNIQUE INDEX campaign_of_series ON campaign (series, occurrence) WHERE series <> 0;
CREATE INDEX campaign_unfinished_of_series ON campaign (series, id) WHERE finished IS NULL;
)";

// Lists of many campaigns: an index for each order, with what filters look at, so that a page or a count
// reads no definitions. campaign_numbers: see ControlSession::keep_numbers. course: campaign/course.h.
constexpr std::string_view lists_sql = R"(
CREATE INDEX campaign_by_id ON campaign (account, id, state, channel, name);
DROP INDEX campaign_of_account;
CREATE INDEX campaign_by_name ON campaign (account, name COLLATE NOCASE, id, state, channel);
CREATE INDEX campaign_by_due ON campaign (account, due, id, state, channel, name);
CREATE INDEX campaign_by_state ON campaign (account, state, id, channel, name);
CREATE INDEX campaign_of_label ON campaign_label (label, campaign);
CREATE TABLE campaign_numbers (
  campaign INTEGER PRIMARY KEY REFERENCES campaign,
  epoch INTEGER NOT NULL,
  body TEXT NOT NULL                     -- JSON, like a receipt's
) STRICT;
CREATE TABLE draft (
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  id TEXT NOT NULL,
  body TEXT NOT NULL,                    -- JSON, a client's own
  changed INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE course (
  run INTEGER NOT NULL REFERENCES run,
  second INTEGER NOT NULL,               -- where the slot begins, from when the run was planned
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  handed_over INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  in_doubt INTEGER NOT NULL,
  PRIMARY KEY (run, second)
) STRICT, WITHOUT ROWID;
)";

// Who may use the dashboard: see store/users.h.
constexpr std::string_view users_sql = R"(
CREATE TABLE user (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  role TEXT NOT NULL CHECK (role IN ('member', 'creator', 'admin')),
  password TEXT NOT NULL,     -- argon2id; '': none chosen yet
  created INTEGER NOT NULL,
  UNIQUE (account, name)
) STRICT;
CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  begun INTEGER NOT NULL,
  seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_user ON session (user, seen);
CREATE TABLE user_link (
  hash TEXT PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  user INTEGER NOT NULL,      -- 0: makes the account's first user
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_of_account ON audit (account, id);
)";

// See store/segments.h.
constexpr std::string_view segments_sql = R"(
CREATE TABLE segment (
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,                    -- its where, JSON
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (account, id),
  UNIQUE (account, name)
) STRICT, WITHOUT ROWID;
)";

// What people of an account have chosen for its dashboard; recurring campaigns between two runs, for lists.
constexpr std::string_view settings_sql = R"(
ALTER TABLE account ADD COLUMN confirm_from INTEGER NOT NULL DEFAULT 1000;
CREATE INDEX campaign_between_runs ON campaign (account, id, channel, name)
  WHERE state = 'scheduled' AND series = 0 AND occurrence > 1;
)";

// When a block of outcomes was written: what happened to somebody happened just before.
constexpr std::string_view journal_time_sql = R"(
ALTER TABLE journal ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
)";

// When the recipients of a slice depart, where they are, and why they are left out where they are.
constexpr std::string_view waves_sql = R"(
ALTER TABLE slice ADD COLUMN departs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slice ADD COLUMN left_out TEXT NOT NULL DEFAULT 'none';
ALTER TABLE slice ADD COLUMN zone TEXT NOT NULL DEFAULT '';
)";

// What an account has set for who gets its messages (campaign/reach_json.h).
constexpr std::string_view reach_sql = R"(
CREATE TABLE account_reach (
  account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  rules TEXT NOT NULL                    -- JSON
) STRICT;
)";

constexpr std::string_view profiles_sql = R"(
-- Ids are given out to accounts in blocks, so that one account's recipients lie together.
CREATE TABLE id_block (
  kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),  -- addresses, profiles, events
  first INTEGER NOT NULL,
  account INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (kind, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX id_block_of_account ON id_block (account, kind, first);
CREATE TABLE tally (
  account INTEGER PRIMARY KEY,
  live_addresses INTEGER NOT NULL,
  profiles INTEGER NOT NULL
) STRICT;
CREATE TABLE profile (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  names INTEGER NOT NULL,      -- how many rows of `name` lead here
  kinds INTEGER NOT NULL,      -- of which kinds: bit n for kind n
  updated INTEGER NOT NULL,
  identity TEXT NOT NULL,      -- the first identity, or ''
  object_id TEXT NOT NULL,     -- the first device, or ''
  properties TEXT NOT NULL     -- JSON object; last, so that what is before it is read without it
) STRICT;
-- Every name of a profile. A device's name (kind 1) also leads to its address.
CREATE TABLE name (
  account INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  value TEXT NOT NULL,
  profile INTEGER NOT NULL,
  address INTEGER NOT NULL,    -- 0: none
  PRIMARY KEY (account, kind, value)
) STRICT, WITHOUT ROWID;
-- Profiles that were only known by devices which another profile has taken over.
CREATE TABLE merged (profile INTEGER PRIMARY KEY, into_profile INTEGER NOT NULL) STRICT;
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  profile INTEGER NOT NULL,
  platform INTEGER NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  token_hash INTEGER NOT NULL, -- 32 bits: enough to find it by, and a small index
  object_id TEXT NOT NULL,
  token TEXT NOT NULL,
  keys TEXT NOT NULL           -- JSON or ''
) STRICT;
CREATE INDEX address_of_profile ON address (profile);
CREATE INDEX address_of_token ON address (token_hash);
CREATE TABLE event_name (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (account, name)
) STRICT;
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  profile INTEGER NOT NULL,
  name INTEGER NOT NULL,
  at INTEGER NOT NULL,
  properties TEXT NOT NULL
) STRICT;
)";

// Who may write here: see Tenure.
constexpr std::string_view profile_owner_sql = R"(
CREATE TABLE owner (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  term INTEGER NOT NULL  -- the highest heard of
) STRICT;
INSERT INTO owner VALUES (1, 0);
)";

// Looking at and deleting one person: their events, what was merged into them, and those of their names that
// their own rows don't show. Whether an address wants messages is kept beside the people: it outlives them.
constexpr std::string_view people_sql = R"(
CREATE INDEX event_of_profile ON event (profile, name, at);
CREATE INDEX merged_into ON merged (into_profile);
CREATE INDEX name_without_address ON name (profile) WHERE kind <> 0 AND address = 0;
CREATE TABLE subscription (
  account INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),  -- phone, e-mail, WhatsApp
  value TEXT NOT NULL,                              -- see contact_value
  wanted INTEGER NOT NULL CHECK (wanted IN (0, 1)),
  at INTEGER NOT NULL,
  PRIMARY KEY (account, kind, value)
) STRICT, WITHOUT ROWID;
)";

// The index of an account's profiles: see store/index.h and index_session.cpp.
constexpr std::string_view index_sql = R"(
CREATE TABLE index_state (
  account INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  profiles_to INTEGER NOT NULL,
  events_to INTEGER NOT NULL,
  zone TEXT NOT NULL
) STRICT;
CREATE TABLE index_field (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given out twice: rows of an old one may be in memory
  account INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (account, kind, name)
) STRICT;
-- id is field * 2^39 + shard * 2^23 + row: what a query reads lies together.
CREATE TABLE index_bits (
  id INTEGER PRIMARY KEY,
  bits BLOB NOT NULL
) STRICT;
-- Profiles that are not any more what the index says of them, four bytes each; of merged ones also into
-- whom, in pairs. Written with the change.
CREATE TABLE index_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  profiles BLOB NOT NULL,
  merged BLOB NOT NULL
) STRICT;
CREATE INDEX index_change_of_account ON index_change (account, id);
)";

// Who did what with a message: distinct people, see PeopleSession::engaged. Written with the event that says so.
constexpr std::string_view engagement_sql = R"(
CREATE TABLE engagement (
  account INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),  -- viewed, clicked
  day INTEGER NOT NULL,                          -- yyyymmdd of the run, where the event named it; else 0
  profile INTEGER NOT NULL,
  at INTEGER NOT NULL,                           -- when first
  PRIMARY KEY (account, campaign, kind, day, profile)
) STRICT, WITHOUT ROWID;
CREATE INDEX engagement_of_profile ON engagement (profile);
)";

// Which events a person has: see event_layers.h, which knows what a level is. What is there already becomes one
// layer an account, made in the order that the old index has; and each account's newest block of ids goes on.
constexpr std::string_view event_layers_sql = R"(
CREATE TABLE event_layer (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  level INTEGER NOT NULL,
  into_layer INTEGER NOT NULL  -- the one its entries are being moved to; else 0
) STRICT;
CREATE TABLE event_of_person (
  layer INTEGER NOT NULL,
  profile INTEGER NOT NULL,
  name INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (layer, profile, name, at, event)
) STRICT, WITHOUT ROWID;
INSERT INTO event_layer SELECT -row_number() OVER (ORDER BY account), account, 2, 0
  FROM (SELECT DISTINCT account FROM id_block WHERE kind = 2 AND account <> 0);
INSERT INTO event_of_person SELECT l.id, e.profile, e.name, e.at, e.id
  FROM event_layer l CROSS JOIN id_block b CROSS JOIN event e INDEXED BY event_of_profile
  ON b.account = l.account AND b.kind = 1 AND e.profile BETWEEN b.first AND b.first + 4095;
INSERT INTO event_layer SELECT (max(first) - 1) / 4096 + 1, account, 0, 0
  FROM id_block WHERE kind = 2 AND account <> 0 GROUP BY account;
CREATE INDEX event_layer_of_account ON event_layer (account, id);
CREATE INDEX event_layer_into ON event_layer (into_layer) WHERE into_layer <> 0;
DROP INDEX event_of_profile;
)";

Result<void> migrate(Db& db, const Schema& schema, std::size_t version) {
  return in_transaction(db, [&]() -> Result<void> {
    for (std::size_t v = version; v < schema.migrations.size(); ++v) TRY(db.script(schema.migrations[v]));
    return db.script(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                 schema.application_id, schema.migrations.size()));
  });
}

}  // namespace

Schema control_schema() {
  const std::string every = states([](const StateRow&) { return true; });
  const std::string unfinished = states([](const StateRow& row) { return !row.final; });
  return {
      0x42656c61,  // "Bela"
      {std::string(accounts_sql) + fmt::format(campaigns_sql, every, unfinished) + std::string(stops_sql) +
           std::string(journal_sql),
       std::string(owner_sql), std::string(home_sql), std::string(paused_sql), std::string(guardrails_sql),
       std::string(trail_sql), std::string(series_sql), std::string(lists_sql), std::string(users_sql),
       std::string(segments_sql), std::string(settings_sql), std::string(journal_time_sql),
       std::string(waves_sql), std::string(reach_sql)}};
}

Schema profile_schema() {
  return {0x42656c70,  // "Belp"
          {std::string(profiles_sql), std::string(profile_owner_sql), std::string(people_sql),
           std::string(index_sql), std::string(engagement_sql), std::string(event_layers_sql)}};
}

Result<void> prepare_file(Db& db, const Schema& schema) {
  TRY_ASSIGN(const std::int64_t tables, db.number("SELECT count(*) FROM sqlite_schema"));
  TRY_ASSIGN(const std::int64_t kind, db.number("PRAGMA application_id"));
  TRY_ASSIGN(const std::int64_t version, db.number("PRAGMA user_version"));
  const auto newest = static_cast<std::int64_t>(schema.migrations.size());
  if (tables > 0 && kind != schema.application_id)
    return fail(Code::damaged,
                fmt::format("{} is a database, but not the one that belongs here. Put the right file "
                            "back, or move this one away to begin with an empty store",
                            db.path()));
  if (version > newest)
    return fail(Code::damaged,
                fmt::format("{} was written by a newer Belay (schema {}, this one knows up to {}): "
                            "start that one, or restore a backup made before it ran",
                            db.path(), version, newest));
  // Both only have an effect on an empty file, and only in this order.
  TRY(db.script(fmt::format("PRAGMA page_size = {}; PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL",
                            page_bytes)));
  if (version < newest) TRY(migrate(db, schema, static_cast<std::size_t>(version)));
  return {};
}

}  // namespace belay::store::sqlite
