#include "content/filters.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/json.h"
#include "content/template.h"
#include "content/unicode.h"

namespace belay::content {
namespace {

// Filters may build longer texts than are sent in the end (truncate comes last), within reason.
constexpr std::size_t max_intermediate = 16 * max_rendered;

bool is_empty_container(std::string_view json) {
  return json.find_first_not_of(" \t\r\n", 1) == json.size() - 1;
}

void print_date(std::int64_t epoch, std::string& out) {
  using namespace std::chrono;
  const sys_seconds t{seconds{epoch}};
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss clock{t - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (t != day)
    fmt::format_to(std::back_inserter(out), " {:02}:{:02} UTC", clock.hours().count(),
                   clock.minutes().count());
}

bool is_printable_date(std::int64_t epoch) {
  constexpr std::int64_t year_0 = -62'167'219'200, year_10000 = 253'402'300'800;
  return epoch >= year_0 && epoch < year_10000;
}

void print_text(const RawValue& raw, bool json, std::string& out) {
  if (const auto date = date_of(raw.json); date && is_printable_date(*date)) return print_date(*date, out);
  if (json || !raw.escaped) {
    out.append(raw.json);  // what was valid between quotes in the store is valid between ours
  } else {
    append_unescaped(out, raw.json);
  }
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t n = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return n;
}

void append(std::string& text, std::string_view tail) {
  text += tail;
}

void capitalize(std::string& text) {
  const std::string_view first = first_characters(text, 1);
  std::string out;
  append_in_case(out, first, LetterCase::upper);
  if (out == "SS") out = "Ss";  // a sharp s
  append_in_case(out, std::string_view(text).substr(first.size()), LetterCase::lower);
  text = std::move(out);
}

void change_case(std::string& text, LetterCase letter_case) {
  std::string out;
  append_in_case(out, text, letter_case);
  text = std::move(out);
}

// Ruby's gsub with a text: an empty one is found before every character and at the end.
bool replace(std::string& text, std::string_view what, std::string_view with) {
  std::string out;
  std::size_t at = 0;
  while (out.size() <= max_intermediate) {
    if (what.empty()) {
      out += with;
      if (at >= text.size()) break;
      const std::size_t size = character_size(text, at);
      out.append(text, at, size);
      at += size;
      continue;
    }
    const std::size_t found = text.find(what, at);
    out.append(text, at, found == std::string::npos ? found : found - at);
    if (found == std::string::npos) break;
    out += with;
    at = found + what.size();
  }
  if (out.size() > max_intermediate) return false;
  text = std::move(out);
  return true;
}

void strip(std::string& text) {
  constexpr std::string_view blanks("\0\t\n\v\f\r ", 7);
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos) return text.clear();
  text = text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool truncate(std::string& text, std::span<const Value> arguments) {
  const auto length = arguments.empty() ? std::optional<std::int64_t>(50) : whole_number(arguments[0].text);
  if (!length) return false;
  const std::string_view ellipsis = arguments.size() > 1 ? std::string_view(arguments[1].text) : "...";
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(*length, 0));
  const std::size_t ellipsis_length = count_characters(ellipsis);
  if (*length >= 0 && count_characters(text) <= wanted) return true;
  std::string out(first_characters(text, wanted > ellipsis_length ? wanted - ellipsis_length : 0));
  out += ellipsis;
  text = std::move(out);
  return true;
}

void url_encode(std::string& text) {
  constexpr std::string_view unreserved = "_.-~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
        unreserved.find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", byte);
    }
  }
  text = std::move(out);
}

// The number at the front of a text, 0 if there is none: what Liquid makes of any operand.
std::string_view number_in(const Value& value) {
  std::string_view text = value.text;
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
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
  const bool all = error == std::errc{} && rest.find_first_not_of(" \t\r\n") == std::string_view::npos;
  return all ? text.substr(0, text.size() - rest.size()) : whole;
}

// Rounds half away from zero, judging the half by the decimal number people see.
double round_half_up(double x, double scale) {
  double rounded = std::round(x * scale);
  if (x > 0 && (rounded + 0.5) / scale <= x) rounded += 1;
  if (x < 0 && (rounded - 0.5) / scale >= x) rounded -= 1;
  return rounded / scale;
}

