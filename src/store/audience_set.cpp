#include "store/audience_set.h"

#include <roaring/roaring.h>

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
  explicit State(roaring_bitmap_t* b) : bits(b) { CHECK(bits != nullptr); }
  ~State() { roaring_bitmap_free(bits); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  roaring_bitmap_t* bits;
};

AudienceSet::AudienceSet() : state_(std::make_unique<State>(roaring_bitmap_create())) {}
AudienceSet::~AudienceSet() = default;
AudienceSet::AudienceSet(AudienceSet&&) noexcept = default;
AudienceSet& AudienceSet::operator=(AudienceSet&&) noexcept = default;

void AudienceSet::add(RecipientId id) {
  roaring_bitmap_add(state_->bits, narrow(id));
}

void AudienceSet::remove(RecipientId id) {
  if (fits(id)) roaring_bitmap_remove(state_->bits, narrow(id));
}

bool AudienceSet::contains(RecipientId id) const {
  return fits(id) && roaring_bitmap_contains(state_->bits, narrow(id));
}

void AudienceSet::compact() {
  roaring_bitmap_run_optimize(state_->bits);
  roaring_bitmap_shrink_to_fit(state_->bits);
}

std::uint32_t AudienceSet::size() const {
  return static_cast<std::uint32_t>(roaring_bitmap_get_cardinality(state_->bits));
}

void AudienceSet::range(Ordinal from, std::uint32_t count, std::vector<RecipientId>& out) const {
  const std::uint32_t members = size();
  if (from >= members) return;
  count = std::min(count, members - from);
  std::uint32_t first = 0;
  CHECK(roaring_bitmap_select(state_->bits, from, &first));
  roaring_uint32_iterator_t it;
  roaring_init_iterator(state_->bits, &it);
  roaring_move_uint32_iterator_equalorlarger(&it, first);
  out.reserve(out.size() + count);
  std::array<std::uint32_t, 1024> values;
  while (count > 0) {
    const std::uint32_t wanted = std::min<std::uint32_t>(count, values.size());
    const std::uint32_t got = roaring_read_uint32_iterator(&it, values.data(), wanted);
    CHECK(got == wanted);
    for (std::uint32_t i = 0; i < got; ++i) out.emplace_back(std::int64_t{values[i]});
    count -= got;
  }
}

RecipientId AudienceSet::at(Ordinal ordinal) const {
  std::uint32_t value = 0;
  CHECK(roaring_bitmap_select(state_->bits, ordinal, &value));
  return RecipientId{std::int64_t{value}};
}

std::optional<Ordinal> AudienceSet::ordinal_of(RecipientId id) const {
  if (!contains(id)) return std::nullopt;
  return static_cast<Ordinal>(roaring_bitmap_rank(state_->bits, narrow(id)) - 1);
}

std::string AudienceSet::serialize() const {
  std::string out(roaring_bitmap_portable_size_in_bytes(state_->bits), '\0');
  out.resize(roaring_bitmap_portable_serialize(state_->bits, out.data()));
  return out;
}

std::optional<AudienceSet> AudienceSet::parse(std::string_view bytes) {
  // The library trusts what it reads inside the containers; so they are looked at first.
  if (!is_roaring(bytes)) return std::nullopt;
  roaring_bitmap_t* bits = roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size());
  if (bits == nullptr) return std::nullopt;
  AudienceSet set;
  set.state_ = std::make_unique<State>(bits);
  return set;
}

}  // namespace belay::store
