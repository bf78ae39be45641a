#include "audience/index/bits.h"

#include <algorithm>

namespace belay::audience::index {
namespace {

static_assert(std::endian::native == std::endian::little, "the encoded forms are little-endian");

constexpr std::size_t bitset_bytes = shard_size / 8;

// Bits set in each of 64 words, added up; written so that compilers make vectors of it.
std::uint32_t ones(const std::uint64_t* words, std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t x = words[i];
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    x += x >> 8;
    x += x >> 16;
    x += x >> 32;
    sum += x & 0x7f;
  }
  return static_cast<std::uint32_t>(sum);
}

void put(std::string& out, std::uint32_t place) {
  const auto value = static_cast<std::uint16_t>(place);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

void Bits::set_range(std::uint32_t first, std::uint32_t last) {
  if (first > last) return;
  const std::size_t from = first >> 6, to = last >> 6;
  const std::uint64_t head = ~std::uint64_t{0} << (first & 63),
                      tail = ~std::uint64_t{0} >> (63 - (last & 63));
  if (from == to) {
    words_[from] |= head & tail;
    return;
  }
  words_[from] |= head;
  for (std::size_t w = from + 1; w < to; ++w) words_[w] = ~std::uint64_t{0};
  words_[to] |= tail;
}

Bits& Bits::operator|=(const Bits& other) {
  for (std::size_t w = 0; w < words; ++w) words_[w] |= other.words_[w];
  return *this;
}

Bits& Bits::operator&=(const Bits& other) {
  for (std::size_t w = 0; w < words; ++w) words_[w] &= other.words_[w];
  return *this;
}

Bits& Bits::and_not(const Bits& other) {
  for (std::size_t w = 0; w < words; ++w) words_[w] &= ~other.words_[w];
  return *this;
}

bool Bits::none() const {
  return std::all_of(words_.begin(), words_.end(), [](std::uint64_t w) { return w == 0; });
}

std::uint32_t Bits::count() const {
  return ones(words_.data(), words);
}

std::uint32_t Bits::count_both(const Bits& other) const {
  Bits both = *this;
  both &= other;
  return both.count();
}

std::string encode(const Bits& bits) {
  const std::uint32_t members = bits.count();
  if (members == 0) return {};
  std::size_t runs = 0;
  std::uint64_t before = 0;  // the highest bit of the word before
  for (const std::uint64_t w : bits.words_) {
    runs += static_cast<std::size_t>(std::popcount(w & ~(w << 1 | before)));
    before = w >> 63;
  }
  const std::size_t as_array = members * std::size_t{2}, as_runs = runs * 4;
  std::string out;
  if (as_runs < std::min(as_array, bitset_bytes)) {
    out.reserve(as_runs + 1);
    out += runs_form;
    std::int64_t first = -1, last = -1;
    bits.each([&](Place p) {
      if (first >= 0 && p == last + 1) return void(last = p);
      if (first >= 0) put(out, static_cast<std::uint32_t>(first)), put(out, static_cast<std::uint32_t>(last));
      first = last = p;
    });
    put(out, static_cast<std::uint32_t>(first)), put(out, static_cast<std::uint32_t>(last));
  } else if (as_array < bitset_bytes) {
    out.reserve(as_array + 1);
    out += array_form;
    bits.each([&](Place p) { put(out, p); });
  } else {
    out.reserve(bitset_bytes + 1);
    out += bitset_form;
    out.append(reinterpret_cast<const char*>(bits.words_.data()), bitset_bytes);
  }
  return out;
}

void add_to(Bits& bits, std::string_view bytes) {
  if (bytes.empty()) return;
  if (bytes[0] == array_form) {
    for (std::size_t at = 1; at + 2 <= bytes.size(); at += 2) bits.set(place_at(bytes, at));
  } else if (bytes[0] == runs_form) {
    for (std::size_t at = 1; at + 4 <= bytes.size(); at += 4)
      bits.set_range(place_at(bytes, at), place_at(bytes, at + 2));
  } else if (bytes.size() == bitset_bytes + 1) {
    const char* from = bytes.data() + 1;
    for (std::size_t w = 0; w < Bits::words; ++w, from += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, from, sizeof word);
      bits.words_[w] |= word;
    }
  }
}

bool holds(std::string_view bytes, Place at) {
  if (bytes.empty()) return false;
  if (bytes[0] == bitset_form)
    return bytes.size() == bitset_bytes + 1 &&
           (static_cast<unsigned char>(bytes[1 + at / 8]) >> (at % 8) & 1) != 0;
  const std::size_t step = bytes[0] == array_form ? 2 : 4;
  std::size_t low = 0, high = (bytes.size() - 1) / step;  // the first that ends at or behind `at`
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (place_at(bytes, 1 + middle * step + step - 2) < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low < (bytes.size() - 1) / step && place_at(bytes, 1 + low * step) <= at;
}

}  // namespace belay::audience::index
