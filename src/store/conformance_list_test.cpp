// Pages of campaigns: filters, orders, places, counts; the numbers that lists keep.
#include <ranges>
#include <set>

#include "store/conformance_test.h"

namespace belay::store {
namespace {

using Ids = std::vector<std::int64_t>;

Ids ids_of(const CampaignPage& page) {
  Ids out;
  for (const ListedCampaign& row : page.rows) out.push_back(row.campaign.id.value);
  return out;
}

std::int64_t key_of(const Campaign& c, CampaignSort sort) {
  return sort == CampaignSort::due     ? to_micros(c.due)
         : sort == CampaignSort::state ? static_cast<std::int64_t>(c.state)
                                       : 0;
}

}  // namespace

TEST_P(StoreConformance, search_filters_by_state_channel_label_and_text) {
  const AccountId a = account(), b = account("B");
  create(a, 101, "spring");
  Campaign hook = campaign(a, 102, "spring");
  hook.definition.channel = Channel::webhook;
  hook.definition.name = "100%_Off";
  must(control->create(hook));
  create(a, 203);
  create(b, 104, "spring");
  plan(must(control->campaign(a, CampaignId{101})));
  const auto found = [&](CampaignSearch s) { return ids_of(must(control->search(s))); };
  EXPECT_EQ(found({.account = a}), (Ids{203, 102, 101}));
  EXPECT_EQ(found({}), (Ids{203, 104, 102, 101}));
  EXPECT_EQ(found({.account = a, .states = {State::planning}}), (Ids{101}));
  EXPECT_EQ(found({.account = a, .states = {State::planning, State::scheduled}}), (Ids{203, 102, 101}));
  EXPECT_EQ(found({.states = {State::planning, State::stopped}}), (Ids{101}));
  EXPECT_EQ(found({.account = a, .channel = Channel::webhook}), (Ids{102}));
  EXPECT_EQ(found({.account = a, .label = "spring"}), (Ids{102, 101}));
  EXPECT_EQ(found({.label = "spring"}), (Ids{104, 102, 101}));
  EXPECT_EQ(found({.account = a, .states = {State::planning}, .label = "spring"}), (Ids{101}));
  EXPECT_EQ(found({.account = a, .text = "oFF"}), (Ids{102}));
  EXPECT_EQ(found({.account = a, .text = "%"}), (Ids{102}));  // not a wildcard
  EXPECT_EQ(found({.account = a, .text = "_o"}), (Ids{102}));
  EXPECT_EQ(found({.account = a, .text = "10"}), (Ids{102, 101}));  // part of the name, or of the id
  EXPECT_EQ(found({.account = a, .text = "nothing like it"}), (Ids{}));
}

TEST_P(StoreConformance, search_pages_through_every_order_without_gap_or_repeat) {
  const AccountId a = account();
  for (int i = 0; i < 23; ++i) {
    Campaign c = campaign(a, 100 + i, i % 3 == 0 ? "third" : "");
    c.definition.name = fmt::format("{}{}", i % 2 ? "a" : "A", i / 4);  // several of the same name
    c.due = at(i / 5);
    const Campaign made = must(control->create(c));
    if (i % 4 == 0) plan(made);
    if (i % 6 == 1) must(control->stop(stop_write(of(made), {evidence(made, 0, 0)})));
  }
  for (const CampaignSort sort :
       {CampaignSort::newest, CampaignSort::name, CampaignSort::due, CampaignSort::state})
    for (const bool descending : {false, true})
      for (const AccountId who : {a, AccountId{}})
        for (const auto& [label, states, count] :
             {std::tuple<std::string, std::vector<State>, std::size_t>{"", {}, 23},
              {"third", {}, 8},
              {"", {State::stopped, State::planning}, 10},
              {"third", {State::scheduled, State::planning}, 8}}) {
          CampaignSearch s{.account = who, .states = states, .label = label};
          s.sort = sort;
          s.descending = descending;
          s.limit = 100;
          s.count_to = 100;
          const CampaignPage all = must(control->search(s));
          const Ids whole = ids_of(all);
          EXPECT_EQ(whole.size(), count);
          EXPECT_EQ(all.count, count);
          EXPECT_EQ(std::set<std::int64_t>(whole.begin(), whole.end()).size(), whole.size());
          s.limit = 4;
          Ids paged;
          for (bool more = true; more;) {
            const CampaignPage page = must(control->search(s));
            for (const std::int64_t id : ids_of(page)) paged.push_back(id);
            more = page.more;
            ASSERT_LE(paged.size(), whole.size());
            const Campaign& last = page.rows.back().campaign;
            s.after = CampaignPlace{last.id, key_of(last, sort)};
          }
          EXPECT_EQ(paged, whole) << static_cast<int>(sort) << descending << label;
        }
}

TEST_P(StoreConformance, search_orders_by_name_due_and_state) {
  const AccountId a = account();
  const auto made = [&](int id, std::string name, int due) {
    Campaign c = campaign(a, id);
    c.definition.name = std::move(name);
    c.due = at(due);
    return must(control->create(c));
  };
  made(1, "beta", 30);
  made(2, "Alpha", 10);
  plan(made(3, "gamma", 20));
  const auto found = [&](CampaignSort sort, bool descending) {
    return ids_of(must(control->search({.account = a, .sort = sort, .descending = descending})));
  };
  EXPECT_EQ(found(CampaignSort::newest, true), (Ids{3, 2, 1}));
  EXPECT_EQ(found(CampaignSort::newest, false), (Ids{1, 2, 3}));
  EXPECT_EQ(found(CampaignSort::name, false), (Ids{2, 1, 3}));
  EXPECT_EQ(found(CampaignSort::due, true), (Ids{1, 3, 2}));
  EXPECT_EQ(found(CampaignSort::state, false), (Ids{2, 1, 3}));
  EXPECT_EQ(found(CampaignSort::state, true), (Ids{3, 2, 1}));
}

TEST_P(StoreConformance, search_counts_up_to_a_bound) {
  const AccountId a = account();
  std::vector<Campaign> made;
  for (int i = 1; i <= 7; ++i) made.push_back(create(a, i, i % 2 ? "odd" : ""));
  EXPECT_EQ(must(control->search({.account = a})).count, 0u);
  EXPECT_EQ(must(control->search({.account = a, .limit = 2, .count_to = 100})).count, 7u);
  EXPECT_EQ(must(control->search({.account = a, .limit = 2, .count_to = 5})).count, 5u);
  EXPECT_EQ(must(control->search({.account = a, .label = "odd", .limit = 2, .count_to = 9})).count, 4u);
  EXPECT_EQ(must(control->search({.states = {State::stopped}, .count_to = 9})).count, 0u);
  for (const Campaign& c : made | std::views::take(3))
    must(control->pause({.campaign = c.id, .epoch = c.epoch, .actor = "test", .at = at(1)}));
  EXPECT_EQ(must(control->search({.states = {State::scheduled, State::paused}, .count_to = 5})).count, 5u);
}

TEST_P(StoreConformance, a_listed_campaign_carries_the_receipt_that_ended_it) {
  const AccountId a = account();
  const Campaign c = create(a);
  run(c, 10);
  const Campaign running = must(control->campaign(a, c.id));
  StopEvidence e = evidence(running, 10, 4);
  e.run = must(journal->run_of(c.id))->id;
  const StopId stop = must(control->stop(stop_write(of(running), {e}))).id;
  const ListedCampaign row = must(control->search({.account = a})).rows.at(0);
  EXPECT_EQ(row.stop, stop);
  ASSERT_TRUE(row.numbers);
  EXPECT_EQ(row.numbers->tally, e.receipt.tally);
}

TEST_P(StoreConformance, numbers_are_kept_for_the_epoch_that_they_are_of) {
  const AccountId a = account();
  const Campaign c = create(a);
  run(c, 10);
  Campaign running = must(control->campaign(a, c.id));
  const auto keep = [&](const Campaign& of) {
    std::pair<Epoch, Receipt> numbers{of.epoch, {}};
    numbers.second.campaign = of.id;
    numbers.second.tally.audience = numbers.second.tally.accepted = 10;
    must(control->keep_numbers(std::span(&numbers, 1)));
  };
  const auto kept = [&] { return must(control->search({.account = a})).rows.at(0).numbers; };
  keep(running);  // somebody still delivers it
  EXPECT_FALSE(kept());
  must(control->move({c.id, State::running, State::completed, running.epoch, at(9), ""}));
  Campaign other = running;
  other.epoch.value += 1;
  keep(other);
  EXPECT_FALSE(kept());
  keep(running);
  ASSERT_TRUE(kept());
  EXPECT_EQ(kept()->tally.accepted, 10u);
}

TEST_P(StoreConformance, facts_are_told_of_own_campaigns_only) {
  const AccountId a = account(), b = account("B");
  create(a, 1);
  create(b, 2);
  plan(must(control->campaign(a, CampaignId{1})));
  const std::vector<CampaignId> asked{CampaignId{2}, CampaignId{1}, CampaignId{3}};
  const auto mine = must(control->facts(a, asked));
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_EQ(mine[0].id, CampaignId{1});
  EXPECT_EQ(mine[0].state, State::planning);
  EXPECT_EQ(must(control->facts({}, asked)).size(), 2u);
}

TEST_P(StoreConformance, a_reason_given_afterwards_is_recorded_and_changes_no_number) {
  const AccountId a = account(), b = account("B");
  const Campaign c = create(a), theirs = create(b);
  const StopRecord stop = must(control->stop(stop_write(of(c), {evidence(c, 0, 0)})));
  control->as("api:ann", at(50));
  const StopRecord after = must(control->give_reason(a, stop.id, "wrong price"));
  EXPECT_EQ(after.reason, "wrong price");
  const StopRecord stored = must(control->stop(a, stop.id));
  EXPECT_EQ(stored.reason, "wrong price");
  EXPECT_EQ(stored.actor, stop.actor);
  ASSERT_EQ(stored.receipts.size(), 1u);
  EXPECT_EQ(stored.receipts[0].tally, stop.receipts[0].tally);
  EXPECT_EQ(must(control->campaign(a, c.id)).state_reason,
            fmt::format("stopped by {}: wrong price", stop.actor));
  const auto rows = must(control->audit({.subject = fmt::format("stop-{}", stop.id), .newest_first = true}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].action, "stop.reason");
  EXPECT_EQ(rows[0].actor, "api:ann");
  EXPECT_EQ(rows[0].before, stop.reason);
  EXPECT_EQ(rows[0].after, "wrong price");
  EXPECT_EQ(code_of(control->give_reason(b, stop.id, "x")), Code::not_found);
  const StopRecord all =
      must(control->stop(stop_write({.kind = Scope::Kind::all}, {evidence(theirs, 0, 0)})));
  EXPECT_EQ(code_of(control->give_reason(b, all.id, "x")), Code::conflict);
  EXPECT_EQ(must(control->give_reason({}, all.id, "x")).reason, "x");
}

TEST_P(StoreConformance, a_course_keeps_a_point_a_slot_and_thins_out) {
  const Campaign c = create(account());
  const store::Run r = run(c, 10);
  GroupCommit group;
  for (std::uint32_t s = 0; s < 8; ++s) {
    group.course.push_back({r.id, {s, 1}, false, {.at = at(s), .attempts = s, .accepted = s}});
  }
  group.course.push_back({r.id, {7, 1}, false, {.at = at(7), .attempts = 70}});
  must(journal->commit(group));
  EXPECT_EQ(must(journal->course(r.id)).size(), 8u);
  EXPECT_EQ(must(journal->course(r.id)).back().attempts, 70u);
  group.course = {{r.id, {8, 4}, true, {.at = at(8), .attempts = 80}}};
  must(journal->commit(group));
  open();
  const auto points = must(journal->course(r.id));
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[1], (CoursePoint{.at = at(4), .attempts = 4, .accepted = 4}));
  EXPECT_EQ(points[2].at, at(8));
}

