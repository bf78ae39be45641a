// Campaigns: made, found, moved.
#include "campaign/triggered.h"
#include "store/sqlite/control.h"

#define CAMPAIGN_COLUMNS                                                                              \
  "c.id, c.account, c.provider, c.definition, c.due, c.past_due_grace, c.state, c.epoch, c.created, " \
  "c.started, c.finished, c.state_reason, c.series, c.occurrence"

namespace belay::store::sqlite {
namespace {

Result<Campaign> campaign_from(const Query& q) {
  Campaign c;
  c.id = CampaignId{q.i64(0)};
  c.account = AccountId{q.i64(1)};
  c.provider = ProviderId{q.i64(2)};
  auto definition = definition_from_json(q.text(3));
  const auto state = state_named(q.text(6));
  if (!definition || !state)
    return fail(Code::damaged,
                fmt::format("campaign {} in belay.db can't be understood ({}): restore a backup", c.id,
                            definition ? "unknown state" : definition.error()));
  c.definition = std::move(*definition);
  c.due = q.time(4);
  c.past_due_grace = Seconds{q.i64(5)};
  c.state = *state;
  c.epoch = Epoch{q.i64(7)};
  c.created = q.time(8);
  c.started = q.maybe_time(9);
  c.finished = q.maybe_time(10);
  c.state_reason = q.string(11);
  c.series = CampaignId{q.i64(12)};
  c.occurrence = q.i64(13);
  return c;
}

bool legal(State from, State to) {
  if (to == State::stopped) return false;  // only a stop does that: it leaves a record
  if (from == State::paused || to == State::paused) return false;  // pause() and resume() do
  for (const MoveRow& row : move_table)
    if (row.from == from && row.to == to) return true;
  return false;
}

}  // namespace

Result<std::vector<Campaign>> Control::read_campaigns(Query q) {
  std::vector<Campaign> all;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return all;
    TRY_ASSIGN(Campaign c, campaign_from(q));
    all.push_back(std::move(c));
  }
}

Result<std::string> Control::nick_name(ProviderId id) {
  Query q = db_->query("SELECT nick_name FROM provider WHERE id = ?", id);
  TRY_ASSIGN(const bool row, q.next());
  return row ? q.string(0) : std::string();
}

Result<CampaignId> Control::free_id(CampaignId from) {
  for (CampaignId id = from;; ++id.value) {
    Query taken = db_->query("SELECT 1 FROM campaign WHERE id = ?", id);
    TRY_ASSIGN(const bool row, taken.next());
    if (!row) return id;
  }
}

Result<void> Control::insert_campaign(const Campaign& c) {
  TRY(db_->run(
      "INSERT INTO campaign (id, account, provider, name, channel, definition, due, past_due_grace, state,"
      " epoch, created, state_reason, series, occurrence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      c.id, c.account, c.provider, c.definition.name, name_of(c.definition.channel),
      to_json_text(c.definition), c.due, c.past_due_grace.count(), name_of(c.state), c.epoch.value, c.created,
      c.state_reason, c.series, c.occurrence));
  for (const std::string& label : c.definition.labels)
    TRY(db_->run("INSERT OR IGNORE INTO campaign_label (campaign, label) VALUES (?, ?)", c.id, label));
  return {};
}

// The number of the next run of a campaign that is triggered. Looked at in the transaction that makes the run:
// a stop either covers it, or was first and refuses it here.
Result<std::int64_t> Control::next_triggered(const Campaign& run) {
  TRY_ASSIGN(const Campaign trigger, campaign(run.account, run.series));
  if (!is_triggered(trigger))
    return fail(Code::conflict, fmt::format("campaign {} is not started by a trigger", trigger.id));
  if (trigger.state != State::scheduled)
    return fail(Code::conflict, fmt::format("campaign {} is {}", trigger.id, name_of(trigger.state)));
  Query q = db_->query("SELECT coalesce(max(occurrence), 0) + 1 FROM campaign WHERE series <> 0 AND series = ?",
                       run.series);
  TRY(q.next());
  return q.i64(0);
}

