#include <gmock/gmock.h>

#include "store/conformance_test.h"

namespace belay::store {
namespace {

Admission admission(const Campaign& c, const Run& r, int slice, Ordinal from, Ordinal to) {
  return {r.id, c.id, c.epoch, SliceNo{slice}, from, to};
}

std::vector<std::string> blocks_of(JournalSession& journal, RunId run) {
  std::vector<std::string> all;
  must(journal.blocks(run, [&](std::string_view b, WallTime) { all.emplace_back(b); }));
  return all;
}

}  // namespace

TEST_P(StoreConformance, a_block_says_when_it_was_written) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10, 10);
  open();
  const GroupCommit first{
      .at = at(5), .readmissions = {{r.id, c.id, c.epoch, "again"}}, .blocks = {{r.id, "one"}}};
  must(journal->commit(first));
  must(journal->commit({.at = at(7), .blocks = {{r.id, "two"}}}));
  std::vector<std::pair<std::string, WallTime>> all;
  must(journal->blocks(r.id, [&](std::string_view b, WallTime when) { all.emplace_back(b, when); }));
  using Written = std::pair<std::string, WallTime>;
  EXPECT_THAT(all, testing::UnorderedElementsAre(Written{"again", at(5)}, Written{"one", at(5)},
                                                 Written{"two", at(7)}));
}

TEST_P(StoreConformance, freeze_cuts_the_audience_into_slices_and_starts_the_campaign) {
  const Campaign c = create(account());
  const store::Run made = run(c, 25, 10);
  EXPECT_EQ(state_of(c.id), State::running);
  open();
  const auto stored = must(journal->run_of(c.id));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->id, made.id);
  EXPECT_EQ(stored->account, c.account);
  EXPECT_EQ(stored->audience, 25u);
  EXPECT_EQ(stored->kind, RecipientKind::address);
  EXPECT_EQ(stored->planned, at(2));
  ASSERT_EQ(stored->slices.size(), 3u);
  EXPECT_EQ(stored->slices[2].no, SliceNo{2});
  EXPECT_EQ(stored->slices[2].begin, 20u);
  EXPECT_EQ(stored->slices[2].end, 25u);
  EXPECT_EQ(stored->slices[2].cursor, 20u);
  const AudienceSet audience = must(journal->audience(made.id));
  EXPECT_EQ(audience.size(), 25u);
  EXPECT_EQ(audience.at(24), RecipientId{75});
  EXPECT_FALSE(must(journal->run_of(CampaignId{999})));
  EXPECT_EQ(code_of(journal->audience(RunId{999})), Code::not_found);
}

TEST_P(StoreConformance, freeze_keeps_waves_and_no_slice_crosses_one) {
  const Campaign c = plan(create(account()));
  std::vector<AudienceSet> parts(3);
  for (std::int64_t i = 1; i <= 25; ++i) parts[static_cast<std::size_t>(i % 3)].add(RecipientId{i});
  const std::vector<Wave> waves{{8, {at(100), Reason::none}, "Asia/Tokyo"},
                                {9, {at(200), Reason::none}, "-05:00"},
                                {8, {at(50), Reason::local_time_passed}, "Asia/Kolkata"}};
  const AudienceSet audience = AudienceSet::in_order(std::move(parts));
  const store::Run made = must(journal->freeze(c, RecipientKind::address, audience, 5, at(2), waves));
  open();
  const auto stored = must(journal->run_of(c.id));
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->slices.size(), 6u);
  const std::vector<Ordinal> ends{5, 8, 13, 17, 22, 25};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(stored->slices[i].end, ends[i]);
    EXPECT_EQ(stored->slices[i].departs, waves[i / 2].departs);
    EXPECT_EQ(stored->slices[i].zone, waves[i / 2].zone);
  }
  EXPECT_EQ(must(journal->audience(made.id)).at(8), RecipientId{1});
}

TEST_P(StoreConformance, waves_that_are_not_the_audience_are_refused) {
  const Campaign c = plan(create(account()));
  AudienceSet audience;
  audience.add(RecipientId{1});
  const Wave wave{2, {}, ""};
  EXPECT_EQ(code_of(journal->freeze(c, RecipientKind::address, audience, 5, at(2), {&wave, 1})),
            Code::conflict);
}

