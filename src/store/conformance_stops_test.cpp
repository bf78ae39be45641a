#include "store/conformance_test.h"

namespace belay::store {

using Kind = Scope::Kind;

TEST_P(StoreConformance, stop_is_one_record_with_state_epoch_and_receipt) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  StopEvidence e = evidence(must(control->campaign({}, c.id)), 10, 4, 1);
  e.run = r.id;
  e.block = pack({{3, Entry::on_wire, Reason::none, 1, true}});
  e.receipt.tally.skipped[static_cast<std::size_t>(Reason::address_dead)] = 2;
  e.receipt.tally.withheld -= 2;
  e.receipt.span = {HandOver{at(3), 0}, HandOver{at(4), 3}};
  e.receipt.loops = {{LoopNo{0}, 4, 5, 1, 2}, {LoopNo{1}, 0, 0, 0, 0}};
  const StopRecord answered = must(control->stop(stop_write(of(c), {e})));
  open();
  const Campaign stopped = must(control->campaign({}, c.id));
  EXPECT_EQ(stopped.state, State::stopped);
  EXPECT_EQ(stopped.epoch, Epoch{c.epoch.value + 1});
  EXPECT_EQ(stopped.finished, at(5));
  EXPECT_EQ(stopped.state_reason, "stopped by api:TEST-123-4567: wrong text");
  const StopRecord stored = must(control->stop(AccountId{}, answered.id));
  EXPECT_EQ(stored.scope, of(c));
  EXPECT_EQ(stored.actor, "api:TEST-123-4567");
  EXPECT_EQ(stored.reason, "wrong text");
  EXPECT_EQ(stored.at, at(5));
  EXPECT_FALSE(stored.latch);
  EXPECT_EQ(stored.audit, answered.audit);
  ASSERT_EQ(stored.receipts.size(), 1u);
  const Receipt& kept = stored.receipts[0];
  EXPECT_EQ(kept.tally, e.receipt.tally);
  EXPECT_EQ(kept.found_in, State::running);
  EXPECT_EQ(kept.campaign_name, "Summer");
  EXPECT_TRUE(kept.planned);
  EXPECT_EQ(kept.span.last, e.receipt.span.last);
  ASSERT_EQ(kept.loops.size(), 2u);
  EXPECT_EQ(kept.loops[0].attempts, 5u);
  std::vector<std::string> blocks;
  must(journal->blocks(r.id, [&](std::string_view b, WallTime) { blocks.emplace_back(b); }));
  EXPECT_EQ(blocks, std::vector<std::string>{e.block});
}

// A stop is told when it was asked for. What left before it was answered left later, and no block says
// earlier.
TEST_P(StoreConformance, evidence_is_not_dated_before_what_it_tells_of) {
  const auto evidence_of = [&](const Campaign& c, WallTime last) {
    StopEvidence e = evidence(must(control->campaign({}, c.id)), 10, 4);
    e.block = pack({{3, Entry::accepted, Reason::none, 1, true}});
    e.receipt.span = {HandOver{at(3), 0}, HandOver{last, 3}};
    return e;
  };
  const auto time_of_block = [&](const store::Run& r) {
    std::vector<WallTime> times;
    must(journal->blocks(r.id, [&](std::string_view, WallTime when) { times.push_back(when); }));
    return times.empty() ? WallTime{} : times.back();
  };
  for (const WallTime last : {at(4), at(7)}) {
    const Campaign c = create(account());
    const store::Run r = run(c, 10);
    StopEvidence e = evidence_of(c, last);
    e.run = r.id;
    must(control->pause(PauseWrite{.campaign = c.id,
                                   .epoch = must(control->campaign({}, c.id)).epoch,
                                   .run = r.id,
                                   .block = e.block,
                                   .span = e.receipt.span,
                                   .at = at(5)}));
    EXPECT_EQ(time_of_block(r), std::max(last, at(5)));
    must(control->stop(stop_write(of(c), {e})));
    EXPECT_EQ(time_of_block(r), std::max(last, at(5)));
  }
}

