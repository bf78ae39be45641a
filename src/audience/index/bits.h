// The bits of a shard: 65,536 profiles, one each. As wide as one container of a Roaring bitmap, so that a
// set is kept in one of Roaring's three forms (an array, a bitset, runs), and is worked on as a plain
// bitset that fits the first-level cache: no allocation, no tree. Pure; no thread of its own.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace belay::audience::index {

inline constexpr std::uint32_t shard_bits = 16;
inline constexpr std::uint32_t shard_size = 1u << shard_bits;
using Place = std::uint16_t;  // of a profile in its shard

// Not initialised: call clear() or fill() first.
class Bits {
 public:
  void clear() { words_.fill(0); }
  void fill() { words_.fill(~std::uint64_t{0}); }
  void set(Place at) { words_[at >> 6] |= std::uint64_t{1} << (at & 63); }
  void reset(Place at) { words_[at >> 6] &= ~(std::uint64_t{1} << (at & 63)); }
  bool test(Place at) const { return (words_[at >> 6] >> (at & 63) & 1) != 0; }
  void set_range(std::uint32_t first, std::uint32_t last);  // both inclusive

  Bits& operator|=(const Bits& other);
  Bits& operator&=(const Bits& other);
  Bits& and_not(const Bits& other);
  friend bool operator==(const Bits&, const Bits&) = default;

  bool none() const;
  std::uint32_t count() const;
  std::uint32_t count_both(const Bits& other) const;  // of the intersection

  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t w = 0; w < words; ++w)
      for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1)
        visit(static_cast<Place>(w * 64 + static_cast<std::size_t>(std::countr_zero(rest))));
  }

 private:
  friend std::string encode(const Bits& bits);
  friend void add_to(Bits& bits, std::string_view bytes);
  static constexpr std::size_t words = shard_size / 64;
  alignas(64) std::array<std::uint64_t, words> words_;
};

// The smallest of the three forms; "" for the empty set. The store keeps it: it must never change.
std::string encode(const Bits& bits);
// bits |= what encode() made. Any bytes are safe; damaged ones are some set.
void add_to(Bits& bits, std::string_view bytes);
inline Bits decode(std::string_view bytes) {
  Bits bits;
  bits.clear();
  add_to(bits, bytes);
  return bits;
}
bool holds(std::string_view bytes, Place at);

// Calls visit(Place) for every member, in ascending order.
template <class Visit>
void each_in(std::string_view bytes, Visit&& visit);

// ---- the encoded forms -----------------------------------------------------------------------------

inline constexpr char array_form = 'a';   // ascending places, 2 bytes each
inline constexpr char bitset_form = 'b';  // 8,192 bytes
inline constexpr char runs_form = 'r';    // ascending pairs: first, last

inline std::uint16_t place_at(std::string_view bytes, std::size_t at) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class Visit>
void each_in(std::string_view bytes, Visit&& visit) {
  if (bytes.empty()) return;
  if (bytes[0] == array_form) {
    for (std::size_t at = 1; at + 2 <= bytes.size(); at += 2) visit(place_at(bytes, at));
  } else if (bytes[0] == runs_form) {
    for (std::size_t at = 1; at + 4 <= bytes.size(); at += 4)
      for (std::uint32_t p = place_at(bytes, at), last = place_at(bytes, at + 2); p <= last; ++p)
        visit(static_cast<Place>(p));
  } else {
    decode(bytes).each(visit);
  }
}

}  // namespace belay::audience::index
