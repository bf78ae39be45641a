#include "content/properties.h"

#include <charconv>

#include "base/check.h"

namespace belay::content {
namespace {

constexpr auto nowhere = std::string_view::npos;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && is_blank(text[at])) ++at;
}

// `at` stands behind the opening quote. Returns what is between the quotes and moves behind the
// closing one; false when there is none.
bool scan_text(std::string_view text, std::size_t& at, std::string_view& inside, bool& escaped) {
  const std::size_t begin = at;
  escaped = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      inside = text.substr(begin, i - begin);
      at = i + 1;
      return true;
    }
    if (c == '\\') {
      escaped = true;
      ++i;
    }
  }
  return false;
}

// `at` stands on the opening bracket or brace; moves behind the matching one.
bool skip_nested(std::string_view text, std::size_t& at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '"') {
      std::string_view inside;
      bool escaped = false;
      if (!scan_text(text, at, inside, escaped)) return false;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return true;
    }
  }
  return false;
}

constexpr bool ends_number(char c) {
  return c == ',' || c == '}' || c == ']' || is_blank(c);
}

RawValue scan_word(std::string_view text, std::size_t& at, std::string_view word, RawValue::Kind kind) {
  if (!text.substr(at).starts_with(word)) return {};
  at += word.size();
  return {kind, false, text.substr(at - word.size(), word.size())};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits at `at`, or -1.
int hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 63))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 63)),
            static_cast<char>(0x80 | (c & 63))};
  } else {
    out += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 63)),
            static_cast<char>(0x80 | ((c >> 6) & 63)), static_cast<char>(0x80 | (c & 63))};
  }
}

// `at` stands behind "\u". Returns where the escape ends.
std::size_t append_code_unit(std::string& out, std::string_view text, std::size_t at) {
  constexpr std::uint32_t replacement = 0xFFFD;
  const int first = hex4(text, at);
  if (first < 0) return append_utf8(out, replacement), at;
  at += 4;
  if (first < 0xD800 || first > 0xDFFF) return append_utf8(out, static_cast<std::uint32_t>(first)), at;
  const bool followed = first < 0xDC00 && text.substr(std::min(at, text.size())).starts_with("\\u");
  const int second = followed ? hex4(text, at + 2) : -1;
  if (second < 0xDC00 || second > 0xDFFF) return append_utf8(out, replacement), at;
  append_utf8(out, 0x10000u + (static_cast<std::uint32_t>(first - 0xD800) << 10) +
                       static_cast<std::uint32_t>(second - 0xDC00));
  return at + 6;
}

}  // namespace

RawValue scan_value(std::string_view text, std::size_t& at) {
  using Kind = RawValue::Kind;
  skip_blanks(text, at);
  if (at >= text.size()) return {};
  const std::size_t begin = at;
  switch (text[at]) {
    case '"': {
      RawValue v{.kind = Kind::text};
      ++at;
      if (!scan_text(text, at, v.json, v.escaped)) return {};
      return v;
    }
    case '{':
    case '[':
      if (!skip_nested(text, at)) return {};
      return {text[begin] == '{' ? Kind::object : Kind::list, false, text.substr(begin, at - begin)};
    case 't':
      return scan_word(text, at, "true", Kind::boolean);
    case 'f':
      return scan_word(text, at, "false", Kind::boolean);
    case 'n':
      return scan_word(text, at, "null", Kind::null);
    default:
      while (at < text.size() && !ends_number(text[at])) ++at;
      if (text[begin] != '-' && (text[begin] < '0' || text[begin] > '9')) return {};
      return {Kind::number, false, text.substr(begin, at - begin)};
  }
}

void append_unescaped(std::string& out, std::string_view text) {
  std::size_t clean = 0;
  for (std::size_t at = text.find('\\'); at != nowhere; at = text.find('\\', clean)) {
    out.append(text.substr(clean, at - clean));
    const char c = at + 1 < text.size() ? text[at + 1] : '\\';
    clean = std::min(at + 2, text.size());
    switch (c) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        clean = append_code_unit(out, text, clean);
        break;
      default:
        out += c;
    }
  }
  out.append(text.substr(clean));
}

std::optional<std::int64_t> date_of(std::string_view text) {
  if (!text.starts_with("$D_")) return std::nullopt;
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 3, end, seconds);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return seconds;
}

Properties::Properties(std::string_view json_object) : text_(json_object) {
  CHECK(text_.size() < UINT32_MAX);
  skip_blanks(text_, at_);
  at_ = at_ < text_.size() && text_[at_] == '{' ? at_ + 1 : text_.size();
}

bool Properties::next(std::size_t& at, Field& field) const {
  skip_blanks(text_, at);
  if (at < text_.size() && text_[at] == ',') skip_blanks(text_, ++at);
  if (at >= text_.size() || text_[at] != '"') return false;
  ++at;
  std::string_view key;
  if (!scan_text(text_, at, key, field.key_escaped)) return false;
  skip_blanks(text_, at);
  if (at >= text_.size() || text_[at] != ':') return false;
  ++at;
  const RawValue v = scan_value(text_, at);
  if (v.kind == RawValue::Kind::missing) return false;
  field.key = static_cast<std::uint32_t>(key.data() - text_.data());
  field.key_size = static_cast<std::uint32_t>(key.size());
  field.value = static_cast<std::uint32_t>(v.json.data() - text_.data());
  field.value_size = static_cast<std::uint32_t>(v.json.size());
  field.kind = v.kind;
  field.value_escaped = v.escaped;
  return true;
}

bool Properties::named(const Field& field, std::string_view name) const {
  const std::string_view key = text_.substr(field.key, field.key_size);
  if (!field.key_escaped) return key == name;
  std::string decoded;
  append_unescaped(decoded, key);
  return decoded == name;
}

RawValue Properties::value_of(const Field& field) const {
  return {field.kind, field.value_escaped, text_.substr(field.value, field.value_size)};
}

RawValue Properties::find(std::string_view name) {
  for (std::size_t i = 0; i < count_; ++i)
    if (named(fields_[i], name)) return value_of(fields_[i]);
  while (count_ < remembered && at_ < text_.size()) {
    Field& field = fields_[count_];
    if (!next(at_, field)) {
      at_ = text_.size();
      return {};
    }
    ++count_;
    if (named(field, name)) return value_of(field);
  }
  // Rarely, more fields than are remembered: those are gone through anew at each question.
  std::size_t at = at_;
  for (Field field; at < text_.size() && next(at, field);)
    if (named(field, name)) return value_of(field);
  return {};
}

}  // namespace belay::content
