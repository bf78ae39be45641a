#include "store/sqlite/name_cache.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace belay::store::sqlite {
namespace {

// A segment as full as this grows, rather than let a name go because its line is full.
constexpr std::size_t full_percent = 60;

std::array<std::uint32_t, 3> tag_of(std::uint64_t low, std::uint64_t high) {
  return {static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32),
          static_cast<std::uint32_t>(low >> 32)};
}

}  // namespace

NameCache::NameCache(std::size_t most_bytes, const std::array<std::uint64_t, 2>& key)
    : most_lines_(std::bit_floor(std::max<std::size_t>(most_bytes / segments / sizeof(Line), 1))) {
  EVP_MAC* siphash = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_SIPHASH, nullptr);
  CHECK(siphash != nullptr);
  mac_ = EVP_MAC_CTX_new(siphash);
  EVP_MAC_free(siphash);  // the context holds it
  std::size_t size = sizeof(Hash);
  const std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                         OSSL_PARAM_construct_end()};
  CHECK(mac_ != nullptr && EVP_MAC_init(mac_, reinterpret_cast<const unsigned char*>(key.data()), sizeof key,
                                        params.data()) == 1);
  clear();
}

NameCache::~NameCache() {
  EVP_MAC_CTX_free(mac_);
}

std::optional<std::int64_t> NameCache::find(AccountId account, const IdentityRef& who) {
  const Hash h = hash(account, who);
  const Slot* slot = slot_of(segment_of(h), h);
  return slot == nullptr ? std::nullopt : std::optional<std::int64_t>(slot->profile);
}

void NameCache::learn(AccountId account, const IdentityRef& who, std::int64_t profile) {
  learned_.push_back({hash(account, who), static_cast<std::uint32_t>(profile)});  // see IdBlocks: they fit
}

void NameCache::forget(AccountId account, const IdentityRef& who) {
  const Hash h = hash(account, who);
  drop(h);
  forgotten_.push_back(h);
}

// What was learned and then forgotten is forgotten; learned after that, it is learned another time.
void NameCache::commit() {
  for (const Learned& name : learned_) put(name.hash, name.profile);
  for (const Hash& h : forgotten_) drop(h);
  roll_back();
}

void NameCache::roll_back() {
  learned_.clear();
  forgotten_.clear();
}

void NameCache::clear() {
  roll_back();
  for (Segment& segment : segments_) segment = {.lines = std::vector<Line>(1), .used = 0};
}

std::size_t NameCache::bytes() const {
  std::size_t sum = 0;
  for (const Segment& segment : segments_) sum += segment.lines.capacity() * sizeof(Line);
  return sum;
}

NameCache::Hash NameCache::hash(AccountId account, const IdentityRef& who) {
  const std::array<std::int64_t, 2> where{account.value, static_cast<std::int64_t>(who.kind)};
  const auto add = [&](const void* bytes, std::size_t count) {
    return EVP_MAC_update(mac_, static_cast<const unsigned char*>(bytes), count) == 1;
  };
  Hash out{};
  std::size_t size = 0;
  CHECK(EVP_MAC_init(mac_, nullptr, 0, nullptr) == 1 && add(where.data(), sizeof where) &&
        add(who.value.data(), who.value.size()) &&
        EVP_MAC_final(mac_, reinterpret_cast<unsigned char*>(&out), &size, sizeof out) == 1 && size == sizeof out);
  return out;
}

NameCache::Line& NameCache::line_of(Segment& segment, std::uint32_t spread) {
  return segment.lines[spread & (segment.lines.size() - 1)];
}

NameCache::Slot* NameCache::slot_of(Segment& segment, const Hash& h) {
  const auto tag = tag_of(h.low, h.high);
  for (Slot& slot : line_of(segment, tag[0]).slots)
    if (slot.profile != 0 && slot.tag == tag) return &slot;
  return nullptr;
}

NameCache::Slot* NameCache::free_slot(Line& line) {
  const auto at = std::ranges::find(line.slots, 0u, &Slot::profile);
  return at == line.slots.end() ? nullptr : &*at;
}

void NameCache::put(const Hash& h, std::uint32_t profile) {
  Segment& segment = segment_of(h);
  if (Slot* known = slot_of(segment, h)) {
    known->profile = profile;
    return;
  }
  const auto tag = tag_of(h.low, h.high);
  Slot* slot = free_slot(line_of(segment, tag[0]));
  if (slot == nullptr && segment.lines.size() < most_lines_ &&
      segment.used * 100 >= segment.lines.size() * slots_a_line * full_percent) {
    grow(segment);
    slot = free_slot(line_of(segment, tag[0]));
  }
  if (slot == nullptr)
    slot = &line_of(segment, tag[0]).slots[h.low / segments % slots_a_line];
  else
    ++segment.used;
  *slot = {tag, profile};
}

void NameCache::drop(const Hash& h) {
  Segment& segment = segment_of(h);
  Slot* slot = slot_of(segment, h);
  if (slot == nullptr) return;
  *slot = {};
  --segment.used;
}

// A line's names go to two lines: there is room for each.
void NameCache::grow(Segment& segment) {
  const std::vector<Line> old = std::exchange(segment.lines, std::vector<Line>(segment.lines.size() * 2));
  for (const Line& line : old)
    for (const Slot& slot : line.slots)
      if (slot.profile != 0) *free_slot(line_of(segment, slot.tag[0])) = slot;
}

}  // namespace belay::store::sqlite
