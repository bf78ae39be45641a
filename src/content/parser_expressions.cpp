// Expressions, conditions and filters.
#include <algorithm>
#include <charconv>

#include "content/parser.h"
#include "content/unicode.h"

namespace belay::content {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_name_part(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view(" .-$?").find(c) != std::string_view::npos;
}

Expression text_of(std::string_view text) {
  return {Literal{Value::of(std::string_view()), std::string(text)}};
}

struct WordRow {
  std::string_view word;
  Value::Kind kind;
  bool truth = false;
};
constexpr WordRow words[] = {
    {"true", Value::Kind::boolean, true}, {"false", Value::Kind::boolean}, {"nil", Value::Kind::nil},
    {"null", Value::Kind::nil},           {"empty", Value::Kind::empty},   {"blank", Value::Kind::blank},
};

struct ReadingRow {
  std::string_view name;
  LoopReading::What what;
  bool table_only = false;
};
using enum LoopReading::What;
constexpr ReadingRow readings[] = {
    {"index", index}, {"index0", index0},   {"rindex", rindex},
    {"rindex0", rindex0}, {"first", first}, {"last", last},
    {"length", length},   {"name", name},   {"col", col, true},
    {"col0", col0, true}, {"col_first", col_first, true}, {"col_last", col_last, true},
    {"row", row, true},
};

}  // namespace

Result<Filtered, Error> Parser::filtered() {
  Filtered value;
  TRY_ASSIGN(value.of, expression());
  for (skip_blanks(); take("|"); skip_blanks()) {
    if (value.filters.size() == max_filters)
      return wrong(Code::syntax, fmt::format("A tag has more than {} filters", max_filters), at_);
    TRY(filter(value));
  }
  return value;
}

Parser::Done Parser::filter(Filtered& to) {
  skip_blanks();
  const std::size_t begin = at_;
  const std::string_view name = word();
  if (name.empty())
    return at_tag_end() ? wrong(Code::syntax, "A filter's name is missing behind \"|\"", at_)
                        : unexpected_here();
  const FilterRow* row = filter_named(name);
  if (!row) return wrong(Code::syntax, fmt::format("Unknown filter \"{}\"", name), begin);
  FilterCall call{row, {}, false};
  skip_blanks();
  if (take(":")) TRY(arguments(*row, call));
  const std::size_t given = call.arguments.size();
  if (given < row->fewest_arguments || given > row->most_arguments)
    return wrong(
        Code::syntax,
        row->fewest_arguments == row->most_arguments
            ? fmt::format("The filter \"{}\" takes {} argument(s), not {}", name, row->most_arguments, given)
            : fmt::format("The filter \"{}\" takes {} to {} arguments, not {}", name, row->fewest_arguments,
                          row->most_arguments, given),
        begin);
  to.filters.push_back(std::move(call));
  return {};
}

// "allow_false: true" of the filter "default", the one argument that has a name.
Result<bool, Error> Parser::named_argument(const FilterRow& row, FilterCall& call) {
  constexpr std::string_view name = "allow_false";
  if (!is_default_filter(row) || !starts_with(name)) return false;
  at_ += name.size();
  skip_blanks();
  if (!take(":")) return unexpected_here();
  skip_blanks();
  const std::string_view value = word();
  if (value != "true" && value != "false") return unexpected_here();
  call.allow_false = value == "true";
  return true;
}

Parser::Done Parser::arguments(const FilterRow& row, FilterCall& call) {
  do {
    skip_blanks();
    const std::size_t begin = at_;
    TRY_ASSIGN(const bool named, named_argument(row, call));
    if (!named) {
      TRY_ASSIGN(Expression argument, expression());
      const auto* literal = std::get_if<Literal>(&argument.of);
      if (row.whole_first && call.arguments.empty() && literal && !whole_of(literal->get()))
        return wrong(Code::syntax,
                     fmt::format("The filter \"{}\" can't work with \"{}\"", row.name, literal->text), begin);
      call.arguments.push_back(std::move(argument));
    }
    skip_blanks();
  } while (take(","));
  return {};
}