// S09: every state has an answer to a stop; a final one keeps what it is.
TEST_P(StoreConformance, S09_stop_of_a_final_campaign_keeps_its_state) {
  const Campaign c = plan(create(account()));
  must(control->move({c.id, State::planning, State::completed, c.epoch, at(3), "nobody matched"}));
  const Campaign done = must(control->campaign({}, c.id));
  const StopRecord stop = must(control->stop(stop_write(of(c), {evidence(done, 0, 0)})));
  const Campaign after = must(control->campaign({}, c.id));
  EXPECT_EQ(after.state, State::completed);
  EXPECT_EQ(after.epoch, c.epoch);
  EXPECT_EQ(after.finished, at(3));
  EXPECT_EQ(after.state_reason, "nobody matched");
  EXPECT_EQ(must(control->stop_of(c.id)), stop.id);
}

// S11: a stop is legal in every state that is not final.
TEST_P(StoreConformance, S11_stop_works_while_scheduled_and_planning) {
  const AccountId a = account();
  const Campaign scheduled = create(a, 1), planning = plan(create(a, 2));
  for (const Campaign& c : {scheduled, planning}) {
    must(control->stop(stop_write(of(c), {evidence(c, 0, 0)})));
    EXPECT_EQ(state_of(c.id), State::stopped);
  }
}

TEST_P(StoreConformance, stop_of_gives_the_first_stop) {
  const AccountId a = account();
  const Campaign c = create(a, 1), other = create(a, 2);
  EXPECT_FALSE(must(control->stop_of(c.id)));
  const StopRecord first =
      must(control->stop(stop_write({.kind = Kind::account, .account = a}, {evidence(c), evidence(other)})));
  const Campaign stopped = must(control->campaign({}, c.id));
  must(control->stop(stop_write(of(c), {evidence(stopped)}, true)));
  must(control->stop(stop_write(of(c), {})));
  EXPECT_EQ(must(control->stop_of(c.id)), first.id);
  EXPECT_EQ(must(control->stop_of(other.id)), first.id);
  EXPECT_EQ(must(control->campaign({}, c.id)).epoch, stopped.epoch);
}

TEST_P(StoreConformance, stop_asked_of_a_final_campaign_without_receipt_is_still_found) {
  const Campaign c = create(account());
  must(control->move({c.id, State::scheduled, State::missed, c.epoch, at(3), "too late"}));
  const StopRecord first = must(control->stop(stop_write(of(c), {}, true)));
  EXPECT_EQ(must(control->stop_of(c.id)), first.id);
}

// S05: what appears while a stop is being put together is not overlooked.
TEST_P(StoreConformance, S05_stop_that_misses_a_new_campaign_writes_nothing) {
  const AccountId a = account();
  const Campaign c = create(a, 1, "promo"), late = create(a, 2, "promo");
  const Scope scope{.kind = Kind::label, .account = a, .name = "promo"};
  EXPECT_EQ(code_of(control->stop(stop_write(scope, {evidence(c)}, true))), Code::conflict);
  EXPECT_EQ(state_of(c.id), State::scheduled);
  EXPECT_TRUE(must(control->latches(a)).empty());
  EXPECT_TRUE(must(control->stops(a, std::nullopt, 10)).empty());
  must(control->stop(stop_write(scope, {evidence(c), evidence(late)}, true)));
  EXPECT_EQ(state_of(late.id), State::stopped);
}

// S05: an audience that is frozen while a stop is being put together is in the receipt.
TEST_P(StoreConformance, S05_stop_that_misses_a_new_audience_writes_nothing) {
  const Campaign c = create(account());
  StopEvidence e = evidence(c, 0, 0);
  const store::Run r = run(c, 10);
  EXPECT_EQ(code_of(control->stop(stop_write(of(c), {e}))), Code::conflict);
  EXPECT_EQ(state_of(c.id), State::running);
  e = evidence(c, 10, 0);
  e.run = r.id;
  EXPECT_EQ(must(control->stop(stop_write(of(c), {e}))).total().withheld, 10u);
}

