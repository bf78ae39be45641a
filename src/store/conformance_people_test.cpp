#include "store/conformance_test.h"
#include "store/people.h"

namespace belay::store {
namespace {

constexpr IdentityRef named(std::string_view value) {
  return {IdentityKind::identity, value};
}
constexpr IdentityRef device(std::string_view value) {
  return {IdentityKind::object_id, value};
}
constexpr IdentityRef fb(std::string_view value) {
  return {IdentityKind::fb_id, value};
}

using Set = std::vector<std::pair<std::string_view, std::string_view>>;

// A profile named in three ways with two devices, one of which came from a merged profile that had events.
void furnish(ProfileSession& profiles, AccountId a) {
  const Set first{{"Name", "\"Ann\""}}, second{{"Plan", "\"gold\""}};
  must(profiles.apply(
      a, std::vector<UploadRecord>{
             AddressWrite{"phone", Platform::android, "token-phone", ""},
             ProfileWrite{named("ann"), "phone", first, at(1)}, ProfileWrite{fb("ann-fb"), "phone", {}, at(2)},
             ProfileWrite{device("tab"), "", second, at(3)}, EventWrite{device("tab"), "Seen", "{}", at(4)},
             EventWrite{named("ann"), "Bought", R"({"Price":12})", at(5)},
             EventWrite{named("ann"), "Bought", R"({"Price":13})", at(9)},
             ProfileWrite{named("ann"), "tab", {}, at(6)}, ProfileWrite{named("bob"), "bobs", {}, at(7)},
             EventWrite{named("bob"), "Bought", "{}", at(8)}}));
}

struct Event {
  std::int64_t profile;
  std::string name, properties;
  friend bool operator==(const Event&, const Event&) = default;
};

std::vector<Event> events(PeopleSession& people, EventScan scan) {
  std::vector<Event> all;
  scan.before = at(1'000'000);
  scan.until = must(people.last_event(scan.account));
  while (true) {
    const auto last = must(people.scan_events(scan, [&](const EventRow& row) {
      all.push_back({row.profile.value, std::string(row.name), std::string(row.properties)});
    }));
    if (!last) return all;
    scan.after = *last;
  }
}

}  // namespace

TEST_P(StoreConformance, a_person_s_devices_and_events_are_all_there_after_a_merge) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const ProfileId ann = must(profiles->find(a, named("ann"))).value().id;
  const auto devices = must(people->devices(a, ann));
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0].object_id, "phone");
  EXPECT_EQ(devices[0].token, "token-phone");
  EXPECT_TRUE(devices[0].live);
  EXPECT_EQ(devices[1].object_id, "tab");
  EXPECT_EQ(devices[1].token, "");
  const auto totals = must(people->event_totals(a, ann));
  ASSERT_EQ(totals.size(), 2u);
  EXPECT_EQ(totals[0].name, "Bought");
  EXPECT_EQ(totals[0].count, 2u);
  EXPECT_EQ(totals[0].first, at(5));
  EXPECT_EQ(totals[0].last, at(9));
  EXPECT_EQ(totals[1].name, "Seen");
  EXPECT_TRUE(must(people->event_totals(account("OTHER-1"), ann)).empty());
}

// Who did what with a campaign's messages: people, each once, as they are now.
TEST_P(StoreConformance, engagement_is_kept_by_campaign_day_and_person) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const auto tells = [&](IdentityRef who, std::string_view name, Engagement how, MessageTag message, int second) {
    const UploadRecord one = EventWrite{who, name, "{}", at(second), EventWrite::Engaged{how, message}};
    must(profiles->apply(a, std::span(&one, 1)));
  };
  const auto engaged = [&](Engagement how, std::vector<EngagedScope> scopes) {
    std::vector<std::pair<std::int64_t, WallTime>> found;
    must(people->engaged(a, how, scopes, [&](ProfileId id, WallTime first) { found.emplace_back(id.value, first); }));
    return found;
  };
  using enum Engagement;
  const std::int64_t ann = must(profiles->find(a, named("ann"))).value().id.value;
  const std::int64_t bob = must(profiles->find(a, named("bob"))).value().id.value;
  const CampaignId series{7}, run{8};
  tells(named("ann"), "Notification Clicked", clicked, {series, 20160308}, 20);
  tells(named("ann"), "Notification Clicked", clicked, {series, 20160308}, 10);  // the first counts
  tells(named("bob"), "Notification Clicked", clicked, {series, 20160309}, 30);
  tells(named("bob"), "Notification Viewed", viewed, {run, 0}, 40);
  using Found = std::vector<std::pair<std::int64_t, WallTime>>;
  EXPECT_EQ(engaged(clicked, {{series, std::nullopt}}), (Found{{ann, at(10)}, {bob, at(30)}}));
  EXPECT_EQ(engaged(clicked, {{series, 20160309}, {run, std::nullopt}}), (Found{{bob, at(30)}}));
  EXPECT_EQ(engaged(viewed, {{run, std::nullopt}}), (Found{{bob, at(40)}}));
  EXPECT_TRUE(engaged(viewed, {{series, std::nullopt}}).empty());
  must(people->remove(a, std::vector{named("ann")}));
  EXPECT_EQ(engaged(clicked, {{series, std::nullopt}}), (Found{{bob, at(30)}}));
}

