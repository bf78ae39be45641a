#include "store/conformance_test.h"

namespace belay::store {
namespace {

using Set = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr IdentityRef named(std::string_view value) {
  return {IdentityKind::identity, value};
}
constexpr IdentityRef device(std::string_view value) {
  return {IdentityKind::object_id, value};
}

// Shorter ways to say what the tests say often.
struct People {
  ProfileSession& session;
  AccountId account;

  void write(IdentityRef who, const Set& set = {}, std::string_view object_id = "") {
    must(session.apply(account, std::vector<UploadRecord>{ProfileWrite{who, object_id, set, at(1)}}));
  }
  void token(std::string_view object_id, std::string_view token, Platform platform = Platform::android) {
    must(session.apply(account, std::vector<UploadRecord>{AddressWrite{object_id, platform, token, ""}}));
  }
  std::optional<Profile> find(IdentityRef who) { return must(session.find(account, who)); }
  std::string properties(IdentityRef who) { return find(who).value().properties; }
  std::vector<Address> addresses(IdentityRef who) {
    return must(session.addresses_of(account, find(who).value().id));
  }
  std::uint64_t count(RecipientKind kind) { return must(session.count(account, kind)); }
};

struct Seen {
  std::int64_t id;
  std::string identity, object_id, properties;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> scan(ProfileSession& session, ScanQuery query) {
  std::vector<Seen> all;
  while (true) {
    const auto last = must(session.scan(query, [&](const ScanRow& row) {
      all.push_back({row.recipient.value, std::string(row.identity), std::string(row.object_id),
                     std::string(row.properties)});
    }));
    if (!last) return all;
    query.after = *last;
  }
}

}  // namespace

TEST_P(StoreConformance, profile_properties_are_merged_in_order) {
  People people{*profiles, account()};
  people.write(named("ann"),
               {{"Name", "\"Ann\""}, {"Age", "31"}, {"Tags", R"(["a,b","}"])"}, {"Empty", "null"}});
  EXPECT_EQ(people.properties(named("ann")), R"({"Name":"Ann","Age":31,"Tags":["a,b","}"]})");
  people.write(named("ann"),
               {{"Age", "null"}, {"Name", R"("A \"n\" n")"}, {"City", "\"Pune\""}, {"Gone", "null"}});
  EXPECT_EQ(people.properties(named("ann")), R"({"Name":"A \"n\" n","Tags":["a,b","}"],"City":"Pune"})");
  people.write(named("ann"), {{"with \"quotes\"", "1"}, {"x", "1"}, {"x", "2"}});
  people.write(named("ann"), {{"with \"quotes\"", "2"}});
  open();
  People again{*profiles, people.account};
  EXPECT_EQ(again.properties(named("ann")),
            R"({"Name":"A \"n\" n","Tags":["a,b","}"],"City":"Pune","with \"quotes\"":2,"x":2})");
}

TEST_P(StoreConformance, profile_without_properties_is_an_empty_object) {
  People people{*profiles, account()};
  people.write(named("ann"));
  const Profile p = people.find(named("ann")).value();
  EXPECT_EQ(p.properties, "{}");
  EXPECT_EQ(p.identity, "ann");
  EXPECT_EQ(p.object_id, "");
}

TEST_P(StoreConformance, records_of_a_batch_see_earlier_ones) {
  const AccountId a = account();
  const Set first{{"n", "1"}}, second{{"m", "2"}};
  must(profiles->apply(
      a, std::vector<UploadRecord>{ProfileWrite{named("ann"), "phone", first, at(1)},
                                   AddressWrite{"phone", Platform::ios, "token", ""},
                                   ProfileWrite{device("phone"), "", second, at(2)},
                                   EventWrite{named("ann"), "Charged", R"({"Amount":3})", at(3)}}));
  People people{*profiles, a};
  EXPECT_EQ(people.properties(named("ann")), R"({"n":1,"m":2})");
  EXPECT_EQ(people.addresses(named("ann")).size(), 1u);
  EXPECT_EQ(people.count(RecipientKind::profile), 1u);
  EXPECT_EQ(people.count(RecipientKind::address), 1u);
}

