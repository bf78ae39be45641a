// Filters over lists.
#include <algorithm>
#include <utility>

#include "content/filters.h"
#include "content/unicode.h"

namespace belay::content {
namespace {

using Kind = Value::Kind;

bool join(Value& v, const FilterInput& in) {
  const std::string_view glue = in.arguments.empty() ? std::string_view(" ") : in.text(0);
  TextWriter out(in.memory);
  bool first = true;
  for (const Value& item : items_of(v, in.memory, true)) {
    if (!std::exchange(first, false)) out.append(glue);
    print(item, out);
  }
  v = Value::of(out.text());
  return true;
}

bool first(Value& v, const FilterInput& in) {
  v = member_of(v, "first", in.memory);
  return true;
}

bool last(Value& v, const FilterInput& in) {
  v = member_of(v, "last", in.memory);
  return true;
}

bool size(Value& v, const FilterInput& in) {
  const Value n = member_of(v, "size", in.memory);
  v = n.is_nil() ? Value::of(std::int64_t{0}) : n;
  return true;
}

bool reverse(Value& v, const FilterInput& in) {
  ListWriter out(in.memory);
  for (const Value& item : items_of(v, in.memory, true)) out.push(item);
  std::ranges::reverse(out.items());
  v = Value::of(out.items());
  return true;
}

// What an item is judged by: itself, or a property of it.
Value key_of(const Value& item, const FilterInput& in) {
  return in.arguments.empty() ? item : member_of(item, in.text(0), in.memory);
}

// Nil comes last; what can't be compared stays where it is.
template <class Less>
void sort_by(Value& v, const FilterInput& in, Less less) {
  struct Keyed {
    Value key, item;
  };
  const auto items = items_of(v, in.memory, true);
  ListWriter both(in.memory);  // key, item, key, item …
  for (const Value& item : items) {
    both.push(key_of(item, in));
    both.push(item);
  }
  if (in.memory.exhausted()) return;
  static_assert(sizeof(Keyed) == 2 * sizeof(Value));
  auto* pairs = reinterpret_cast<Keyed*>(both.items().data());
  // Not std::sort: an order that contradicts itself must do no harm.
  std::stable_sort(pairs, pairs + items.size(), [&](const Keyed& a, const Keyed& b) {
    if (a.key.is_nil() || b.key.is_nil()) return !a.key.is_nil();
    return less(a.key, b.key);
  });
  ListWriter out(in.memory);
  for (std::size_t i = 0; i < items.size(); ++i) out.push(pairs[i].item);
  v = Value::of(out.items());
}

bool sort(Value& v, const FilterInput& in) {
  sort_by(v, in, [](const Value& a, const Value& b) { return compare(a, b).value_or(0) < 0; });
  return true;
}

bool sort_natural(Value& v, const FilterInput& in) {
  sort_by(v, in, [&](const Value& a, const Value& b) {
    std::string x, y;
    append_in_case(x, to_text(a, in.memory), LetterCase::lower);
    append_in_case(y, to_text(b, in.memory), LetterCase::lower);
    return x < y;
  });
  return true;
}

bool map(Value& v, const FilterInput& in) {
  ListWriter out(in.memory);
  for (const Value& item : items_of(v, in.memory, true)) out.push(member_of(item, in.text(0), in.memory));
  v = Value::of(out.items());
  return true;
}

bool where(Value& v, const FilterInput& in) {
  ListWriter out(in.memory);
  for (const Value& item : items_of(v, in.memory, true)) {
    const Value held = member_of(item, in.text(0), in.memory);
    const bool wanted = in.arguments.size() > 1 ? equal(held, in.arguments[1], in.memory) : held.truthy();
    if (wanted) out.push(item);
  }
  v = Value::of(out.items());
  return true;
}

bool compact(Value& v, const FilterInput& in) {
  ListWriter out(in.memory);
  for (const Value& item : items_of(v, in.memory, true))
    if (!key_of(item, in).is_nil()) out.push(item);
  v = Value::of(out.items());
  return true;
}

bool concat(Value& v, const FilterInput& in) {
  ListWriter out(in.memory);
  for (const Value& item : items_of(v, in.memory, true)) out.push(item);
  for (const Value& item : items_of(in.arguments[0], in.memory, true)) out.push(item);
  v = Value::of(out.items());
  return true;
}

// Lists are short (Memory bounds them), and most are told apart by the first look.
bool uniq(Value& v, const FilterInput& in) {
  ListWriter out(in.memory), keys(in.memory);
  constexpr std::size_t longest = 512;
  for (const Value& item : items_of(v, in.memory, true)) {
    const Value key = key_of(item, in);
    const bool seen =
        std::ranges::any_of(keys.items(), [&](const Value& k) { return equal(k, key, in.memory); });
    if (seen) continue;
    if (keys.size() == longest) return false;
    keys.push(key);
    out.push(item);
  }
  v = Value::of(out.items());
  return true;
}

bool sum(Value& v, const FilterInput& in) {
  std::int64_t whole = 0;
  double real = 0;
  bool all_whole = true;
  for (const Value& item : items_of(v, in.memory, true)) {
    const Value n = to_number(key_of(item, in));
    real += to_real(n);
    all_whole = all_whole && n.kind == Kind::whole && !__builtin_add_overflow(whole, n.whole, &whole);
  }
  v = all_whole ? Value::of(whole) : Value::of(real);
  return true;
}

// Of a list or of a text: from an index, one or more.
bool slice(Value& v, const FilterInput& in) {
  const auto from = whole_of(in.arguments[0]);
  const auto wanted = in.arguments.size() > 1 ? whole_of(in.arguments[1]) : std::optional<std::int64_t>(1);
  if (!from || !wanted) return false;
  const bool list = v.kind == Kind::list || v.kind == Kind::range;
  const auto items = list ? items_of(v, in.memory, false) : std::span<const Value>();
  const std::string_view text = list ? std::string_view() : to_text(v, in.memory);
  const auto size = static_cast<std::int64_t>(list ? items.size() : count_characters(text));
  const std::int64_t begin = *from < 0 ? *from + size : *from;
  const bool none = begin < 0 || begin >= size || *wanted <= 0;
  const auto count = static_cast<std::size_t>(none ? 0 : std::min(*wanted, size - begin));
  const auto skipped = static_cast<std::size_t>(none ? 0 : begin);
  if (list) {
    v = Value::of(items.subspan(skipped, count));
  } else {
    const std::string_view rest = text.substr(first_characters(text, skipped).size());
    v = Value::of(first_characters(rest, count));
  }
  return true;
}

constexpr FilterRow table[] = {
    {"compact", compact, 0, 1},
    {"concat", concat, 1, 1},
    {"first", first, 0, 0},
    {"join", join, 0, 1},
    {"last", last, 0, 0},
    {"map", map, 1, 1},
    {"reverse", reverse, 0, 0},
    {"size", size, 0, 0},
    {"slice", slice, 1, 2, true},
    {"sort", sort, 0, 1},
    {"sort_natural", sort_natural, 0, 1},
    {"sum", sum, 0, 1},
    {"uniq", uniq, 0, 1},
    {"where", where, 1, 2},
};

}  // namespace

std::span<const FilterRow> list_filters() {
  return table;
}

}  // namespace belay::content