Result<Condition, Error> Parser::condition() {
  Condition all;
  for (;;) {
    Comparison one;
    skip_blanks();
    TRY_ASSIGN(one.left, expression());
    TRY_ASSIGN(one.op, comparison_operator());
    if (one.op != Operator::none) {
      skip_blanks();
      TRY_ASSIGN(one.right, expression());
    }
    skip_blanks();
    const std::size_t begin = at_;
    const std::string_view joint = word();
    one.then_or = joint == "or";
    all.push_back(std::move(one));
    if (joint == "and" || joint == "or") continue;
    at_ = begin;
    return all;
  }
}

Result<Operator, Error> Parser::comparison_operator() {
  skip_blanks();
  if (take("==")) return Operator::equal;
  if (take("!=") || take("<>")) return Operator::not_equal;
  if (take("<=")) return Operator::at_most;
  if (take(">=")) return Operator::at_least;
  if (take("<")) return Operator::less;
  if (take(">")) return Operator::greater;
  const std::size_t begin = at_;
  if (word() == "contains") return Operator::contains;
  at_ = begin;
  return Operator::none;
}

Result<Expression, Error> Parser::expression() {
  if (at_ >= text_.size()) return unexpected_here();
  const char c = text_[at_];
  if (c == '"' || c == '\'') return quoted();
  if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number();
  if (c == '@')
    return wrong(Code::unsupported, "The form \"@Profile\" is not supported; write {{ Profile.Name }}", at_);
  if (c == '(') return range();
  if (is_letter(c)) return named();
  return unexpected_here();
}

Result<Expression, Error> Parser::range() {
  Range out;
  ++at_;
  for (const std::string_view behind : {"..", ")"}) {
    skip_blanks();
    if (starts_with("(")) return unexpected_here();
    TRY_ASSIGN(Expression end, expression());
    skip_blanks();
    if (!take(behind)) return unexpected_here();
    out.ends.push_back(std::move(end));
  }
  return Expression{std::move(out)};
}

Result<Expression, Error> Parser::quoted() {
  const std::size_t begin = at_ + 1;
  const std::size_t end = text_.find(text_[at_], begin);
  if (end == std::string_view::npos) return wrong(Code::syntax, "A quoted text is not closed", at_);
  at_ = end + 1;
  return text_of(text_.substr(begin, end - begin));
}

Result<Expression, Error> Parser::number() {
  const std::size_t begin = at_++;
  while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.') && !starts_with("..")) ++at_;
  const std::string_view digits = text_.substr(begin, at_ - begin);
  if (std::count(digits.begin(), digits.end(), '.') > 1 || digits.ends_with('.'))
    return wrong(Code::syntax, fmt::format("\"{}\" is no number", digits), begin);
  return Expression{Literal{to_number(Value::of(digits)), std::string(digits)}};
}

Result<Expression, Error> Parser::named() {
  const std::size_t begin = at_;
  const std::string_view object = identifier();
  for (const WordRow& row : words) {
    if (row.word != object || starts_with(".") || starts_with("[")) continue;
    Literal literal;
    literal.value.kind = row.kind;
    literal.value.truth = row.truth;
    return Expression{std::move(literal)};
  }
  if (object == "Event")
    return wrong(Code::unsupported, "Event properties are not supported yet", begin);
  if (object == "Profile") return profile_property(begin);
  if (object == "forloop" || object == "tablerowloop") return loop_reading(object, begin);
  Path path;
  const auto scope = std::find_if(scopes_.rbegin(), scopes_.rend(),
                                  [&](const Scope& s) { return s.variable == object; });
  if (scope != scopes_.rend()) {
    path.variable = scope->number;
  } else {
    TRY_ASSIGN(path.variable, variable(object, begin, false));
  }
  TRY_ASSIGN(path.steps, steps());
  return Expression{std::move(path)};
}