TEST_P(StoreConformance, names_of_every_kind_lead_to_profiles_of_their_own_account) {
  const AccountId a = account(), b = account("B");
  People mine{*profiles, a}, others{*profiles, b};
  for (const IdentityKind kind :
       {IdentityKind::identity, IdentityKind::object_id, IdentityKind::fb_id, IdentityKind::gp_id})
    mine.write({kind, "same"}, {{"kind", std::to_string(static_cast<int>(kind))}});
  others.write(named("same"), {{"account", "\"B\""}});
  EXPECT_EQ(mine.count(RecipientKind::profile), 4u);
  EXPECT_EQ(mine.properties({IdentityKind::gp_id, "same"}), R"({"kind":3})");
  EXPECT_EQ(others.properties(named("same")), R"({"account":"B"})");
  EXPECT_FALSE(others.find({IdentityKind::fb_id, "same"}));
  const ProfileId foreign = mine.find(named("same")).value().id;
  mine.token("same", "t");
  EXPECT_TRUE(must(profiles->addresses_of(b, foreign)).empty());
}

TEST_P(StoreConformance, event_makes_the_profile_it_is_about) {
  const AccountId a = account();
  must(profiles->apply(a, std::vector<UploadRecord>{EventWrite{named("new"), "Launched", "{}", at(1)}}));
  EXPECT_TRUE(must(profiles->find(a, named("new"))));
}

TEST_P(StoreConformance, new_token_of_a_device_keeps_its_recipient_and_revives_it) {
  People people{*profiles, account()};
  people.token("phone", "t1");
  const Address first = people.addresses(device("phone")).at(0);
  must(profiles->mark_dead(people.account, std::vector{first.id}));
  EXPECT_FALSE(people.addresses(device("phone")).at(0).live);
  EXPECT_EQ(people.count(RecipientKind::address), 0u);
  people.token("phone", "t1");
  EXPECT_TRUE(people.addresses(device("phone")).at(0).live) << "the same token said again revives, too";
  people.token("phone", "t2", Platform::ios);
  const auto now = people.addresses(device("phone"));
  ASSERT_EQ(now.size(), 1u);
  EXPECT_EQ(now[0].id, first.id);
  EXPECT_EQ(now[0].token, "t2");
  EXPECT_EQ(now[0].platform, Platform::ios);
  EXPECT_TRUE(now[0].live);
  EXPECT_EQ(people.count(RecipientKind::address), 1u);
}

TEST_P(StoreConformance, token_that_moves_to_another_device_leaves_no_second_copy) {
  const AccountId a = account(), b = account("B");
  People people{*profiles, a}, others{*profiles, b};
  people.token("old phone", "t");
  others.token("their phone", "t");
  people.token("new phone", "t");
  EXPECT_FALSE(people.addresses(device("old phone")).at(0).live);
  EXPECT_TRUE(people.addresses(device("new phone")).at(0).live);
  EXPECT_TRUE(others.addresses(device("their phone")).at(0).live);
  EXPECT_EQ(people.count(RecipientKind::address), 1u);
  EXPECT_EQ(others.count(RecipientKind::address), 1u);
}

TEST_P(StoreConformance, first_identity_joins_the_profile_of_its_device) {
  People people{*profiles, account()};
  people.token("phone", "t");
  people.write(device("phone"), {{"seen", "1"}});
  people.write(named("ann"), {{"Name", "\"Ann\""}}, "phone");
  EXPECT_EQ(people.count(RecipientKind::profile), 1u);
  EXPECT_EQ(people.properties(named("ann")), R"({"seen":1,"Name":"Ann"})");
  EXPECT_EQ(people.addresses(named("ann")).size(), 1u);
  EXPECT_EQ(people.find(named("ann")).value().object_id, "phone");
}

TEST_P(StoreConformance, second_identity_on_a_device_takes_the_device_with_it) {
  People people{*profiles, account()};
  people.write(named("ann"), {{"Name", "\"Ann\""}}, "phone");
  people.token("phone", "t");
  people.write(named("bob"), {{"Name", "\"Bob\""}}, "phone");
  EXPECT_EQ(people.count(RecipientKind::profile), 2u);
  EXPECT_EQ(people.addresses(named("bob")).size(), 1u);
  EXPECT_TRUE(people.addresses(named("ann")).empty());
  EXPECT_EQ(people.find(named("ann")).value().object_id, "");
  EXPECT_EQ(people.find(device("phone")).value().identity, "bob");
}