bool round(Value& value, std::span<const Value> arguments) {
  const auto digits = arguments.empty() ? std::optional<std::int64_t>(0) : whole_number(arguments[0].text);
  if (!digits || *digits < 0 || *digits > 15) return false;
  const std::string_view number = number_in(value);
  std::string out(number);
  if (number.find_first_of(".eE") != std::string_view::npos) {
    double x = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), x).ec != std::errc{}) return false;
    x = round_half_up(x, std::pow(10.0, static_cast<double>(*digits)));
    out = *digits == 0 ? fmt::format("{:.0f}", x == 0 ? 0.0 : x) : fmt::format("{}", x);
    if (*digits > 0 && out.find_first_of(".e") == std::string::npos) out += ".0";
  }
  value = {Value::Kind::number, std::move(out)};
  return true;
}

}  // namespace

bool Value::blank() const {
  return kind == Kind::nil || (kind == Kind::boolean && text == "false") ||
         ((kind == Kind::text || kind == Kind::list) && text.empty());
}

Value to_value(const RawValue& raw) {
  using Kind = RawValue::Kind;
  if (raw.kind == Kind::missing || raw.kind == Kind::null) return {};
  Value value;
  print(raw, false, value.text);
  value.kind = raw.kind == Kind::boolean  ? Value::Kind::boolean
               : raw.kind == Kind::number ? Value::Kind::number
               : raw.kind == Kind::list   ? Value::Kind::list
                                          : Value::Kind::text;
  if (raw.kind == Kind::object && is_empty_container(raw.json)) value.text.clear();
  return value;
}

void print(const RawValue& raw, bool json, std::string& out) {
  switch (raw.kind) {
    case RawValue::Kind::missing:
    case RawValue::Kind::null:
      return;
    case RawValue::Kind::boolean:
    case RawValue::Kind::number:
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

bool is_known_elsewhere(std::string_view filter) {
  static constexpr std::array<std::string_view, 38> others{
      "abs",           "at_least",     "at_most",       "base64_decode", "base64_encode",
      "ceil",          "compact",      "concat",        "date",          "divided_by",
      "escape",        "escape_once",  "first",         "floor",         "h",
      "join",          "last",         "lstrip",        "map",           "minus",
      "modulo",        "plus",         "newline_to_br", "remove",        "remove_first",
      "replace_first", "replace_last", "reverse",       "rstrip",        "size",
      "slice",         "sort",         "split",         "strip_html",    "times",
      "truncatewords", "uniq",         "url_decode"};
  return std::find(others.begin(), others.end(), filter) != others.end();
}

bool apply(FilterName filter, std::span<const Value> arguments, Value& value) {
  using Kind = Value::Kind;
  const bool was_nil = value.kind == Kind::nil;
  switch (filter) {
    case FilterName::default_value:
      if (value.blank()) value = arguments.empty() ? Value{Kind::text, ""} : arguments[0];
      return true;
    case FilterName::round:
      return round(value, arguments);
    case FilterName::truncate:
    case FilterName::url_encode:
      if (was_nil) return true;
      break;
    default:
      break;
  }
  value.kind = Kind::text;
  bool good = true;
  switch (filter) {
    case FilterName::append:
      append(value.text, arguments[0].text);
      break;
    case FilterName::prepend:
      value.text.insert(0, arguments[0].text);
      break;
    case FilterName::capitalize:
      capitalize(value.text);
      break;
    case FilterName::upcase:
      change_case(value.text, LetterCase::upper);
      break;
    case FilterName::downcase:
      change_case(value.text, LetterCase::lower);
      break;
    case FilterName::strip:
      strip(value.text);
      break;
    case FilterName::replace:
      good = replace(value.text, arguments[0].text,
                     arguments.size() > 1 ? arguments[1].text : std::string_view());
      break;
    case FilterName::truncate:
      good = truncate(value.text, arguments);
      break;
    case FilterName::url_encode:
      url_encode(value.text);
      break;
    case FilterName::default_value:
    case FilterName::round:
      break;
  }
  return good && value.text.size() <= max_intermediate;
}

}  // namespace belay::content
