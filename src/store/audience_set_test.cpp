#include "store/audience_set.h"

#include <gtest/gtest.h>

#include "base/manual.h"

namespace belay::store {
namespace {

AudienceSet set_of(std::initializer_list<std::int64_t> ids) {
  AudienceSet set;
  for (const std::int64_t id : ids) set.add(RecipientId{id});
  return set;
}

// Arrays, bitsets and runs in one set.
std::vector<RecipientId> mixed_ids() {
  SeededRandom random(7);
  std::vector<RecipientId> ids;
  std::int64_t id = 1;
  for (; id < 70'000; id += 1) ids.emplace_back(id);                                                // runs
  for (; id < 270'000; id += 1 + static_cast<std::int64_t>(random.below(3))) ids.emplace_back(id);  // bitsets
  for (; id < 9'000'000; id += 500 + static_cast<std::int64_t>(random.below(999)))
    ids.emplace_back(id);  // arrays
  ids.emplace_back(std::int64_t{4'294'967'295});
  return ids;
}

AudienceSet mixed() {
  AudienceSet set;
  for (const RecipientId id : mixed_ids()) set.add(id);
  set.compact();
  return set;
}

TEST(AudienceSet, knows_its_members_and_their_ordinals) {
  AudienceSet set = set_of({5, 70'000, 9});
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(set.at(0), RecipientId{5});
  EXPECT_EQ(set.at(2), RecipientId{70'000});
  EXPECT_EQ(set.ordinal_of(RecipientId{9}), 1u);
  EXPECT_EQ(set.ordinal_of(RecipientId{10}), std::nullopt);
  EXPECT_FALSE(set.contains(RecipientId{std::int64_t{1} << 32 | 5}))
      << "ids beyond 32 bits are not cut short";
  set.remove(RecipientId{5});
  EXPECT_FALSE(set.contains(RecipientId{5}));
  EXPECT_EQ(set.at(0), RecipientId{9});
}

TEST(AudienceSet, gives_any_range_of_ordinals) {
  const auto ids = mixed_ids();
  const AudienceSet set = mixed();
  ASSERT_EQ(set.size(), ids.size());
  SeededRandom random(1);
  for (int i = 0; i < 200; ++i) {
    const auto from = static_cast<Ordinal>(random.below(ids.size() + 10));
    const auto count = static_cast<std::uint32_t>(random.below(5000));
    std::vector<RecipientId> got{RecipientId{1}};
    set.range(from, count, got);
    const auto begin = ids.begin() + std::min<std::ptrdiff_t>(from, ids.size());
    std::vector<RecipientId> wanted{RecipientId{1}};
    wanted.insert(wanted.end(), begin, begin + std::min<std::ptrdiff_t>(count, ids.end() - begin));
    ASSERT_EQ(got, wanted) << from << "+" << count;
    if (from >= ids.size()) continue;
    ASSERT_EQ(set.at(from), ids[from]);
    ASSERT_EQ(set.ordinal_of(ids[from]), from);
  }
}

TEST(AudienceSet, empty_one_has_nothing_and_survives_storage) {
  const AudienceSet set;
  std::vector<RecipientId> none;
  set.range(0, 10, none);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(AudienceSet::parse(set.serialize())->size(), 0u);
}

TEST(AudienceSet, comes_back_from_its_bytes) {
  const AudienceSet set = mixed();
  const auto back = AudienceSet::parse(set.serialize());
  ASSERT_TRUE(back);
  std::vector<RecipientId> ids;
  back->range(0, back->size(), ids);
  EXPECT_EQ(ids, mixed_ids());
}

TEST(AudienceSet, refuses_bytes_that_are_cut_short_or_longer) {
  const std::string bytes = mixed().serialize();
  EXPECT_FALSE(AudienceSet::parse(""));
  EXPECT_FALSE(AudienceSet::parse(bytes + '\0'));
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 7)
    EXPECT_FALSE(AudienceSet::parse(std::string_view(bytes).substr(0, length))) << length;
}

// Whatever a damaged file holds: either it is refused, or it is a set that works.
TEST(AudienceSet, survives_flipped_bits) {
  const AudienceSet set = set_of({1, 2, 3, 4, 5, 6, 900, 70'000, 70'002, 70'004, 140'000, 200'001, 270'000});
  AudienceSet runs = set_of({1});
  for (std::int64_t i = 1; i < 300'000; ++i)
    if (i % 100 < 90 || i > 200'000) runs.add(RecipientId{i});
  runs.compact();
  int refused = 0;
  for (const std::string& good : {set.serialize(), runs.serialize()})
    for (std::size_t bit = 0; bit < std::min<std::size_t>(good.size(), 400) * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      const auto parsed = AudienceSet::parse(bad);
      if (!parsed) {
        ++refused;
        continue;
      }
      std::vector<RecipientId> ids;
      parsed->range(0, parsed->size(), ids);
      ASSERT_EQ(ids.size(), parsed->size());
      ASSERT_TRUE(std::is_sorted(ids.begin(), ids.end()));
      ASSERT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
    }
  EXPECT_GT(refused, 100);
}

// Three waves of an audience: ordinals run through them.
AudienceSet in_parts() {
  std::vector<AudienceSet> parts;
  parts.push_back(set_of({500, 700'000}));
  parts.push_back(set_of({1, 2, 3}));
  parts.push_back(set_of({400}));
  return AudienceSet::in_order(std::move(parts));
}

TEST(AudienceSet, parts_stand_behind_each_other) {
  const AudienceSet made = in_parts();
  for (const AudienceSet& set : {AudienceSet::parse(made.serialize()).value(), in_parts()}) {
    ASSERT_EQ(set.size(), 6u);
    const std::vector<std::int64_t> order{500, 700'000, 1, 2, 3, 400};
    std::vector<RecipientId> ids;
    set.range(1, 4, ids);
    ASSERT_EQ(ids.size(), 4u);
    for (Ordinal o = 0; o < 6; ++o) {
      EXPECT_EQ(set.at(o), RecipientId{order[o]});
      EXPECT_EQ(set.ordinal_of(RecipientId{order[o]}), o);
      if (o >= 1 && o < 5) EXPECT_EQ(ids[o - 1], RecipientId{order[o]});
    }
    EXPECT_FALSE(set.ordinal_of(RecipientId{4}));
    EXPECT_TRUE(set.contains(RecipientId{400}));
  }
}

TEST(AudienceSet, of_one_part_is_written_as_ever) {
  std::vector<AudienceSet> parts;
  parts.push_back(set_of({1, 2, 3}));
  EXPECT_EQ(AudienceSet::in_order(std::move(parts)).serialize(), set_of({1, 2, 3}).serialize());
}

TEST(AudienceSet, damaged_parts_are_refused_or_work) {
  const std::string good = in_parts().serialize();
  int refused = 0;
  for (std::size_t size = 0; size < good.size(); ++size)
    refused += AudienceSet::parse(std::string_view(good).substr(0, size)) ? 0 : 1;
  EXPECT_EQ(refused, static_cast<int>(good.size()));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto parsed = AudienceSet::parse(bad);
    if (!parsed) continue;
    std::vector<RecipientId> ids;
    parsed->range(0, parsed->size(), ids);
    ASSERT_EQ(ids.size(), parsed->size());
    std::ranges::sort(ids);
    ASSERT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());  // nobody is in two parts
  }
}

}  // namespace
}  // namespace belay::store
