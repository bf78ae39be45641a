// Recurring campaigns: what a store must keep of a series and its runs.
#include "campaign/schedule.h"
#include "store/conformance_test.h"

namespace belay::store {
namespace {

constexpr std::int64_t day = 24 * 3600;

// Daily from at(0) on: 2016-03-08 10:13 UTC.
Campaign daily(Campaign c, std::optional<std::int64_t> occurrences = std::nullopt) {
  Recurrence r{.zone = "UTC", .day = to_epoch_seconds(at(0)) / day, .minute = 10 * 60 + 13};
  r.occurrences = occurrences;
  c.definition.recurrence = r;
  c.due = occurrence(r, *TimeZone::named("UTC"), 1)->at;
  c.created = at(-100);
  c.past_due_grace = Seconds{3600};
  return c;
}

Firing firing_of(const Campaign& series, WallTime now) {
  return {series.id, series.epoch, series.occurrence, now};
}

PauseWrite pause_of(const Campaign& c, CampaignId series = {}) {
  return {.campaign = c.id,
          .epoch = c.epoch,
          .run = {},
          .block = "",
          .span = {},
          .attempts = 0,
          .actor = "cli:root",
          .reason = "wait",
          .at = at(5),
          .with_series = static_cast<bool>(series)};
}

ResumeWrite resume_of(const Campaign& c, WallTime now, PastDue past_due = PastDue::grace) {
  return {.campaign = c.id,
          .epoch = c.epoch,
          .run = {},
          .block = "",
          .past_due = past_due,
          .actor = "cli:root",
          .at = now};
}

WallTime later(const Campaign& series, std::int64_t days, std::int64_t seconds = 0) {
  return series.due + Seconds{days * day + seconds};
}

}  // namespace

TEST_P(StoreConformance, series_fires_a_run_and_moves_on_in_one_step) {
  const Campaign made = must(control->create(daily(campaign(account(), 100, "promo"))));
  EXPECT_EQ(made.occurrence, 1);
  const Campaign run = must(control->fire(firing_of(made, later(made, 0, 2))));
  EXPECT_EQ(run.series, made.id);
  EXPECT_EQ(run.occurrence, 1);
  EXPECT_EQ(run.state, State::scheduled);
  EXPECT_EQ(run.due, made.due);
  EXPECT_NE(run.id, made.id);
  EXPECT_FALSE(run.definition.recurrence);
  EXPECT_EQ(run.definition.labels, made.definition.labels);
  open();
  const Campaign after = must(control->campaign({}, made.id));
  EXPECT_EQ(after.state, State::scheduled);
  EXPECT_EQ(after.occurrence, 2);
  EXPECT_EQ(after.due, later(made, 1));
  EXPECT_EQ(*after.definition.recurrence, *made.definition.recurrence);
  EXPECT_EQ(must(control->campaign({}, run.id)).series, made.id);
  EXPECT_EQ(must(control->next_due()), made.due) << "the run, which waits to begin";
}

TEST_P(StoreConformance, S42_an_occurrence_has_one_run_however_often_it_is_asked_for) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Firing first = firing_of(made, later(made, 0));
  must(control->fire(first));
  EXPECT_EQ(code_of(control->fire(first)), Code::fenced);
  Firing back = firing_of(must(control->campaign({}, made.id)), later(made, 0, 30));
  EXPECT_EQ(code_of(control->fire(back)), Code::fenced) << "the next one is not due";
  back.now = later(made, 1, 1);
  EXPECT_EQ(code_of(control->fire(firing_of(made, back.now))), Code::fenced) << "it has had its run, though one is due";
  must(control->fire(back));
  EXPECT_EQ(code_of(control->fire(first)), Code::fenced);
  CampaignFilter runs;
  runs.series = made.id;
  EXPECT_EQ(must(control->campaigns(runs)).size(), 2u);
  CampaignFilter alone;
  alone.runs = false;
  EXPECT_EQ(must(control->campaigns(alone)).size(), 1u);
  EXPECT_EQ(must(control->campaigns({})).size(), 3u);
}

