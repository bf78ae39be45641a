#include "store/sqlite/properties.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"

namespace belay::store::sqlite {
namespace {

bool plain(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

// Behind the string whose opening quote is at `at`; npos if it does not end.
std::size_t behind_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

// Where the value that begins at `at` is followed by a comma or the end of the object or list around it.
std::size_t behind_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = behind_string(text, at);
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

using Values = std::vector<std::string_view>;

// The elements of a list's text; of any other value that value. Texts are kept as they are.
Values listed(std::string_view value) {
  if (!value.starts_with('[')) return value.empty() ? Values{} : Values{value};
  Values all;
  for (std::size_t at = 1; at < value.size();) {
    const std::size_t end = std::min(behind_value(value, at), value.size());
    const std::string_view element = trimmed(value.substr(at, end - at));
    if (!element.empty()) all.push_back(element);
    at = end + 1;
  }
  return all;
}

// Two texts may say the same in different ways.
bool same(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.find('\\') == std::string_view::npos && b.find('\\') == std::string_view::npos) return false;
  const auto x = parse_json(a), y = parse_json(b);
  return x && y && *x == *y;
}

bool has(const Values& all, std::string_view value) {
  return std::ranges::any_of(all, [&](std::string_view held) { return same(held, value); });
}

std::string list_text(const Values& all, std::size_t first) {
  std::string out = "[";
  for (std::size_t i = first; i < all.size(); ++i) {
    if (out.size() > 1) out += ',';
    out += all[i];
  }
  return out + "]";
}

template <class T>
std::optional<T> read(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// "" where it can't be done.
std::string sum(std::string_view there, std::string_view by, bool minus) {
  if (there.empty()) there = "0";
  const auto a = read<std::int64_t>(there), b = read<std::int64_t>(by);
  std::int64_t whole = 0;
  if (a && b && !(minus ? __builtin_sub_overflow(*a, *b, &whole) : __builtin_add_overflow(*a, *b, &whole)))
    return fmt::format("{}", whole);
  const auto x = read<double>(there), y = read<double>(by);
  if (!x || !y) return "";
  const double real = minus ? *x - *y : *x + *y;
  return std::isfinite(real) ? fmt::format("{}", real) : "";
}

}  // namespace

// What a property becomes by an operation; "" for none any more.
std::string_view Properties::operated(std::string_view there, std::string_view operation) {
  const std::size_t quote = operation.find('"');
  const std::size_t key_end = quote == std::string_view::npos ? quote : behind_string(operation, quote);
  const std::size_t colon = key_end == std::string_view::npos ? key_end : operation.find(':', key_end);
  if (colon == std::string_view::npos) return there;
  const std::string_view key = operation.substr(quote + 1, key_end - quote - 2);
  const std::size_t end = std::min(behind_value(operation, colon + 1), operation.size());
  const std::string_view by = trimmed(operation.substr(colon + 1, end - colon - 1));
  if (key == "$delete") return {};
  if (key == "$incr" || key == "$decr") {
    std::string text = sum(there, by, key == "$decr");
    return text.empty() ? there : std::string_view(made_.emplace_back(std::move(text)));
  }
  Values values = listed(there);
  const std::size_t before = values.size();
  if (key == "$add") {
    for (const std::string_view value : listed(by))
      if (!has(values, value)) values.push_back(value);
    if (values.size() == before) return there;
    const std::size_t first = values.size() > most_listed ? values.size() - most_listed : 0;
    return made_.emplace_back(list_text(values, first));
  }
  if (key != "$remove") return there;
  const Values gone = listed(by);
  std::erase_if(values, [&](std::string_view value) { return has(gone, value); });
  if (values.size() == before) return there;
  if (values.empty()) return {};
  return made_.emplace_back(list_text(values, 0));
}

std::string_view Properties::value_of(std::string_view name) {
  const auto there = find(escaped(name));
  return there == members_.end() ? std::string_view{} : there->value;
}

bool Properties::split(std::string_view object, std::vector<Member>& members) {
  if (object == "{}") return true;
  if (object.size() < 2 || object.front() != '{' || object.back() != '}') return false;
  for (std::size_t at = 1; at < object.size();) {
    if (object[at] != '"') return false;
    const std::size_t colon = behind_string(object, at);
    if (colon >= object.size() || object[colon] != ':') return false;
    const std::size_t end = behind_value(object, colon + 1);
    if (end == std::string_view::npos || end == colon + 1) return false;
    members.push_back({object.substr(at + 1, colon - at - 2), object.substr(colon + 1, end - colon - 1)});
    at = end + 1;
    if (object[end] == '}') return at == object.size();
  }
  return false;
}

bool Properties::read(std::string_view object) {
  members_.clear();
  made_.clear();
  changed_ = false;
  return split(object, members_);
}

std::string_view Properties::escaped(std::string_view name) {
  if (plain(name)) return name;
  append_json_escaped(made_.emplace_back(), name);
  return made_.back();
}

std::vector<Properties::Member>::iterator Properties::find(std::string_view escaped_name) {
  return std::find_if(members_.begin(), members_.end(),
                      [&](const Member& m) { return m.name == escaped_name; });
}

void Properties::apply(std::span<const Change> changes) {
  for (const auto& [name, given] : changes) {
    const std::string_view key = escaped(name);
    const auto there = find(key);
    const bool known = there != members_.end();
    std::string_view value = given == "null" ? std::string_view{} : given;
    if (value.starts_with('{')) value = operated(known ? there->value : std::string_view{}, value);
    if (!known) {
      if (value.empty()) continue;
      members_.push_back({key, value});
    } else if (value.empty()) {
      members_.erase(there);
    } else if (there->value != value) {
      there->value = value;
    } else {
      continue;
    }
    changed_ = true;
  }
}

bool Properties::add_missing(std::string_view other) {
  std::vector<Member> theirs;
  if (!split(other, theirs)) return false;
  for (const Member& m : theirs) {
    if (find(m.name) != members_.end()) continue;
    members_.push_back(m);
    changed_ = true;
  }
  return true;
}

void Properties::write(std::string& out) const {
  out.assign(1, '{');
  for (const Member& m : members_) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += m.name;
    out += "\":";
    out += m.value;
  }
  out += '}';
}

}  // namespace belay::store::sqlite
