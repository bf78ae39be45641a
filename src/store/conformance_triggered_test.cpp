#include "campaign/triggered.h"
#include "store/conformance_test.h"

namespace belay::store {
namespace {

Campaign waiting(Campaign c) {
  c.due = never_due;
  return c;
}

Campaign run_of(const Campaign& trigger, std::int64_t id) {
  Campaign run = trigger;
  run.id = CampaignId{id};
  run.series = trigger.id;
  run.due = at(1);
  return run;
}

}  // namespace

TEST_P(StoreConformance, each_trigger_makes_a_run_of_its_own) {
  const AccountId a = account();
  const Campaign trigger = must(control->create(waiting(campaign(a, 100))));
  EXPECT_TRUE(is_triggered(trigger));
  EXPECT_TRUE(must(control->due(at(1'000'000), 10)).empty()) << "no clock starts it";
  for (const std::int64_t number : {1, 2, 3}) {
    const Campaign run = must(control->create(run_of(trigger, 200)));
    EXPECT_EQ(run.series, trigger.id);
    EXPECT_EQ(run.occurrence, number);
    EXPECT_FALSE(is_triggered(run));
  }
  EXPECT_EQ(must(control->due(at(1'000'000), 10)).size(), 3u);
  EXPECT_EQ(must(control->unfinished_runs(trigger.id)).size(), 3u);
}

TEST_P(StoreConformance, a_stop_of_a_triggered_campaign_covers_its_runs_and_refuses_new_ones) {
  const AccountId a = account();
  const Campaign trigger = must(control->create(waiting(campaign(a, 100))));
  const Campaign run = must(control->create(run_of(trigger, 200)));
  EXPECT_EQ(code_of(control->stop(stop_write(of(trigger), {evidence(trigger, 0, 0)}))), Code::conflict)
      << "a run that the stop does not name";
  must(control->stop(stop_write(of(trigger), {evidence(trigger, 0, 0), evidence(run, 0, 0)})));
  EXPECT_EQ(state_of(run.id), State::stopped);
  EXPECT_EQ(code_of(control->create(run_of(trigger, 200))), Code::conflict);
}

TEST_P(StoreConformance, only_what_waits_for_a_trigger_of_the_account_can_be_triggered) {
  const AccountId a = account();
  const Campaign ordinary = create(a, 100);
  EXPECT_EQ(code_of(control->create(run_of(ordinary, 200))), Code::conflict);
  Campaign other = run_of(must(control->create(waiting(campaign(a, 300)))), 400);
  other.account = account("OTHER-1");
  EXPECT_EQ(code_of(control->create(other)), Code::not_found);
}

}  // namespace belay::store