TEST_P(StoreConformance, series_does_not_fire_for_who_has_not_seen_that_it_was_paused_meanwhile) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Firing before = firing_of(made, later(made, 0));
  must(control->resume(resume_of(must(control->pause(pause_of(made))), at(6))));
  EXPECT_EQ(code_of(control->fire(before)), Code::fenced);
  must(control->fire(firing_of(must(control->campaign({}, made.id)), later(made, 0))));
}

TEST_P(StoreConformance, S56_missed_occurrences_are_left_out_and_never_a_burst) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign run = must(control->fire(firing_of(made, later(made, 9, 7200))));
  EXPECT_EQ(run.occurrence, 10);
  EXPECT_EQ(run.due, later(made, 9)) << "too late for it: it follows its past-due rule like any campaign";
  EXPECT_EQ(must(control->campaign({}, made.id)).occurrence, 11);
  AuditFilter about;
  about.subject = fmt::format("campaign-{}", made.id);
  const auto trail = must(control->audit(about));
  EXPECT_EQ(trail.back().action, "series.left_out");
  EXPECT_EQ(trail.back().detail, "runs 1 to 9: nobody could start them in time");
}

TEST_P(StoreConformance, series_is_completed_after_its_last_run) {
  const Campaign made = must(control->create(daily(campaign(account(), 100), 2)));
  must(control->fire(firing_of(made, later(made, 0))));
  const Campaign second = must(control->campaign({}, made.id));
  const Campaign run = must(control->fire(firing_of(second, later(made, 1))));
  EXPECT_EQ(run.occurrence, 2);
  const Campaign over = must(control->campaign({}, made.id));
  EXPECT_EQ(over.state, State::completed);
  EXPECT_EQ(over.finished, later(made, 1));
  EXPECT_EQ(code_of(control->fire(firing_of(over, later(made, 9)))), Code::fenced);
}

TEST_P(StoreConformance, S16_stop_of_a_series_covers_every_run_that_could_still_send) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign first = must(control->fire(firing_of(made, later(made, 0))));
  const Campaign series = must(control->campaign({}, made.id));
  EXPECT_EQ(must(control->in_scope(of(series))).size(), 2u);
  EXPECT_EQ(must(control->in_scope(of(first))).size(), 1u) << "a run is stopped alone";
  EXPECT_EQ(code_of(control->stop(stop_write(of(series), {evidence(series, 0, 0)}))), Code::conflict)
      << "a run has been overlooked";
  const Campaign second = must(control->fire(firing_of(series, later(made, 1))));
  const StopRecord record = must(control->stop(
      stop_write(of(series), {evidence(series, 0, 0), evidence(first, 0, 0), evidence(second, 0, 0)})));
  EXPECT_EQ(record.receipts.size(), 3u);
  for (const CampaignId id : {made.id, first.id, second.id}) {
    EXPECT_EQ(state_of(id), State::stopped);
    EXPECT_EQ(must(control->stop_of(id)), record.id);
  }
  EXPECT_EQ(code_of(control->fire(firing_of(must(control->campaign({}, made.id)), later(made, 2)))),
            Code::fenced);
}

TEST_P(StoreConformance, stop_of_a_run_leaves_its_series) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign run = must(control->fire(firing_of(made, later(made, 0))));
  must(control->stop(stop_write(of(run), {evidence(run, 0, 0)})));
  EXPECT_EQ(state_of(run.id), State::stopped);
  EXPECT_EQ(state_of(made.id), State::scheduled);
}

TEST_P(StoreConformance, stop_of_a_completed_series_still_covers_its_runs) {
  const Campaign made = must(control->create(daily(campaign(account(), 100), 1)));
  const Campaign run = must(control->fire(firing_of(made, later(made, 0))));
  EXPECT_EQ(state_of(made.id), State::completed);
  const StopRecord record = must(control->stop(stop_write(of(made), {evidence(run, 0, 0)})));
  EXPECT_EQ(state_of(run.id), State::stopped);
  EXPECT_EQ(must(control->stop_of(made.id)), record.id);
}

