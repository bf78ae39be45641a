#include "content/value.h"

#include <charconv>
#include <cmath>
#include <new>

#include <fmt/format.h>

#include "base/json.h"
#include "content/date.h"
#include "content/unicode.h"

namespace belay::content {
namespace {

using Kind = Value::Kind;
constexpr std::string_view blanks = " \t\r\n";

bool is_empty_container(std::string_view json) {
  return json.find_first_not_of(blanks, 1) == json.size() - 1;
}

std::optional<std::int64_t> printable_date(std::string_view text) {
  const auto date = date_of(text);
  return date && is_printable_date(*date) ? date : std::nullopt;
}

void print_text(const RawValue& raw, bool json, std::string& out) {
  if (const auto date = printable_date(raw.json)) {
    char buffer[longest_plain_date];
    out += plain_date(*date, buffer);
  } else if (json || !raw.escaped) {
    out.append(raw.json);  // what was valid between quotes in the store is valid between ours
  } else {
    append_unescaped(out, raw.json);
  }
}

Value text_value(const RawValue& raw, Memory& memory) {
  if (const auto date = printable_date(raw.json)) {
    Value v;
    v.kind = Kind::date;
    v.whole = *date;
    return v;
  }
  if (!raw.escaped) return Value::of(raw.json);
  std::string plain;
  append_unescaped(plain, raw.json);
  TextWriter copy(memory, plain.size());
  copy.append(plain);
  return Value::of(copy.text());
}

// "4.5678E0": the store's way to write a number, which nobody wants to read.
bool as_stored_by_a_program(std::string_view number) {
  return number.find('E') != std::string_view::npos;
}

Value number_value(std::string_view text) {
  Value v;
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, whole);
  if (error == std::errc{} && stop == end) {
    v = Value::of(whole);
  } else {
    double real = 0;
    std::from_chars(text.data(), end, real);  // out of range: as near as it gets
    v = Value::of(real);
  }
  if (!as_stored_by_a_program(text)) v.text = text;
  return v;
}

// As people write it: 15 digits are what is meant (0.1 + 0.2 is 0.3), and there is always a point.
template <class Out>
void print_real(double real, Out& out) {
  char buffer[40];
  auto* end = fmt::format_to_n(buffer, sizeof buffer, "{:.15g}", real == 0 ? 0.0 : real).out;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  out.append(text);
  if (text.find_first_of(".enif") == std::string_view::npos) out.append(std::string_view(".0"));
}

// The number at the front of a text, "0" if there is none.
std::string_view number_in(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return "0";
  text.remove_prefix(begin);
  std::size_t end = text.starts_with('-') ? 1 : 0;
  const std::size_t digits = end;
  while (end < text.size() && (text[end] >= '0' && text[end] <= '9')) ++end;
  if (end == digits) return "0";
  const std::string_view whole = text.substr(0, end);
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view rest = text.substr(static_cast<std::size_t>(stop - text.data()));
  const bool all = error == std::errc{} && rest.find_first_not_of(blanks) == std::string_view::npos;
  return all ? text.substr(0, text.size() - rest.size()) : whole;
}

// The number that a text is as a whole.
std::optional<double> number_of(std::string_view text) {
  const std::string_view number = number_in(text);
  const std::size_t begin = text.find_first_not_of(blanks);
  const std::size_t last = text.find_last_not_of(blanks);
  if (begin == std::string_view::npos || number.size() != last - begin + 1) return std::nullopt;
  if (number == "0" && text.substr(begin, 1) != "0") return std::nullopt;
  return to_real(number_value(number));
}

bool is_blank_text(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

bool is_empty(const Value& v) {
  if (v.kind == Kind::text) return v.text.empty();
  if (v.kind == Kind::list) return v.whole == 0;
  if (v.kind == Kind::range) return v.last < v.whole;
  return v.kind == Kind::object && is_empty_container(v.text);
}

bool is_what(const Value& word, const Value& v) {
  if (word.kind == Kind::empty || is_empty(v)) return is_empty(v);
  return v.is_nil() || (v.kind == Kind::boolean && !v.truth) ||
         (v.kind == Kind::text && is_blank_text(v.text));
}

int sign_of(double difference) {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

}  // namespace

Value Value::of(bool b) {
  Value v;
  v.kind = Kind::boolean;
  v.truth = b;
  return v;
}
Value Value::of(std::int64_t n) {
  Value v;
  v.kind = Kind::whole;
  v.whole = n;
  return v;
}
Value Value::of(double d) {
  Value v;
  v.kind = Kind::real;
  v.real = d;
  return v;
}
Value Value::of(std::string_view text) {
  Value v;
  v.kind = Kind::text;
  v.text = text;
  return v;
}
Value Value::of(std::span<const Value> items) {
  Value v;
  v.kind = Kind::list;
  v.items = items.data();
  v.whole = static_cast<std::int64_t>(items.size());
  return v;
}

bool Value::replaced_by_default() const {
  return !truthy() || is_empty(*this) || kind == Kind::empty || kind == Kind::blank;
}

Value to_value(const RawValue& raw, Memory& memory) {
  switch (raw.kind) {
    case RawValue::Kind::missing:
    case RawValue::Kind::null:
      return {};
    case RawValue::Kind::boolean:
      return Value::of(raw.truth());
    case RawValue::Kind::number:
      return number_value(raw.json);
    case RawValue::Kind::text:
      return text_value(raw, memory);
    case RawValue::Kind::list: {
      ListWriter list(memory);
      each_element(raw, [&](const RawValue& element) {
        // Lists in lists stay JSON until somebody looks into them, or their depth would be ours.
        Value v;
        if (element.kind == RawValue::Kind::list) {
          v.kind = Kind::object;
          v.text = element.json;
        } else {
          v = to_value(element, memory);
        }
        list.push(v);
        return !memory.exhausted();
      });
      return Value::of(list.items());
    }
    case RawValue::Kind::object: {
      Value v;
      v.kind = Kind::object;
      v.text = raw.json;
      return v;
    }
  }
  return {};
}

namespace {

// A list inside a list, which to_value() left as it stands.
std::optional<RawValue> inner_list(const Value& v) {
  if (v.kind != Kind::object || !v.text.starts_with('[')) return std::nullopt;
  return RawValue{RawValue::Kind::list, false, v.text};
}

}  // namespace

void print(const Value& v, TextWriter& out) {
  switch (v.kind) {
    case Kind::nil:
    case Kind::empty:
    case Kind::blank:
      return;
    case Kind::boolean:
      return out.append(v.truth ? "true" : "false");
    case Kind::whole:
    case Kind::real: {
      if (!v.text.empty()) return out.append(v.text);
      if (v.kind == Kind::real) return print_real(v.real, out);
      char buffer[24];
      return out.append({buffer, std::to_chars(buffer, buffer + sizeof buffer, v.whole).ptr});
    }
    case Kind::text:
      return out.append(v.text);
    case Kind::date: {
      char buffer[longest_plain_date];
      return out.append(plain_date(v.whole, buffer));
    }
    case Kind::list:
      for (const Value& item : v.list()) print(item, out);
      return;
    case Kind::object: {
      const auto list = inner_list(v);
      if (!list) return out.append(v.text);
      std::string plain;
      print(*list, false, plain);
      return out.append(plain);
    }
    case Kind::range: {
      char buffer[48];
      auto* end = fmt::format_to_n(buffer, sizeof buffer, "{}..{}", v.whole, v.last).out;
      return out.append({buffer, end});
    }
  }
}

void print(const RawValue& raw, bool json, std::string& out) {
  switch (raw.kind) {
    case RawValue::Kind::missing:
    case RawValue::Kind::null:
      return;
    case RawValue::Kind::number:
      if (as_stored_by_a_program(raw.json)) return print_real(to_real(number_value(raw.json)), out);
      [[fallthrough]];
    case RawValue::Kind::boolean:
      out.append(raw.json);
      return;
    case RawValue::Kind::text:
      return print_text(raw, json, out);
    case RawValue::Kind::list:
      // Lists of lists print like flat ones, as in Liquid; the store bounds how deep they go.
      each_element(raw, [&](const RawValue& element) { return print(element, json, out), true; });
      return;
    case RawValue::Kind::object:
      if (json) {
        append_json_escaped(out, raw.json);
      } else {
        out.append(raw.json);
      }
  }
}

bool is_blank(const RawValue& raw) {
  switch (raw.kind) {
    case RawValue::Kind::missing:
    case RawValue::Kind::null:
      return true;
    case RawValue::Kind::boolean:
      return !raw.truth();
    case RawValue::Kind::number:
      return false;
    case RawValue::Kind::text:
      return raw.json.empty();
    case RawValue::Kind::list:
    case RawValue::Kind::object:
      return is_empty_container(raw.json);
  }
  return true;
}

std::string_view to_text(const Value& v, Memory& memory) {
  if (v.kind == Kind::text || (v.is_number() && !v.text.empty())) return v.text;
  if (v.kind == Kind::boolean) return v.truth ? "true" : "false";
  TextWriter out(memory);
  print(v, out);
  return out.text();
}

Value to_number(const Value& v) {
  if (v.is_number()) return v;
  if (v.kind == Kind::date) return Value::of(v.whole);
  if (v.kind != Kind::text) return Value::of(std::int64_t{0});
  return number_value(number_in(v.text));
}

double to_real(const Value& number) {
  return number.kind == Kind::real ? number.real : static_cast<double>(number.whole);
}

bool equal(const Value& a, const Value& b, Memory& memory) {
  const bool a_is_word = a.kind == Kind::empty || a.kind == Kind::blank;
  const bool b_is_word = b.kind == Kind::empty || b.kind == Kind::blank;
  if (a_is_word || b_is_word) return a_is_word != b_is_word && (a_is_word ? is_what(a, b) : is_what(b, a));
  if (a.is_number() && b.is_number())
    return a.kind == b.kind && a.kind == Kind::whole ? a.whole == b.whole : to_real(a) == to_real(b);
  if ((a.kind == Kind::date && b.kind == Kind::text) || (a.kind == Kind::text && b.kind == Kind::date))
    return to_text(a, memory) == to_text(b, memory);
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::boolean:
      return a.truth == b.truth;
    case Kind::text:
    case Kind::object:
      return a.text == b.text;
    case Kind::date:
      return a.whole == b.whole;
    case Kind::range:
      return a.whole == b.whole && a.last == b.last;
    case Kind::list: {
      if (a.whole != b.whole) return false;
      for (std::size_t i = 0; i < a.list().size(); ++i)
        if (!equal(a.list()[i], b.list()[i], memory)) return false;
      return true;
    }
    default:
      return true;  // nil
  }
}

std::optional<int> compare(const Value& a, const Value& b) {
  if (a.kind == Kind::text && b.kind == Kind::text) return a.text.compare(b.text);
  const auto number = [](const Value& v, const Value& other) -> std::optional<double> {
    if (v.is_number()) return to_real(v);
    if (v.kind == Kind::date) return static_cast<double>(v.whole);
    if (v.kind != Kind::text) return std::nullopt;
    if (other.kind != Kind::date) return number_of(v.text);
    const auto date = parse_date(v.text);
    return date ? std::optional<double>(static_cast<double>(*date)) : std::nullopt;
  };
  const auto x = number(a, b), y = number(b, a);
  if (!x || !y) return std::nullopt;
  return sign_of(*x - *y);
}

bool contains(const Value& a, const Value& b, Memory& memory) {
  if (a.kind == Kind::text) return !b.is_nil() && a.text.find(to_text(b, memory)) != std::string_view::npos;
  if (a.kind == Kind::range) return b.kind == Kind::whole && b.whole >= a.whole && b.whole <= a.last;
  if (a.kind != Kind::list && !inner_list(a)) return false;
  for (const Value& item : items_of(a, memory, false))
    if (equal(item, b, memory)) return true;
  return false;
}

std::span<const Value> items_of(const Value& v, Memory& memory, bool wrap) {
  ListWriter out(memory);
  switch (v.kind) {
    case Kind::nil:
    case Kind::empty:
    case Kind::blank:
      return {};
    case Kind::list:
      return v.list();
    case Kind::range:
      for (std::int64_t n = v.whole; n <= v.last && !memory.exhausted(); ++n) out.push(Value::of(n));
      return out.items();
    case Kind::object: {
      if (const auto list = inner_list(v)) return to_value(*list, memory).list();
      if (wrap) break;
      Properties(v.text).each([&](std::string_view key, bool escaped, const RawValue& raw) {
        ListWriter pair(memory);
        pair.push(text_value({RawValue::Kind::text, escaped, key}, memory));
        pair.push(to_value(raw, memory));
        out.push(Value::of(pair.items()));
        return !memory.exhausted();
      });
      return out.items();
    }
    case Kind::text:
      if (v.text.empty() && !wrap) return {};
      break;
    default:
      if (!wrap) return {};
  }
  out.push(v);
  return out.items();
}

Value member_of(const Value& v, std::string_view name, Memory& memory) {
  if (v.kind == Kind::object && !inner_list(v)) {
    const RawValue raw = Properties(v.text).find(name);
    if (raw.kind != RawValue::Kind::missing || name != "size") return to_value(raw, memory);
    return Value::of(static_cast<std::int64_t>(items_of(v, memory, false).size()));
  }
  if (v.kind == Kind::text)
    return name == "size" ? Value::of(static_cast<std::int64_t>(count_characters(v.text))) : Value{};
  if (v.kind == Kind::range) {
    if (name == "size") return Value::of(std::max<std::int64_t>(v.last - v.whole + 1, 0));
    return name == "first" ? Value::of(v.whole) : name == "last" ? Value::of(v.last) : Value{};
  }
  if (v.kind != Kind::list && !inner_list(v)) return {};
  if (name == "size") return Value::of(static_cast<std::int64_t>(items_of(v, memory, false).size()));
  return name == "first" ? item_of(v, 0, memory) : name == "last" ? item_of(v, -1, memory) : Value{};
}

Value item_of(const Value& v, std::int64_t index, Memory& memory) {
  if (v.kind != Kind::list && !inner_list(v)) return {};
  const auto items = items_of(v, memory, false);
  const auto size = static_cast<std::int64_t>(items.size());
  if (index < 0) index += size;
  return index >= 0 && index < size ? items[static_cast<std::size_t>(index)] : Value{};
}

void ListWriter::push(const Value& value) {
  if (size_ == capacity_) {
    const std::size_t capacity = capacity_ == 0 ? 4 : 2 * capacity_;
    auto* items = static_cast<Value*>(memory_.take(capacity * sizeof(Value)));
    if (!items) return;
    for (std::size_t i = 0; i < size_; ++i) new (items + i) Value(items_[i]);
    items_ = items;
    capacity_ = capacity;
  }
  new (items_ + size_++) Value(value);
}

}  // namespace belay::content
