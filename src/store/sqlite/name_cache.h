// Which profile a name leads to, for uploads. An event of one among millions of people finds its profile in one
// line of memory, instead of by a way down a tree that is many times the writer's page cache.
//
// Of a name only 96 bits of a keyed 128-bit hash are kept (SipHash-2-4 of Aumasson and Bernstein, INDOCRYPT 2012),
// so that four names fit in a line. Two names of a billion would be taken for one another with a chance below
// 1e-10; who does not know the key can't look for such two.
//
// Belongs to the writer, which uses it under its turn. What a transaction learns counts once it is committed;
// what it forgets is forgotten at once. Never blocks. Takes no more than `most_bytes` (at least 4 KiB), rounded
// down to a power of two; begins small and grows with what it is given. When it is full, old names go by chance.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "store/people.h"
#include "store/sqlite/open.h"

struct evp_mac_ctx_st;

namespace belay::store::sqlite {

class NameCache {
 public:
  NameCache(std::size_t most_bytes, const std::array<std::uint64_t, 2>& key);
  ~NameCache();
  NameCache(const NameCache&) = delete;
  NameCache& operator=(const NameCache&) = delete;

  // The profile's number, if the name is known here; else the name may exist all the same.
  std::optional<std::int64_t> find(AccountId account, const IdentityRef& who);
  void learn(AccountId account, const IdentityRef& who, std::int64_t profile);
  // The name is gone or leads elsewhere.
  void forget(AccountId account, const IdentityRef& who);

  void commit();
  void roll_back();
  void clear();

  std::size_t bytes() const;

 private:
  struct Hash {
    std::uint64_t low, high;
  };
  struct Slot {
    std::array<std::uint32_t, 3> tag{};
    std::uint32_t profile = 0;  // 0: free
  };
  static constexpr std::size_t slots_a_line = 4;
  struct alignas(64) Line {
    std::array<Slot, slots_a_line> slots;
  };
  // Each grows on its own, so that growing never takes long.
  struct Segment {
    std::vector<Line> lines;  // a power of two of them
    std::size_t used = 0;     // slots
  };
  struct Learned {
    Hash hash;
    std::uint32_t profile;
  };
  static constexpr std::size_t segments = 64;

  Hash hash(AccountId account, const IdentityRef& who);
  Segment& segment_of(const Hash& hash) { return segments_[hash.low % segments]; }
  static Line& line_of(Segment& segment, std::uint32_t spread);
  static Slot* slot_of(Segment& segment, const Hash& hash);
  static Slot* free_slot(Line& line);
  void put(const Hash& hash, std::uint32_t profile);
  void drop(const Hash& hash);
  static void grow(Segment& segment);

  std::size_t most_lines_;  // of a segment
  std::array<Segment, segments> segments_;
  std::vector<Learned> learned_;  // by the transaction under way
  std::vector<Hash> forgotten_;
  evp_mac_ctx_st* mac_ = nullptr;
};

}  // namespace belay::store::sqlite
