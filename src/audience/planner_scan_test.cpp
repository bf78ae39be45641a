// The scan against the real store.
#include "audience/planner_scan.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "audience/index/upkeep.h"
#include "store/sqlite/open.h"

namespace belay::audience {
namespace {

using store::IdentityKind;

class PlannerScan : public testing::Test {
 protected:
  PlannerScan() {
    folder_ =
        std::filesystem::path(testing::TempDir()) /
        fmt::format("scan-{}-{}", getpid(), testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store_ = store::open_sqlite(folder_.string()).value();
    account_ = account("TEST-1");
    people_ = store_->profiles().value();
  }
  ~PlannerScan() override {
    people_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  AccountId account(std::string key) {
    auto control = store_->control(store::Lane::ordinary).value();
    return control->put_account({.id = {}, .key = std::move(key), .time_zone = "UTC", .region = "eu1"})->id;
  }

  void apply(const store::UploadRecord& record) { ASSERT_TRUE(people_->apply(account_, {&record, 1})); }

  void person(std::string_view identity, std::string_view object_id, std::string_view plan,
              std::string_view email = "") {
    const std::string plan_json = fmt::format("\"{}\"", plan), email_json = fmt::format("\"{}\"", email);
    const std::pair<std::string_view, std::string_view> set[] = {{"Plan", plan_json}, {"Email", email_json}};
    apply(store::ProfileWrite{{IdentityKind::identity, identity}, object_id, set, WallTime{}});
  }
  void device(std::string_view object_id, Platform platform, std::string_view token) {
    apply(store::AddressWrite{object_id, platform, token, ""});
  }

  // Ann has three devices, Bob one, Cy none that is live; Di two.
  void some_people() {
    person("ann", "ann-1", "Gold", "ann@x.com");
    person("ann", "ann-2", "Gold", "ann@x.com");
    person("ann", "ann-3", "Gold", "ann@x.com");
    person("bob", "bob-1", "Silver", "bob@x.com");
    person("cy", "cy-1", "Gold");
    person("di", "di-1", "Gold");
    person("di", "di-2", "Gold");
    device("ann-1", Platform::android, "A1");
    device("di-1", Platform::android, "D1");
    device("bob-1", Platform::web, "B1");
    device("ann-2", Platform::ios, "A2");
    device("cy-1", Platform::android, "C1");
    device("ann-3", Platform::android, "A3");
    device("di-2", Platform::ios, "D2");
    const std::vector<RecipientId> dead{id_of("C1")};
    ASSERT_TRUE(people_->mark_dead(account_, dead));
  }

  RecipientId id_of(std::string_view token) {
    for (std::int64_t id = 1; id < 100; ++id)
      if (token_of(RecipientId{id}) == token) return RecipientId{id};
    ADD_FAILURE() << "no address " << token;
    return {};
  }
  std::string token_of(RecipientId id) {
    std::string token;
    const auto visit = [&](const store::RecipientRow& row) { token = row.token; };
    EXPECT_TRUE(people_->read(account_, RecipientKind::address, {&id, 1}, visit));
    return token;
  }

  static Query where(std::string_view text) { return Query::parse_stored(text).value(); }
  static Query gold() {
    return where(R"({"common_profile_properties":{"profile_fields":[{"name":"Plan","value":"Gold"}]}})");
  }

  store::AudienceSet run(Query query, ScanSpec spec, Reach* reach = nullptr) {
    spec.account = account_;
    Scan scan(std::move(query), std::move(spec));
    for (int steps = 0; steps < 1000; ++steps) {
      const auto done = scan.step(*people_);
      if (!done) {
        ADD_FAILURE() << done.error().text;
        return {};
      }
      if (!*done) continue;
      if (reach) *reach = scan.reach();
      return scan.take();
    }
    ADD_FAILURE() << "never done";
    return {};
  }
  // The tokens of those found, in order of their ids.
  std::string tokens(Query query, ScanSpec spec, Reach* reach = nullptr) {
    const auto found = run(std::move(query), std::move(spec), reach);
    std::string all;
    for (Ordinal i = 0; i < found.size(); ++i) all += (i ? " " : "") + token_of(found.at(i));
    return all;
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::ProfileSession> people_;
  AccountId account_;
};

TEST_F(PlannerScan, everybody_is_every_live_address_or_each_persons_newest) {
  some_people();
  Reach reach;
  EXPECT_EQ(tokens(where("{}"), {.send_to_all_devices = true}, &reach), "A1 D1 B1 A2 A3 D2");
  EXPECT_EQ(reach.total, 6u);
  EXPECT_EQ(reach.by_platform, (std::array<std::uint32_t, 4>{3, 2, 1, 0}));
  EXPECT_EQ(tokens(where("{}"), {}, &reach), "B1 A3 D2");
  EXPECT_EQ(reach.total, 3u);
  EXPECT_EQ(reach.by_platform, (std::array<std::uint32_t, 4>{1, 1, 1, 0}));
}

TEST_F(PlannerScan, the_newest_is_chosen_among_the_wanted_devices) {
  some_people();
  EXPECT_EQ(tokens(where("{}"), {.devices = {Platform::android}}), "D1 A3");
  EXPECT_EQ(tokens(where("{}"), {.devices = {Platform::ios}}), "A2 D2");
  EXPECT_EQ(tokens(where("{}"), {.devices = {Platform::ios, Platform::web}}), "B1 A2 D2");
  EXPECT_EQ(tokens(where("{}"), {.devices = {Platform::windows}}), "");
}

TEST_F(PlannerScan, a_query_chooses_people) {
  some_people();
  EXPECT_EQ(tokens(gold(), {.send_to_all_devices = true}), "A1 D1 A2 A3 D2");
  EXPECT_EQ(tokens(gold(), {}), "A3 D2");
  const auto people = run(gold(), {.kind = RecipientKind::profile});
  EXPECT_EQ(people.size(), 3u) << "ann, cy and di";
}

TEST_F(PlannerScan, the_size_of_a_step_changes_nothing) {
  some_people();
  for (const std::uint32_t chunk : {1u, 2u, 3u, 5u, 100u}) {
    EXPECT_EQ(tokens(where("{}"), {.chunk = chunk}), "B1 A3 D2") << chunk;
    EXPECT_EQ(tokens(gold(), {.send_to_all_devices = true, .chunk = chunk}), "A1 D1 A2 A3 D2") << chunk;
  }
}

// S15: planning is made of steps, so a stop can come in between.
TEST_F(PlannerScan, S15_a_step_looks_at_no_more_rows_than_it_may) {
  some_people();
  Scan scan(where("{}"), {.account = account_, .send_to_all_devices = true, .chunk = 2});
  EXPECT_FALSE(scan.step(*people_).value());
  EXPECT_EQ(scan.reach().total, 2u);
  EXPECT_FALSE(scan.step(*people_).value());
  EXPECT_EQ(scan.reach().total, 4u);
}

TEST_F(PlannerScan, finds_people_named_one_by_one) {
  some_people();
  const auto named = [&](const IdList& ids, ScanSpec spec = {}) {
    return tokens(where(Query::to_where(ids)), std::move(spec));
  };
  EXPECT_EQ(named({.identity = {"ann", "bob", "nobody"}}), "B1 A3");
  EXPECT_EQ(named({.identity = {"ann"}}, {.send_to_all_devices = true}), "A1 A2 A3");
  EXPECT_EQ(named({.identity = {"ann"}}, {.devices = {Platform::ios}}), "A2");
  EXPECT_EQ(named({.object_id = {"ann-1", "di-1"}}), "A3 D2") << "a device id names its person";
  EXPECT_EQ(named({.identity = {"cy"}}), "") << "no live address";
  EXPECT_EQ(named({.identity = {"nobody"}}), "");
  EXPECT_EQ(named({.email = {"bob@x.com", "ann@x.com", "x@x.com"}}), "B1 A3");
  EXPECT_EQ(named({.identity = {"ann"}, .object_id = {"ann-2"}, .email = {"ann@x.com"}}, {.chunk = 1}), "A3")
      << "once";
  const auto people = run(where(Query::to_where({.identity = {"ann", "cy"}, .email = {"bob@x.com"}})),
                          {.kind = RecipientKind::profile});
  EXPECT_EQ(people.size(), 3u);
}

TEST_F(PlannerScan, keeps_to_its_account) {
  some_people();
  account_ = account("TEST-2");
  device("other", Platform::android, "O1");
  EXPECT_EQ(tokens(where("{}"), {}), "O1");
  EXPECT_EQ(tokens(where(Query::to_where({.identity = {"ann"}, .email = {"ann@x.com"}})), {}), "");
}

TEST_F(PlannerScan, an_account_without_people_has_an_empty_audience) {
  Reach reach;
  EXPECT_EQ(tokens(where("{}"), {}, &reach), "");
  EXPECT_EQ(reach.total, 0u);
}

TEST(ScanSpecOf, a_definition_says_what_to_scan) {
  Definition definition;
  definition.devices = {Platform::ios};
  definition.send_to_all_devices = true;
  const ScanSpec push = scan_spec(AccountId{3}, definition);
  EXPECT_EQ(push.account, AccountId{3});
  EXPECT_EQ(push.kind, RecipientKind::address);
  EXPECT_EQ(push.devices, definition.devices);
  EXPECT_TRUE(push.send_to_all_devices);
  definition.channel = Channel::webhook;
  EXPECT_EQ(scan_spec(AccountId{3}, definition).kind, RecipientKind::profile);
}

TEST_F(PlannerScan, finds_the_same_with_the_index_as_without) {
  some_people();
  while (!index::catch_up(*people_->index(), account_, "UTC").value()) {
  }
  person("eve", "eve-1", "Gold");  // behind the index's back
  device("eve-1", Platform::web, "E1");
  for (const bool all_devices : {false, true})
    for (const auto& devices : {std::vector<Platform>{}, {Platform::android}, {Platform::ios, Platform::web}}) {
      ScanSpec plain{.devices = devices, .send_to_all_devices = all_devices, .with_index = false};
      ScanSpec indexed{.devices = devices, .send_to_all_devices = all_devices, .index_from = 0};
      ScanSpec counting = indexed;
      counting.count_only = true;
      Reach expected, found, counted;
      const auto wanted = run(gold(), plain, &expected).serialize();
      EXPECT_EQ(run(gold(), indexed, &found).serialize(), wanted);
      EXPECT_EQ(found.by_platform, expected.by_platform);
      run(gold(), counting, &counted);
      EXPECT_EQ(counted.total, expected.total);
      EXPECT_EQ(counted.by_platform, expected.by_platform);
    }
}

}  // namespace
}  // namespace belay::audience