TEST_P(StoreConformance, an_admission_takes_its_block_along_or_leaves_it) {
  const Campaign c = create(account());
  const store::Run r = run(c, 20, 10);
  GroupCommit group;
  group.admissions.push_back(admission(c, r, 0, 0, 5));
  group.admissions.back().block = "skipped";
  group.admissions.push_back(admission(c, r, 1, 12, 15));  // its cursor stands at 10
  group.admissions.back().block = "refused";
  const GroupResult result = must(journal->commit(group));
  EXPECT_THAT(result.admitted, testing::ElementsAre(true, false));
  EXPECT_THAT(blocks_of(*journal, r.id), testing::ElementsAre("skipped"));
}

TEST_P(StoreConformance, freeze_keeps_an_audience_of_many_parts) {
  const Campaign c = plan(create(account()));
  AudienceSet audience;
  for (std::int64_t i = 1; i < 3'000'000; i += 1 + i % 7) audience.add(RecipientId{i});
  audience.compact();
  ASSERT_GT(audience.serialize().size(), 300'000u);
  const store::Run r = must(journal->freeze(c, RecipientKind::profile, audience, 50'000, at(2)));
  EXPECT_EQ(must(journal->audience(r.id)).serialize(), audience.serialize());
}

// S39: planning can be done again after a crash and never makes a second run.
TEST_P(StoreConformance, S39_freeze_twice_is_one_run) {
  const Campaign c = plan(create(account()));
  AudienceSet audience;
  audience.add(RecipientId{5});
  const store::Run first = must(journal->freeze(c, RecipientKind::address, audience, 10, at(2)));
  EXPECT_EQ(code_of(journal->freeze(c, RecipientKind::address, audience, 10, at(3))), Code::conflict);
  EXPECT_EQ(must(journal->run_of(c.id))->id, first.id);
  EXPECT_EQ(must(journal->run_of(c.id))->slices.size(), 1u);
}

// S05: a stop wins against the planning that races with it.
TEST_P(StoreConformance, S05_freeze_after_a_stop_is_fenced) {
  const Campaign c = plan(create(account()));
  must(control->stop(stop_write(of(c), {evidence(c, 0, 0)})));
  EXPECT_EQ(code_of(journal->freeze(c, RecipientKind::address, {}, 10, at(3))), Code::fenced);
  EXPECT_FALSE(must(journal->run_of(c.id)));
  EXPECT_EQ(state_of(c.id), State::stopped);
}

TEST_P(StoreConformance, freeze_of_a_campaign_that_is_not_planning_is_fenced) {
  const Campaign c = create(account());
  EXPECT_EQ(code_of(journal->freeze(c, RecipientKind::address, {}, 10, at(3))), Code::fenced);
}

TEST_P(StoreConformance, admission_moves_the_cursor_once) {
  const Campaign c = create(account());
  const store::Run r = run(c, 25, 10);
  const auto first =
      must(journal->commit({.admissions = {admission(c, r, 0, 0, 6), admission(c, r, 2, 20, 25)}}));
  EXPECT_EQ(first.admitted, (std::vector{true, true}));
  const auto repeated =
      must(journal->commit({.admissions = {admission(c, r, 0, 0, 6), admission(c, r, 0, 6, 10)}}));
  EXPECT_EQ(repeated.admitted, (std::vector{false, true}))
      << "one fenced admission does not hold up the others";
  open();
  const auto slices = must(journal->run_of(c.id))->slices;
  EXPECT_EQ(slices[0].cursor, 10u);
  EXPECT_EQ(slices[1].cursor, 10u);
  EXPECT_EQ(slices[2].cursor, 25u);
}

TEST_P(StoreConformance, admission_beyond_its_slice_or_backwards_is_refused) {
  const Campaign c = create(account());
  const store::Run r = run(c, 25, 10);
  const auto result = must(journal->commit(
      {.admissions = {admission(c, r, 0, 0, 11), admission(c, r, 1, 12, 15), admission(c, r, 7, 0, 1)}}));
  EXPECT_EQ(result.admitted, (std::vector{false, false, false}));
  must(journal->commit({.admissions = {admission(c, r, 0, 0, 5)}}));
  EXPECT_EQ(must(journal->commit({.admissions = {admission(c, r, 0, 5, 4)}})).admitted, (std::vector{false}));
}

// S16, S44: whoever has not heard of the stop can't admit any more; what fences it is a number, not its age.
TEST_P(StoreConformance, S44_admission_of_an_old_epoch_is_fenced_and_outcomes_are_not) {
  const AccountId a = account();
  const Campaign c = create(a, 1), other = create(a, 2);
  const store::Run r = run(c, 25, 10), r2 = run(other, 25, 10);
  must(journal->commit({.admissions = {admission(c, r, 0, 0, 5)}}));
  StopEvidence e = evidence(c);
  e.run = r.id;
  must(control->stop(stop_write(of(c), {e})));
  const GroupResult late = must(journal->commit(
      {.admissions = {admission(c, r, 0, 5, 10), admission(other, r2, 0, 0, 5)},
       .readmissions = {{r.id, c.id, c.epoch, "again"}, {r2.id, other.id, other.epoch, "too"}},
       .blocks = {{r.id, "what happened"}}}));
  EXPECT_EQ(late.admitted, (std::vector{false, true}));
  EXPECT_EQ(late.readmitted, (std::vector{false, true}));
  EXPECT_EQ(blocks_of(*journal, r.id), std::vector<std::string>{"what happened"});
  EXPECT_EQ(blocks_of(*journal, r2.id), std::vector<std::string>{"too"});
  EXPECT_EQ(must(journal->run_of(c.id))->slices[0].cursor, 5u);
  Campaign newer = c;
  newer.epoch = Epoch{c.epoch.value + 1};
  EXPECT_EQ(must(journal->commit({.admissions = {admission(newer, r, 0, 5, 10)}})).admitted,
            (std::vector{false}))
      << "the new epoch does not help either: the campaign does not run";
}

// S44: the campaign runs, but not in the epoch that the admission was made under.
TEST_P(StoreConformance, S44_admission_of_another_epoch_is_fenced_while_the_campaign_runs) {
  Campaign c = create(account());
  const store::Run r = run(c, 25, 10);
  for (const int wrong : {-1, 1}) {
    Campaign stale = c;
    stale.epoch.value += wrong;
    const GroupCommit group{.admissions = {admission(stale, r, 0, 0, 5)},
                            .readmissions = {{r.id, c.id, stale.epoch, "again"}}};
    const GroupResult result = must(journal->commit(group));
    EXPECT_EQ(result.admitted, (std::vector{false}));
    EXPECT_EQ(result.readmitted, (std::vector{false}));
  }
  EXPECT_TRUE(blocks_of(*journal, r.id).empty());
  EXPECT_EQ(must(journal->commit({.admissions = {admission(c, r, 0, 0, 5)}})).admitted, (std::vector{true}));
}

TEST_P(StoreConformance, admission_under_another_campaigns_name_is_fenced) {
  const AccountId a = account();
  const Campaign c = create(a, 1), other = create(a, 2);
  const store::Run r = run(c, 25, 10);
  run(other, 25, 10);
  EXPECT_EQ(must(journal->commit({.admissions = {admission(other, r, 0, 0, 5)}})).admitted,
            (std::vector{false}));
}

TEST_P(StoreConformance, blocks_belong_to_their_run_and_survive) {
  const AccountId a = account();
  const Campaign c = create(a, 1), other = create(a, 2);
  const store::Run r = run(c, 25, 10), r2 = run(other, 25, 10);
  const std::string big(100'000, 'x'), binary("\0\1\2", 3);
  must(journal->commit({.blocks = {{r.id, "one"}, {r2.id, "other"}, {r.id, binary}}}));
  must(journal->commit({.blocks = {{r.id, big}}}));
  open();
  EXPECT_EQ(blocks_of(*journal, r.id), (std::vector<std::string>{"one", binary, big}));
  EXPECT_EQ(blocks_of(*journal, r2.id), (std::vector<std::string>{"other"}));
  EXPECT_TRUE(blocks_of(*journal, RunId{99}).empty());
}

TEST_P(StoreConformance, progress_is_as_of_the_last_commit) {
  const Campaign c = create(account());
  const store::Run r = run(c, 25, 10);
  EXPECT_EQ(must(journal->progress(r.id)).attempts, 0u);
  EXPECT_FALSE(must(journal->progress(r.id)).span.first);
  Progress p{r.id, {HandOver{at(3), 4}, HandOver{at(9), 0}}, 17};
  must(journal->commit({.progress = {p}}));
  open();
  const Progress stored = must(journal->progress(r.id));
  EXPECT_EQ(stored.attempts, 17u);
  EXPECT_EQ(stored.span.first, p.span.first);
  EXPECT_EQ(stored.span.last, p.span.last);
  EXPECT_EQ(code_of(journal->progress(RunId{99})), Code::not_found);
}

TEST_P(StoreConformance, empty_commit_is_fine) {
  const GroupResult result = must(journal->commit({}));
  EXPECT_TRUE(result.admitted.empty() && result.readmitted.empty());
}

}  // namespace belay::store