Result<Expression, Error> Parser::profile_property(std::size_t begin) {
  Path path;
  path.root = Path::Root::property;
  bool dotted = false;
  if (take(".")) {
    TRY_ASSIGN(path.property, dotted_name());
    dotted = path.property.find('.') != std::string::npos;
  } else if (starts_with("[")) {
    TRY_ASSIGN(path.steps, steps());
    Step& first = path.steps.front();
    const auto* literal = first.index.empty() ? nullptr : std::get_if<Literal>(&first.index[0].of);
    if (!literal || literal->value.kind != Value::Kind::text)
      return wrong(Code::syntax, "A property's name in brackets must be in quotes: Profile[\"A name\"]", begin);
    path.property = literal->text;
    path.steps.erase(path.steps.begin());
  } else {
    return wrong(Code::syntax, "A property's name is missing behind \"Profile\"", begin);
  }
  if (path.steps.empty()) {
    TRY_ASSIGN(path.steps, steps());
  }
  if (path.steps.empty()) return Expression{PropertyName{std::move(path.property), dotted}};
  return Expression{std::move(path)};
}

// Is there a word that ends a name with blanks in it? Only in tags; in an output nothing can follow.
bool Parser::at_keyword() const {
  if (close_ == "}}") return false;
  const std::string_view rest = text_.substr(at_);
  for (const std::string_view keyword : {"contains", "and", "or", "reversed"})
    if (rest.starts_with(keyword) && (rest.size() == keyword.size() || !is_name_part(rest[keyword.size()]) ||
                                      rest[keyword.size()] == ' ' || rest[keyword.size()] == '-'))
      return true;
  for (const std::string_view part : {"limit", "offset", "cols"}) {
    if (!rest.starts_with(part)) continue;
    const std::size_t next = rest.find_first_not_of(blanks, part.size());
    if (next != std::string_view::npos && rest[next] == ':') return true;
  }
  return false;
}

// Behind "Profile.": letters and much else, with blanks inside.
Result<std::string, Error> Parser::dotted_name() {
  const std::size_t begin = at_;
  bool behind_blank = false;
  while (at_ < text_.size() && !at_tag_end() && !starts_with("..")) {
    const bool blank = blanks.find(text_[at_]) != blanks.npos;
    if (!blank && (!is_name_part(text_[at_]) || (behind_blank && at_keyword()))) break;
    behind_blank = blank;
    ++at_;
  }
  const std::string_view raw = text_.substr(begin, at_ - begin);
  const std::string_view name = raw.substr(0, raw.find_last_not_of(blanks) + 1);
  if (name.empty() || blanks.find(name.front()) != blanks.npos)
    return wrong(Code::syntax, "A property's name is missing behind \"Profile.\"", begin);
  at_ = begin + name.size();
  return std::string(name);
}

Result<std::vector<Step>, Error> Parser::steps() {
  std::vector<Step> out;
  while (at_ < text_.size()) {
    if (starts_with(".") && !starts_with("..")) {
      ++at_;
      const std::string_view name = identifier();
      if (name.empty()) return unexpected_here();
      out.push_back({std::string(name), {}});
    } else if (take("[")) {
      skip_blanks();
      if (++depth_ > max_depth) return wrong(Code::syntax, "Brackets are nested too deep", at_);
      TRY_ASSIGN(Expression index, expression());
      --depth_;
      skip_blanks();
      if (!take("]")) return unexpected_here();
      out.push_back({});
      out.back().index.push_back(std::move(index));
    } else {
      break;
    }
    if (out.size() > max_depth) return wrong(Code::syntax, "A name has too many parts", at_);
  }
  return out;
}

Result<Expression, Error> Parser::loop_reading(std::string_view object, std::size_t begin) {
  const bool table = object == "tablerowloop";
  auto scope = std::find_if(scopes_.rbegin(), scopes_.rend(),
                            [&](const Scope& s) { return s.table == table; });
  std::string_view part;
  for (;;) {
    if (scope == scopes_.rend())
      return wrong(Code::syntax, fmt::format("\"{}\" stands outside of its loop", object), begin);
    if (!take("."))
      return wrong(Code::syntax, fmt::format("\"{}\" needs a part: {}.index", object, object), begin);
    part = identifier();
    if (part != "parentloop" || table) break;
    scope = std::find_if(scope + 1, scopes_.rend(), [](const Scope& s) { return !s.table; });
  }
  for (const ReadingRow& row : readings)
    if (row.name == part && (table || !row.table_only))
      return Expression{LoopReading{row.what, scope->loop, row.what == name ? scope->name : std::string()}};
  return wrong(Code::syntax, fmt::format("\"{}\" has no part \"{}\"", object, part), begin);
}

}  // namespace belay::content
