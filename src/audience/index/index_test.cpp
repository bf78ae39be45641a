// The index against going through everybody: random people, devices, events and merges; random questions; in
// between the store is closed and opened again. What is expected comes from the rows of profiles, addresses
// and events, never from the index.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "audience/index/answer.h"
#include "audience/index/upkeep.h"
#include "audience/node.h"
#include "store/conformance_test.h"
#include "store/people.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::audience::index {
namespace {

using store::IdentityKind;
using store::must;

constexpr std::int64_t day_us = 86'400'000'000;
const WallTime now = wall_from_micros(20'500 * day_us + day_us / 3);

class Index : public testing::Test {
 protected:
  struct Had {
    std::string name;
    WallTime at{};
  };
  Index() { open(); }
  ~Index() override {
    people_.reset();
    store_.reset();
  }

  void open() {
    people_.reset();
    store_.reset();
    store_ = must(store::open_sqlite(folder_.path()));
    account_ =
        must(must(store_->control(store::Lane::ordinary))->put_account({{}, "TEST-1", zone_.name(), "eu1"}))
            .id;
    people_ = must(store_->profiles());
  }
  void catch_up(const Effort& effort = {}) {
    while (!must(index::catch_up(*people_->index(), account_, zone_.name(), effort))) {
    }
  }
  std::size_t pick(std::size_t n) { return random_() % n; }
  template <class T>
  const T& one_of(const std::vector<T>& of) {
    return of[pick(of.size())];
  }

  // ---- uploads

  std::string random_value() {
    static const std::vector<std::string> odd{"\"Pune\"",
                                              "\"Delhi\"",
                                              "\"delhi\"",
                                              "\"5\"",
                                              "\"05\"",
                                              "\"5.0\"",
                                              "\"True\"",
                                              "\"false\"",
                                              "true",
                                              "false",
                                              "5",
                                              "5.0",
                                              "-5",
                                              "0",
                                              "-0.0",
                                              "12.5",
                                              "1e3",
                                              "1000",
                                              "9007199254740993",
                                              "9007199254740992",
                                              "12345678901234567890123",
                                              "\"12345678901234567890123\"",
                                              "\"$D_1457432766\"",
                                              "1457432766",
                                              "\"$D_5\"",
                                              "null",
                                              "[]",
                                              "[\"Pune\",5,null]",
                                              "[\"x\",[\"Pune\"],{\"a\":5}]",
                                              "{\"a\":\"Pune\"}",
                                              "\"\"",
                                              "\"a\\u0041\\n\"",
                                              "[true,\"5\"]",
                                              "\"" + std::string(200, 'y') + "\""};
    switch (pick(4)) {
      case 0:
        return one_of(odd);
      case 1:
        return std::to_string(static_cast<int>(pick(40)) - 8);
      case 2:
        return fmt::format("\"person{}@example.com\"", pick(3000));
      default:
        return one_of(std::vector<std::string>{"\"Pune\"", "\"Delhi\"", "\"Agra\"", "17", "\"17\""});
    }
  }

  void upload_profile(std::size_t who, std::size_t device) {
    const std::string identity = fmt::format("person-{}", who), object = fmt::format("device-{}", device);
    std::vector<std::pair<std::string, std::string>> values;
    static const std::vector<std::string> names{"City", "Age", "Email", "Tag \\\"x\\\"", "Score"};
    for (std::size_t i = pick(4); i-- > 0;) values.emplace_back(one_of(names), random_value());
    std::vector<std::pair<std::string_view, std::string_view>> set(values.begin(), values.end());
    const store::UploadRecord record = store::ProfileWrite{
        {IdentityKind::identity, identity}, pick(3) == 0 ? std::string_view(object) : "", set, now};
    must(people_->apply(account_, {&record, 1}));
  }
  void upload_device(std::size_t device) {
    const std::string object = fmt::format("device-{}", device), token = fmt::format("token-{}", pick(400));
    const store::UploadRecord record = store::AddressWrite{object, static_cast<Platform>(pick(4)), token, ""};
    must(people_->apply(account_, {&record, 1}));
  }
  void upload_event(std::size_t who) {
    const bool by_device = pick(3) == 0;
    const std::string name = fmt::format("{}-{}", by_device ? "device" : "person", who);
    const store::UploadRecord record =
        store::EventWrite{{by_device ? IdentityKind::object_id : IdentityKind::identity, name},
                          one_of(event_names_),
                          "{}",
                          now - Micros{static_cast<std::int64_t>(pick(40 * 86'400)) * 1'000'000}};
    must(people_->apply(account_, {&record, 1}));
  }
  void kill_address() {
    const std::vector<RecipientId> dead{RecipientId{static_cast<std::int64_t>(1 + pick(200))}};
    must(people_->mark_dead(account_, dead));
  }
  void delete_somebody() {
    const std::string name = fmt::format("person-{}", pick(150));
    must(store::people_of(*people_).remove(account_,
                                           std::vector{store::IdentityRef{IdentityKind::identity, name}}));
  }
  void part_somebody() {
    const std::string name = fmt::format("person-{}", pick(150));
    must(store::people_of(*people_).part(account_, std::vector<std::string_view>{name}));
  }
  void change_something() {
    switch (pick(10)) {
      case 8:
        return pick(3) == 0 ? delete_somebody() : part_somebody();
      case 0:
        return upload_device(pick(200));
      case 1:
      case 2:
        return upload_event(pick(150));
      case 3:
        return kill_address();
      default:
        return upload_profile(pick(150), pick(200));
    }
  }
  // Everybody with an address of their own: too many for a row each.
  void many_addresses(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string identity = fmt::format("person-{}", 1000 + i), value = random_value(),
                        email = fmt::format("\"person{}@example.com\"", i);
      const std::pair<std::string_view, std::string_view> set[] = {{"Email", email}, {"City", value}};
      const store::UploadRecord record =
          store::ProfileWrite{{IdentityKind::identity, identity}, "", set, now};
      must(people_->apply(account_, {&record, 1}));
    }
  }

  // ---- questions

  json::value random_field() {
    static const std::vector<std::string> names{"City", "Age", "Email", "Tag \\\"x\\\"", "Score", "Never"};
    static const std::vector<std::string> values{"\"Pune\"",
                                                 "\"delhi\"",
                                                 "\"5\"",
                                                 "5",
                                                 "\"05\"",
                                                 "5.0",
                                                 "12.5",
                                                 "\"True\"",
                                                 "true",
                                                 "\"False\"",
                                                 "0",
                                                 "\"$D_1457432766\"",
                                                 "1457432766",
                                                 "9007199254740993",
                                                 "9007199254740992.0",
                                                 "\"17\"",
                                                 "17",
                                                 "-3",
                                                 "\"12345678901234567890123\"",
                                                 "[\"Pune\",5]",
                                                 "[\"Agra\",\"17\",true]"};
    const std::size_t op = pick(operator_names.size());
    json::object field{{"name", one_of(names)}, {"operator", operator_names[op]}};
    std::string value = op >= 6 ? fmt::format("{}", static_cast<int>(pick(50)) - 10) : one_of(values);
    if (op < 4 && pick(4) == 0) value = fmt::format("\"person{}@example.com\"", pick(3000));
    if (op >= 6 && pick(3) == 0)
      value = one_of(std::vector<std::string>{"5.5", "\"5\"", "\"$D_6\"", "9007199254740993"});
    if (op != 4 && op != 5) field["value"] = json::parse(value);
    return field;
  }
  json::object random_event(bool times) {
    json::object event{{"event_name", pick(9) == 0 ? "Never" : one_of(event_names_)}};
    if (pick(3) != 0) {
      const auto stamp = [&](std::size_t ago) {
        return zone_.day_stamp(now - Micros{static_cast<std::int64_t>(ago) * day_us});
      };
      const std::size_t from = pick(45);
      event["from"] = stamp(from);
      event["to"] = stamp(pick(from + 1));
    }
    if (times) {
      static const std::vector<std::string> ops{"equals", "greater_than", "greater_than_equals", "less_than",
                                                "less_than_equals"};
      event["operator"] = one_of(ops);
      event["value"] = static_cast<std::int64_t>(pick(4));
    }
    return event;
  }
  Query random_query() {
    json::object where;
    if (pick(4) != 0) {
      json::array fields;
      for (std::size_t i = 1 + pick(3); i-- > 0;) fields.push_back(random_field());
      where["common_profile_properties"] = json::object{{"profile_fields", std::move(fields)}};
    }
    if (where.empty() || pick(2) == 0) {
      json::object advanced;
      if (pick(2) == 0) advanced["did_all"] = json::array{random_event(pick(2) == 0), random_event(false)};
      if (pick(3) == 0)
        advanced["did_any"] =
            json::object{{"any_events", json::array{random_event(false), random_event(false)}},
                         {"operator", "greater_than_equals"},
                         {"value", static_cast<std::int64_t>(1 + pick(3))}};
      if (advanced.empty() || pick(2) == 0) advanced["did_none"] = json::array{random_event(false)};
      where["advanced_query"] = std::move(advanced);
    }
    auto query = Query::parse(where);
    if (!query) throw std::runtime_error(json::serialize(where) + ": " + query.error().text);
    asked_ = json::serialize(where);
    return std::move(*query);
  }

  // ---- the answer, the long way

  class Reference final : public Known {
   public:
    explicit Reference(Index& test) : test_(test) {
      auto& people = store::people_of(*test.people_);
      const store::EventScan all{.account = test.account_,
                                 .until = must(people.last_event(test.account_)),
                                 .limit = 1'000'000,
                                 .before = now + std::chrono::hours{24}};
      must(people.scan_events(all, [&](const store::EventRow& row) {
        by_profile_[row.profile].push_back({std::string(row.name), row.at});
      }));
    }
    std::int64_t events(ProfileId profile, const EventTest& test) const override {
      const auto had = by_profile_.find(profile);
      if (had == by_profile_.end()) return 0;
      return std::ranges::count_if(had->second, [&](const Had& one) {
        return std::ranges::any_of(test.any_of, [&](const EventFilter& filter) {
          const std::int64_t day = test_.zone_.day_stamp(one.at);
          const bool then = filter.days.last_year() || (filter.days.from <= day && day <= filter.days.to);
          return one.name == filter.name && then;  // nobody had one more than a year ago here
        });
      });
    }
    unsigned platforms(ProfileId profile) const override {
      unsigned all = 0;
      for (const auto& address : must(test_.people_->addresses_of(test_.account_, profile)))
        if (address.live) all |= platform_bit(address.platform);
      return all;
    }

   private:
    Index& test_;
    std::map<ProfileId, std::vector<Had>> by_profile_;
  };

  Answer expected(const Question& question) {
    const Reference known(*this);
    Answer answer;
    std::vector<ProfileId> found;
    must(people_->scan({account_, RecipientKind::profile, {}, 1'000'000, true},
                       [&](const store::ScanRow& row) {
                         content::Properties properties(row.properties);
                         if (question.query.matches(Person{properties, row.profile, &known}))
                           found.push_back(row.profile);
                       }));
    for (const ProfileId profile : found) {
      answer.people.add(static_cast<std::uint32_t>(profile.value));
      if (question.kind == RecipientKind::profile) {
        ++answer.total;
        continue;
      }
      std::optional<Platform> newest;
      for (const auto& address : must(people_->addresses_of(account_, profile))) {
        if (!address.live || (question.platforms & platform_bit(address.platform)) == 0) continue;
        newest = address.platform;
        if (question.all_devices)
          ++answer.total, ++answer.by_platform[static_cast<std::size_t>(address.platform)];
      }
      if (newest && !question.all_devices)
        ++answer.total, ++answer.by_platform[static_cast<std::size_t>(*newest)];
    }
    return answer;
  }

  void hold_against_each_other(bool must_answer) {
    const Query query = random_query();
    Question question{.account = account_, .query = query, .zone = zone_, .now = now, .people = true};
    question.kind = pick(4) == 0 ? RecipientKind::profile : RecipientKind::address;
    question.platforms = 1 + static_cast<unsigned>(pick(15));
    question.all_devices = pick(2) == 0;
    const auto answer = must(ask(*people_->index(), question));
    if (must_answer) {
      ASSERT_TRUE(answer) << asked_;
    }
    if (!answer) return;
    const Answer wanted = expected(question);
    ASSERT_EQ(answer->people.toString(), wanted.people.toString()) << asked_;
    ASSERT_EQ(answer->total, wanted.total) << asked_;
    ASSERT_EQ(answer->by_platform, wanted.by_platform) << asked_;
  }

  store::TempFolder folder_;
  TimeZone zone_ = *TimeZone::named("Asia/Kolkata");
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::ProfileSession> people_;
  AccountId account_;
  std::mt19937 random_{1};
  std::vector<std::string> event_names_{"Bought", "Seen", "Left"};
  std::string asked_;
};

TEST_F(Index, answers_what_going_through_everybody_answers) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    random_.seed(seed);
    if (seed == 3) many_addresses(1600);
    for (int round = 0; round < 25; ++round) {
      for (std::size_t i = pick(60); i-- > 0;) change_something();
      if (round == 0 || pick(4) == 0)
        catch_up({.profiles = static_cast<std::uint32_t>(1 + pick(200)),
                  .events = static_cast<std::uint32_t>(1 + pick(50))});
      if (pick(6) == 0) open();
      for (int i = 0; i < 12; ++i) {
        hold_against_each_other(true);
        if (HasFatalFailure()) FAIL() << "seed " << seed << " round " << round;
        if (pick(4) == 0) change_something();
      }
    }
  }
}

TEST_F(Index, is_not_asked_before_it_is_there) {
  upload_profile(1, 1);
  const Query query = random_query();
  EXPECT_FALSE(
      must(ask(*people_->index(), {.account = account_, .query = query, .zone = zone_, .now = now})));
}

TEST_F(Index, follows_the_account_to_another_time_zone) {
  for (int i = 0; i < 200; ++i) upload_event(pick(50));
  catch_up();
  zone_ = *TimeZone::named("America/New_York");
  catch_up();
  for (int i = 0; i < 40; ++i) hold_against_each_other(true);
}

TEST_F(Index, forgets_the_values_of_somebody_who_is_deleted) {
  const auto upload = [&](const char* who, const char* email) {
    const std::pair<std::string_view, std::string_view> set[] = {{"Email", email}, {"City", "\"Pune\""}};
    const store::UploadRecord record = store::ProfileWrite{{IdentityKind::identity, who}, "", set, now};
    must(people_->apply(account_, {&record, 1}));
  };
  upload("ann", "\"ann@example.com\"");
  upload("bob", "\"bob@example.com\"");
  catch_up();
  const store::IdentityRef ann{IdentityKind::identity, "ann"};
  must(store::people_of(*people_).remove(account_, {&ann, 1}));
  catch_up();
  auto& index = *people_->index();
  must(index.begin(account_, false));
  std::set<std::string> kept;
  for (const auto& field : must(index.fields(store::IndexFieldKind::property)))
    must(index.fragment(field.id + 1, 0))
        ->each(0, store::most_index_rows - 1,
               [&](std::uint32_t, std::string_view text) { kept.insert(std::string(text)); });
  index.end();
  EXPECT_EQ(kept, (std::set<std::string>{"tPune", "tbob@example.com"}));
}

TEST_F(Index, goes_with_its_account) {
  for (int i = 0; i < 200; ++i) change_something();
  catch_up();
  must(must(store_->control(store::Lane::ordinary))->remove_account(account_));
  for (int i = 0; i < 20; ++i) must(store_->tidy_up());
  auto& index = *people_->index();
  must(index.begin(account_, false));
  EXPECT_EQ(index.state().generation, 0);
  for (const auto kind :
       {store::IndexFieldKind::people, store::IndexFieldKind::property, store::IndexFieldKind::event})
    EXPECT_TRUE(must(index.fields(kind)).empty());
  index.end();
}

}  // namespace
}  // namespace belay::audience::index