TEST_P(StoreConformance, stop_writes_down_attempts_that_the_runner_does_not_take_back) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  StopEvidence e = evidence(must(control->campaign({}, c.id)), 10, 4);
  e.run = r.id;
  e.receipt.tally.attempts = 6;
  e.receipt.span = {HandOver{at(3), 0}, HandOver{at(4), 3}};
  must(control->stop(stop_write(of(c), {e})));
  must(journal->commit({.progress = {{r.id, {HandOver{at(3), 0}, HandOver{at(3), 1}}, 2}}}));
  const Progress known = must(journal->progress(r.id));
  EXPECT_EQ(known.attempts, 6u);
  EXPECT_EQ(known.span.last, (HandOver{at(4), 3}));
}

TEST_P(StoreConformance, stop_of_a_campaign_outside_its_scope_is_refused) {
  const AccountId a = account(), b = account("B");
  const Campaign mine = create(a, 1), other = create(b, 2);
  EXPECT_EQ(code_of(control->stop(
                stop_write({.kind = Kind::account, .account = a}, {evidence(mine), evidence(other)}))),
            Code::conflict);
  EXPECT_EQ(code_of(control->stop(stop_write({.account = a, .campaign = other.id}, {evidence(other)}))),
            Code::conflict);
  EXPECT_EQ(state_of(mine.id), State::scheduled);
  EXPECT_EQ(state_of(other.id), State::scheduled);
}

TEST_P(StoreConformance, stop_with_evidence_for_a_foreign_run_writes_nothing) {
  const AccountId a = account();
  const Campaign c = create(a, 1), other = create(a, 2);
  StopEvidence e = evidence(c);
  e.run = run(other, 10).id;
  e.block = "block";
  EXPECT_EQ(code_of(control->stop(stop_write(of(c), {e}))), Code::conflict);
  EXPECT_EQ(state_of(c.id), State::scheduled);
  EXPECT_FALSE(must(control->stop_of(c.id)));
}

TEST_P(StoreConformance, scopes_cover_what_they_say) {
  const AccountId a = account(), b = account("B");
  Campaign push = campaign(a, 1, "promo"), hook = campaign(a, 2), foreign = campaign(b, 3, "promo");
  push.provider = must(control->put_provider({{}, a, "fcm"})).id;
  foreign.provider = must(control->put_provider({{}, b, "fcm"})).id;
  hook.definition.channel = Channel::webhook;
  for (const Campaign& c : {push, hook, foreign}) must(control->create(c));
  must(control->move({create(a, 4, "promo").id, State::scheduled, State::missed, Epoch{1}, at(1), ""}));
  const auto covered = [&](const Scope& scope) {
    std::vector<std::int64_t> ids;
    for (const Campaign& c : must(control->in_scope(scope))) ids.push_back(c.id.value);
    return ids;
  };
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(covered({.kind = Kind::campaign, .account = a, .campaign = push.id}), (Ids{1}));
  EXPECT_EQ(covered({.kind = Kind::campaign, .account = b, .campaign = push.id}), (Ids{}));
  EXPECT_EQ(covered({.kind = Kind::campaign, .campaign = push.id}), (Ids{1}));
  EXPECT_EQ(covered({.kind = Kind::label, .account = a, .name = "promo"}), (Ids{1}));
  EXPECT_EQ(covered({.kind = Kind::label, .name = "promo"}), (Ids{1, 3}));
  EXPECT_EQ(covered({.kind = Kind::channel, .account = a, .name = "webhook"}), (Ids{2}));
  EXPECT_EQ(covered({.kind = Kind::channel, .name = "push"}), (Ids{1, 3}));
  EXPECT_EQ(covered({.kind = Kind::provider, .account = a, .name = "fcm"}), (Ids{1}));
  EXPECT_EQ(covered({.kind = Kind::provider, .name = "fcm"}), (Ids{1, 3}));
  EXPECT_EQ(covered({.kind = Kind::provider, .name = ""}), (Ids{}));
  EXPECT_EQ(covered({.kind = Kind::account, .account = b}), (Ids{3}));
  EXPECT_EQ(covered({.kind = Kind::all}), (Ids{1, 2, 3}));
}

