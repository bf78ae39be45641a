// Histories made by hand: one that is fine, and for each rule one that breaks it.
#include "sim/checker.h"

#include <gtest/gtest.h>

namespace belay::sim {
namespace {

using namespace seen;

constexpr AccountId account{1};
constexpr CampaignId campaign{100};

// A campaign with two people: both are handed over and accepted, then a stop is answered.
struct Story {
  History h;
  Story() {
    h.people = 2;
    h.window = 1;
    h.begins = wall_from_micros(1000);
  }

  Story& add(Event e) {
    h.entries.push_back({Micros{static_cast<int>(h.entries.size())}, std::move(e)});
    return *this;
  }
  Story& created() {
    return add(Create{1, account, {"promo"}, wall_from_micros(1000), Seconds{60}}).add(Created{1, campaign});
  }
  Story& sent(Person p, int times = 1) {
    for (int i = 0; i < times; ++i) add(HandedOver{0, 1, p, wall_from_micros(2000)});
    return *this;
  }
  Story& heard(Person p, Word w) { return add(Verdict{0, 1, p, w}); }
  Story& asked(int question = 1) {
    return add(StopAsked{question, 0, Scope{.account = account, .campaign = campaign}, 1, false});
  }
  Story& answered(Tally t, int question = 1, StopId id = StopId{1}, bool settled = true) {
    return add(StopAnswered{question, 0, record(t, id, settled), {{1, 2}}});
  }
  static StopRecord record(Tally t, StopId id = StopId{1}, bool settled = true,
                           State found = State::running) {
    StopRecord r;
    r.id = id;
    r.scope = {.account = account, .campaign = campaign};
    Receipt x;
    x.campaign = campaign;
    x.campaign_name = "c1";
    x.found_in = found;
    x.planned = true;
    x.settled = settled;
    x.tally = t;
    r.receipts.push_back(x);
    return r;
  }
  Story& ended(Tally t, std::vector<RunAccount::Recipient> people, State state = State::stopped,
               std::uint32_t admitted = 2) {
    t.attempts = 0;
    return add(Final{1, state, true, t, admitted, std::move(people), {0, 1}});
  }
  std::vector<Violation> check() const { return sim::check(h); }
};

Tally tally(std::uint32_t accepted, std::uint32_t withheld = 0, std::uint32_t doubt = 0) {
  Tally t;
  t.audience = accepted + withheld + doubt;
  t.accepted = accepted;
  t.withheld = withheld;
  t.in_doubt = doubt;
  t.handed_over = accepted + doubt;
  t.attempts = accepted + doubt;
  return t;
}

const RunAccount::Recipient got{Standing::accepted, Reason::none, 1, true};
const RunAccount::Recipient kept{Standing::withheld, Reason::none, 0, false};
const RunAccount::Recipient left_open{Standing::in_doubt, Reason::crash, 1, true};

Story one_sent_then_stopped() {
  return Story().created().sent(0).heard(0, Word::accepted).asked().answered(tally(1, 1));
}

void expect_line(int line, const Story& story) {
  const auto found = story.check();
  ASSERT_FALSE(found.empty()) << "nothing was found";
  EXPECT_EQ(found[0].line, line) << found[0].what;
}

TEST(Checker, has_nothing_against_a_run_that_kept_the_promise) {
  Story s = one_sent_then_stopped();
  s.ended(tally(1, 1), {got, kept}).add(FinalStop{Story::record(tally(1, 1))});
  const auto found = s.check();
  EXPECT_TRUE(found.empty()) << found[0].what;
}

TEST(Checker, line_1_a_hand_over_after_the_answer) {
  expect_line(1, one_sent_then_stopped().sent(1));
}
TEST(Checker, line_1_an_answer_that_counts_other_hand_overs) {
  expect_line(1, Story().created().sent(0).sent(1).asked().answered(tally(1, 1)));
}
TEST(Checker, line_1_an_answer_that_is_forgotten) {
  expect_line(1, one_sent_then_stopped().ended(tally(1, 1), {got, kept}));
}
TEST(Checker, line_1_a_stopped_campaign_that_completes) {
  expect_line(1, one_sent_then_stopped().ended(tally(1, 1), {got, kept}, State::completed));
}
TEST(Checker, line_1_an_admission_after_the_answer) {
  expect_line(1, one_sent_then_stopped().ended(tally(1, 1), {got, kept}, State::stopped, 1));
}
TEST(Checker, line_1_other_numbers_in_the_end) {
  Story s = one_sent_then_stopped();
  s.ended(tally(2), {got, got}).add(FinalStop{Story::record(tally(2))});
  bool seen = false;
  for (const auto& v : s.check()) seen = seen || v.line == 1;
  EXPECT_TRUE(seen);
}
TEST(Checker, line_1_a_hand_over_while_paused) {
  Tally waiting = tally(1);
  waiting.audience = 2;
  waiting.pending = 1;
  Story s = Story().created().sent(0).heard(0, Word::accepted);
  s.add(PauseAsked{1, 0, 1, false}).add(PauseAnswered{1, 1, true, waiting}).sent(1);
  expect_line(1, s);
}
TEST(Checker, line_1_a_hand_over_by_a_node_that_is_owner_no_more) {
  Story s = Story().add(Owned{0, 1}).created().sent(0).add(Owned{1, 2});
  EXPECT_TRUE(s.check().empty());
  expect_line(1, s.sent(1));
}
TEST(Checker, resuming_lets_a_paused_campaign_go_on) {
  Tally waiting = tally(1);
  waiting.audience = 2;
  waiting.pending = 1;
  Story s = Story().created().sent(0).heard(0, Word::accepted);
  s.add(PauseAsked{1, 0, 1, false}).add(PauseAnswered{1, 1, true, waiting});
  s.add(PauseAsked{2, 0, 1, true}).sent(1);
  EXPECT_TRUE(s.check().empty());
}

TEST(Checker, line_2_twice_without_being_asked_for_it) {
  expect_line(2, Story().created().sent(0, 2));
}
TEST(Checker, line_2_a_further_attempt_that_was_asked_for_is_none) {
  EXPECT_TRUE(Story().created().sent(0).heard(0, Word::again).sent(0).check().empty());
}
TEST(Checker, line_2_more_attempts_than_are_permitted) {
  Story s = Story().created();
  for (int i = 0; i < 6; ++i) s.sent(0).heard(0, Word::again);
  expect_line(2, s);
}
TEST(Checker, line_2_a_verdict_that_was_heard_is_not_in_doubt) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).sent(1).heard(1, Word::accepted);
  s.ended(tally(1, 0, 1), {got, {Standing::in_doubt, Reason::crash, 1, true}}, State::completed);
  expect_line(2, s);
}
TEST(Checker, line_2_a_death_may_leave_it_in_doubt) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).sent(1).heard(1, Word::accepted);
  s.add(Died{0, "killed"});
  s.ended(tally(1, 0, 1), {got, {Standing::in_doubt, Reason::crash, 1, true}}, State::completed);
  EXPECT_TRUE(s.check().empty());
}
// ---- what a death may leave open, and what not ----

