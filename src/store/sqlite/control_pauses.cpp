// Pausing and resuming a campaign.
#include "store/sqlite/control.h"
#include "store/sqlite/journal_rows.h"

namespace belay::store::sqlite {
namespace {

std::string why_paused(const PauseWrite& w) {
  return w.reason.empty() ? "paused by " + w.actor : fmt::format("paused by {}: {}", w.actor, w.reason);
}

}  // namespace

Result<RunId> Control::frozen_run(CampaignId campaign) {
  Query q = db_->query("SELECT id FROM run WHERE campaign = ? AND frozen = 1", campaign);
  TRY_ASSIGN(const bool planned, q.next());
  return planned ? RunId{q.i64(0)} : RunId{};
}

Result<Campaign> Control::pause_one(const PauseWrite& w) {
  TRY_ASSIGN(const Campaign c, campaign(AccountId{}, w.campaign));
  if (is_final(c.state))
    return fail(Code::conflict,
                fmt::format("campaign {} is {}: there is nothing to pause", c.id, name_of(c.state)));
  TRY_ASSIGN(const RunId run, frozen_run(c.id));
  if (c.epoch != w.epoch || run != w.run)
    return fail(Code::fenced, fmt::format("campaign {} has moved on: look again", c.id));
  if (c.state != State::paused) {
    TRY(
        db_->run("UPDATE campaign SET state = 'paused', epoch = epoch + 1, state_reason = ?,"
                 " paused_with_series = ? WHERE id = ?",
                 why_paused(w), w.with_series, c.id));
    TRY(record_move(c.id, c.account, "campaign.paused", c.state, State::paused, w.at, w.reason, w.actor));
  }
  // Whoever pauses a run itself does not want it to go on with its series.
  if (!w.with_series) TRY(db_->run("UPDATE campaign SET paused_with_series = 0 WHERE id = ?", c.id));
  if (run) {
    if (!w.block.empty()) TRY(append_block(*db_, run, w.block, told_at(w.at, w.span)));
    TRY(write_progress(*db_, {run, w.span, w.attempts}));
  }
  return campaign(AccountId{}, w.campaign);
}

// A run of a series that is being paused, and that nobody has asked the loops about.
Result<void> Control::refuse_if_runs_are_missing(std::span<const PauseWrite> writes) {
  for (const PauseWrite& w : writes) {
    TRY_ASSIGN(const auto runs, unfinished_runs(w.campaign));
    for (const Campaign& run : runs)
      if (std::none_of(writes.begin(), writes.end(),
                       [&](const PauseWrite& other) { return other.campaign == run.id; }))
        return fail(Code::fenced,
                    fmt::format("campaign {} has a new run, {}: look again", w.campaign, run.id));
  }
  return {};
}

Result<std::vector<Campaign>> Control::pause_all(std::span<const PauseWrite> writes) {
  return write([&]() -> Result<std::vector<Campaign>> {
    TRY(refuse_if_runs_are_missing(writes));
    std::vector<Campaign> paused;
    for (const PauseWrite& w : writes) {
      TRY_ASSIGN(Campaign c, pause_one(w));
      paused.push_back(std::move(c));
    }
    return paused;
  });
}

Result<Campaign> Control::resume(const ResumeWrite& w) {
  return write([&]() -> Result<Campaign> {
    TRY_ASSIGN(const Campaign c, campaign(AccountId{}, w.campaign));
    if (c.state != State::paused || c.epoch != w.epoch)
      return fail(Code::fenced,
                  fmt::format("campaign {} is {} in epoch {}", c.id, name_of(c.state), c.epoch.value));
    TRY_ASSIGN(const auto found, candidate(c.id));
    if (found) TRY(refuse_if_latched(found->facts()));
    if (c.definition.ttl.until && *c.definition.ttl.until <= w.at)
      return fail(
          Code::conflict,
          fmt::format("campaign {} can't be resumed: its messages were to live until {} (epoch seconds),"
                      " which is over. Stop it",
                      c.id, to_epoch_seconds(*c.definition.ttl.until)));
    TRY(go_on(w, c));
    TRY_ASSIGN(Campaign resumed, campaign(AccountId{}, c.id));
    TRY(record_move(c.id, c.account, "campaign.resumed", c.state, resumed.state, w.at, resumed.state_reason,
                    w.actor));
    return resumed;
  });
}

Result<void> Control::go_on(const ResumeWrite& w, const Campaign& c) {
  TRY_ASSIGN(const RunId run, frozen_run(c.id));
  if (run != w.run) return fail(Code::fenced, fmt::format("campaign {} has moved on: look again", c.id));
  TRY(db_->run("UPDATE campaign SET paused_with_series = 0 WHERE id = ?", c.id));
  if (c.definition.recurrence) return series_goes_on(w, c);
  if (run) {
    if (!w.block.empty()) TRY(append_block(*db_, run, w.block, w.at));
    TRY(db_->run("UPDATE campaign SET state = 'running', epoch = epoch + 1, state_reason = '' WHERE id = ?",
                 c.id));
    return {};
  }
  const bool past = c.due < w.at;
  const bool missed = past && (w.past_due == PastDue::miss ||
                               (w.past_due == PastDue::grace && w.at > c.due + c.past_due_grace));
  if (missed) {
    const auto late = std::chrono::duration_cast<Seconds>(w.at - c.due).count();
    TRY(
        db_->run("UPDATE campaign SET state = 'missed', epoch = epoch + 1, finished = ?, state_reason = ?"
                 " WHERE id = ?",
                 w.at, fmt::format("resumed by {} {} s after it was due", w.actor, late), c.id));
    return {};
  }
  TRY(db_->run(
      "UPDATE campaign SET state = 'scheduled', epoch = epoch + 1, due = ?, state_reason = '' WHERE id = ?",
      past && w.past_due == PastDue::send ? w.at : c.due, c.id));
  return {};
}

}  // namespace belay::store::sqlite