TEST_P(StoreConformance, an_account_is_given_no_more_names_of_events_than_it_may_have) {
  const AccountId a = account(), b = account("B");
  const auto add = [&](AccountId to, std::vector<std::string> names, std::uint32_t most) {
    return must(profiles->add_event_names(to, names, most));
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(add(a, {"x", "y", "x"}, 2), Names{});
  EXPECT_EQ(add(b, {"z"}, 2), Names{});
  EXPECT_EQ(add(a, {"z", "y", "w"}, 2), (Names{"z", "w"}));
  EXPECT_EQ(add(a, {"x"}, 1), Names{});  // what is there stays
  open();
  EXPECT_EQ(must(profiles->event_names(a, 9)), (Names{"x", "y"}));
}

TEST_P(StoreConformance, people_are_read_with_the_token_of_their_newest_live_address) {
  const AccountId a = account();
  const auto token = [&](std::string_view device, std::string_view text, Platform platform) {
    must(profiles->apply(a, std::vector<UploadRecord>{ProfileWrite{named("ann"), device, {}, at(1)},
                                                      AddressWrite{device, platform, text, ""}}));
  };
  token("d1", "t1", Platform::android);
  token("d2", "t2", Platform::ios);
  must(profiles->apply(a, std::vector<UploadRecord>{ProfileWrite{named("bob"), "", {}, at(1)}}));
  const ProfileId ann = must(profiles->find(a, named("ann"))).value().id,
                  bob = must(profiles->find(a, named("bob"))).value().id;
  const std::vector<RecipientId> ids{RecipientId{ann.value}, RecipientId{bob.value}, RecipientId{bob.value + 7}};
  const auto read = [&] {
    std::string all;
    must(profiles->read_with_tokens(a, ids, [&](const RecipientRow& row) {
      all += fmt::format("{}:{}:{}:{} ", row.identity, row.token, static_cast<int>(row.platform), row.found);
    }));
    return all;
  };
  EXPECT_EQ(read(), "ann:t2:1:true bob::0:true ::0:false ");
  must(profiles->mark_dead(a, std::vector{must(profiles->addresses_of(a, ann)).at(1).id}));
  EXPECT_EQ(read(), "ann:t1:0:true bob::0:true ::0:false ");
}

TEST_P(StoreConformance, one_persons_events_of_a_name_are_read_by_time) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const ProfileId ann = must(profiles->find(a, named("ann"))).value().id;
  const auto read = [&](std::string_view name, int from, int before) {
    std::string all;
    must(people->events_of(a, ann, name, at(from), at(before),
                           [&](const EventRow& row) { all += std::string(row.properties); }));
    return all;
  };
  EXPECT_EQ(read("Bought", 0, 100), R"({"Price":12}{"Price":13})");
  EXPECT_EQ(read("Bought", 6, 9), "");
  EXPECT_EQ(read("Bought", 6, 10), R"({"Price":13})");
  EXPECT_EQ(read("Seen", 0, 100), "{}");  // of the profile that was merged into hers
  EXPECT_EQ(read("Never", 0, 100), "");
}

TEST_P(StoreConformance, events_are_read_in_pages_with_whose_they_are_now) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const std::int64_t ann = must(profiles->find(a, named("ann"))).value().id.value;
  const std::int64_t bob = must(profiles->find(a, named("bob"))).value().id.value;
  const std::vector<Event> all{{ann, "Seen", "{}"},
                               {ann, "Bought", R"({"Price":12})"},
                               {ann, "Bought", R"({"Price":13})"},
                               {bob, "Bought", "{}"}};
  for (const std::uint32_t limit : {1u, 2u, 100u})
    EXPECT_EQ(events(*people, {.account = a, .limit = limit}), all) << limit;
  EXPECT_EQ(events(*people, {.account = a, .names = {"Seen", "Other"}}), (std::vector<Event>{all[0]}));
  EXPECT_EQ(events(*people, {.account = a, .from = at(8)}), (std::vector<Event>{all[2], all[3]}));
  EXPECT_TRUE(events(*people, {.account = a, .names = {"Never"}}).empty());
  EXPECT_TRUE(events(*people, {.account = account("OTHER-1")}).empty());
}