Result<Campaign> Control::create(const Campaign& wanted) {
  return write([&]() -> Result<Campaign> {
    Campaign c = wanted;
    c.state = State::scheduled;
    c.started = c.finished = std::nullopt;
    c.occurrence = c.definition.recurrence ? 1 : 0;
    if (c.series) {
      TRY_ASSIGN(c.occurrence, next_triggered(c));
    }
    TRY_ASSIGN(c.id, free_id(c.id));
    TRY_ASSIGN(const std::string provider, nick_name(c.provider));
    TRY(refuse_if_latched({c.id, c.account, c.definition.channel, provider, c.definition.labels, c.series}));
    if (c.definition.derived) TRY(may_derive(c));
    TRY(insert_campaign(c));
    AuditEntry entry = acted(c.account, "campaign.created", subject_of(c.id));
    entry.at = c.created;
    entry.after = name_of(c.state);
    entry.detail = to_json_text(c.definition);
    TRY(append_audit(std::move(entry)));
    return c;
  });
}

Result<Campaign> Control::campaign(AccountId account, CampaignId id) {
  TRY_ASSIGN(auto found, read_campaigns(db_->query("SELECT " CAMPAIGN_COLUMNS " FROM campaign c"
                                                   " WHERE c.id = ?1 AND (?2 = 0 OR c.account = ?2)",
                                                   id, account)));
  if (found.empty()) return fail(Code::not_found, fmt::format("no campaign {}", id));
  return std::move(found.front());
}

Result<std::vector<Campaign>> Control::campaigns(const CampaignFilter& f) {
  const std::string_view state = f.state ? name_of(*f.state) : std::string_view();
  // The same question twice: with an account named, its index gives the order as well.
  constexpr auto of_all =
      "SELECT " CAMPAIGN_COLUMNS
      " FROM campaign c WHERE ?1 = 0 AND (?2 = '' OR c.state = ?2)"
      " AND (?3 IS NULL OR c.due >= ?3) AND (?4 IS NULL OR c.due <= ?4) AND c.id < ?5"
      " AND (?6 = '' OR EXISTS (SELECT 1 FROM campaign_label l WHERE l.campaign = c.id AND l.label = ?6))"
      " AND ?8 = 0 AND (?9 OR c.series = 0) ORDER BY c.id DESC LIMIT ?7";
  constexpr auto of_account =
      "SELECT " CAMPAIGN_COLUMNS
      " FROM campaign c WHERE c.account = ?1 AND (?2 = '' OR c.state = ?2)"
      " AND (?3 IS NULL OR c.due >= ?3) AND (?4 IS NULL OR c.due <= ?4) AND c.id < ?5"
      " AND (?6 = '' OR EXISTS (SELECT 1 FROM campaign_label l WHERE l.campaign = c.id AND l.label = ?6))"
      " AND ?8 = 0 AND (?9 OR c.series = 0) ORDER BY c.id DESC LIMIT ?7";
  constexpr auto of_series =  // "<> 0" lets its index serve
      "SELECT " CAMPAIGN_COLUMNS
      " FROM campaign c WHERE c.series <> 0 AND c.series = ?8 AND (?1 = 0 OR c.account = ?1)"
      " AND (?2 = '' OR c.state = ?2) AND (?3 IS NULL OR c.due >= ?3) AND (?4 IS NULL OR c.due <= ?4) AND "
      "c.id < ?5"
      " AND (?6 = '' OR EXISTS (SELECT 1 FROM campaign_label l WHERE l.campaign = c.id AND l.label = ?6))"
      " AND ?9 ORDER BY c.id DESC LIMIT ?7";
  const std::int64_t before = f.before ? f.before->value : std::numeric_limits<std::int64_t>::max();
  return read_campaigns(db_->query(f.series    ? of_series
                                   : f.account ? of_account
                                               : of_all,
                                   f.account, state, f.due_from, f.due_until, before, f.label, f.limit,
                                   f.series, f.runs));
}

Result<std::vector<Campaign>> Control::due(WallTime now, std::uint32_t limit) {
  return read_campaigns(db_->query("SELECT " CAMPAIGN_COLUMNS " FROM campaign c WHERE c.state = 'scheduled'"
                                   " AND c.due <= ? ORDER BY c.due, c.id LIMIT ?",
                                   now, limit));
}

Result<std::optional<WallTime>> Control::next_due() {
  Query q =
      db_->query("SELECT due FROM campaign WHERE state = 'scheduled' AND due < ? ORDER BY due LIMIT 1", never_due);
  TRY_ASSIGN(const bool row, q.next());
  return row ? std::optional(q.time(0)) : std::nullopt;
}

