#include "store/sqlite/write_turn.h"

#include <gtest/gtest.h>

#include <thread>

#include "store/conformance_test.h"
#include "store/sqlite/control.h"
#include "store/sqlite/journal.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store::sqlite {
namespace {

void wait_until_queued(const WriteTurn& turn, std::size_t count) {
  while (turn.waiting() < count) std::this_thread::yield();
}

TEST(WriteTurn, passes_on_in_order_and_brakes_first) {
  WriteTurn turn;
  std::string order;  // written to by whoever has the turn
  std::vector<std::jthread> threads;
  {
    const auto held = turn.take(Lane::ordinary);
    std::size_t queued = 0;
    const auto queue = [&](Lane lane, char name) {
      threads.emplace_back([&turn, &order, lane, name] {
        const auto mine = turn.take(lane);
        order += name;
      });
      wait_until_queued(turn, ++queued);
    };
    for (const char name : {'a', 'b', 'c'}) queue(Lane::ordinary, name);
    queue(Lane::brake, 'X');
    queue(Lane::ordinary, 'd');
    queue(Lane::brake, 'Y');
  }
  threads.clear();
  EXPECT_EQ(order, "XYabcd");
  EXPECT_EQ(turn.waiting(), 0u);
}

TEST(WriteTurn, is_held_by_one_at_a_time) {
  WriteTurn turn;
  int counter = 0;  // unguarded but for the turn: a thread sanitizer would object
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) {
          const auto mine = turn.take(t == 0 ? Lane::brake : Lane::ordinary);
          ++counter;
        }
      });
  }
  EXPECT_EQ(counter, 2000);
  EXPECT_EQ(turn.taken(), 2000u);
}

// S16: the stop overtakes every writer that waits, so that what they wanted to admit is fenced.
TEST(WriteTurn, S16_stop_goes_ahead_of_all_waiting_admissions) {
  const TempFolder folder;
  const auto store = must(open_sqlite(folder.path()));
  const std::string path = folder.path() + "/belay.db";
  const auto setup = must(store->control(Lane::ordinary));
  Campaign c;
  c.account = must(setup->put_account({{}, "A", "UTC", "eu1"})).id;
  c.id = CampaignId{1};
  c = must(setup->create(c));
  must(setup->move({c.id, State::scheduled, State::planning, c.epoch, at(1), ""}));
  AudienceSet audience;
  for (int i = 1; i <= 100; ++i) audience.add(RecipientId{i});
  const store::Run run = must(must(store->journal())->freeze(c, RecipientKind::address, audience, 10, at(1)));

  WriteTurn turn;
  Control brake(must(Db::open(path, {})), turn, Lane::brake);
  constexpr int writers = 6;
  std::atomic<int> fenced = 0;
  std::vector<std::jthread> threads;
  {
    const auto held = turn.take(Lane::ordinary);
    for (int i = 0; i < writers; ++i)
      threads.emplace_back([&, i] {
        Journal journal(must(Db::open(path, {})), turn);
        const Ordinal from = static_cast<Ordinal>(i) * 10;
        const auto result =
            must(journal.commit({.admissions = {{run.id, c.id, c.epoch, SliceNo{i}, from, from + 10}}}));
        fenced += result.admitted.at(0) ? 0 : 1;
      });
    wait_until_queued(turn, writers);
    threads.emplace_back([&] {
      StopEvidence evidence{.campaign = c.id, .run = run.id};
      evidence.receipt.campaign = c.id;
      must(brake.stop({.scope = {.campaign = c.id}, .actor = "test", .at = at(2), .campaigns = {evidence}}));
    });
    wait_until_queued(turn, writers + 1);
  }
  threads.clear();
  EXPECT_EQ(fenced, writers);
  const auto after = must(must(store->journal())->run_of(c.id));
  for (const Slice& slice : after.value().slices) EXPECT_EQ(slice.cursor, slice.begin);
}

}  // namespace
}  // namespace belay::store::sqlite