TEST_P(StoreConformance, pause_of_a_series_takes_all_its_runs_or_none) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign run = must(control->fire(firing_of(made, later(made, 0))));
  const Campaign series = must(control->campaign({}, made.id));
  EXPECT_EQ(code_of(control->pause(pause_of(series))), Code::fenced) << "a run has been overlooked";
  EXPECT_EQ(state_of(made.id), State::scheduled);
  const PauseWrite both[] = {pause_of(series), pause_of(run, made.id)};
  must(control->pause_all(both));
  EXPECT_EQ(state_of(made.id), State::paused);
  EXPECT_EQ(state_of(run.id), State::paused);
  ASSERT_EQ(must(control->paused_with(made.id)).size(), 1u);
  EXPECT_EQ(code_of(control->fire(firing_of(must(control->campaign({}, made.id)), later(made, 1)))),
            Code::fenced);
  must(control->resume(resume_of(must(control->campaign({}, run.id)), later(made, 0, 60))));
  EXPECT_TRUE(must(control->paused_with(made.id)).empty());
  must(control->resume(resume_of(must(control->campaign({}, made.id)), later(made, 0, 60))));
  EXPECT_EQ(state_of(made.id), State::scheduled);
  EXPECT_EQ(must(control->campaign({}, made.id)).due, later(made, 1));
}

TEST_P(StoreConformance, pause_of_a_series_needs_nothing_of_a_run_that_is_over) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign run = must(control->fire(firing_of(made, later(made, 0))));
  must(control->stop(stop_write(of(run), {evidence(run, 0, 0)})));
  must(control->pause(pause_of(must(control->campaign({}, made.id)))));
  EXPECT_EQ(state_of(made.id), State::paused);
  EXPECT_EQ(state_of(run.id), State::stopped);
}

TEST_P(StoreConformance, a_run_that_was_paused_by_itself_is_not_paused_with_its_series) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign run = must(control->fire(firing_of(made, later(made, 0))));
  const Campaign held = must(control->pause(pause_of(run)));
  const PauseWrite both[] = {pause_of(must(control->campaign({}, made.id))), pause_of(held, made.id)};
  must(control->pause_all(both));
  EXPECT_TRUE(must(control->paused_with(made.id)).empty());
}

TEST_P(StoreConformance, a_run_that_is_paused_by_itself_as_well_does_not_go_on_with_its_series) {
  const Campaign made = must(control->create(daily(campaign(account(), 100))));
  const Campaign run = must(control->fire(firing_of(made, later(made, 0))));
  const PauseWrite both[] = {pause_of(must(control->campaign({}, made.id))), pause_of(run, made.id)};
  must(control->pause_all(both));
  must(control->pause(pause_of(must(control->campaign({}, run.id)))));
  EXPECT_TRUE(must(control->paused_with(made.id)).empty());
}

TEST_P(StoreConformance, S53_resuming_a_series_is_about_the_newest_occurrence_that_passed) {
  const struct {
    PastDue past_due;
    std::size_t runs;
    std::int64_t next;
    std::string left_out;
  } cases[] = {{PastDue::grace, 0, 1, ""},
               {PastDue::send, 1, 5, "runs 1 to 3: nobody could start them in time"},
               {PastDue::miss, 0, 5, "runs 1 to 4: nobody could start them in time"}};
  const AccountId owner = account();
  std::int64_t id = 100;
  for (const auto& [past_due, wanted, next, left_out] : cases) {
    const Campaign made = must(control->create(daily(campaign(owner, id += 10))));
    const Campaign paused = must(control->pause(pause_of(made)));
    const WallTime now = later(made, 3, 7200);
    const Campaign resumed = must(control->resume(resume_of(paused, now, past_due)));
    EXPECT_EQ(resumed.state, State::scheduled);
    EXPECT_EQ(resumed.occurrence, next);
    AuditFilter about;
    about.subject = fmt::format("campaign-{}", made.id);
    std::string told;
    for (const AuditEntry& entry : must(control->audit(about)))
      if (entry.action == "series.left_out") told += entry.detail;
    EXPECT_EQ(told, left_out);
    CampaignFilter runs;
    runs.series = made.id;
    const auto found = must(control->campaigns(runs));
    ASSERT_EQ(found.size(), wanted);
    if (wanted == 0) continue;
    EXPECT_EQ(found[0].occurrence, 4);
    EXPECT_EQ(found[0].due, now);
  }
}