Result<void> Control::move(const Transition& t) {
  if (!legal(t.from, t.to))
    return fail(Code::conflict,
                fmt::format("a campaign does not go from {} to {}", name_of(t.from), name_of(t.to)));
  return write([&]() -> Result<void> {
    if (t.to == State::planning) {
      TRY_ASSIGN(const auto found, candidate(t.campaign));
      if (found) TRY(refuse_if_latched(found->facts()));
    }
    const std::optional<WallTime> started = t.to == State::planning ? std::optional(t.at) : std::nullopt;
    const std::optional<WallTime> finished = is_final(t.to) ? std::optional(t.at) : std::nullopt;
    TRY_ASSIGN(
        const int moved,
        db_->run(
            "UPDATE campaign SET state = ?, started = coalesce(started, ?), finished = ?, state_reason = ?"
            " WHERE id = ? AND state = ? AND epoch = ?",
            name_of(t.to), started, finished, t.reason, t.campaign, name_of(t.from), t.epoch.value));
    if (moved == 0)
      return fail(Code::fenced, fmt::format("campaign {} is no longer {} in epoch {}", t.campaign,
                                            name_of(t.from), t.epoch.value));
    TRY_ASSIGN(const AccountId account, account_of(t.campaign));
    TRY(record_move(t.campaign, account, "campaign.moved", t.from, t.to, t.at, t.reason));
    return {};
  });
}

Result<AccountId> Control::account_of(CampaignId id) {
  Query q = db_->query("SELECT account FROM campaign WHERE id = ?", id);
  TRY_ASSIGN(const bool row, q.next());
  return row ? AccountId{q.i64(0)} : AccountId{};
}

Result<std::vector<std::string>> Control::labels_of(CampaignId id) {
  Query q = db_->query("SELECT label FROM campaign_label WHERE campaign = ?", id);
  std::vector<std::string> labels;
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return labels;
    labels.push_back(q.string(0));
  }
}

Result<std::optional<Control::Candidate>> Control::candidate(CampaignId id) {
  Query q = db_->query(
      "SELECT c.account, c.channel, c.state, p.nick_name, c.series FROM campaign c"
      " LEFT JOIN provider p ON p.id = c.provider WHERE c.id = ?",
      id);
  TRY_ASSIGN(const bool row, q.next());
  if (!row) return std::nullopt;
  Candidate c{id,
              AccountId{q.i64(0)},
              channel_named(q.text(1)).value_or(Channel::push),
              state_named(q.text(2)).value_or(State::scheduled),
              q.string(3),
              {},
              CampaignId{q.i64(4)}};
  TRY_ASSIGN(c.labels, labels_of(id));
  return c;
}

Result<std::vector<Control::Candidate>> Control::unfinished_in(const Scope& scope) {
  std::vector<Candidate> found;
  if (scope.kind == Scope::Kind::campaign) {
    std::vector<CampaignId> ids{scope.campaign};
    Query runs = db_->query("SELECT id FROM campaign WHERE series = ? AND finished IS NULL ORDER BY id",
                            scope.campaign);
    while (true) {
      TRY_ASSIGN(const bool row, runs.next());
      if (!row) break;
      ids.emplace_back(runs.i64(0));
    }
    for (const CampaignId id : ids) {
      TRY_ASSIGN(auto one, candidate(id));
      if (one && !is_final(one->state) && covers(scope, one->facts())) found.push_back(std::move(*one));
    }
    return found;
  }
  Query q = db_->query(
      "SELECT c.id, c.account, c.channel, c.state, p.nick_name, c.series FROM campaign c"
      " LEFT JOIN provider p ON p.id = c.provider WHERE c.finished IS NULL ORDER BY c.id");
  while (true) {
    TRY_ASSIGN(const bool row, q.next());
    if (!row) return found;
    Candidate c{CampaignId{q.i64(0)},
                AccountId{q.i64(1)},
                channel_named(q.text(2)).value_or(Channel::push),
                state_named(q.text(3)).value_or(State::scheduled),
                q.string(4),
                {},
                CampaignId{q.i64(5)}};
    if (scope.kind == Scope::Kind::label) {
      TRY_ASSIGN(c.labels, labels_of(c.id));
    }
    if (covers(scope, c.facts())) found.push_back(std::move(c));
  }
}

Result<std::vector<Campaign>> Control::in_scope(const Scope& scope) {
  TRY_ASSIGN(const auto candidates, unfinished_in(scope));
  std::vector<Campaign> all;
  for (const Candidate& c : candidates) {
    auto found = campaign(c.account, c.id);
    if (!found) return std::unexpected(std::move(found.error()));
    if (!is_final(found->state)) all.push_back(std::move(*found));
  }
  return all;
}

}  // namespace belay::store::sqlite
