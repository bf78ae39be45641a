// The compiled form of a template. Inside content/ only: the parser makes it, the template walks it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "content/filters.h"
#include "content/template.h"

namespace belay::content {

struct PropertyName {
  std::string name;
};
// What stands for a value in an output tag and after a filter's colon.
using Expression = std::variant<Value, PropertyName>;

struct FilterCall {
  FilterName filter;
  std::vector<Expression> arguments;
};

struct Output {
  Expression of;
  std::vector<FilterCall> filters;
};

// Text between tags, in both forms, so that nothing is escaped twice.
struct Text {
  std::string plain, json;
};

struct Template::Node {
  std::variant<Text, Output> part;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  Result<Template, Error> run();

 private:
  using Done = Result<void, Error>;
  Done text_until(std::size_t end);
  Done output_tag();
  Done filter(Output& output);
  Done arguments(const FilterRow& row, FilterCall& call);
  Result<Expression, Error> expression();
  Result<Expression, Error> quoted();
  Result<Expression, Error> number();
  Result<Expression, Error> property();
  Result<Expression, Error> dotted_name();
  Result<Expression, Error> bracketed_name();

  std::unexpected<Error> wrong(Code code, std::string sentence, std::size_t at) const;
  std::unexpected<Error> tag_refused(std::size_t at) const;
  std::unexpected<Error> unexpected_here() const;
  bool at_tag_end() const;
  void skip_blanks();
  std::string_view word();
  bool starts_with(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t tag_ = 0;     // where the present tag begins
  bool trim_next_ = false;  // the last tag ended with -}}
  std::vector<Template::Node> nodes_;
};

}  // namespace belay::content
