// Filters over texts. What is no text is printed first. Lengths count characters.
#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "content/date.h"
#include "content/filters.h"
#include "content/unicode.h"

namespace belay::content {
namespace {

using Kind = Value::Kind;
constexpr std::string_view blanks("\0\t\n\v\f\r ", 7);
constexpr auto nowhere = std::string_view::npos;

bool append(Value& v, const FilterInput& in) {
  const std::string_view head = to_text(v, in.memory), tail = in.text(0);
  TextWriter out(in.memory, head.size() + tail.size());
  out.append(head);
  out.append(tail);
  v = Value::of(out.text());
  return true;
}

bool prepend(Value& v, const FilterInput& in) {
  const std::string_view head = in.text(0), tail = to_text(v, in.memory);
  TextWriter out(in.memory, head.size() + tail.size());
  out.append(head);
  out.append(tail);
  v = Value::of(out.text());
  return true;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void in_case(std::string_view text, LetterCase letter_case, TextWriter& out) {
  if (!is_ascii(text)) {
    std::string whole;
    append_in_case(whole, text, letter_case);
    return out.append(whole);
  }
  const char first = letter_case == LetterCase::upper ? 'a' : 'A';
  for (const char c : text) out.append(c >= first && c < first + 26 ? static_cast<char>(c ^ 0x20) : c);
}

bool upcase(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  in_case(text, LetterCase::upper, out);
  v = Value::of(out.text());
  return true;
}

bool downcase(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  in_case(text, LetterCase::lower, out);
  v = Value::of(out.text());
  return true;
}

bool capitalize(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  const std::string_view first = first_characters(text, 1);
  TextWriter out(in.memory, text.size());
  if (first == "\xC3\x9F") {  // a sharp s
    out.append("Ss");
  } else {
    in_case(first, LetterCase::upper, out);
  }
  in_case(text.substr(first.size()), LetterCase::lower, out);
  v = Value::of(out.text());
  return true;
}

// Ruby's gsub with a text: an empty one is found before every character and at the end.
void replace_all(std::string_view text, std::string_view what, std::string_view with, TextWriter& out) {
  if (what.empty()) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = character_size(text, at);
      out.append(with);
      out.append(text.substr(at, size));
      at += size;
    }
    return out.append(with);
  }
  for (;;) {
    const std::size_t found = text.find(what);
    out.append(text.substr(0, found));
    if (found == nowhere) return;
    out.append(with);
    text.remove_prefix(found + what.size());
  }
}

bool replace(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  replace_all(text, in.text(0), in.text(1), out);
  v = Value::of(out.text());
  return true;
}

bool replace_at(Value& v, const FilterInput& in, std::string_view text, std::size_t at) {
  if (at == nowhere) return v = Value::of(text), true;
  TextWriter out(in.memory, text.size());
  out.append(text.substr(0, at));
  out.append(in.text(1));
  out.append(text.substr(at + in.text(0).size()));
  v = Value::of(out.text());
  return true;
}

bool replace_first(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  return replace_at(v, in, text, text.find(in.text(0)));
}

bool replace_last(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  return replace_at(v, in, text, text.rfind(in.text(0)));
}

bool remove(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  replace_all(text, in.text(0), "", out);
  v = Value::of(out.text());
  return true;
}

std::string_view without_left(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}
std::string_view without_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool strip(Value& v, const FilterInput& in) {
  v = Value::of(without_left(without_right(to_text(v, in.memory))));
  return true;
}
bool lstrip(Value& v, const FilterInput& in) {
  v = Value::of(without_left(to_text(v, in.memory)));
  return true;
}
bool rstrip(Value& v, const FilterInput& in) {
  v = Value::of(without_right(to_text(v, in.memory)));
  return true;
}

bool strip_newlines(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\n' && !text.substr(i).starts_with("\r\n")) out.append(text[i]);
  v = Value::of(out.text());
  return true;
}

bool newline_to_br(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\r\n")) continue;
    if (text[i] == '\n') out.append("<br />");
    out.append(text[i]);
  }
  v = Value::of(out.text());
  return true;
}

