#include "store/conformance_test.h"

namespace belay::store {

namespace {

PauseWrite pause_of(const Campaign& c, RunId run = {}, std::string block = "") {
  return {.campaign = c.id,
          .epoch = c.epoch,
          .run = run,
          .block = std::move(block),
          .actor = "cli:root",
          .reason = "wait",
          .at = at(5)};
}

ResumeWrite resume_of(const Campaign& c, RunId run = {}, PastDue past_due = PastDue::grace) {
  return {.campaign = c.id,
          .epoch = c.epoch,
          .run = run,
          .block = "",
          .past_due = past_due,
          .actor = "cli:root",
          .at = at(6)};
}

}  // namespace

TEST_P(StoreConformance, S18_pause_fences_admissions_and_resume_permits_them_again) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  const Campaign running = must(control->campaign({}, c.id));
  const std::string block = pack({{0, Entry::on_wire, Reason::none, 1, true}});
  const Campaign paused = must(control->pause(pause_of(running, r.id, block)));
  EXPECT_EQ(paused.state, State::paused);
  EXPECT_EQ(paused.epoch.value, running.epoch.value + 1);
  EXPECT_EQ(paused.state_reason, "paused by cli:root: wait");
  open();
  GroupCommit group;
  group.admissions = {{r.id, c.id, running.epoch, SliceNo{0}, 0, 5},
                      {r.id, c.id, paused.epoch, SliceNo{0}, 0, 5}};
  const GroupResult refused = must(journal->commit(group));
  EXPECT_EQ(refused.admitted, (std::vector<bool>{false, false}));
  std::vector<std::string> blocks;
  must(journal->blocks(r.id, [&](std::string_view b, WallTime) { blocks.emplace_back(b); }));
  EXPECT_EQ(blocks, std::vector<std::string>{block});

  const Campaign again = must(control->pause(pause_of(paused, r.id)));
  EXPECT_EQ(again.epoch, paused.epoch) << "pausing it twice changes nothing";
  const Campaign resumed = must(control->resume(resume_of(paused, r.id)));
  EXPECT_EQ(resumed.state, State::running);
  EXPECT_EQ(resumed.state_reason, "");
  EXPECT_EQ(code_of(control->resume(resume_of(paused, r.id))), Code::fenced);
  group.admissions = {{r.id, c.id, running.epoch, SliceNo{0}, 0, 5},
                      {r.id, c.id, resumed.epoch, SliceNo{0}, 0, 5}};
  EXPECT_EQ(must(journal->commit(group)).admitted, (std::vector<bool>{false, true}));
}

TEST_P(StoreConformance, pause_of_what_has_moved_on_writes_nothing) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  const Campaign running = must(control->campaign({}, c.id));
  EXPECT_EQ(code_of(control->pause(pause_of(running))), Code::fenced) << "planned meanwhile";
  Campaign old = running;
  --old.epoch.value;
  EXPECT_EQ(code_of(control->pause(pause_of(old, r.id))), Code::fenced);
  EXPECT_EQ(state_of(c.id), State::running);
  StopEvidence e = evidence(running, 10, 4);
  e.run = r.id;
  must(control->stop(stop_write(of(c), {e})));
  EXPECT_EQ(code_of(control->pause(pause_of(must(control->campaign({}, c.id)), r.id))), Code::conflict);
}

TEST_P(StoreConformance, paused_is_reached_and_left_by_pause_resume_and_stop_only) {
  const Campaign c = create(account());
  EXPECT_EQ(code_of(control->move({c.id, State::scheduled, State::paused, c.epoch, at(3), ""})),
            Code::conflict);
  const Campaign paused = must(control->pause(pause_of(c)));
  EXPECT_EQ(code_of(control->move({c.id, State::paused, State::running, paused.epoch, at(3), ""})),
            Code::conflict);
  EXPECT_TRUE(must(control->due(at(1'000'000), 10)).empty()) << "it is not due";
  EXPECT_EQ(must(control->in_scope({.kind = Scope::Kind::all})).size(), 1u) << "a stop finds it";
  must(control->stop(stop_write(of(c), {evidence(paused, 0, 0)})));
  EXPECT_EQ(state_of(c.id), State::stopped);
}

// What was paused before it began: its time decides, or what is asked for.
TEST_P(StoreConformance, S53_resume_of_the_unplanned_follows_the_past_due_rule) {
  const AccountId a = account();
  struct {
    std::int64_t due;
    PastDue rule;
    State expected;
  } const table[] = {{100, PastDue::miss, State::scheduled}, {5, PastDue::grace, State::scheduled},
                     {5, PastDue::miss, State::missed},      {5, PastDue::send, State::scheduled},
                     {-9000, PastDue::grace, State::missed}, {-9000, PastDue::send, State::scheduled}};
  for (std::int64_t id = 1; const auto& row : table) {
    Campaign c = campaign(a, ++id);
    c.due = at(row.due);
    c = must(control->create(c));
    const Campaign paused = must(control->pause(pause_of(c)));
    const Campaign resumed = must(control->resume(resume_of(paused, {}, row.rule)));
    EXPECT_EQ(resumed.state, row.expected) << row.due;
    EXPECT_EQ(resumed.finished.has_value(), row.expected == State::missed);
    if (row.rule == PastDue::send) EXPECT_EQ(resumed.due, at(6));
  }
}

