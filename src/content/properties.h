// A person's properties as a template or a query sees them: a view of the JSON object text that the
// store keeps, scanned once, from front to back, and only as far as somebody asks. No allocation.
//
// The text must outlive the view. One view belongs to one thread; looking up moves its cursor.
// Damaged text (which the store never writes) reads as properties that are missing.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belay::content {

// One JSON value, not yet decoded.
struct RawValue {
  enum class Kind : std::uint8_t { missing, null, boolean, number, text, list, object };
  Kind kind = Kind::missing;
  bool escaped = false;   // text: holds backslash escapes
  std::string_view json;  // text: what stands between the quotes; else the whole JSON value

  bool truth() const { return json == "true"; }  // kind boolean
};

// What a text between JSON quotes means, appended to `out`. A damaged escape becomes U+FFFD.
void append_unescaped(std::string& out, std::string_view between_quotes);

// A date as profiles hold it, "$D_1457432766": its epoch second.
std::optional<std::int64_t> date_of(std::string_view text);

// Calls visit(RawValue) for every element of a list value, until it says false.
template <class Visit>
void each_element(const RawValue& list, Visit&& visit);

class Properties {
 public:
  explicit Properties(std::string_view json_object);

  // The first property of that name (exact case).
  RawValue find(std::string_view name);

  // Calls visit(key, whether it holds backslash escapes, RawValue) for every property, until it says false.
  // For a view that nothing was looked up in.
  template <class Visit>
  void each(Visit&& visit) const;

 private:
  // Offsets into text_; left without initial values so that making a view costs nothing.
  struct Field {
    std::uint32_t key, key_size, value, value_size;
    RawValue::Kind kind;
    bool key_escaped, value_escaped;
  };
  bool next(std::size_t& at, Field& field) const;  // false at the end
  bool named(const Field& field, std::string_view name) const;
  RawValue value_of(const Field& field) const;

  static constexpr std::size_t remembered = 24;
  std::string_view text_;
  std::size_t at_ = 0;  // behind the last field remembered; text_.size(): there are no more
  std::size_t count_ = 0;
  std::array<Field, remembered> fields_;
};

// Reads the JSON value that starts at or after `at` (blanks skipped) and moves `at` behind it. Kind
// missing: there is no whole value. For the classes above and for lists.
RawValue scan_value(std::string_view text, std::size_t& at);

template <class Visit>
void Properties::each(Visit&& visit) const {
  std::size_t at = at_;
  for (Field field; at < text_.size() && next(at, field);)
    if (!visit(text_.substr(field.key, field.key_size), field.key_escaped, value_of(field))) return;
}

template <class Visit>
void each_element(const RawValue& list, Visit&& visit) {
  std::size_t at = 1;  // behind '['
  while (at < list.json.size()) {
    const RawValue v = scan_value(list.json, at);
    if (v.kind == RawValue::Kind::missing || !visit(v)) return;
    at = list.json.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos || list.json[at] != ',') return;
    ++at;
  }
}

}  // namespace belay::content
