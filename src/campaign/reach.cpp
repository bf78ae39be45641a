#include "campaign/reach.h"

#include <algorithm>

namespace belay {

std::uint32_t PeopleLimits::least_of(std::uint32_t people, std::optional<std::uint32_t> left_overall) const {
  for (const auto& limit : {per_run, segment, left_overall})
    if (limit) people = std::min(people, *limit);
  return people;
}

// FNV-1a of both texts with a zero byte between them, and the finalizer of SplitMix64, without which the
// upper bits of short texts are alike. Never to be changed: people would move into and out of groups.
std::uint64_t lot_of(std::string_view group, std::string_view person) {
  std::uint64_t h = 0xcbf29ce484222325;
  const auto add = [&h](unsigned char c) { h = (h ^ c) * 0x100000001b3; };
  for (const char c : group) add(static_cast<unsigned char>(c));
  add(0);
  for (const char c : person) add(static_cast<unsigned char>(c));
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
  h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
  return h ^ (h >> 31);
}

bool drawn(std::uint64_t lot, std::uint32_t percent) {
  return (lot >> 32) * 100 < (std::uint64_t{percent} << 32);
}

}  // namespace belay
