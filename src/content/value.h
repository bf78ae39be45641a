// What flows through a template: the values of expressions, filters and variables. Copying one copies no
// text; what it points to lives as long as the rendering (Memory), the profile or the template does.
// Inside content/ only; pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "content/memory.h"
#include "content/properties.h"

namespace belay::content {

struct Value {
  enum class Kind : std::uint8_t {
    nil,
    boolean,
    whole,
    real,
    text,
    date,    // "$D_<epoch>" of a profile
    list,
    object,  // its JSON text
    range,   // (first..last), never built
    empty,   // the words "empty" and "blank", which only compare
    blank,
  };
  Kind kind = Kind::nil;
  bool truth = false;           // boolean
  std::string_view text;        // text, object; a number as it was written, if it was
  std::int64_t whole = 0;       // whole; date: epoch second; range: first; list: size
  union {
    std::int64_t last = 0;      // range
    double real;                // real
    const Value* items;         // list
  };

  static Value of(bool b);
  static Value of(std::int64_t n);
  static Value of(double d);
  static Value of(std::string_view text);
  static Value of(std::span<const Value> items);

  std::span<const Value> list() const { return {items, static_cast<std::size_t>(whole)}; }
  bool is_nil() const { return kind == Kind::nil; }
  bool is_number() const { return kind == Kind::whole || kind == Kind::real; }
  // All but nil and false, as in Liquid: an empty text is true.
  bool truthy() const { return !is_nil() && (kind != Kind::boolean || truth); }
  // What the filter "default" replaces: nil, false, an empty text, list or object.
  bool replaced_by_default() const;
};

Value to_value(const RawValue& raw, Memory& memory);

// Appends what it prints.
void print(const Value& value, TextWriter& out);
// Appends what `raw` prints, escaped for a JSON string if `json`.
void print(const RawValue& raw, bool json, std::string& out);
bool is_blank(const RawValue& raw);

// What it prints, built only where it is no text already.
std::string_view to_text(const Value& value, Memory& memory);
// Liquid's idea of an operand: the number at the front of a text, else 0. Always whole or real.
Value to_number(const Value& value);
double to_real(const Value& number);

bool equal(const Value& a, const Value& b, Memory& memory);
// <0, 0, >0; nothing where they can't be compared, which makes every comparison false.
std::optional<int> compare(const Value& a, const Value& b);
bool contains(const Value& a, const Value& b, Memory& memory);

// List items as they are; of an object its pairs, each a list of key and value; of a range its numbers; a
// text that is not empty is one item, and so is anything else that is not nil if `wrap`.
std::span<const Value> items_of(const Value& value, Memory& memory, bool wrap);

// value.name: a member of an object; size, first, last. Nil where there is none.
Value member_of(const Value& value, std::string_view name, Memory& memory);
// value[index]: from the end if negative.
Value item_of(const Value& value, std::int64_t index, Memory& memory);

// A list that grows.
class ListWriter {
 public:
  explicit ListWriter(Memory& memory) : memory_(memory) {}
  void push(const Value& value);
  std::size_t size() const { return size_; }
  std::span<Value> items() { return {items_, size_}; }

 private:
  Memory& memory_;
  Value* items_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace belay::content