TEST_P(StoreConformance, resume_is_refused_when_the_messages_would_be_dead) {
  const AccountId a = account();
  Campaign c = campaign(a, 1, "spring");
  c.definition.ttl.until = at(6);
  c = must(control->create(c));
  const Campaign other = create(a, 2, "spring");
  const Campaign dead = must(control->pause(pause_of(c))), held = must(control->pause(pause_of(other)));
  EXPECT_EQ(code_of(control->resume(resume_of(dead))), Code::conflict);
  EXPECT_EQ(must(control->resume(resume_of(held))).state, State::scheduled);
}

// Releasing a latch sends nothing by itself. (How a campaign comes under a latch that stopped everything of
// its scope: its provider gets the name that the latch is about.)
TEST_P(StoreConformance, S53_what_came_due_under_a_latch_is_held_when_it_is_released) {
  const AccountId a = account();
  store::Provider p{.account = a, .nick_name = "first", .kind = "fcm"};
  const ProviderId next{must(control->put_provider(p)).id.value + 1};
  Campaign c = campaign(a, 10);
  c.provider = next;
  const Campaign due = must(control->create(c));
  c.id = CampaignId{30};
  c.due = at(30);
  const Campaign later = must(control->create(c));
  const Campaign elsewhere = create(a, 11);
  const StopRecord stop = must(
      control->stop(stop_write({.kind = Scope::Kind::provider, .account = a, .name = "second"}, {}, true)));
  p.nick_name = "second";
  ASSERT_EQ(must(control->put_provider(p)).id, next);
  EXPECT_EQ(code_of(control->move({due.id, State::scheduled, State::planning, due.epoch, at(12), ""})),
            Code::latched);
  const Campaign held = must(control->pause(pause_of(later)));
  EXPECT_EQ(code_of(control->resume(resume_of(held))), Code::latched);
  must(control->release(a, stop.latch, at(15)));
  EXPECT_EQ(state_of(due.id), State::paused);
  EXPECT_EQ(state_of(elsewhere.id), State::scheduled) << "not of its scope";
  EXPECT_TRUE(must(control->due(at(16), 10)).size() == 1) << "only what the latch did not cover";
  EXPECT_EQ(must(control->resume(resume_of(held))).state, State::scheduled);
  EXPECT_EQ(must(control->resume(resume_of(must(control->campaign({}, due.id)), {}, PastDue::send))).state,
            State::scheduled);
}

// S20 S52: the rest of a campaign is sent to once.
TEST_P(StoreConformance, S52_the_same_rest_can_be_continued_once) {
  const AccountId a = account();
  const Campaign parent = create(a, 1);
  Campaign child = campaign(a, 2);
  child.definition.derived = Derivation{Derivation::How::continues, parent.id, {Standing::withheld}};
  EXPECT_EQ(code_of(control->create(child)), Code::conflict) << "not over";
  const store::Run r = run(parent, 10);
  StopEvidence e = evidence(must(control->campaign({}, parent.id)), 10, 4, 1);
  e.run = r.id;
  const StopRecord stop = must(control->stop(stop_write(of(parent), {e})));
  EXPECT_EQ(code_of(control->create(child)), Code::conflict) << "not settled";
  Receipt settled = e.receipt;
  settled.settled = true;
  settled.tally.in_flight = 0;
  settled.tally.accepted += 1;
  must(control->settle(stop.id, settled));
  const Campaign first = must(control->create(child));
  EXPECT_EQ(code_of(control->create(child)), Code::conflict) << "twice";
  const auto kept = must(control->campaign({}, first.id)).definition.derived;
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->parent, parent.id);
  EXPECT_EQ(kept->standings, std::vector<Standing>{Standing::withheld});
  child.definition.derived->standings = {Standing::failed};
  must(control->create(child));
  child.definition.derived->standings = {Standing::in_doubt, Standing::failed};
  EXPECT_EQ(code_of(control->create(child)), Code::conflict) << "partly";
  child.definition.derived->standings = {Standing::in_doubt};
  must(control->create(child), "what a refused one asked for is free");
  child.definition.derived->how = Derivation::How::corrects;
  must(control->create(child));
  must(control->create(child), "a correction can be corrected");
  child.account = account("TEST-765-4321");
  EXPECT_EQ(code_of(control->create(child)), Code::not_found) << "another's";
}

}  // namespace belay::store
