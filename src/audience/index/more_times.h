// How often beyond once: the row behind a day's row. Pure.
#pragma once
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "audience/index/bits.h"
#include "audience/index/layout.h"

namespace belay::audience::index {

template <class Visit>
void each_more_times(std::string_view bytes, Visit&& visit) {
  for (std::size_t at = 0; at + more_size <= bytes.size(); at += more_size) {
    std::uint32_t times = 0;
    std::memcpy(&times, bytes.data() + at + 2, sizeof times);
    visit(place_at(bytes, at), times);
  }
}

inline std::uint32_t more_times(std::string_view bytes, Place place) {
  std::uint32_t found = 0;
  each_more_times(bytes, [&](Place p, std::uint32_t times) {
    if (p == place) found = times;
  });
  return found;
}

inline std::map<Place, std::uint32_t> all_more_times(std::string_view bytes) {
  std::map<Place, std::uint32_t> all;
  each_more_times(bytes, [&](Place p, std::uint32_t times) { all.emplace_hint(all.end(), p, times); });
  return all;
}

inline std::string encode_more_times(const std::map<Place, std::uint32_t>& all) {
  std::string out;
  out.reserve(all.size() * more_size);
  for (const auto& [place, times] : all) {
    out.append(reinterpret_cast<const char*>(&place), sizeof place);
    out.append(reinterpret_cast<const char*>(&times), sizeof times);
  }
  return out;
}

}  // namespace belay::audience::index