TEST_P(StoreConformance, drafts_are_an_accounts_own_and_bounded) {
  const AccountId a = account(), b = account("B");
  must(control->put_draft({a, "one", "{}", at(1)}, 2));
  must(control->put_draft({a, "two", "{}", at(2)}, 2));
  EXPECT_EQ(code_of(control->put_draft({a, "three", "{}", at(3)}, 2)), Code::conflict);
  must(control->put_draft({a, "one", R"({"name":"n"})", at(4)}, 2));
  must(control->put_draft({b, "three", "{}", at(3)}, 2));
  const auto drafts = must(control->drafts(a));
  ASSERT_EQ(drafts.size(), 2u);
  EXPECT_EQ(drafts[0].id, "one");
  EXPECT_EQ(drafts[0].body, R"({"name":"n"})");
  EXPECT_EQ(drafts[0].changed, at(4));
  EXPECT_EQ(code_of(control->draft(b, "one")), Code::not_found);
  EXPECT_EQ(code_of(control->remove_draft(b, "one")), Code::not_found);
  must(control->remove_draft(a, "one"));
  EXPECT_EQ(code_of(control->draft(a, "one")), Code::not_found);
  EXPECT_EQ(must(control->draft(a, "two")).body, "{}");
}

}  // namespace belay::store
