#include "audience/index/bits.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace belay::audience::index {
namespace {

Bits of(const std::set<Place>& places) {
  Bits bits;
  bits.clear();
  for (const Place p : places) bits.set(p);
  return bits;
}

std::set<Place> random_places(std::mt19937& random, int form) {
  std::set<Place> places;
  if (form == 0)
    for (int i = 0; i < 300; ++i) places.insert(static_cast<Place>(random()));
  if (form == 1)
    for (int i = 0; i < 40'000; ++i) places.insert(static_cast<Place>(random()));
  if (form == 2)
    for (int i = 0; i < 20; ++i)
      for (std::uint32_t p = random() % shard_size, n = random() % 2000; n > 0 && p < shard_size; --n, ++p)
        places.insert(static_cast<Place>(p));
  return places;
}

TEST(Bits, ComeBackFromEachForm) {
  std::mt19937 random(7);
  constexpr std::array<char, 3> forms{array_form, bitset_form, runs_form};
  for (int round = 0; round < 30; ++round) {
    const auto places = random_places(random, round % 3);
    const Bits bits = of(places);
    const std::string bytes = encode(bits);
    EXPECT_EQ(bytes[0], forms[static_cast<std::size_t>(round % 3)]);
    EXPECT_EQ(decode(bytes), bits);
    EXPECT_EQ(bits.count(), places.size());
    std::vector<Place> visited;
    each_in(bytes, [&](Place p) { visited.push_back(p); });
    EXPECT_TRUE(std::ranges::equal(visited, places));
    for (int i = 0; i < 2000; ++i) {
      const auto p = static_cast<Place>(random());
      ASSERT_EQ(holds(bytes, p), places.contains(p)) << p;
    }
  }
}

TEST(Bits, EdgesOfTheShard) {
  EXPECT_EQ(encode(of({})), "");
  Bits all;
  all.fill();
  EXPECT_EQ(all.count(), shard_size);
  EXPECT_EQ(encode(all).size(), 5u);
  EXPECT_EQ(decode(encode(all)), all);
  const Bits ends = of({0, 65535});
  EXPECT_EQ(decode(encode(ends)), ends);
  EXPECT_TRUE(holds(encode(ends), 65535));
  EXPECT_FALSE(holds(encode(ends), 65534));
}

TEST(Bits, AlgebraIsThatOfSets) {
  std::mt19937 random(8);
  for (int round = 0; round < 9; ++round) {
    const auto a = random_places(random, round % 3), b = random_places(random, round / 3);
    std::set<Place> both, either = a, without;
    for (const Place p : a) (b.contains(p) ? both : without).insert(p);
    either.insert(b.begin(), b.end());
    Bits x = of(a);
    EXPECT_EQ(x.count_both(of(b)), both.size());
    EXPECT_EQ(Bits(x) &= of(b), of(both));
    EXPECT_EQ(Bits(x) |= of(b), of(either));
    EXPECT_EQ(Bits(x).and_not(of(b)), of(without));
  }
}

TEST(Bits, DamagedBytesAreSomeSet) {
  for (const std::string& bytes : {std::string("a\x01"), std::string("r\x01\x02\x03"), std::string("b123"),
                                   std::string("?"), std::string("r\xff\xff\x00\x00", 5)}) {
    EXPECT_LE(decode(bytes).count(), shard_size);
    EXPECT_FALSE(holds(bytes, 9));
  }
}

}  // namespace
}  // namespace belay::audience::index
