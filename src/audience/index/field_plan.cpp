#include "audience/index/field_plan.h"

#include <limits>
#include <optional>

#include "audience/index/layout.h"
#include "audience/index/property_rows.h"

namespace belay::audience::index {
namespace {

constexpr std::uint64_t highest_key = std::numeric_limits<std::uint64_t>::max();
// More of them cost more than looking at the people.
constexpr std::size_t most_ranges = 200, most_hashes = 200;

// The first key for which `holds` is false; it is true up to some key and false from there on.
template <class Holds>
std::optional<std::uint64_t> first_not(const Holds& holds) {
  if (holds(highest_key)) return std::nullopt;
  std::uint64_t low = 0, high = highest_key;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (holds(middle))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// The keys whose number stands to `wanted` as the operator says; `number_of` orders as the keys do.
template <class NumberOf>
std::optional<KeyRange> range_of(Operator op, const Number& wanted, const NumberOf& number_of) {
  const auto behind_less = first_not([&](std::uint64_t k) { return (number_of(k) <=> wanted) < 0; });
  const auto behind_equal = first_not([&](std::uint64_t k) { return (number_of(k) <=> wanted) <= 0; });
  const auto before = [](std::optional<std::uint64_t> end) -> std::optional<std::uint64_t> {
    if (!end) return highest_key;
    return *end == 0 ? std::nullopt : std::optional(*end - 1);
  };
  std::optional<std::uint64_t> first = 0, last = highest_key;
  if (op == Operator::greater_than) first = behind_equal;
  if (op == Operator::greater_than_equals) first = behind_less;
  if (op == Operator::less_than) last = before(behind_less);
  if (op == Operator::less_than_equals) last = before(behind_equal);
  if (op == Operator::equals) first = behind_less, last = before(behind_equal);
  if (!first || !last || *first > *last) return std::nullopt;
  return KeyRange{*first, *last};
}

// Of `present`, whose number is below the key.
Bits below(const store::Fragment& fragment, const Bits& present, std::uint32_t bits_row, std::uint64_t key) {
  Bits less, equal = present;
  less.clear();
  for (std::uint32_t bit = 64; bit-- > 0 && !equal.none();) {
    const std::string_view bytes = fragment.row(bits_row + bit);
    const bool wanted = (key >> bit & 1) != 0;
    if (bytes.empty()) {
      if (!wanted) continue;
      less |= equal;
      equal.clear();
      continue;
    }
    const Bits set = decode(bytes);
    if (wanted) {
      Bits unset = equal;
      less |= unset.and_not(set);
      equal &= set;
    } else {
      equal.and_not(set);
    }
  }
  return less;
}

Bits with_hash(const store::Fragment& fragment, std::uint16_t hash) {
  Bits bits = decode(fragment.row(hashed_row));
  for (std::uint32_t bit = 0; bit < 16 && !bits.none(); ++bit) {
    const Bits set = decode(fragment.row(hash_bits_row + bit));
    if ((hash >> bit & 1) != 0)
      bits &= set;
    else
      bits.and_not(set);
  }
  return bits;
}

}  // namespace

Bits in_range(const store::Fragment& fragment, std::uint32_t present_row, std::uint32_t bits_row,
              KeyRange range) {
  Bits bits = decode(fragment.row(present_row));
  if (bits.none()) return bits;
  const Bits present = bits;
  if (range.last != highest_key) bits = below(fragment, present, bits_row, range.last + 1);
  if (range.first != 0) bits.and_not(below(fragment, present, bits_row, range.first));
  return bits;
}

void Bounds::turn_round() {
  Bits all;
  all.fill();
  Bits not_sure = all;
  not_sure.and_not(sure);
  sure = all.and_not(possible);
  possible = not_sure;
}

store::Result<FieldPlan> FieldPlan::of(store::IndexSession& session, const FieldTest& test) {
  FieldPlan plan;
  plan.opposite_ = test.op == Operator::not_equals || test.op == Operator::does_not_contain ||
                   test.op == Operator::does_not_exist;
  TRY_ASSIGN(const auto field, session.field(store::IndexFieldKind::property, test.name));
  if (!field) {
    TRY_ASSIGN(const auto beyond, session.field(store::IndexFieldKind::property, ""));
    if (beyond) plan.beyond_ = beyond->id;
    return plan;
  }
  plan.field_ = field->id;
  if (test.op == Operator::exists || test.op == Operator::does_not_exist) {
    plan.sure_rows_.push_back(has_row);
    return plan;
  }
  TRY_ASSIGN(const auto values, session.fragment(field->id + 1, 0));
  plan.possible_rows_.push_back(unindexed_row);
  plan.plan_value_rows(*values, test);
  plan.plan_numbers(test);
  plan.plan_hashes(test);
  return plan;
}

void FieldPlan::plan_value_rows(const store::Fragment& values, const FieldTest& test) {
  values.each(values_row, store::most_index_rows - 1, [&](std::uint32_t row, std::string_view text) {
    if (test.holds_for(value_of(text))) sure_rows_.push_back(row);
  });
}

void FieldPlan::plan_numbers(const FieldTest& test) {
  const bool searches = test.op == Operator::contains || test.op == Operator::does_not_contain;
  const auto numbers =
      std::ranges::count_if(test.values, [](const Operand& v) { return v.number.has_value(); });
  if (searches || static_cast<std::size_t>(numbers) > most_ranges) {
    possible_rows_.push_back(integer_row);
    possible_rows_.push_back(real_row);
    return;
  }
  const Operator op = test.op == Operator::not_equals ? Operator::equals : test.op;
  for (const Operand& wanted : test.values)
    if (wanted.number) add_ranges(op, *wanted.number);
}

void FieldPlan::add_ranges(Operator op, const Number& wanted) {
  const auto integer = [](std::uint64_t key) {
    const std::int64_t n = integer_of(key);
    return Number{true, n, static_cast<double>(n)};
  };
  const auto real = [](std::uint64_t key) { return Number{false, 0, real_of(key)}; };
  if (const auto range = range_of(op, wanted, integer)) integers_.push_back(*range);
  if (const auto range = range_of(op, wanted, real)) reals_.push_back(*range);
}

// The conversions of equal() in node.h, turned round: which hashed texts could one of the values mean?
void FieldPlan::plan_hashes(const FieldTest& test) {
  const bool equality = test.op == Operator::equals || test.op == Operator::not_equals;
  if (!equality) {
    const bool searches = test.op == Operator::contains || test.op == Operator::does_not_contain;
    possible_rows_.push_back(searches ? hashed_row : convertible_row);
    return;
  }
  if (test.values.size() > most_hashes) {
    possible_rows_.push_back(hashed_row);
    return;
  }
  bool converts = false;
  for (const Operand& wanted : test.values) {
    if (wanted.is_text) hashes_.push_back(hash_of(wanted.text));
    converts = converts || wanted.truth || (wanted.number && !wanted.is_text);
  }
  if (converts) possible_rows_.push_back(convertible_row);
}

store::Result<void> FieldPlan::evaluate(store::IndexSession& session, std::uint32_t shard,
                                        Bounds& out) const {
  out.sure.clear();
  if (field_ != 0) {
    TRY_ASSIGN(const auto fragment, session.fragment(field_, shard));
    for (const std::uint32_t row : sure_rows_) add_to(out.sure, fragment->row(row));
    for (const KeyRange range : integers_)
      out.sure |= in_range(*fragment, integer_row, integer_bits_row, range);
    for (const KeyRange range : reals_) out.sure |= in_range(*fragment, real_row, real_bits_row, range);
    out.possible = out.sure;
    for (const std::uint32_t row : possible_rows_) add_to(out.possible, fragment->row(row));
    for (const std::uint16_t hash : hashes_) out.possible |= with_hash(*fragment, hash);
  } else {
    out.possible.clear();
    if (beyond_ != 0) {
      TRY_ASSIGN(const auto fragment, session.fragment(beyond_, shard));
      add_to(out.possible, fragment->row(has_row));
    }
  }
  if (opposite_) out.turn_round();
  return {};
}

}  // namespace belay::audience::index