TEST_P(StoreConformance, stops_are_listed_newest_first) {
  const AccountId a = account(), b = account("B");
  std::vector<StopId> ids;
  for (int i = 1; i <= 3; ++i) {
    const Campaign c = create(a, i);
    ids.push_back(must(control->stop(stop_write(of(c), {evidence(c)}))).id);
  }
  const auto page = must(control->stops(a, std::nullopt, 2));
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id, ids[2]);
  EXPECT_EQ(page[0].receipts.size(), 1u);
  EXPECT_EQ(must(control->stops(a, page[1].id, 2)).at(0).id, ids[0]);
  EXPECT_TRUE(must(control->stops(b, std::nullopt, 2)).empty());
}

TEST_P(StoreConformance, account_sees_only_its_own_part_of_an_operators_stop) {
  const AccountId a = account(), b = account("B"), c = account("C");
  const Campaign one = create(a, 1), two = create(b, 2);
  const StopRecord all = must(control->stop(stop_write({.kind = Kind::all}, {evidence(one), evidence(two)})));
  EXPECT_EQ(must(control->stop(AccountId{}, all.id)).receipts.size(), 2u);
  const StopRecord seen = must(control->stop(a, all.id));
  ASSERT_EQ(seen.receipts.size(), 1u);
  EXPECT_EQ(seen.receipts[0].campaign, one.id);
  EXPECT_EQ(must(control->stops(b, std::nullopt, 9)).at(0).receipts.at(0).campaign, two.id);
  EXPECT_EQ(code_of(control->stop(c, all.id)), Code::not_found);
  EXPECT_TRUE(must(control->stops(c, std::nullopt, 9)).empty());
}

TEST_P(StoreConformance, settle_replaces_the_numbers_but_never_the_hand_overs) {
  const Campaign c = create(account());
  const StopEvidence e = evidence(c, 10, 4, 2);
  const StopId stop = must(control->stop(stop_write(of(c), {e}))).id;
  EXPECT_EQ(must(control->unsettled()), std::vector<StopId>{stop});
  Receipt r = e.receipt;
  r.settled = true;
  r.tally.in_flight = 0;
  EXPECT_EQ(code_of(control->settle(stop, r)), Code::conflict) << "does not balance";
  r.tally.accepted += 2;
  r.tally.handed_over += 1;
  EXPECT_EQ(code_of(control->settle(stop, r)), Code::conflict) << "more hand-overs than were answered";
  r.tally.handed_over -= 1;
  must(control->settle(stop, r));
  EXPECT_TRUE(must(control->unsettled()).empty());
  EXPECT_EQ(must(control->stop(AccountId{}, stop)).receipts[0].tally, r.tally);
  must(control->settle(stop, r));  // saying it twice is harmless
  r.tally.accepted -= 1, r.tally.in_doubt += 1;
  EXPECT_EQ(code_of(control->settle(stop, r)), Code::conflict) << "settled is final";
  r.campaign = CampaignId{77};
  EXPECT_EQ(code_of(control->settle(stop, r)), Code::not_found);
}

// S16: the last outcome was written while the loops were answering.
TEST_P(StoreConformance, the_receipt_of_a_campaign_that_ended_meanwhile_says_so) {
  const Campaign c = create(account());
  run(c, 10);
  must(control->move({c.id, State::running, State::completed, c.epoch, at(5), ""}));
  StopEvidence e = evidence(c, 10, 10);
  e.run = must(journal->run_of(c.id))->id;
  e.receipt.found_in = State::running;  // as it was when the loops were asked
  const StopRecord record = must(control->stop(stop_write(of(c), {e})));
  EXPECT_EQ(record.receipts.at(0).found_in, State::completed);
  EXPECT_EQ(must(control->stop({}, record.id)).receipts.at(0).found_in, State::completed);
  EXPECT_EQ(state_of(c.id), State::completed);
}

