#include "store/sqlite/event_layers.h"

#include <gtest/gtest.h>

#include <map>

#include "base/manual.h"
#include "store/conformance_test.h"
#include "store/sqlite/id_blocks.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store::sqlite {
namespace {

class EventLayersTest : public testing::Test {
 protected:
  EventLayersTest() {
    db = must(Db::open(folder.path() + "/profiles.db", {.create = true}));
    must(prepare_file(*db, profile_schema()));
  }
  // So many blocks of events, of persons in random order, and some of the next.
  void add(AccountId account, int blocks) {
    must(in_transaction(*db, [&]() -> Result<void> {
      const std::int64_t until = first + blocks * ids_per_block + 7;
      for (std::int64_t id = first; id < until; ++id) {
        const event_layers::Entry entry{static_cast<std::int64_t>(random.next() % 900) + 1, 1, id * 3, id};
        TRY(event_layers::add(*db, account, entry));
        events[entry.profile].push_back(id);
      }
      first += (blocks + 1) * ids_per_block;
      return {};
    }));
  }
  std::map<std::int64_t, std::vector<std::int64_t>> found(AccountId account) {
    std::map<std::int64_t, std::vector<std::int64_t>> all;
    Query q = db->query("SELECT o.profile, o.event FROM event_layer l JOIN event_of_person o ON o.layer = l.id"
                        " WHERE l.account = ? ORDER BY o.event", account);
    while (must(q.next())) all[q.i64(0)].push_back(q.i64(1));
    return all;
  }
  void merge_some() {
    must(in_transaction(*db, [&] { return event_layers::merge_some(*db); }));
  }
  std::int64_t layers() { return must(db->number("SELECT count(*) FROM event_layer")); }

  TempFolder folder;
  std::unique_ptr<Db> db;
  SeededRandom random{7};
  const AccountId a{1}, b{2};
  std::int64_t first = 1;
  std::map<std::int64_t, std::vector<std::int64_t>> events;
};

TEST_F(EventLayersTest, full_layers_become_one_and_every_event_is_in_one_of_them_at_each_step) {
  add(a, event_layers::fan_in);
  ASSERT_EQ(layers(), event_layers::fan_in + 1);
  int steps = 0;
  for (; must(event_layers::merge_is_due(*db)); ++steps) {
    merge_some();
    if (steps % 8 == 0) {
      ASSERT_EQ(found(a), events) << steps;
    }
  }
  EXPECT_GT(steps, event_layers::fan_in);  // a step is a small part of it
  EXPECT_EQ(layers(), 2);
  EXPECT_EQ(found(a), events);
  EXPECT_EQ(must(db->number("SELECT count(*) FROM event_of_person WHERE layer = -1")),
            event_layers::fan_in * ids_per_block);
  merge_some();  // nothing is due
  EXPECT_EQ(layers(), 2);
}

TEST_F(EventLayersTest, the_newest_layer_and_those_of_others_are_left_alone) {
  add(a, event_layers::fan_in - 1);
  add(b, 2);
  EXPECT_FALSE(must(event_layers::merge_is_due(*db)));
  merge_some();
  EXPECT_EQ(layers(), event_layers::fan_in + 3);
}

TEST_F(EventLayersTest, who_goes_in_the_middle_of_a_merge_leaves_nothing) {
  add(a, event_layers::fan_in);
  for (int i = 0; i < 20; ++i) merge_some();  // up to about a third of them
  for (const std::int64_t profile : {1, 300, 301, 899}) {
    must(event_layers::remove(*db, a, profile));
    events.erase(profile);
  }
  EXPECT_EQ(found(a), events);
  while (must(event_layers::merge_is_due(*db))) merge_some();
  EXPECT_EQ(found(a), events);
}

TEST_F(EventLayersTest, one_person_with_all_the_events_is_merged_in_small_steps_too) {
  must(in_transaction(*db, [&]() -> Result<void> {
    for (std::int64_t id = 1; id <= event_layers::fan_in * ids_per_block + 1; ++id)
      TRY(event_layers::add(*db, a, {5, 1 + id % 2, 1000 - id % 700, id}));
    return {};
  }));
  std::int64_t before = 0;
  while (must(event_layers::merge_is_due(*db))) {
    merge_some();
    const std::int64_t moved = must(db->number("SELECT count(*) FROM event_of_person WHERE layer = -1"));
    ASSERT_LE(moved - before, ids_per_block);
    before = moved;
  }
  EXPECT_EQ(before, event_layers::fan_in * ids_per_block);
}

TEST_F(EventLayersTest, an_account_that_ends_takes_its_layers_with_it) {
  add(a, event_layers::fan_in);
  events.clear();
  add(b, 1);
  for (int i = 0; i < 5; ++i) merge_some();
  for (int i = 1; must(event_layers::purge(*db, a)); ++i)
    if (i % 16 == 0) merge_some();  // the housekeeper goes on with the merge meanwhile
  EXPECT_TRUE(found(a).empty());
  EXPECT_EQ(found(b), events);
  EXPECT_FALSE(must(event_layers::merge_is_due(*db)));
  EXPECT_EQ(must(db->number("SELECT count(*) FROM event_of_person")), ids_per_block + 7);
}

// What a store had before there were layers: one index over all events.
TEST_F(EventLayersTest, events_of_an_older_store_are_found_and_its_block_of_ids_goes_on) {
  db = must(Db::open(folder.path() + "/old.db", {.create = true}));
  Schema old = profile_schema();
  old.migrations.resize(5);
  must(prepare_file(*db, old));
  must(db->script("INSERT INTO id_block VALUES (1, 1, 1, 3), (1, 4097, 2, 1), (1, 8193, 0, 1),"
                  " (2, 1, 1, 4096), (2, 4097, 2, 1), (2, 8193, 1, 2), (2, 12289, 0, 1)"));
  must(db->script("INSERT INTO event VALUES (5, 1, 3, 1, 50, '{}'), (6, 1, 2, 1, 60, '{}'),"
                  " (4097, 2, 4097, 1, 7, '{}'), (8193, 1, 3, 1, 40, '{}'), (8194, 1, 3, 2, 9, '{}'),"
                  " (12289, 9, 8193, 1, 1, '{}')"));
  must(prepare_file(*db, profile_schema()));
  EXPECT_EQ(must(db->number("PRAGMA user_version")), 6);
  events = {{2, {6}}, {3, {5, 8193, 8194}}};
  EXPECT_EQ(found(a), events);
  EXPECT_EQ(found(b), (decltype(events){{4097, {4097}}}));

  must(event_layers::add(*db, a, {3, 1, 90, 8195}));  // in the middle of a block
  events[3].push_back(8195);
  first = 16385;
  add(a, event_layers::fan_in + 1);
  while (must(event_layers::merge_is_due(*db))) merge_some();
  EXPECT_EQ(found(a), events);
  EXPECT_EQ(found(b), (decltype(events){{4097, {4097}}}));
}

}  // namespace
}  // namespace belay::store::sqlite