TEST_P(StoreConformance, a_deleted_person_leaves_nothing_and_nobody_else_is_touched) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const auto ann = must(profiles->find(a, named("ann"))).value().id;
  const auto address = must(profiles->addresses_of(a, ann)).at(0).id;
  EXPECT_EQ(must(people->remove(account("OTHER-1"), std::vector{named("ann")})), 0u);
  EXPECT_EQ(must(people->remove(a, std::vector{named("ann"), named("nobody"), device("tab")})), 1u);
  for (const IdentityRef& who : {named("ann"), fb("ann-fb"), device("phone"), device("tab")})
    EXPECT_FALSE(must(profiles->find(a, who))) << who.value;
  EXPECT_TRUE(must(people->devices(a, ann)).empty());
  EXPECT_TRUE(must(people->event_totals(a, ann)).empty());
  EXPECT_EQ(must(profiles->count(a, RecipientKind::profile)), 1u);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::address)), 0u);
  EXPECT_EQ(events(*people, {.account = a}).size(), 1u) << "only Bob's";
  bool found = true;
  must(profiles->read(a, RecipientKind::address, std::vector{address},
                      [&](const RecipientRow& row) { found = row.found; }));
  EXPECT_FALSE(found) << "a run that has this recipient skips it";
  EXPECT_EQ(must(people->remove(a, std::vector{named("ann")})), 0u);

  // Who comes again under the name is somebody else.
  must(profiles->apply(a, std::vector<UploadRecord>{ProfileWrite{named("ann"), "phone", {}, at(20)}}));
  const auto again = must(profiles->find(a, named("ann"))).value();
  EXPECT_NE(again.id, ann);
  EXPECT_EQ(again.properties, "{}");
}

TEST_P(StoreConformance, parting_a_merged_profile_leaves_what_it_knows_with_the_name_given) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const auto ann = must(profiles->find(a, named("ann"))).value();
  EXPECT_EQ(must(people->part(a, std::vector<std::string_view>{"ann", "nobody"})), 3u);
  const auto after = must(profiles->find(a, named("ann"))).value();
  EXPECT_EQ(after.id, ann.id);
  EXPECT_EQ(after.properties, ann.properties);
  EXPECT_EQ(after.object_id, "");
  EXPECT_TRUE(must(people->devices(a, ann.id)).empty());
  EXPECT_EQ(must(people->event_totals(a, ann.id)).size(), 2u);
  const auto phone = must(profiles->find(a, device("phone"))).value();
  EXPECT_EQ(phone.properties, "{}");
  EXPECT_EQ(phone.object_id, "phone");
  EXPECT_EQ(must(profiles->addresses_of(a, phone.id)).size(), 1u);
  EXPECT_NE(must(profiles->find(a, device("tab"))).value().id, phone.id);
  EXPECT_NE(must(profiles->find(a, fb("ann-fb"))).value().id, ann.id);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::profile)), 5u);
  EXPECT_EQ(must(people->part(a, std::vector<std::string_view>{"ann"})), 0u);
  // The parted device finds its way back by an upload, and every part can be deleted.
  must(profiles->apply(a, std::vector<UploadRecord>{ProfileWrite{named("ann"), "phone", {}, at(20)}}));
  EXPECT_EQ(must(profiles->addresses_of(a, ann.id)).size(), 1u);
  EXPECT_EQ(must(people->remove(a, std::vector{named("ann"), fb("ann-fb"), device("tab")})), 3u);
  EXPECT_EQ(must(profiles->count(a, RecipientKind::profile)), 1u);
}