// How a series comes under a latch: its provider gets the name that the latch is about.
TEST_P(StoreConformance, S53_what_a_series_owed_under_a_latch_is_held_when_it_is_released) {
  const AccountId a = account();
  Scope provider{.kind = Scope::Kind::provider, .account = a, .campaign = {}, .name = "fcm"};
  const LatchId latch = must(control->stop(stop_write(provider, {}, true))).latch;
  Campaign wanted = daily(campaign(a, 100));
  wanted.provider = ProviderId{1};
  const Campaign made = must(control->create(wanted));
  Campaign other = wanted;
  other.id = CampaignId{101};
  other.due = later(made, 9);
  other.definition.recurrence->day += 9;
  const Campaign not_due = must(control->create(other));
  other = wanted;
  other.id = CampaignId{102};
  const Campaign paused = must(control->pause(pause_of(must(control->create(other)))));
  Provider p;
  p.account = a;
  p.nick_name = "fcm";
  p.kind = "fcm";
  ASSERT_EQ(must(control->put_provider(p)).id, made.provider);
  must(control->release(a, latch, later(made, 2, 5)));
  const Campaign series = must(control->campaign({}, made.id));
  EXPECT_EQ(series.state, State::scheduled) << "the next one comes";
  EXPECT_EQ(series.occurrence, 4);
  CampaignFilter runs;
  runs.series = made.id;
  const auto found = must(control->campaigns(runs));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].occurrence, 3);
  EXPECT_EQ(found[0].state, State::paused);
  for (const CampaignId id : {not_due.id, paused.id}) {
    runs.series = id;
    EXPECT_TRUE(must(control->campaigns(runs)).empty()) << id.value;
  }
}

TEST_P(StoreConformance, series_itself_has_nobody_to_continue_with) {
  const Campaign made = must(control->create(daily(campaign(account(), 100), 1)));
  must(control->fire(firing_of(made, later(made, 0))));
  Campaign next = campaign(made.account, 200);
  next.definition.derived = Derivation{Derivation::How::continues, made.id, {Standing::withheld}};
  EXPECT_EQ(code_of(control->create(next)), Code::conflict);
}

TEST_P(StoreConformance, search_finds_series_between_two_runs) {
  const AccountId a = account();
  const Campaign fresh = must(control->create(daily(campaign(a, 100))));
  const Campaign begun = must(control->create(daily(campaign(a, 101))));
  const Campaign over = must(control->create(daily(campaign(a, 102))));
  create(a, 103);
  must(control->fire(firing_of(begun, later(begun, 0, 2))));
  const Campaign run = must(control->fire(firing_of(over, later(over, 0, 2))));
  const Campaign ends = must(control->campaign(a, over.id));
  must(control->stop(stop_write(of(ends), {evidence(ends, 0, 0), evidence(run, 0, 0)})));
  for (const CampaignSort sort :
       {CampaignSort::newest, CampaignSort::name, CampaignSort::due, CampaignSort::state}) {
    CampaignSearch s{.account = a, .awaiting_next_run = true};
    s.sort = sort;
    s.count_to = 10;
    const CampaignPage page = must(control->search(s));
    ASSERT_EQ(page.rows.size(), 1u);
    EXPECT_EQ(page.rows[0].campaign.id, begun.id);
    EXPECT_EQ(page.count, 1u);
  }
  CampaignSearch operators{.awaiting_next_run = true};
  EXPECT_EQ(must(control->search(operators)).rows.size(), 1u);
}

}  // namespace belay::store
