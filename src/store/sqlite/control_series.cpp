// Recurring campaigns: a series, and its runs. A run is a campaign of its own, made when its occurrence comes
// due; the series keeps the number of the occurrence that comes next. Both change in one transaction, so that
// an occurrence has one run, whatever crashes and whatever the clock says.
#include "campaign/schedule.h"
#include "store/sqlite/control.h"

namespace belay::store::sqlite {
namespace {

Result<TimeZone> zone_of(const Campaign& series) {
  auto zone = TimeZone::named(series.definition.recurrence->zone);
  if (!zone) return fail(Code::conflict, fmt::format("campaign {}: {}", series.id, zone.error()));
  return std::move(*zone);
}

}  // namespace

// The one that is due now, from the next one on. The time of the next one is the one that was told to people,
// even where the zone's rules have changed since.
Result<Occurrence> Control::newest_of(const Campaign& series, WallTime now) {
  TRY_ASSIGN(const TimeZone zone, zone_of(series));
  const auto found = newest_due(*series.definition.recurrence, zone, series.occurrence, now);
  if (!found || found->number == series.occurrence) return Occurrence{series.occurrence, series.due};
  return *found;
}

Result<Campaign> Control::insert_run(const Campaign& series, const Occurrence& newest, WallTime due,
                                     WallTime now) {
  Campaign run = series;
  if (run.definition.timing.per_person)
    run.definition.timing.local = local_time_of(*series.definition.recurrence, newest.number);
  run.definition.recurrence = std::nullopt;
  run.series = series.id;
  run.occurrence = newest.number;
  run.due = due;
  run.state = State::scheduled;
  run.epoch = Epoch{1};
  run.created = now;
  run.started = run.finished = std::nullopt;
  run.state_reason.clear();
  TRY_ASSIGN(run.id, free_id(CampaignId{to_epoch_seconds(now)}));
  TRY(insert_campaign(run));
  AuditEntry entry = acted(run.account, "campaign.created", subject_of(run.id));
  entry.at = now;
  entry.after = name_of(run.state);
  entry.detail = fmt::format("run {} of series {}", run.occurrence, series.id);
  TRY(append_audit(std::move(entry)));
  return run;
}

// Nobody gets what these were for.
Result<void> Control::leave_out(const Campaign& series, std::int64_t first, std::int64_t last, WallTime now) {
  if (first > last) return {};
  AuditEntry entry = acted(series.account, "series.left_out", subject_of(series.id));
  entry.at = now;
  entry.detail = first == last ? fmt::format("run {}: nobody could start it in time", first)
                               : fmt::format("runs {} to {}: nobody could start them in time", first, last);
  TRY(append_audit(std::move(entry)));
  return {};
}

Result<void> Control::move_on(const Campaign& series, const Occurrence& newest, WallTime now) {
  TRY_ASSIGN(const TimeZone zone, zone_of(series));
  auto next = occurrence_after(*series.definition.recurrence, zone, newest.number);
  while (next && next->at <= newest.at)
    next = occurrence_after(*series.definition.recurrence, zone, next->number);
  if (next) {
    TRY(db_->run("UPDATE campaign SET occurrence = ?, due = ?, started = coalesce(started, ?) WHERE id = ?",
                 next->number, next->at, now, series.id));
    return {};
  }
  TRY(
      db_->run("UPDATE campaign SET state = 'completed', occurrence = ?1, due = ?2,"
               " started = coalesce(started, ?3), finished = ?3, state_reason = 'its last run has come'"
               " WHERE id = ?4",
               newest.number + 1, newest.at, now, series.id));
  TRY(record_move(series.id, series.account, "campaign.moved", series.state, State::completed, now,
                  "its last run has come"));
  return {};
}

Result<Campaign> Control::fire_now(const Campaign& series, WallTime now) {
  TRY_ASSIGN(const Occurrence newest, newest_of(series, now));
  TRY(leave_out(series, series.occurrence, newest.number - 1, now));
  TRY_ASSIGN(Campaign run, insert_run(series, newest, newest.at, now));
  TRY(move_on(series, newest, now));
  return run;
}

Result<Campaign> Control::fire(const Firing& f) {
  return write([&]() -> Result<Campaign> {
    TRY_ASSIGN(const Campaign series, campaign(AccountId{}, f.series));
    if (!series.definition.recurrence)
      return fail(Code::conflict, fmt::format("campaign {} does not recur", series.id));
    const bool as_seen = series.state == State::scheduled && series.epoch == f.epoch &&
                         series.occurrence == f.occurrence && series.due <= f.now;
    if (!as_seen)
      return fail(Code::fenced,
                  fmt::format("series {} has moved on, to occurrence {}", series.id, series.occurrence));
    return fire_now(series, f.now);
  });
}

Result<std::vector<Campaign>> Control::paused_with(CampaignId series) {
  TRY_ASSIGN(auto runs, unfinished_runs(series));
  std::vector<Campaign> paused;
  for (Campaign& run : runs) {
    Query q = db_->query(
        "SELECT 1 FROM campaign WHERE id = ? AND state = 'paused' AND paused_with_series = 1", run.id);
    TRY_ASSIGN(const bool with_it, q.next());
    if (with_it) paused.push_back(std::move(run));
  }
  return paused;
}

Result<std::vector<Campaign>> Control::unfinished_runs(CampaignId series) {
  std::vector<CampaignId> ids;
  {
    Query q = db_->query("SELECT id FROM campaign WHERE series = ? AND finished IS NULL ORDER BY id", series);
    while (true) {
      TRY_ASSIGN(const bool row, q.next());
      if (!row) break;
      ids.emplace_back(q.i64(0));
    }
  }
  std::vector<Campaign> runs;
  for (const CampaignId id : ids) {
    TRY_ASSIGN(Campaign run, campaign(AccountId{}, id));
    runs.push_back(std::move(run));
  }
  return runs;
}

// What a series of the latch's scope owed while it stood is a run, so that it can be held like any campaign.
Result<void> Control::fire_what_came_due(const Latch& latch, WallTime now) {
  TRY_ASSIGN(const auto unfinished, unfinished_in(latch.scope));
  for (const Candidate& c : unfinished) {
    if (c.state != State::scheduled) continue;
    TRY_ASSIGN(const Campaign series, campaign(AccountId{}, c.id));
    if (!series.definition.recurrence || series.due > now) continue;
    TRY(fire_now(series, now));
  }
  return {};
}

// A paused series is resumed.
Result<void> Control::series_goes_on(const ResumeWrite& w, const Campaign& c) {
  TRY(db_->run("UPDATE campaign SET state = 'scheduled', epoch = epoch + 1, state_reason = '' WHERE id = ?",
               c.id));
  if (c.due > w.at || w.past_due == PastDue::grace) return {};  // what has passed is the schedule's to judge
  TRY_ASSIGN(Campaign series, campaign(AccountId{}, c.id));
  TRY_ASSIGN(const Occurrence newest, newest_of(series, w.at));
  const bool send = w.past_due == PastDue::send;
  TRY(leave_out(series, series.occurrence, send ? newest.number - 1 : newest.number, w.at));
  if (send) TRY(insert_run(series, newest, w.at, w.at));
  return move_on(series, newest, w.at);
}

}  // namespace belay::store::sqlite