bool truncate(Value& v, const FilterInput& in) {
  if (v.is_nil()) return true;
  const auto length = in.arguments.empty() ? std::optional<std::int64_t>(50) : whole_of(in.arguments[0]);
  if (!length) return false;
  const std::string_view text = to_text(v, in.memory);
  const std::string_view ellipsis = in.arguments.size() > 1 ? in.text(1) : std::string_view("...");
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(*length, 0));
  v = Value::of(text);
  if (*length >= 0 && count_characters(text) <= wanted) return true;
  const std::size_t mark = count_characters(ellipsis);
  const std::string_view kept = first_characters(text, wanted > mark ? wanted - mark : 0);
  TextWriter out(in.memory, kept.size() + ellipsis.size());
  out.append(kept);
  out.append(ellipsis);
  v = Value::of(out.text());
  return true;
}

bool truncatewords(Value& v, const FilterInput& in) {
  if (v.is_nil()) return true;
  const auto words = in.arguments.empty() ? std::optional<std::int64_t>(15) : whole_of(in.arguments[0]);
  if (!words) return false;
  const std::string_view text = to_text(v, in.memory);
  const std::string_view ellipsis = in.arguments.size() > 1 ? in.text(1) : std::string_view("...");
  TextWriter out(in.memory, text.size() + ellipsis.size());
  std::string_view rest = without_left(text);
  for (std::int64_t left = std::max<std::int64_t>(*words, 1); left > 0 && !rest.empty(); --left) {
    if (!out.text().empty()) out.append(' ');
    const std::size_t end = std::min(rest.find_first_of(blanks), rest.size());
    out.append(rest.substr(0, end));
    rest = without_left(rest.substr(end));
  }
  if (!rest.empty()) {
    out.append(ellipsis);
    v = Value::of(out.text());
  } else {
    v = Value::of(text);
  }
  return true;
}

// Ruby's split: what is empty at the end is left out; a blank means any number of blanks.
bool split(Value& v, const FilterInput& in) {
  std::string_view text = to_text(v, in.memory);
  const std::string_view by = in.text(0);
  ListWriter out(in.memory);
  std::size_t filled = 0;  // how many there are up to the last that is not empty
  const auto push = [&](std::string_view piece) {
    out.push(Value::of(piece));
    if (!piece.empty()) filled = out.size();
  };
  if (by == " ") text = without_left(text);
  while (!text.empty() && !in.memory.exhausted()) {
    if (by.empty()) {
      const std::size_t size = character_size(text, 0);
      push(text.substr(0, size));
      text.remove_prefix(size);
      continue;
    }
    const std::size_t found = by == " " ? text.find_first_of(blanks) : text.find(by);
    push(text.substr(0, found));
    if (found == nowhere) break;
    text.remove_prefix(found + by.size());
    if (by == " ") text = without_left(text);
  }
  v = Value::of(out.items().first(std::min(filled, out.size())));
  return true;
}

std::string_view entity_of(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

// The length of the entity that `text` begins with: "&amp;", "&#39;", "&#x27;". 0 if it begins with none.
std::size_t entity_size(std::string_view text) {
  const std::size_t end = text.substr(0, 12).find(';');
  if (end == nowhere || end < 2) return 0;
  std::string_view name = text.substr(1, end - 1);
  if (name.starts_with('#')) name.remove_prefix(1);
  const bool good = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return good ? end + 1 : 0;
}

void escape_into(std::string_view text, bool once, TextWriter& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view entity = entity_of(text[i]);
    const std::size_t whole = once && text[i] == '&' ? entity_size(text.substr(i)) : 0;
    if (whole > 0) {
      out.append(text.substr(i, whole));
      i += whole - 1;
    } else if (entity.empty()) {
      out.append(text[i]);
    } else {
      out.append(entity);
    }
  }
}

bool escape(Value& v, const FilterInput& in) {
  if (v.is_nil()) return true;
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  escape_into(text, false, out);
  v = Value::of(out.text());
  return true;
}

bool escape_once(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  escape_into(text, true, out);
  v = Value::of(out.text());
  return true;
}

// Scripts, styles and comments go with what is in them. One that is not closed is text.
bool strip_html(Value& v, const FilterInput& in) {
  std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  struct Pair {
    std::string_view open, close;
    bool closes = true;  // none behind here, so none anywhere behind
  };
  Pair pairs[] = {{"<script", "</script>"}, {"<style", "</style>"}, {"<!--", "-->"}, {"<", ">"}};
  while (!text.empty()) {
    const std::size_t open = text.find('<');
    out.append(text.substr(0, open));
    if (open == nowhere) break;
    text.remove_prefix(open);
    std::size_t skipped = 0;
    for (Pair& pair : pairs) {
      if (!pair.closes || !text.starts_with(pair.open)) continue;
      const std::size_t close = text.find(pair.close, pair.open.size());
      pair.closes = close != nowhere;
      if (!pair.closes) continue;
      skipped = close + pair.close.size();
      break;
    }
    if (skipped == 0) {
      out.append(text);
      break;
    }
    text.remove_prefix(skipped);
  }
  v = Value::of(out.text());
  return true;
}

