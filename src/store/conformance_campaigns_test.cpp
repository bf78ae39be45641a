#include "store/conformance_test.h"

namespace belay::store {

TEST_P(StoreConformance, campaign_comes_back_as_it_was_created) {
  const AccountId a = account();
  Campaign c = campaign(a, 1'457'432'766, "onboarding");
  c.provider = must(control->put_provider({{}, a, "fcm"})).id;
  c.definition.push.body = "Body with \"quotes\" and \xC3\xA4";
  c.definition.push.android = {{"wzrk_cid", "general"}, {"a", "b"}};
  c.definition.devices = {Platform::ios, Platform::web};
  c.definition.ttl.lasting = Seconds{60};
  c.past_due_grace = Seconds{120};
  const Campaign made = must(control->create(c));
  EXPECT_EQ(made.id, CampaignId{1'457'432'766});
  open();
  const Campaign stored = must(control->campaign(a, made.id));
  EXPECT_EQ(to_json_text(stored.definition), to_json_text(c.definition));
  EXPECT_EQ(stored.provider, c.provider);
  EXPECT_EQ(stored.due, c.due);
  EXPECT_EQ(stored.created, c.created);
  EXPECT_EQ(stored.past_due_grace, Seconds{120});
  EXPECT_EQ(stored.state, State::scheduled);
  EXPECT_EQ(stored.epoch, Epoch{1});
  EXPECT_FALSE(stored.started || stored.finished);
}

TEST_P(StoreConformance, campaign_id_is_the_first_free_one_over_all_accounts) {
  const AccountId a = account(), b = account("B");
  EXPECT_EQ(create(a, 100).id, CampaignId{100});
  EXPECT_EQ(create(b, 100).id, CampaignId{101});
  EXPECT_EQ(create(a, 102).id, CampaignId{102});
  EXPECT_EQ(create(a, 100).id, CampaignId{103});
  EXPECT_EQ(create(a, 99).id, CampaignId{99});
}

TEST_P(StoreConformance, campaign_of_another_account_is_not_found) {
  const AccountId a = account(), b = account("B");
  const Campaign c = create(a);
  EXPECT_EQ(code_of(control->campaign(b, c.id)), Code::not_found);
  EXPECT_EQ(code_of(control->campaign(a, CampaignId{1})), Code::not_found);
  EXPECT_EQ(must(control->campaign({}, c.id)).id, c.id);
}

TEST_P(StoreConformance, campaigns_are_listed_newest_first_and_paged) {
  const AccountId a = account(), b = account("B");
  for (int i = 1; i <= 5; ++i) create(a, i, i % 2 ? "odd" : "even");
  create(b, 6);
  const auto ids = [&](CampaignFilter f) {
    std::vector<std::int64_t> all;
    for (const Campaign& c : must(control->campaigns(f))) all.push_back(c.id.value);
    return all;
  };
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(ids({.account = a}), (Ids{5, 4, 3, 2, 1}));
  EXPECT_EQ(ids({}), (Ids{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(ids({.account = a, .limit = 2}), (Ids{5, 4}));
  EXPECT_EQ(ids({.account = a, .before = CampaignId{4}, .limit = 2}), (Ids{3, 2}));
  EXPECT_EQ(ids({.account = a, .label = "odd"}), (Ids{5, 3, 1}));
  EXPECT_EQ(ids({.account = a, .due_from = at(2), .due_until = at(4)}), (Ids{4, 3, 2}));
  plan(must(control->campaign(a, CampaignId{3})));
  EXPECT_EQ(ids({.account = a, .state = State::planning}), (Ids{3}));
  EXPECT_EQ(ids({.account = b, .state = State::planning}), (Ids{}));
}

// S57: what is due comes when it is due, the oldest first.
TEST_P(StoreConformance, S57_due_campaigns_come_oldest_first) {
  const AccountId a = account();
  EXPECT_FALSE(must(control->next_due()));
  for (const int id : {30, 10, 20, 40}) create(a, id);
  const auto due = must(control->due(at(30), 2));
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].id, CampaignId{10});
  EXPECT_EQ(due[1].id, CampaignId{20});
  EXPECT_EQ(must(control->next_due()), at(10));
  for (const int id : {10, 20, 30}) plan(must(control->campaign(a, CampaignId{id})));
  EXPECT_TRUE(must(control->due(at(39), 10)).empty());
  EXPECT_EQ(must(control->next_due()), at(40));
}

TEST_P(StoreConformance, move_keeps_its_times_and_reason) {
  const Campaign c = create(account());
  must(control->move({c.id, State::scheduled, State::planning, c.epoch, at(7), ""}));
  EXPECT_EQ(must(control->campaign({}, c.id)).started, at(7));
  must(control->move({c.id, State::planning, State::completed, c.epoch, at(9), "nobody matched"}));
  const Campaign done = must(control->campaign({}, c.id));
  EXPECT_EQ(done.state, State::completed);
  EXPECT_EQ(done.started, at(7));
  EXPECT_EQ(done.finished, at(9));
  EXPECT_EQ(done.state_reason, "nobody matched");
}

// S16: a final state is final against whoever still believes in an earlier one.
TEST_P(StoreConformance, S16_move_from_another_state_or_epoch_is_fenced) {
  const Campaign c = create(account());
  EXPECT_EQ(code_of(control->move({c.id, State::planning, State::running, c.epoch, at(1), ""})),
            Code::fenced);
  EXPECT_EQ(code_of(control->move({c.id, State::scheduled, State::planning, Epoch{2}, at(1), ""})),
            Code::fenced);
  must(control->move({c.id, State::scheduled, State::missed, c.epoch, at(1), "too late"}));
  EXPECT_EQ(code_of(control->move({c.id, State::scheduled, State::planning, c.epoch, at(1), ""})),
            Code::fenced);
}

// S09: every move that is not in the table is refused.
TEST_P(StoreConformance, S09_move_that_the_table_does_not_know_is_refused) {
  const Campaign c = create(account());
  for (const StateRow& from : state_table)
    for (const StateRow& to : state_table) {
      const bool known = std::any_of(move_table.begin(), move_table.end(), [&](const MoveRow& row) {
        return row.from == from.state && row.to == to.state && row.move != Move::stop;
      });
      if (known) continue;
      EXPECT_EQ(code_of(control->move({c.id, from.state, to.state, c.epoch, at(1), ""})), Code::conflict)
          << from.name << " -> " << to.name;
    }
  EXPECT_EQ(state_of(c.id), State::scheduled);
}

}  // namespace belay::store
