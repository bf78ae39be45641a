// What the rows of the index mean (store/index.h keeps them). The store's files hold this: numbers here must
// never change their meaning.
//
//   people           row 0: everybody
//   devices          what live devices people have: see below
//   property NAME    one row a value, or the bits of numbers; the field behind it (id + 1): the values' texts
//   event NAME       one row a day: who had it then; and how often, of those who had it more than once
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "campaign/campaign.h"

namespace belay::audience::index {

inline constexpr std::uint32_t everybody_row = 0;

// ---- a property -------------------------------------------------------------------------------------

inline constexpr std::uint32_t has_row = 0;          // it exists and is not null
inline constexpr std::uint32_t unindexed_row = 1;    // its value is none of the following: to be looked at
inline constexpr std::uint32_t integer_row = 2;      // a whole number or a date, in binary
inline constexpr std::uint32_t real_row = 3;         // another number, in binary
inline constexpr std::uint32_t hashed_row = 4;       // a text that is only known by its hash
inline constexpr std::uint32_t convertible_row = 5;  // of those: texts that are numbers or truth values
inline constexpr std::uint32_t hash_bits_row = 16;   // 16 rows: the hash's bits
inline constexpr std::uint32_t integer_bits_row = 64, real_bits_row = 128;  // 64 rows each, lowest bit first
inline constexpr std::uint32_t values_row = 256;                            // from here on one row a value

// A value beyond these is hashed (a text) or to be looked at (an element of a list). Of a property such as an
// e-mail address everybody has another value; a row each would be larger than the profiles.
inline constexpr std::uint32_t most_values_of_property = 1000;
inline constexpr std::size_t longest_value = 128;
// Properties beyond these are not indexed; the profiles that have one are noted under the name "".
inline constexpr std::size_t most_properties = 1000;

// Orders as the numbers do.
constexpr std::uint64_t key_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number) ^ std::uint64_t{1} << 63;
}
constexpr std::int64_t integer_of(std::uint64_t key) {
  return static_cast<std::int64_t>(key ^ std::uint64_t{1} << 63);
}
inline std::uint64_t key_of(double number) {
  const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);  // one zero
  return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}
inline double real_of(std::uint64_t key) {
  const double number = std::bit_cast<double>(key >> 63 != 0 ? key ^ std::uint64_t{1} << 63 : ~key);
  if (!std::isnan(number)) return number;
  return key >> 63 != 0 ? HUGE_VAL : -HUGE_VAL;
}

// FNV-1a, folded to 16 bits.
constexpr std::uint16_t hash_of(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  h ^= h >> 32;
  return static_cast<std::uint16_t>(h ^ h >> 16);
}

// ---- devices ----------------------------------------------------------------------------------------

// A person's platforms in the order of their newest live device, newest first, as digits 1..4 of a number to
// the base of 5: one row a number.
inline constexpr std::uint32_t order_row = 16, orders = 625;
constexpr Platform first_of_order(std::uint32_t order) {
  return static_cast<Platform>(order % 5 - 1);
}
constexpr std::uint32_t rest_of_order(std::uint32_t order) {
  return order / 5;
}
// How many live devices on a platform, in binary: 32 rows a platform, lowest bit first.
constexpr std::uint32_t device_count_row(Platform platform) {
  return 1024 + 32 * static_cast<std::uint32_t>(platform);
}

// ---- events -----------------------------------------------------------------------------------------

// The local day, in days since 1970-01-01; nothing when it is out of the calendar.
inline constexpr std::int64_t furthest_day = 1 << 20;
constexpr std::optional<std::uint32_t> day_row(std::int64_t day) {
  if (day <= -furthest_day || day >= furthest_day) return std::nullopt;
  return static_cast<std::uint32_t>((day + furthest_day) * 2);
}
// Behind a day's row: place (2 bytes) and further events (4 bytes) of those with more than one, by place.
constexpr std::uint32_t more_row(std::uint32_t day_row) {
  return day_row + 1;
}
inline constexpr std::size_t more_size = 6;

}  // namespace belay::audience::index
