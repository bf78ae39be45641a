#include "store/audience_set.h"

#include <roaring/roaring.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"
#include "store/roaring_bytes.h"

namespace belay::store {
namespace {

std::uint32_t narrow(RecipientId id) {
  CHECK(id.value >= 0 && id.value <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(id.value);
}

bool fits(RecipientId id) {
  return id.value >= 0 && id.value <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

struct AudienceSet::State {
  struct Part {
    roaring_bitmap_t* bits;
    std::uint32_t begin;  // the ordinal of its first; of one that is still being built 0
  };

  explicit State(roaring_bitmap_t* b) { append(b, 0); }
  ~State() {
    for (const Part& part : parts) roaring_bitmap_free(part.bits);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void append(roaring_bitmap_t* bits, std::uint32_t begin) {
    CHECK(bits != nullptr);
    parts.push_back({bits, begin});
  }
  roaring_bitmap_t* only() const {
    CHECK(parts.size() == 1);
    return parts.front().bits;
  }
  const Part* part_of(std::uint32_t value) const {
    for (const Part& part : parts)
      if (roaring_bitmap_contains(part.bits, value)) return &part;
    return nullptr;
  }
  // Where the ordinal is: the last part that begins there or before. (An empty one begins where the next
  // does.)
  std::size_t place_of(Ordinal ordinal) const {
    const auto behind =
        std::ranges::upper_bound(parts, ordinal, {}, [](const Part& part) { return part.begin; });
    return static_cast<std::size_t>(behind - parts.begin()) - 1;
  }

  std::vector<Part> parts;  // at least one
};

namespace {

std::uint32_t count(const roaring_bitmap_t* bits) {
  return static_cast<std::uint32_t>(roaring_bitmap_get_cardinality(bits));
}

// Up to `wanted` of `bits`, from place `from` on; how many there were.
std::uint32_t read(const roaring_bitmap_t* bits, std::uint32_t from, std::uint32_t wanted,
                   std::vector<RecipientId>& out) {
  const std::uint32_t members = count(bits);
  if (from >= members) return 0;
  wanted = std::min(wanted, members - from);
  std::uint32_t first = 0;
  CHECK(roaring_bitmap_select(bits, from, &first));
  roaring_uint32_iterator_t it;
  roaring_init_iterator(bits, &it);
  roaring_move_uint32_iterator_equalorlarger(&it, first);
  std::array<std::uint32_t, 1024> values;
  for (std::uint32_t left = wanted; left > 0;) {
    const std::uint32_t next = std::min<std::uint32_t>(left, values.size());
    CHECK(roaring_read_uint32_iterator(&it, values.data(), next) == next);
    for (std::uint32_t i = 0; i < next; ++i) out.emplace_back(std::int64_t{values[i]});
    left -= next;
  }
  return wanted;
}

std::string bytes_of(const roaring_bitmap_t* bits) {
  std::string out(roaring_bitmap_portable_size_in_bytes(bits), '\0');
  out.resize(roaring_bitmap_portable_serialize(bits, out.data()));
  return out;
}

// The library trusts what it reads inside the containers; so they are looked at first.
roaring_bitmap_t* bits_from(std::string_view bytes) {
  return is_roaring(bytes) ? roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size()) : nullptr;
}

// Several parts: this word, how many, then each with its size in bytes before it; numbers of 4 bytes, the
// lowest first. No bitmap begins like that.
constexpr std::string_view parts_word = "belay/parts/1\n";

void put_number(std::string& out, std::uint32_t n) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(n >> 8 * i & 0xff);
}
std::optional<std::uint32_t> get_number(std::string_view& in) {
  if (in.size() < 4) return std::nullopt;
  std::uint32_t n = 0;
  for (unsigned i = 0; i < 4; ++i) n |= std::uint32_t{static_cast<std::uint8_t>(in[i])} << 8 * i;
  in.remove_prefix(4);
  return n;
}

}  // namespace

AudienceSet::AudienceSet() : state_(std::make_unique<State>(roaring_bitmap_create())) {}
AudienceSet::~AudienceSet() = default;
AudienceSet::AudienceSet(AudienceSet&&) noexcept = default;
AudienceSet& AudienceSet::operator=(AudienceSet&&) noexcept = default;

void AudienceSet::add(RecipientId id) {
  roaring_bitmap_add(state_->only(), narrow(id));
}

void AudienceSet::remove(RecipientId id) {
  if (fits(id)) roaring_bitmap_remove(state_->only(), narrow(id));
}

bool AudienceSet::contains(RecipientId id) const {
  return fits(id) && state_->part_of(narrow(id)) != nullptr;
}

void AudienceSet::compact() {
  roaring_bitmap_run_optimize(state_->only());
  roaring_bitmap_shrink_to_fit(state_->only());
}

AudienceSet AudienceSet::in_order(std::vector<AudienceSet> parts) {
  AudienceSet all;
  if (parts.empty()) return all;
  all.state_ = std::move(parts.front().state_);
  roaring_bitmap_t* seen = roaring_bitmap_copy(all.state_->only());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    roaring_bitmap_t* const bits = parts[i].state_->only();
    CHECK(!roaring_bitmap_intersect(seen, bits));
    all.state_->append(bits, count(seen));
    roaring_bitmap_or_inplace(seen, bits);
    parts[i].state_->parts.clear();  // they are `all`'s now
  }
  roaring_bitmap_free(seen);
  return all;
}

std::uint32_t AudienceSet::size() const {
  return state_->parts.back().begin + count(state_->parts.back().bits);
}

void AudienceSet::range(Ordinal from, std::uint32_t wanted, std::vector<RecipientId>& out) const {
  const std::uint32_t members = size();
  if (from >= members) return;
  wanted = std::min(wanted, members - from);
  out.reserve(out.size() + wanted);
  for (std::size_t i = state_->place_of(from); wanted > 0; ++i) {
    const State::Part& part = state_->parts[i];
    const std::uint32_t got = read(part.bits, from - part.begin, wanted, out);
    from += got;
    wanted -= got;
  }
}

RecipientId AudienceSet::at(Ordinal ordinal) const {
  const State::Part& part = state_->parts[state_->place_of(ordinal)];
  std::uint32_t value = 0;
  CHECK(roaring_bitmap_select(part.bits, ordinal - part.begin, &value));
  return RecipientId{std::int64_t{value}};
}

std::optional<Ordinal> AudienceSet::ordinal_of(RecipientId id) const {
  const State::Part* const part = fits(id) ? state_->part_of(narrow(id)) : nullptr;
  if (part == nullptr) return std::nullopt;
  return static_cast<Ordinal>(part->begin + roaring_bitmap_rank(part->bits, narrow(id)) - 1);
}

std::string AudienceSet::serialize() const {
  if (state_->parts.size() == 1) return bytes_of(state_->only());
  std::string out(parts_word);
  put_number(out, static_cast<std::uint32_t>(state_->parts.size()));
  for (const State::Part& part : state_->parts) {
    const std::string bytes = bytes_of(part.bits);
    put_number(out, static_cast<std::uint32_t>(bytes.size()));
    out += bytes;
  }
  return out;
}

std::optional<AudienceSet> AudienceSet::parse(std::string_view bytes) {
  const auto one = [](std::string_view of) -> std::optional<AudienceSet> {
    roaring_bitmap_t* const bits = bits_from(of);
    if (bits == nullptr) return std::nullopt;
    AudienceSet set;
    set.state_ = std::make_unique<State>(bits);
    return set;
  };
  if (!bytes.starts_with(parts_word)) return one(bytes);
  bytes.remove_prefix(parts_word.size());
  const auto parts = get_number(bytes);
  if (!parts || *parts < 2 || *parts > bytes.size() / 4) return std::nullopt;
  std::vector<AudienceSet> sets;
  AudienceSet seen;
  for (std::uint32_t i = 0; i < *parts; ++i) {
    const auto size = get_number(bytes);
    if (!size || *size > bytes.size()) return std::nullopt;
    auto set = one(bytes.substr(0, *size));
    if (!set || roaring_bitmap_intersect(seen.state_->only(), set->state_->only())) return std::nullopt;
    roaring_bitmap_or_inplace(seen.state_->only(), set->state_->only());
    bytes.remove_prefix(*size);
    sets.push_back(std::move(*set));
  }
  if (!bytes.empty()) return std::nullopt;
  return in_order(std::move(sets));
}

}  // namespace belay::store