TEST_P(StoreConformance, profile_that_loses_its_only_name_is_merged) {
  People people{*profiles, account()};
  people.write(named("ann"), {{"Name", "\"Ann\""}, {"Age", "31"}});
  people.token("phone", "t");
  people.write(device("phone"), {{"Age", "5"}, {"Model", "\"X\""}});
  const ProfileId anonymous = people.find(device("phone")).value().id;
  people.write(named("ann"), {{"City", "\"Pune\""}}, "phone");
  EXPECT_EQ(people.count(RecipientKind::profile), 1u);
  EXPECT_EQ(people.properties(named("ann")), R"({"Name":"Ann","Age":31,"Model":"X","City":"Pune"})");
  EXPECT_EQ(people.addresses(named("ann")).size(), 1u);
  bool found = true;
  must(profiles->read(people.account, RecipientKind::profile, std::vector{RecipientId{anonymous.value}},
                      [&](const RecipientRow& row) { found = row.found; }));
  EXPECT_FALSE(found);
}

TEST_P(StoreConformance, writing_the_same_again_changes_nothing) {
  People people{*profiles, account()};
  for (int i = 0; i < 2; ++i) {
    people.write(named("ann"), {{"Name", "\"Ann\""}}, "phone");
    people.token("phone", "t");
  }
  EXPECT_EQ(people.count(RecipientKind::profile), 1u);
  EXPECT_EQ(people.count(RecipientKind::address), 1u);
  EXPECT_EQ(people.properties(named("ann")), R"({"Name":"Ann"})");
}

