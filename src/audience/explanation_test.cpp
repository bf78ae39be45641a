#include "audience/explanation.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "store/sqlite/open.h"

namespace belay::audience {
namespace {

std::string shape(const Explained& e) {
  std::string out = fmt::format("{}:{}{}", e.in_words, e.people, e.joined.empty() ? "" : " " + e.joined);
  for (const Explained& part : e.parts) out += fmt::format(" ({})", shape(part));
  return out;
}

TEST(Explanation, counts_every_part_by_itself_whatever_the_chunk) {
  const auto folder = std::filesystem::path(testing::TempDir()) / fmt::format("explanation-{}", getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    const auto store = store::open_sqlite(folder.string()).value();
    const auto session = store->profiles().value();
    const AccountId account = store->control(store::Lane::ordinary)
                                  .value()
                                  ->put_account({.id = {}, .key = "A", .time_zone = "UTC", .region = "eu1"})
                                  ->id;
    const WallTime now = wall_from_micros(1'457'432'766'000'000);
    for (int i = 0; i < 6; ++i) {
      const std::string name = fmt::format("p{}", i), city = i < 4 ? "\"Pune\"" : "\"Delhi\"";
      const std::pair<std::string_view, std::string_view> set[] = {{"City", city}};
      const store::IdentityRef who{store::IdentityKind::identity, name};
      std::vector<store::UploadRecord> records{store::ProfileWrite{who, "", set, now}};
      if (i % 2 == 0) records.push_back(store::EventWrite{who, "Bought", "{}", now});
      ASSERT_TRUE(session->apply(account, records));
    }
    const auto explain = [&](std::string_view where, std::uint32_t chunk) {
      Explanation explanation(Query::parse_text(where).value(), account, TimeZone::named("UTC").value(), now,
                              chunk);
      while (!explanation.step(*session).value()) {
      }
      EXPECT_EQ(explanation.looked_at(), 6u);
      return shape(explanation.whole());
    };
    for (const std::uint32_t chunk : {1u, 4u, 100u}) {
      EXPECT_EQ(explain("{}", chunk), "Everybody:6");
      EXPECT_EQ(explain(R"({"common_profile_properties":{"profile_fields":[{"name":"City","value":"Pune"}]},)"
                        R"("advanced_query":{"did_none":[{"event_name":"Bought"}]}})",
                        chunk),
                R"(City is "Pune", and not: did "Bought" in the last 365 days:2 all (City is "Pune":4) )"
                R"((not: did "Bought" in the last 365 days:3 none (did "Bought" in the last 365 days:3)))");
      EXPECT_EQ(
          explain(
              R"({"advanced_query":{"did_any":{"any_events":[{"event_name":"Bought"},{"event_name":"Left"}]}}})",
              chunk),
          R"(did "Bought" in the last 365 days, or did "Left" in the last 365 days:3 any )"
          R"((did "Bought" in the last 365 days:3) (did "Left" in the last 365 days:0))");
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace belay::audience