// Two people, one was sent to before something died; the other is said to be in doubt.
Story after(Event death, Event before = Owned{0, 1}) {
  return Story().add(std::move(before)).created().sent(0).heard(0, Word::accepted).add(std::move(death));
}
TEST(Checker, line_2_a_death_leaves_no_more_people_open_than_were_admitted_at_once) {
  const auto both = [](int deaths) {
    Story s = Story().add(Owned{0, 1}).created();
    for (int i = 0; i < deaths; ++i) s.add(Died{0, "killed"}).add(Owned{0, 2 + i});
    return s.ended(tally(0, 0, 2), {left_open, left_open}, State::completed);
  };
  expect_line(2, both(1).add(FinalStop{}));
  EXPECT_TRUE(both(2).check().empty());
}
TEST(Checker, line_2_the_end_of_a_standby_leaves_nobody_open) {
  expect_line(2, after(Died{1, "killed"}).ended(tally(1, 0, 1), {got, left_open}, State::completed));
  EXPECT_TRUE(
      after(Died{0, "killed"}).ended(tally(1, 0, 1), {got, left_open}, State::completed).check().empty());
}
TEST(Checker, line_2_an_orderly_end_leaves_nobody_open) {
  Story s = after(Died{0, std::string(ended_in_order)}).add(Owned{0, 2});
  expect_line(2, s.ended(tally(1, 0, 1), {got, left_open}, State::completed));
}
TEST(Checker, line_2_a_takeover_after_an_orderly_end_and_a_death_may_leave_people_open) {
  Story s = after(Died{0, std::string(ended_in_order)}).add(Owned{0, 2}).add(Died{0, "killed"});
  EXPECT_TRUE(s.ended(tally(1, 0, 1), {got, left_open}, State::completed).check().empty());
}
TEST(Checker, line_2_a_death_before_it_was_due_leaves_nobody_open) {
  Story s;
  s.h.begins = wall_from_micros(0);  // due at 1000; the history's steps are a microsecond each
  s.add(Owned{0, 1}).created().add(Died{0, "killed"}).sent(0).heard(0, Word::accepted);
  expect_line(2, s.ended(tally(1, 0, 1), {got, left_open}, State::completed));
  Story later = s;
  later.h.begins = wall_from_micros(1000);
  EXPECT_TRUE(later.check().empty());
}
TEST(Checker, line_2_no_crash_is_the_reason_for_a_lost_connection_of_somebody_never_sent_to) {
  Story s = after(Died{0, "killed"});
  const RunAccount::Recipient lost{Standing::in_doubt, Reason::connection_lost, 1, true};
  expect_line(2, s.ended(tally(1, 0, 1), {got, lost}, State::completed));
}
TEST(Checker, line_2_whose_verdict_was_heard_has_not_lost_the_connection_whatever_died) {
  Story s = after(Died{0, "killed"}).sent(1).heard(1, Word::accepted);
  const RunAccount::Recipient lost{Standing::in_doubt, Reason::no_answer, 1, true};
  expect_line(2, s.ended(tally(1, 0, 1), {got, lost}, State::completed));
}
TEST(Checker, line_1_a_death_does_not_excuse_an_answer_that_counts_too_many) {
  Story right = Story().add(Owned{0, 1}).created().sent(0).add(Died{0, "killed"}).asked();
  EXPECT_TRUE(right.answered(tally(1, 0, 1)).check().empty());
  Story wrong = Story().add(Owned{0, 1}).created().add(Died{0, "killed"}).asked();
  expect_line(1, wrong.answered(tally(0, 0, 2)));
}
TEST(Checker, line_1_a_death_does_not_excuse_attempts_that_nobody_made) {
  Tally t = tally(1, 1);
  t.attempts = 2;
  expect_line(1, after(Died{0, "killed"}).asked().answered(t));
  t.attempts = 0;
  expect_line(1, after(Died{0, "killed"}).asked().answered(t));
}
TEST(Checker, line_1_whoever_was_withheld_stays_so_whatever_dies) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).asked();
  s.answered(tally(1, 1), 1, StopId{1}, false).add(Died{0, "killed"});
  Tally t = tally(1, 1);
  t.withheld = 0;
  t.skipped[static_cast<std::size_t>(Reason::address_dead)] = 1;
  s.ended(t, {got, {Standing::skipped, Reason::address_dead, 0, false}}).add(FinalStop{Story::record(t)});
  expect_line(1, s);
}
TEST(Checker, line_1_a_verdict_that_an_answer_counts_is_not_lost_again) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).sent(1).heard(1, Word::accepted);
  s.asked().answered(tally(2), 1, StopId{1}, false).add(Died{0, "killed"});
  s.ended(tally(1, 0, 1), {got, left_open}).add(FinalStop{Story::record(tally(1, 0, 1))});
  expect_line(1, s);
}
TEST(Checker, line_2_a_death_after_a_settled_stop_leaves_nobody_open) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).asked().answered(tally(1, 1));
  s.add(Died{0, "killed"}).ended(tally(1, 0, 1), {got, left_open});
  expect_line(2, s);
}
TEST(Checker, line_3_whoever_was_accepted_has_not_failed) {
  Story s = Story().created().sent(0).heard(0, Word::again).sent(0).heard(0, Word::accepted);
  s.sent(1).heard(1, Word::accepted).add(Died{0, "killed"});
  Tally t = tally(1);
  t.audience = 2;
  t.failed = 1;
  t.handed_over = 2;
  expect_line(3, s.ended(t, {{Standing::failed, Reason::attempts_used_up, 2, true}, got}, State::completed));
}
TEST(Checker, line_3_nobody_is_withheld_where_nothing_was_stopped) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).add(Died{0, "killed"});
  expect_line(3, s.ended(tally(1, 1), {got, kept}, State::completed));
}
TEST(Checker, line_5_a_campaign_that_stops_by_itself) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).add(Died{0, "killed"});
  expect_line(5, s.ended(tally(1, 1), {got, kept}));
}

