#include "store/roaring_bytes.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

namespace belay::store {
namespace {

constexpr std::uint32_t cookie_without_runs = 12346;
constexpr std::uint32_t cookie_with_runs = 12347;
constexpr std::uint32_t always_offsets_from = 4;  // containers; below it, offsets are left out beside runs
constexpr std::uint32_t most_in_array = 4096;
constexpr std::size_t bitset_bytes = 8192;
constexpr std::uint32_t most_containers = 65536;

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  bool get(T& value) {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return true;
  }
  bool take(std::size_t count, std::string_view& out) {
    if (rest_.size() < count) return false;
    out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Container {
  std::uint32_t cardinality = 0;
  bool runs = false;
};

bool read_runs(Reader& in, std::uint32_t cardinality) {
  std::uint16_t count = 0;
  if (!in.get(count)) return false;
  std::uint32_t next = 0, total = 0;  // runs must start at or behind `next`
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint16_t start = 0, further = 0;
    if (!in.get(start) || !in.get(further)) return false;
    const std::uint32_t last = std::uint32_t{start} + further;
    if ((i > 0 && start < next) || last > 0xffff) return false;
    next = last + 1;
    total += further + 1u;
  }
  return total == cardinality;
}

bool read_array(Reader& in, std::uint32_t cardinality) {
  std::int32_t previous = -1;
  for (std::uint32_t i = 0; i < cardinality; ++i) {
    std::uint16_t value = 0;
    if (!in.get(value) || value <= previous) return false;
    previous = value;
  }
  return true;
}

bool read_bitset(Reader& in, std::uint32_t cardinality) {
  std::string_view bytes;
  if (!in.take(bitset_bytes, bytes)) return false;
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < bitset_bytes; i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    total += static_cast<std::uint32_t>(std::popcount(word));
  }
  return total == cardinality;
}

bool read_container(Reader& in, const Container& c) {
  if (c.runs) return read_runs(in, c.cardinality);
  return c.cardinality <= most_in_array ? read_array(in, c.cardinality) : read_bitset(in, c.cardinality);
}

// How many containers there are and which of them hold runs.
bool read_cookie(Reader& in, std::vector<Container>& containers, bool& any_runs) {
  std::uint32_t cookie = 0;
  if (!in.get(cookie)) return false;
  any_runs = (cookie & 0xffff) == cookie_with_runs;
  std::uint32_t count = (cookie >> 16) + 1;
  if (!any_runs && (cookie != cookie_without_runs || !in.get(count) || count > most_containers)) return false;
  containers.resize(count);
  if (!any_runs) return true;
  std::string_view flags;
  if (!in.take((count + 7) / 8, flags)) return false;
  for (std::uint32_t i = 0; i < count; ++i)
    containers[i].runs = (static_cast<std::uint8_t>(flags[i / 8]) >> (i % 8) & 1) != 0;
  return true;
}

}  // namespace

bool is_roaring(std::string_view bytes) {
  Reader in(bytes);
  std::vector<Container> containers;
  bool any_runs = false;
  if (!read_cookie(in, containers, any_runs)) return false;
  std::int32_t previous_key = -1;
  for (Container& c : containers) {
    std::uint16_t key = 0, cardinality_less_one = 0;
    if (!in.get(key) || !in.get(cardinality_less_one) || key <= previous_key) return false;
    previous_key = key;
    c.cardinality = cardinality_less_one + 1u;
  }
  std::string_view offsets;  // a convenience for others; what they say follows from the rest
  if (!any_runs || containers.size() >= always_offsets_from)
    if (!in.take(containers.size() * sizeof(std::uint32_t), offsets)) return false;
  for (const Container& c : containers)
    if (!read_container(in, c)) return false;
  return in.at_end();
}

}  // namespace belay::store