TEST_P(StoreConformance, scan_visits_every_live_recipient_once_in_steps) {
  const AccountId a = account(), b = account("B");
  const Set set{{"n", "1"}};
  // Two accounts that upload in turns, and more than one block of ids each.
  for (int batch = 0; batch < 10; ++batch)
    for (const AccountId owner : {a, b}) {
      std::vector<std::string> names;
      for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("{}-{}-{}", owner, batch, i));
      std::vector<UploadRecord> records;
      for (const std::string& name : names) {
        records.push_back(ProfileWrite{named(name), name, set, at(1)});
        records.push_back(AddressWrite{name, Platform::web, name, ""});
      }
      must(profiles->apply(owner, records));
    }
  const auto all = scan(*profiles, {.account = a, .limit = 777});
  ASSERT_EQ(all.size(), 10'000u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].object_id, fmt::format("{}-{}-{}", a, i / 1000, i % 1000));
    if (i > 0) {
      ASSERT_LT(all[i - 1].id, all[i].id);
    }
  }
  EXPECT_EQ(all[0].properties, "");
  const auto rich = scan(*profiles, {.account = a, .limit = 10'000, .with_properties = true});
  ASSERT_EQ(rich.size(), 10'000u);
  EXPECT_EQ(rich[5], (Seen{all[5].id, "1-0-5", "1-0-5", R"({"n":1})"}));
  EXPECT_EQ(scan(*profiles, {.account = b, .kind = RecipientKind::profile, .limit = 999}).size(), 10'000u);
  must(profiles->mark_dead(a, std::vector{RecipientId{all[0].id}, RecipientId{all[9'999].id}}));
  EXPECT_EQ(scan(*profiles, {.account = a, .limit = 1}).size(), 9'998u);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 9'998u);
}

TEST_P(StoreConformance, scan_limit_bounds_the_work_even_when_nobody_is_live) {
  People people{*profiles, account()};
  for (int i = 0; i < 5; ++i) people.token(fmt::format("d{}", i), fmt::format("t{}", i));
  std::vector<RecipientId> all;
  must(
      profiles->scan({.account = people.account}, [&](const ScanRow& row) { all.push_back(row.recipient); }));
  must(profiles->mark_dead(people.account, all));
  int visits = 0;
  const auto last =
      must(profiles->scan({.account = people.account, .limit = 3}, [&](const ScanRow&) { ++visits; }));
  EXPECT_EQ(last, all.at(2));
  EXPECT_EQ(visits, 0);
}

TEST_P(StoreConformance, scan_of_profiles_gives_names_and_properties) {
  People people{*profiles, account()};
  people.write(named("ann"), {{"n", "1"}}, "phone");
  people.write({IdentityKind::fb_id, "fb"});
  const auto all =
      scan(*profiles, {.account = people.account, .kind = RecipientKind::profile, .with_properties = true});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0], (Seen{people.find(named("ann")).value().id.value, "ann", "phone", R"({"n":1})"}));
  EXPECT_EQ(all[1].identity, "");
}

TEST_P(StoreConformance, scan_leaves_nothing_open_between_steps) {
  People people{*profiles, account()};
  for (int i = 0; i < 3; ++i) people.token(fmt::format("d{}", i), fmt::format("t{}", i));
  const auto last = must(profiles->scan({.account = people.account, .limit = 1}, [](const ScanRow&) {}));
  people.token("d3", "t3");  // comes in between, and is seen
  int rest = 0;
  must(profiles->scan({.account = people.account, .after = *last}, [&](const ScanRow&) { ++rest; }));
  EXPECT_EQ(rest, 3);
}

TEST_P(StoreConformance, read_visits_each_id_once_in_order_found_or_not) {
  const AccountId a = account(), b = account("B");
  People people{*profiles, a}, others{*profiles, b};
  std::vector<RecipientId> ids;
  for (int i = 0; i < 40; ++i) {
    people.write(named(fmt::format("p{}", i)), {{"n", std::to_string(i)}}, fmt::format("d{}", i));
    people.token(fmt::format("d{}", i), fmt::format("t{}", i), Platform::ios);
    ids.push_back(people.addresses(device(fmt::format("d{}", i))).at(0).id);
  }
  others.token("foreign", "foreign");
  const RecipientId foreign = others.addresses(device("foreign")).at(0).id;
  must(profiles->mark_dead(a, std::vector{ids[1]}));
  // Dense, then with gaps, then what is not there or not ours.
  const std::vector<RecipientId> wanted{ids[0],
                                        ids[1],
                                        ids[2],
                                        ids[12],
                                        ids[39],
                                        RecipientId{ids[39].value + 1},
                                        RecipientId{ids[39].value + 100},
                                        foreign};
  std::vector<RecipientId> visited;
  std::vector<bool> found, live;
  must(profiles->read(a, RecipientKind::address, wanted, [&](const RecipientRow& row) {
    visited.push_back(row.id);
    found.push_back(row.found);
    live.push_back(row.live);
    if (row.id != ids[12]) return;
    EXPECT_EQ(row.token, "t12");
    EXPECT_EQ(row.identity, "p12");
    EXPECT_EQ(row.object_id, "d12");
    EXPECT_EQ(row.properties, R"({"n":12})");
    EXPECT_EQ(row.platform, Platform::ios);
  }));
  EXPECT_EQ(visited, wanted);
  EXPECT_EQ(found, (std::vector{true, true, true, true, true, false, false, false}));
  EXPECT_EQ(live, (std::vector{true, false, true, true, true, true, true, true}));
}

TEST_P(StoreConformance, read_of_profiles_gives_names_and_properties) {
  People people{*profiles, account()};
  people.write(named("ann"), {{"n", "1"}}, "phone");
  const RecipientId id{people.find(named("ann")).value().id.value};
  must(profiles->read(people.account, RecipientKind::profile, std::vector{id, RecipientId{id.value + 1}},
                      [&](const RecipientRow& row) {
                        EXPECT_EQ(row.found, row.id == id);
                        if (!row.found) return;
                        EXPECT_EQ(row.identity, "ann");
                        EXPECT_EQ(row.properties, R"({"n":1})");
                      }));
}

TEST_P(StoreConformance, mark_dead_of_another_accounts_address_changes_nothing) {
  const AccountId a = account(), b = account("B");
  People people{*profiles, a};
  people.token("phone", "t");
  const RecipientId id = people.addresses(device("phone")).at(0).id;
  must(profiles->mark_dead(b, std::vector{id}));
  EXPECT_TRUE(people.addresses(device("phone")).at(0).live);
  must(profiles->mark_dead(a, std::vector{id, id}));
  EXPECT_EQ(people.count(RecipientKind::address), 0u);
}

TEST_P(StoreConformance, recipient_ids_go_on_after_a_restart) {
  const AccountId a = account();
  People{*profiles, a}.token("d1", "t1");
  open();
  People people{*profiles, a};
  people.token("d2", "t2");
  EXPECT_EQ(people.addresses(device("d2")).at(0).id.value, people.addresses(device("d1")).at(0).id.value + 1);
}

}  // namespace belay::store