TEST_P(StoreConformance, latency_is_recorded_afterwards) {
  const Campaign c = create(account());
  const StopId stop = must(control->stop(stop_write(of(c), {evidence(c)}))).id;
  must(control->record_latency(stop, Micros{1234}));
  EXPECT_EQ(must(control->stop(AccountId{}, stop)).latency, Micros{1234});
  EXPECT_EQ(code_of(control->record_latency(StopId{99}, Micros{1})), Code::not_found);
}

// S53, S56: nothing starts under a latch, and its release starts nothing.
TEST_P(StoreConformance, S53_latch_refuses_creation_and_start_until_released) {
  const AccountId a = account(), b = account("B");
  const Campaign unlabelled = create(a, 1);
  const Scope scope{.kind = Kind::label, .account = a, .name = "promo"};
  const StopRecord stop = must(control->stop(stop_write(scope, {}, true)));
  ASSERT_TRUE(stop.latch);
  EXPECT_EQ(must(control->stop(AccountId{}, stop.id)).latch, stop.latch);
  const auto refused = control->create(campaign(a, 2, "promo"));
  ASSERT_EQ(code_of(refused), Code::latched);
  EXPECT_NE(refused.error().text.find(fmt::format("latch-{}", stop.latch)), std::string::npos)
      << refused.error().text;
  EXPECT_NE(refused.error().text.find("label \"promo\""), std::string::npos) << refused.error().text;
  plan(unlabelled);
  create(b, 3, "promo");
  must(control->release(a, stop.latch, at(0)));
  EXPECT_TRUE(must(control->due(at(1000), 10)).size() == 1) << "only what was there before is due";
  create(a, 4, "promo");
}

TEST_P(StoreConformance, latch_refuses_the_start_of_what_was_scheduled_before) {
  const AccountId a = account(), b = account("B");
  const StopRecord stop =
      must(control->stop(stop_write({.kind = Kind::provider, .account = a, .name = "fcm"}, {}, true)));
  Campaign c = campaign(a, 1);
  c = must(control->create(c));  // without a provider: not covered
  const Campaign other = create(b, 2);
  const StopRecord all =
      must(control->stop(stop_write({.kind = Kind::account, .account = a}, {evidence(c)}, true)));
  EXPECT_EQ(code_of(control->create(campaign(a, 3))), Code::latched);
  plan(other);
  must(control->release({}, all.latch, at(0)));
  const Campaign later = create(a, 3);
  // A latch that comes between must hold even though its stop did not name the campaign: it was
  // asked of one campaign by its id before that existed.
  const StopRecord ahead =
      must(control->stop(stop_write({.account = a, .campaign = CampaignId{50}}, {}, true)));
  EXPECT_EQ(code_of(control->create(campaign(a, 50))), Code::latched);
  must(control->release(a, ahead.latch, at(0)));
  must(control->release(a, stop.latch, at(0)));
  plan(later);
}

TEST_P(StoreConformance, latches_belong_to_their_account) {
  const AccountId a = account(), b = account("B");
  const Campaign c = create(a, 1);
  const LatchId mine =
      must(control->stop(stop_write({.kind = Kind::label, .account = a, .name = "x"}, {}, true))).latch;
  const LatchId by_id = must(control->stop(stop_write({.campaign = c.id}, {evidence(c)}, true))).latch;
  const LatchId all = must(control->stop(stop_write({.kind = Kind::all}, {}, true))).latch;
  const auto seen = [&](AccountId who) {
    std::vector<LatchId> ids;
    for (const Latch& l : must(control->latches(who))) ids.push_back(l.id);
    return ids;
  };
  EXPECT_EQ(seen({}), (std::vector{mine, by_id, all}));
  EXPECT_EQ(seen(a), (std::vector{mine, by_id, all}));
  EXPECT_EQ(seen(b), (std::vector{all}));
  EXPECT_EQ(must(control->latches(a))[0].reason, "wrong text");
  EXPECT_EQ(code_of(control->release(b, mine, at(0))), Code::not_found);
  EXPECT_EQ(code_of(control->release(a, all, at(0))), Code::not_found) << "the operator's";
  must(control->release({}, all, at(0)));
  EXPECT_EQ(code_of(control->release({}, all, at(0))), Code::not_found);
}

}  // namespace belay::store
