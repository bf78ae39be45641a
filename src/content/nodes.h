// The compiled form of a template. Inside content/ only: the parser makes it, Rendering walks it.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "content/filters.h"
#include "content/template.h"

namespace belay::content {

struct Expression;
struct Node;
using Block = std::vector<Node>;

struct Literal {
  Value value;
  std::string text;  // what value.text is to be

  Value get() const {
    Value v = value;
    v.text = text;
    return v;
  }
};

// Profile.Name, by far the most usual.
struct PropertyName {
  std::string name;
  bool dotted = false;  // "Home.City": a property of that name, or else City of Home
};

// .name or [expression]
struct Step {
  std::string name;
  std::vector<Expression> index;  // empty: by name
};

struct Path {
  enum class Root : std::uint8_t { property, variable } root = Root::variable;
  std::string property;
  std::uint16_t variable = 0;
  std::vector<Step> steps;
};

// forloop.index and the like, of the loop with that number.
struct LoopReading {
  enum class What : std::uint8_t {
    index,
    index0,
    rindex,
    rindex0,
    first,
    last,
    length,
    name,
    col,  // of tablerowloop
    col0,
    col_first,
    col_last,
    row,
  } what = What::index;
  std::uint16_t loop = 0;
  std::string name;  // what: name
};

struct Range {
  std::vector<Expression> ends;  // two
};

struct Expression {
  std::variant<Literal, PropertyName, Path, LoopReading, Range> of;
};

struct FilterCall {
  const FilterRow* filter = nullptr;
  std::vector<Expression> arguments;
  bool allow_false = false;
};

struct Filtered {
  Expression of;
  std::vector<FilterCall> filters;
};

enum class Operator : std::uint8_t { none, equal, not_equal, less, greater, at_most, at_least, contains };

struct Comparison {
  Expression left;
  Operator op = Operator::none;  // none: is the left one true?
  Expression right;
  bool then_or = false;  // what joins it with the rest, which is judged first, as in Liquid
};
using Condition = std::vector<Comparison>;

// Text between tags, in both forms, so that nothing is escaped twice.
struct Text {
  std::string plain, json;
};
struct Output {
  Filtered value;
};
struct Branch {
  Condition when;
  bool unless = false;
  Block then;
};
struct If {
  std::vector<Branch> branches;
  Block otherwise;
};
struct When {
  std::vector<Expression> values;
  Block then;
};
struct Case {
  Expression of;
  std::vector<When> whens;
  Block otherwise;
};
struct For {
  std::uint16_t variable = 0, loop = 0, place = 0;  // place: where "offset: continue" goes on
  Expression in;
  std::vector<Expression> limit, offset, columns;  // none or one
  bool reversed = false, continues = false, table = false;
  Block body, otherwise;
};
struct Assign {
  std::uint16_t variable = 0;
  Filtered value;
};
struct Capture {
  std::uint16_t variable = 0;
  Block body;
};
struct Count {  // increment, decrement
  std::uint16_t counter = 0;
  int by = 1;
};
struct Cycle {
  std::uint16_t cycle = 0;
  std::vector<Expression> values;
};
enum class Jump : std::uint8_t { next, leave, abort };  // continue, break; this person gets no message

struct Node {
  std::variant<Text, Output, If, Case, For, Assign, Capture, Count, Cycle, Jump> part;
};

struct Template::Program {
  Block nodes;
  std::size_t variables = 0, loops = 0, places = 0, cycles = 0;
};

}  // namespace belay::content