bool url_encode(Value& v, const FilterInput& in) {
  if (v.is_nil()) return true;
  constexpr std::string_view unreserved = "_.-~", hex = "0123456789ABCDEF";
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
        unreserved.find(c) != nowhere) {
      out.append(c);
    } else if (c == ' ') {
      out.append('+');
    } else {
      out.append('%');
      out.append(hex[byte / 16]);
      out.append(hex[byte % 16]);
    }
  }
  v = Value::of(out.text());
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool url_decode(Value& v, const FilterInput& in) {
  if (v.is_nil()) return true;
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      out.append(static_cast<char>(16 * high + low));
      i += 2;
    } else {
      out.append(text[i] == '+' ? ' ' : text[i]);
    }
  }
  v = Value::of(out.text());
  return is_utf8(out.text());  // else this person gets no message
}

constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool base64_encode(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, (text.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k)
      out.append(i + k <= text.size() ? base64[bits >> (18 - 6 * k) & 63] : '=');
  }
  v = Value::of(out.text());
  return true;
}

bool base64_decode(Value& v, const FilterInput& in) {
  const std::string_view text = to_text(v, in.memory);
  TextWriter out(in.memory, text.size());
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : without_right(text)) {
    if (c == '=') break;
    const std::size_t value = base64.find(c);
    if (value == nowhere) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.append(static_cast<char>(bits >> held & 0xFF));
  }
  v = Value::of(out.text());
  return is_utf8(out.text());  // else this person gets no message
}

// What the filter "date" takes for a moment.
std::optional<std::int64_t> moment_of(const Value& v, const FilterInput& in) {
  if (v.kind == Kind::date || v.kind == Kind::whole) return v.whole;
  if (v.kind == Kind::real && v.real > -1e12 && v.real < 1e12) return static_cast<std::int64_t>(v.real);
  if (v.kind != Kind::text) return std::nullopt;
  if (v.text == "now" || v.text == "today") return to_epoch_seconds(in.now);
  if (!v.text.starts_with('-'))
    if (const auto epoch = whole_of(v)) return epoch;
  return parse_date(v.text);
}

// What is no date stays as it is.
bool date(Value& v, const FilterInput& in) {
  const auto moment = moment_of(v, in);
  const std::string_view format = in.text(0);
  if (!moment || !is_printable_date(*moment) || format.empty()) return true;
  TextWriter out(in.memory, 2 * format.size());
  format_date(*moment, format, out);
  v = Value::of(out.text());
  return true;
}

constexpr FilterRow table[] = {
    {"append", append, 1, 1},
    {"base64_decode", base64_decode, 0, 0},
    {"base64_encode", base64_encode, 0, 0},
    {"capitalize", capitalize, 0, 0},
    {"date", date, 1, 1},
    {"downcase", downcase, 0, 0},
    {"escape", escape, 0, 0},
    {"escape_once", escape_once, 0, 0},
    {"lstrip", lstrip, 0, 0},
    {"newline_to_br", newline_to_br, 0, 0},
    {"prepend", prepend, 1, 1},
    {"remove", remove, 1, 1},
    {"remove_first", replace_first, 1, 1},
    {"remove_last", replace_last, 1, 1},
    {"replace", replace, 1, 2},
    {"replace_first", replace_first, 1, 2},
    {"replace_last", replace_last, 1, 2},
    {"rstrip", rstrip, 0, 0},
    {"split", split, 1, 1},
    {"strip", strip, 0, 0},
    {"strip_html", strip_html, 0, 0},
    {"strip_newlines", strip_newlines, 0, 0},
    {"truncate", truncate, 0, 2, true},
    {"truncatewords", truncatewords, 0, 2, true},
    {"upcase", upcase, 0, 0},
    {"url_decode", url_decode, 0, 0},
    {"url_encode", url_encode, 0, 0},
};

}  // namespace

std::span<const FilterRow> text_filters() {
  return table;
}

}  // namespace belay::content