// Uploads may remember where a name led.
TEST_P(StoreConformance, an_event_goes_to_whom_its_name_leads_to_by_then) {
  const AccountId a = account();
  const auto write = [&](std::vector<UploadRecord> records) { must(profiles->apply(a, records)); };
  const auto owner_of_next = [&](IdentityRef who) {
    PeopleSession& people = people_of(*profiles);
    const std::int64_t before = must(people.last_event(a));
    write({EventWrite{who, "Seen", "{}", at(9)}});
    const auto seen = events(people, {.account = a, .after = before});
    const std::int64_t owner = seen.empty() ? 0 : seen.back().profile;
    const auto known = must(profiles->find(a, who));
    EXPECT_TRUE(known.has_value());
    EXPECT_EQ(owner, known ? known->id.value : 0) << who.value;
    return owner;
  };
  write({ProfileWrite{named("ann"), "phone", {}, at(1)}, ProfileWrite{named("bob"), "tab", {}, at(1)}});
  const auto ann = owner_of_next(named("ann")), bob = owner_of_next(named("bob"));
  EXPECT_EQ(owner_of_next(device("phone")), ann);

  write({ProfileWrite{named("bob"), "phone", {}, at(2)}});
  EXPECT_EQ(owner_of_next(device("phone")), bob) << "the device has changed hands";
  write({ProfileWrite{named("ann"), "phone", {}, at(3)}, EventWrite{device("phone"), "Seen", "{}", at(3)},
         ProfileWrite{named("bob"), "phone", {}, at(3)}});
  EXPECT_EQ(owner_of_next(device("phone")), bob) << "twice in one upload";

  PeopleSession& people = people_of(*profiles);
  EXPECT_EQ(must(people.part(a, std::vector<std::string_view>{"bob"})), 2u);
  EXPECT_EQ(owner_of_next(named("bob")), bob);
  const auto phone = owner_of_next(device("phone"));
  EXPECT_NE(phone, bob);
  EXPECT_NE(owner_of_next(device("tab")), phone);

  EXPECT_EQ(must(people.remove(a, std::vector{named("bob"), device("phone")})), 2u);
  EXPECT_NE(owner_of_next(named("bob")), bob) << "somebody else under the name";
  EXPECT_NE(owner_of_next(device("phone")), phone);
}

TEST_P(StoreConformance, a_property_is_taken_away_only_while_it_has_the_value_that_was_seen) {
  const AccountId a = account();
  furnish(*profiles, a);
  PeopleSession* const people = &people_of(*profiles);
  const auto ann = must(profiles->find(a, named("ann"))).value().id;
  EXPECT_EQ(must(people->unset(a, std::vector<Unset>{{ann, "Name", "\"Eve\""}})), 0u);
  EXPECT_EQ(must(people->unset(account("OTHER-1"), std::vector<Unset>{{ann, "Name", "\"Ann\""}})), 0u);
  EXPECT_EQ(must(people->unset(a, std::vector<Unset>{{ann, "Name", "\"Ann\""}, {ann, "Name", "\"Ann\""}})), 1u);
  EXPECT_EQ(must(profiles->find(a, named("ann"))).value().properties, R"({"Plan":"gold"})");
}

TEST_P(StoreConformance, the_newest_word_on_an_address_counts) {
  const AccountId a = account();
  PeopleSession* const people = &people_of(*profiles);
  const auto say = [&](bool wanted, std::int64_t when) {
    must(people->subscribe(a, std::vector<Subscription>{{ContactKind::email, "ann@x.org", wanted, at(when)}}));
  };
  const auto wanted = [&] { return must(people->wanted(a, ContactKind::email, "ann@x.org")); };
  EXPECT_TRUE(wanted());
  say(false, 5);
  EXPECT_FALSE(wanted());
  say(true, 4);
  EXPECT_FALSE(wanted()) << "older than what is known";
  say(true, 6);
  EXPECT_TRUE(wanted());
  say(false, 7);
  EXPECT_TRUE(must(people->wanted(a, ContactKind::phone, "ann@x.org")));
  EXPECT_TRUE(must(people->wanted(account("OTHER-1"), ContactKind::email, "ann@x.org")));
  EXPECT_EQ(contact_value(ContactKind::email, "Ann@X.org"), "ann@x.org");
  EXPECT_EQ(contact_value(ContactKind::phone, "+4915"), "4915");
}

TEST_P(StoreConformance, operations_change_what_a_profile_has) {
  const AccountId a = account();
  const auto change = [&](const Set& set) {
    must(profiles->apply(a, std::vector<UploadRecord>{ProfileWrite{named("ann"), "", set, at(1)}}));
    return must(profiles->find(a, named("ann"))).value().properties;
  };
  EXPECT_EQ(change({{"Tags", R"({"$add":["a","b"]})"}, {"Score", R"({"$incr":5})"}}),
            R"({"Tags":["a","b"],"Score":5})");
  EXPECT_EQ(change({{"Tags", R"({"$remove":"a"})"}, {"Score", R"({"$decr":1.5})"}}), R"({"Tags":["b"],"Score":3.5})");
  EXPECT_EQ(change({{"Tags", R"({"$delete":1})"}}), R"({"Score":3.5})");
}

}  // namespace belay::store