TEST(Checker, line_1_whoever_was_sent_to_is_not_withheld) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).sent(1).asked();
  s.ended(tally(1, 1), {got, {Standing::withheld, Reason::none, 1, false}});
  expect_line(1, s);
}

TEST(Checker, line_3_a_tally_that_does_not_add_up) {
  Tally t = tally(1, 1);
  t.withheld = 0;
  expect_line(3, Story().created().add(Read{0, 1, State::running, t}));
}
TEST(Checker, line_3_an_audience_that_changes) {
  expect_line(3, Story()
                     .created()
                     .heard(0, Word::failed)
                     .add(Read{0, 1, State::running, tally(2)})
                     .add(Read{0, 1, State::running, tally(1)}));
}
TEST(Checker, line_3_accepted_by_nobody) {
  expect_line(
      3, Story().created().sent(0).heard(0, Word::accepted).ended(tally(2), {got, got}, State::completed));
}
TEST(Checker, line_3_somebody_still_waits_in_the_end) {
  Tally t = tally(1);
  t.audience = 2;
  t.pending = 1;
  Story s = Story().created().sent(0).heard(0, Word::accepted);
  expect_line(3, s.ended(t, {got, {Standing::pending, Reason::none, 0, false}}, State::completed));
}
TEST(Checker, line_3_a_receipt_that_never_settles) {
  Story s = one_sent_then_stopped();
  s.ended(tally(1, 1), {got, kept}).add(FinalStop{Story::record(tally(1, 1), StopId{1}, false)});
  expect_line(3, s);
}
TEST(Checker, line_3_a_campaign_that_is_forgotten) {
  Story s = Story().created();
  s.add(FinalStop{});
  expect_line(3, s);
}

