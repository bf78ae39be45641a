#include "store/sqlite/properties.h"

#include <algorithm>

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

// Where the value that begins at `at` is followed by a comma or a brace of the object around it.
std::size_t behind_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = behind_string(text, at);
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

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
  escaped_names_.clear();
  changed_ = false;
  return split(object, members_);
}

std::string_view Properties::escaped(std::string_view name) {
  if (plain(name)) return name;
  append_json_escaped(escaped_names_.emplace_back(), name);
  return escaped_names_.back();
}

std::vector<Properties::Member>::iterator Properties::find(std::string_view escaped_name) {
  return std::find_if(members_.begin(), members_.end(),
                      [&](const Member& m) { return m.name == escaped_name; });
}

void Properties::apply(std::span<const Change> changes) {
  for (const auto& [name, value] : changes) {
    const std::string_view key = escaped(name);
    const auto there = find(key);
    const bool remove = value == "null";
    if (there == members_.end()) {
      if (remove) continue;
      members_.push_back({key, value});
    } else if (remove) {
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
