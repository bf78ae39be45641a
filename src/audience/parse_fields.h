// The pieces of the parser that every part of a query shares: what it may cost, keys, operators and values,
// and {"name", "operator", "value"}. Inside audience/ only. Pure.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "audience/node.h"
#include "audience/query.h"

namespace belay::audience {

template <class T>
using Parsed = Result<T, Error>;

std::unexpected<Error> invalid(std::string text);
std::unexpected<Error> unsupported(std::string text);

// What is left of what a query may cost: most_conditions and its kin in query.h. The store's own are not
// counted: they were let in once.
class Cost {
 public:
  explicit Cost(bool counted) : counted_(counted) {}
  Parsed<void> condition(std::string_view place);
  Parsed<void> event(std::string_view place);
  Parsed<void> value(std::string_view place);
  Parsed<void> compared(std::string_view place);  // a value that is held against each person one by one

 private:
  bool counted_;
  std::size_t conditions_ = 0, events_ = 0, values_ = 0, compared_ = 0;
};

// `Unknown key "did_not" in where.advanced_query: did you mean "did_none"?`
std::unexpected<Error> unknown(std::string_view what, std::string_view key, std::string_view place,
                               std::span<const std::string_view> known);
Parsed<void> only_keys(const json::object& object, std::string_view place,
                       std::span<const std::string_view> known);

Parsed<const json::object*> object_at(const json::value& v, std::string_view place);
// An array that is not empty.
Parsed<const json::array*> list_at(const json::value& v, std::string_view place);

Parsed<Operator> operator_at(const json::value* v, std::string_view place);
Parsed<std::string> name_at(const json::object& object, std::string_view place);
Parsed<FieldTest> field_at(const json::value& v, const std::string& place, Cost& cost);

// common_profile_properties whole: profile_fields, demographics and the rest. parse_profile.cpp
Parsed<Node> profile_at(const json::value& v, const std::string& place, Cost& cost);

}  // namespace belay::audience