TEST(Checker, line_4_a_repeat_with_another_receipt) {
  expect_line(4, one_sent_then_stopped().asked(2).answered(tally(1, 1), 2, StopId{2}));
}
TEST(Checker, line_4_a_stop_that_fails_for_no_reason) {
  expect_line(4, Story().created().asked().add(StopFailed{1, dispatch::StopCode::store}));
}
TEST(Checker, line_4_a_stop_that_fails_after_the_disk_has_healed) {
  Story s = Story().created().add(DiskTrouble{"full"}).asked().add(StopFailed{1, dispatch::StopCode::store});
  EXPECT_TRUE(s.check().empty());
  expect_line(4, s.add(Healed{}).asked(2).add(StopFailed{2, dispatch::StopCode::store}));
}
TEST(Checker, line_4_a_stop_that_fails_because_the_only_server_was_away) {
  Story s = Story().add(Owned{0, 1}).created().add(Paused{0, Seconds{20}}).asked();
  expect_line(4, s.add(StopFailed{1, dispatch::StopCode::store}));
}
TEST(Checker, line_4_a_stop_that_fails_though_the_other_servers_only_stand_by) {
  Story s = Story().add(Started{0}).add(Started{1}).add(Owned{0, 1}).created().asked();
  s.add(StopFailed{1, dispatch::StopCode::store});
  expect_line(4, s);
  Story taken = Story().add(Started{0}).add(Started{1}).add(Owned{0, 1}).created().asked().add(Owned{1, 2});
  EXPECT_TRUE(taken.add(StopFailed{1, dispatch::StopCode::store}).check().empty());
}
TEST(Checker, line_3_a_campaign_that_is_missed_for_no_reason) {
  Story s = Story().created();
  s.h.begins = wall_from_micros(120'000'000);
  const Final missed{1, State::missed, false, {}, 0, {}, {}};
  expect_line(3, Story(s).add(missed));
  EXPECT_TRUE(s.add(Died{0, "killed"}).add(missed).check().empty());
}
TEST(Checker, line_3_a_campaign_that_is_missed_before_its_grace_is_over) {
  Story s = Story().created().add(Died{0, "killed"});
  expect_line(3, s.add(Final{1, State::missed, false, {}, 0, {}, {}}));
}
TEST(Checker, line_4_a_campaign_that_is_said_not_to_exist) {
  expect_line(4, Story().created().asked().add(StopFailed{1, dispatch::StopCode::not_found}));
}

