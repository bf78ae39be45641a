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
  Story() { h.people = 2; }

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
TEST(Checker, line_1_whoever_was_sent_to_is_not_withheld) {
  Story s = Story().created().sent(0).heard(0, Word::accepted).sent(1);
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

}  // namespace
}  // namespace belay::sim
