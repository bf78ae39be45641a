// From a template's text to its compiled form, in one pass. Inside content/ only.
#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "content/nodes.h"

namespace belay::content {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  Result<Template, Error> run();

 private:
  using Done = Result<void, Error>;
  struct Tag {
    std::string_view name;  // "" where the text has ended
    std::size_t at = 0;     // where its {% begins
  };
  struct TagRow {
    std::string_view name;
    Done (Parser::*parse)(const Tag& tag, Block& into);
  };
  static const std::initializer_list<TagRow> tag_table;

  // Blocks (parser.cpp).
  Result<Tag, Error> block(Block& into, std::initializer_list<std::string_view> ends);
  Result<Tag, Error> inside(Block& into, const Tag& opener, std::initializer_list<std::string_view> ends);
  Done text_until(std::size_t end, Block& into);
  Done output_tag(Block& into);
  Result<Tag, Error> open_tag();
  Done close_tag();
  Done tag(const Tag& tag, Block& into);
  Result<std::string_view, Error> verbatim_until(const Tag& opener);

  // Tags, a function each (parser_tags.cpp).
  Done if_tag(const Tag& tag, Block& into);
  Done case_tag(const Tag& tag, Block& into);
  Done when_values(When& when);
  Done for_tag(const Tag& tag, Block& into);
  Done for_parts(For& loop);
  Done for_body(const Tag& tag, For& loop);
  Done assign_tag(const Tag& tag, Block& into);
  Done capture_tag(const Tag& tag, Block& into);
  Done count_tag(const Tag& tag, Block& into);
  Done cycle_tag(const Tag& tag, Block& into);
  Done jump_tag(const Tag& tag, Block& into);
  Done echo_tag(const Tag& tag, Block& into);
  Done raw_tag(const Tag& tag, Block& into);
  Done comment_tag(const Tag& tag, Block& into);
  Done inline_comment_tag(const Tag& tag, Block& into);

  // Expressions (parser_expressions.cpp).
  Result<Filtered, Error> filtered();
  Done filter(Filtered& to);
  Done arguments(const FilterRow& row, FilterCall& call);
  Result<bool, Error> named_argument(const FilterRow& row, FilterCall& call);
  Result<Condition, Error> condition();
  Result<Operator, Error> comparison_operator();
  Result<Expression, Error> expression();
  Result<Expression, Error> range();
  Result<Expression, Error> quoted();
  Result<Expression, Error> number();
  Result<Expression, Error> named();
  Result<Expression, Error> profile_property(std::size_t begin);
  Result<std::string, Error> dotted_name();
  Result<Expression, Error> loop_reading(std::string_view object, std::size_t begin);
  Result<std::vector<Step>, Error> steps();
  bool at_keyword() const;

  // Names.
  Result<std::uint16_t, Error> variable(std::string_view name, std::size_t at, bool set);
  Result<std::uint16_t, Error> numbered(std::map<std::string, std::uint16_t, std::less<>>& names,
                                        std::string_view name, std::size_t at);
  Result<std::string_view, Error> new_name();
  Done all_known() const;

  std::unexpected<Error> wrong(Code code, std::string sentence, std::size_t at) const;
  std::unexpected<Error> unexpected_here() const;
  bool at_tag_end() const;
  void skip_blanks();
  std::string_view word();        // letters, digits, _
  std::string_view identifier();  // and - inside
  bool take(std::string_view what);
  bool starts_with(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  struct Name {
    std::uint16_t number = 0;
    bool set = false;      // assigned, captured or counted somewhere
    std::size_t read = 0;  // where it is read first
  };
  struct Scope {  // of a loop that is open here
    std::string_view variable;
    std::uint16_t number = 0, loop = 0;
    bool table = false;
    std::string name;  // forloop.name
  };

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t tag_ = 0;            // where the present tag begins
  std::string_view close_ = "}}";  // what ends it
  bool trim_next_ = false;         // the last tag ended with -}} or -%}
  std::size_t depth_ = 0, variables_ = 0, loops_ = 0, tags_ = 0;
  std::map<std::string, Name, std::less<>> names_;
  std::map<std::string, std::uint16_t, std::less<>> places_, cycles_;
  std::vector<Scope> scopes_;
};

}  // namespace belay::content