Story latched() {
  StopRecord all;
  all.id = StopId{1};
  all.latch = LatchId{7};
  all.scope.kind = Scope::Kind::all;
  return Story().add(StopAsked{1, 0, all.scope, -1, true}).add(StopAnswered{1, 0, all, {}});
}
TEST(Checker, line_5_a_campaign_that_is_created_under_a_latch) {
  expect_line(5, latched().created());
}
TEST(Checker, line_5_not_after_it_was_released) {
  EXPECT_TRUE(latched().add(ReleaseAsked{LatchId{7}}).created().sent(0).check().empty());
}
TEST(Checker, line_5_before_it_is_due) {
  expect_line(5, Story().created().add(HandedOver{0, 1, 0, wall_from_micros(999)}));
}
TEST(Checker, line_5_what_was_missed_is_not_sent) {
  expect_line(5, Story().created().sent(0).add(Final{1, State::missed, false, {}, 0, {}, {}}));
}

TEST(Checker, what_does_not_end_is_a_violation) {
  expect_line(0, Story().add(Stuck{"for ever"}));
}

// ---- series ----------------------------------------------------------------------------------------

constexpr CampaignId first_run{101};

// A daily series, c1, from 27 March 2016 on, 02:30 in Berlin; its first run is c1001.
struct Series : Story {
  explicit Series(std::int32_t minute = 150) {
    h.people = 1;
    Recurrence rule{.zone = "Europe/Berlin", .day = 16'887, .minute = minute};  // 2016-03-27
    add(Create{1, account, {"promo"}, wall_from_micros(1000), Seconds{60}, rule});
    add(Created{1, campaign});
  }
  Series& run_sent(CampaignId id = first_run) {
    add(HandedOver{0, 1, 0, wall_from_micros(1'500'000'000'000'000), id});
    add(Verdict{0, 1, 0, Word::accepted, id});
    return *this;
  }
  Series& run_ended(std::int64_t due_s, CampaignId id = first_run) {
    Tally t = tally(1);
    t.attempts = 0;
    add(Final{1001,
              State::completed,
              true,
              t,
              1,
              {got},
              {0},
              id,
              campaign,
              1,
              wall_from_micros(due_s * 1'000'000)});
    return *this;
  }
  Series& series_ended(State state = State::scheduled) {
    add(Final{1, state, false, {}, 0, {}, {}, campaign, {}, 0, {}});
    return *this;
  }
};
constexpr std::int64_t after_the_gap = 1'459'040'400;  // 2016-03-27 03:00 in Berlin; there is no 02:30

TEST(CheckerOfSeries, accepts_a_run_at_the_first_instant_after_a_gap) {
  const auto found = Series().run_sent().run_ended(after_the_gap).series_ended().check();
  EXPECT_TRUE(found.empty()) << found[0].what;
}

TEST(CheckerOfSeries, finds_a_run_at_another_local_time) {
  expect_line(5, Series().run_sent().run_ended(after_the_gap + 1800).series_ended());
  expect_line(5, Series(240).run_sent().run_ended(after_the_gap).series_ended());
}

TEST(CheckerOfSeries, finds_an_occurrence_that_ran_twice) {
  expect_line(2, Series()
                     .run_sent()
                     .run_sent(CampaignId{102})
                     .run_ended(after_the_gap)
                     .run_ended(after_the_gap, CampaignId{102})
                     .series_ended());
}

TEST(CheckerOfSeries, finds_a_run_that_leaves_after_its_series_was_stopped) {
  Series story;
  story.asked();
  StopRecord record = Story::record({}, StopId{1}, true, State::scheduled);
  record.receipts[0].planned = false;
  story.add(StopAnswered{1, 0, record, {}});
  story.run_sent().run_ended(after_the_gap).series_ended(State::stopped);
  story.add(FinalStop{record});
  expect_line(1, story);
}

// ---- waves -------------------------------------------------------------------------------------------

constexpr std::int64_t october_30 =
    1'477'785'600;  // 2016-10-30 00:00 UTC; at 01:00 it is 02:00 in Berlin again

// A campaign, c1, that departs at 02:30 where each recipient is; both are in Berlin, where that comes twice.
struct Waves : Story {
  explicit Waves(Timing timing, std::int64_t due = october_30 - 14 * 3600 + 9000) {
    h.people = 2;
    h.zones = {"Europe/Berlin", "Europe/Berlin"};
    h.begins = wall_from_micros((due - 60) * 1'000'000);
    timing.zone = "Asia/Kolkata";
    add(Create{1, account, {}, wall_from_micros(due * 1'000'000), Seconds{60}, {}, timing});
    add(Created{1, campaign});
  }
  std::vector<Violation> sent_at(std::int64_t minutes) {
    add(HandedOver{0, 1, 0, wall_from_micros((october_30 + minutes * 60) * 1'000'000)});
    return check();
  }
};
Timing half_past_two() {
  Timing t;
  t.per_person = true;
  t.local = LocalTime{17'104, 150};
  return t;
}

TEST(CheckerOfWaves, accepts_what_leaves_when_it_is_time_there) {
  for (const int minutes : {30, 31, 70, 90, 600}) {  // at 70 the clock shows 02:10, for the second time
    const auto found = Waves(half_past_two()).sent_at(minutes);
    EXPECT_TRUE(found.empty()) << found[0].what;
  }
}

TEST(CheckerOfWaves, finds_what_leaves_before_its_wave) {
  for (const int minutes : {29, 10, -300}) {
    const auto found = Waves(half_past_two()).sent_at(minutes);
    ASSERT_EQ(found.size(), 1u) << minutes;
    EXPECT_EQ(found[0].line, 5);
  }
}

TEST(CheckerOfWaves, finds_what_leaves_where_its_time_had_passed) {
  const auto found = Waves(half_past_two(), october_30 + 3600).sent_at(90);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, 5);
  Timing at_once = half_past_two();
  at_once.passed = Timing::Passed::at_once;
  EXPECT_TRUE(Waves(at_once, october_30 + 3600).sent_at(90).empty());
}

TEST(CheckerOfWaves, finds_what_leaves_after_its_cut_off) {
  Timing timing = half_past_two();
  timing.cut_off = 180;  // 03:00, which is at 02:00 UTC
  EXPECT_TRUE(Waves(timing).sent_at(119).empty());
  EXPECT_EQ(Waves(timing).sent_at(120).size(), 1u);
}

TEST(CheckerOfWaves, finds_what_leaves_in_quiet_hours) {
  Timing timing = half_past_two();
  QuietHours quiet;
  quiet.per_person = true;
  quiet.week = {{200, 260}};  // on Sundays from 03:20 to 04:20
  timing.quiet = quiet;
  EXPECT_TRUE(Waves(timing).sent_at(139).empty());
  EXPECT_EQ(Waves(timing).sent_at(140).size(), 1u);
  EXPECT_EQ(Waves(timing).sent_at(199).size(), 1u);
  EXPECT_TRUE(Waves(timing).sent_at(200).empty());
}

// ---- caps --------------------------------------------------------------------------------------------

const std::int64_t march_9 = 1'457'461'800;  // 2016-03-09 00:00 in Kolkata

// Devices 0 and 2 are person 0's, 1 and 3 person 1's. Times are seconds since midnight.
struct Caps : Story {
  explicit Caps(std::vector<FrequencyCap> caps) {
    h.people = 4;
    h.persons = {0, 1, 0, 1};
    h.begins = wall_from_micros(march_9 * 1'000'000);
    if (!caps.empty()) set(std::move(caps));
  }
  Caps& set(std::vector<FrequencyCap> caps) {
    add(CapsAsked{}).add(CapsSet{std::move(caps), "Asia/Kolkata"});
    return *this;
  }
  Caps& at(std::int64_t seconds) {
    now = seconds;
    return *this;
  }
  Caps& tell(Event e) {
    h.entries.push_back({Micros{now * 1'000'000}, std::move(e)});
    return *this;
  }
  WallTime wall() const { return h.begins + Seconds{now}; }
  Caps& make(CampaignNo no, bool respects_caps = true) {
    tell(Create{no, account, {}, h.begins, Seconds{60}, {}, {}, respects_caps});
    return tell(Created{no, CampaignId{100 + no}});
  }
  Caps& sent(CampaignNo no, Person device) {
    tell(HandedOver{0, no, device, wall(), CampaignId{100 + no}});
    return tell(Verdict{0, no, device, Word::accepted, CampaignId{100 + no}});
  }
  // What became of each device, in the end.
  Caps& over(CampaignNo no, std::vector<RunAccount::Recipient> people) {
    Final f{no, State::completed, true, {}, 4, std::move(people), {0, 1, 2, 3}, CampaignId{100 + no}};
    f.tally.audience = 4;
    for (const RunAccount::Recipient& r : f.people) {
      f.tally.accepted += r.standing == Standing::accepted ? 1 : 0;
      f.tally.in_doubt += r.standing == Standing::in_doubt ? 1 : 0;
      f.tally.skipped[static_cast<std::size_t>(r.reason)] += r.standing == Standing::skipped ? 1 : 0;
    }
    return tell(std::move(f));
  }
  std::int64_t now = 0;
};
const RunAccount::Recipient enough{Standing::skipped, Reason::frequency_cap, 1, false};
constexpr std::int64_t a_day = 86'400;

FrequencyCap a_day_at_most(std::uint32_t messages) {
  return {messages, FrequencyCap::Per::day, {}};
}
FrequencyCap a_week_at_most(std::uint32_t messages) {
  return {messages, FrequencyCap::Per::week, {}};
}
void expect_nothing(const Story& story) {
  const auto found = story.check();
  EXPECT_TRUE(found.empty()) << found[0].what;
}

TEST(CheckerOfCaps, finds_one_message_too_many) {
  expect_nothing(Caps({a_day_at_most(1)}).make(1).make(2).sent(1, 0).sent(2, 1));
  expect_line(2, Caps({a_day_at_most(1)}).make(1).make(2).sent(1, 0).sent(2, 0));
  expect_nothing(Caps({a_day_at_most(2)}).make(1).make(2).sent(1, 0).sent(2, 0));
}

TEST(CheckerOfCaps, another_device_gets_the_same_message_from_one_campaign_and_another_from_another) {
  expect_nothing(Caps({a_day_at_most(1)}).make(1).sent(1, 0).sent(1, 2));
  expect_line(2, Caps({a_day_at_most(1)}).make(1).make(2).sent(1, 0).sent(2, 2));
}

TEST(CheckerOfCaps, windows_are_of_local_days) {
  expect_nothing(Caps({a_day_at_most(1)}).make(1).make(2).at(a_day - 1).sent(1, 0).at(a_day).sent(2, 0));
  expect_line(2, Caps({a_day_at_most(1)}).make(1).make(2).at(1).sent(1, 0).at(a_day - 1).sent(2, 0));
  expect_line(
      2, Caps({a_week_at_most(1)}).make(1).make(2).at(a_day - 1).sent(1, 0).at(7 * a_day - 1).sent(2, 0));
  expect_nothing(Caps({a_week_at_most(1)}).make(1).make(2).at(a_day - 1).sent(1, 0).at(7 * a_day).sent(2, 0));
}

TEST(CheckerOfCaps, one_cap_of_several_is_enough) {
  expect_line(2, Caps({a_day_at_most(3), a_week_at_most(1)}).make(1).make(2).sent(1, 0).at(a_day).sent(2, 0));
  const FrequencyCap of_webhooks{1, FrequencyCap::Per::day, Channel::webhook};
  expect_nothing(Caps({of_webhooks}).make(1).make(2).sent(1, 0).sent(2, 0));
}

TEST(CheckerOfCaps, what_overrides_them_counts_for_who_comes_after_it) {
  expect_nothing(Caps({a_day_at_most(1)}).make(1).make(2, false).sent(1, 0).sent(2, 0));
  expect_nothing(Caps({a_day_at_most(1)}).make(1).make(2, false).sent(2, 0).sent(1, 0));  // asked in between
  expect_line(2, Caps({a_day_at_most(1)}).make(2, false).sent(2, 0).make(1).sent(1, 0));
}

TEST(CheckerOfCaps, holds_from_the_first_campaign_that_is_created_under_them) {
  Caps before = Caps({}).make(1).make(2).set({a_day_at_most(1)}).sent(1, 0).sent(2, 0);
  expect_nothing(before);
  expect_line(2, before.make(3).sent(3, 0));
  expect_nothing(Caps({a_day_at_most(1)}).set({}).make(1).make(2).sent(1, 0).sent(2, 0));
}

TEST(CheckerOfCaps, a_clock_that_was_set_tells_no_days) {
  expect_nothing(
      Caps({a_day_at_most(1)}).tell(ClockStepped{0, Seconds{5}}).make(1).make(2).sent(1, 0).sent(2, 0));
}

TEST(CheckerOfCaps, finds_who_is_left_out_though_they_had_less) {
  Caps fine = Caps({a_day_at_most(1)}).make(1).make(2).sent(1, 0).sent(1, 2).sent(2, 1).sent(2, 3);
  fine.over(1, {got, enough, got, enough}).over(2, {enough, got, enough, got});
  expect_nothing(fine);
  Caps nobody_sent = Caps({a_day_at_most(1)}).make(1);
  expect_line(2, nobody_sent.over(1, {enough, enough, enough, enough}));
  // Two devices of one message are not two messages.
  Caps devices = Caps({a_day_at_most(2)}).make(1).make(2);
  for (Person p = 0; p < 4; ++p) devices.sent(1, p);
  devices.over(1, {got, got, got, got}).over(2, {enough, enough, enough, enough});
  expect_line(2, devices);
}

TEST(CheckerOfCaps, finds_who_is_left_out_for_a_message_of_long_ago) {
  Caps s = Caps({a_day_at_most(1)}).make(1);
  for (Person p = 0; p < 4; ++p) s.sent(1, p);
  Caps next_day = s, same_day = s;
  const auto leave_out = [](Caps& story) {
    story.make(2).over(1, {got, got, got, got}).over(2, {enough, enough, enough, enough});
  };
  leave_out(same_day.at(60));
  expect_nothing(same_day);
  leave_out(next_day.at(a_day + 60));
  expect_line(2, next_day);
}

TEST(CheckerOfCaps, finds_who_is_left_out_for_what_a_stop_withheld) {
  Caps s = Caps({a_day_at_most(1)}).make(1);
  Caps at_once = s;
  at_once.make(2).over(1, {kept, kept, kept, kept}).over(2, {enough, enough, enough, enough});
  EXPECT_TRUE(s.check().empty());
  EXPECT_TRUE(std::ranges::none_of(at_once.check(), [](const Violation& v) { return v.line == 2; }));
  s.tell(Create{2, account, {}, s.wall(), Seconds{60}, {}, {}, true, 1}).tell(Created{2, CampaignId{102}});
  s.over(1, {kept, kept, kept, kept}).over(2, {enough, enough, enough, enough});
  EXPECT_TRUE(std::ranges::any_of(s.check(), [](const Violation& v) { return v.what.contains("left out"); }));
}

// Nobody knows when a message left that is in doubt, and a restart forgets which devices had it.
TEST(CheckerOfCaps, may_be_careful_after_a_death) {
  Caps s = Caps({a_day_at_most(2)})
               .tell(Owned{0, 1})
               .make(1)
               .tell(Died{0, "killed"})
               .tell(Owned{0, 2})
               .at(a_day)
               .make(2);
  s.h.window = 4;
  s.over(1, {left_open, left_open, left_open, left_open}).over(2, {enough, enough, enough, enough});
  const auto found = s.check();
  EXPECT_TRUE(std::ranges::none_of(found, [](const Violation& v) { return v.what.contains("left out"); }));
}

}  // namespace
}  // namespace belay::sim
