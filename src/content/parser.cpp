#include <algorithm>

#include "base/json.h"
#include "content/nodes.h"
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

// Where "@Profile - Name" and the like begin: CleverTap's dashboard shows properties that way, and a
// message must not go out with it in plain sight. An @ in front of an ordinary word is left alone.
std::size_t find_at_form(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with("Profile")) {
      rest.remove_prefix(7);
    } else if (rest.starts_with("Event")) {
      rest.remove_prefix(5);
    } else {
      continue;
    }
    if (rest.starts_with(" - ") || rest.starts_with('[')) return at;
    if (rest.size() > 1 && rest[0] == '.' && is_letter(rest[1])) return at;
  }
  return std::string_view::npos;
}

constexpr std::string_view at_form_sentence =
    "The form \"@Profile\" is not supported yet; write {{ Profile.Name }}";

}  // namespace

std::unexpected<Error> Parser::wrong(Code code, std::string sentence, std::size_t at) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t column = 1 + count_characters(before.substr(line_start));
  return fail(code, fmt::format("{} (line {}, column {})", sentence, line, column));
}

std::unexpected<Error> Parser::tag_refused(std::size_t at) const {
  std::size_t begin = at + 2;
  if (begin < text_.size() && text_[begin] == '-') ++begin;
  begin = std::min(text_.find_first_not_of(blanks, begin), text_.size());
  std::size_t end = begin;
  while (end < text_.size() && is_letter(text_[end])) ++end;
  return wrong(Code::unsupported,
               fmt::format("The tag \"{{% {} %}}\" is not supported yet", text_.substr(begin, end - begin)),
               at);
}

std::unexpected<Error> Parser::unexpected_here() const {
  if (at_ >= text_.size()) return wrong(Code::syntax, "\"{{\" is not closed with \"}}\"", tag_);
  const auto character = text_.substr(at_, character_size(text_, at_));
  return wrong(Code::syntax, fmt::format("Unexpected \"{}\" in an output tag", character), at_);
}

bool Parser::at_tag_end() const {
  return starts_with("}}") || starts_with("-}}");
}

void Parser::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
}

std::string_view Parser::word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > begin && is_digit(text_[at_])))) ++at_;
  return text_.substr(begin, at_ - begin);
}

Result<Template, Error> Parser::run() {
  while (at_ < text_.size()) {
    std::size_t open = text_.find('{', at_);
    while (open != std::string_view::npos && !text_.substr(open).starts_with("{{") &&
           !text_.substr(open).starts_with("{%"))
      open = text_.find('{', open + 1);
    if (open == std::string_view::npos) open = text_.size();
    TRY(text_until(open));
    if (at_ == text_.size()) break;
    if (starts_with("{%")) return tag_refused(at_);
    TRY(output_tag());
  }
  Template result;
  result.nodes_ = std::move(nodes_);
  return result;
}

Parser::Done Parser::text_until(std::size_t end) {
  std::string_view text = text_.substr(at_, end - at_);
  if (const std::size_t form = find_at_form(text); form != std::string_view::npos)
    return wrong(Code::unsupported, std::string(at_form_sentence), at_ + form);
  at_ = end;
  if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  if (text_.substr(end).starts_with("{{-")) text = text.substr(0, text.find_last_not_of(blanks) + 1);
  trim_next_ = false;
  if (text.empty()) return {};
  Text node{std::string(text), {}};
  append_json_escaped(node.json, text);
  nodes_.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::output_tag() {
  tag_ = at_;
  at_ += starts_with("{{-") ? 3 : 2;
  skip_blanks();
  if (at_tag_end()) return wrong(Code::syntax, "An output tag is empty", tag_);
  Output output;
  TRY_ASSIGN(output.of, expression());
  for (skip_blanks(); at_ < text_.size() && text_[at_] == '|'; skip_blanks()) {
    ++at_;
    TRY(filter(output));
  }
  if (!at_tag_end()) return unexpected_here();
  trim_next_ = starts_with("-");
  at_ += trim_next_ ? 3 : 2;
  nodes_.push_back({std::move(output)});
  return {};
}

Parser::Done Parser::filter(Output& output) {
  skip_blanks();
  const std::size_t begin = at_;
  const std::string_view name = word();
  if (name.empty())
    return at_tag_end() ? wrong(Code::syntax, "A filter's name is missing behind \"|\"", at_)
                        : unexpected_here();
  const auto row = std::find_if(filter_table.begin(), filter_table.end(),
                                [&](const FilterRow& r) { return r.name == name; });
  if (row == filter_table.end())
    return is_known_elsewhere(name)
               ? wrong(Code::unsupported, fmt::format("The filter \"{}\" is not supported yet", name), begin)
               : wrong(Code::syntax, fmt::format("Unknown filter \"{}\"", name), begin);
  FilterCall call{row->filter, {}};
  skip_blanks();
  if (at_ < text_.size() && text_[at_] == ':') {
    ++at_;
    TRY(arguments(*row, call));
  }
  const std::size_t given = call.arguments.size();
  if (given < row->fewest_arguments || given > row->most_arguments)
    return wrong(
        Code::syntax,
        row->fewest_arguments == row->most_arguments
            ? fmt::format("The filter \"{}\" takes {} argument(s), not {}", name, row->most_arguments, given)
            : fmt::format("The filter \"{}\" takes {} to {} arguments, not {}", name, row->fewest_arguments,
                          row->most_arguments, given),
        begin);
  output.filters.push_back(std::move(call));
  return {};
}

Parser::Done Parser::arguments(const FilterRow& row, FilterCall& call) {
  for (;;) {
    skip_blanks();
    const std::size_t begin = at_;
    TRY_ASSIGN(Expression argument, expression());
    const bool must_be_number =
        call.arguments.empty() && (row.filter == FilterName::round || row.filter == FilterName::truncate);
    const auto* literal = std::get_if<Value>(&argument);
    if (must_be_number && literal) {
      Value probe{Value::Kind::text, ""};
      if (!apply(row.filter, std::span(literal, 1), probe))
        return wrong(Code::syntax,
                     fmt::format("The filter \"{}\" can't work with \"{}\"", row.name, literal->text), begin);
    }
    call.arguments.push_back(std::move(argument));
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != ',') return {};
    ++at_;
  }
}

Result<Expression, Error> Parser::expression() {
  if (at_ >= text_.size()) return unexpected_here();
  const char c = text_[at_];
  if (c == '"' || c == '\'') return quoted();
  if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number();
  if (c == '@') return wrong(Code::unsupported, std::string(at_form_sentence), at_);
  if (is_letter(c)) return property();
  return unexpected_here();
}

Result<Expression, Error> Parser::quoted() {
  const std::size_t begin = at_ + 1;
  const std::size_t end = text_.find(text_[at_], begin);
  if (end == std::string_view::npos) return wrong(Code::syntax, "A quoted text is not closed", at_);
  at_ = end + 1;
  return Value{Value::Kind::text, std::string(text_.substr(begin, end - begin))};
}

Result<Expression, Error> Parser::number() {
  const std::size_t begin = at_++;
  while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
  const std::string_view digits = text_.substr(begin, at_ - begin);
  if (std::count(digits.begin(), digits.end(), '.') > 1 || digits.ends_with('.'))
    return wrong(Code::syntax, fmt::format("\"{}\" is no number", digits), begin);
  return Value{Value::Kind::number, std::string(digits)};
}

Result<Expression, Error> Parser::property() {
  const std::size_t begin = at_;
  const std::string_view object = word();
  if (object == "Event") return wrong(Code::unsupported, "Event properties are not supported yet", begin);
  if (object != "Profile")
    return wrong(
        Code::syntax,
        fmt::format("Unknown variable \"{}\"; a person's properties are Profile.Name or Profile[\"A name\"]",
                    object),
        begin);
  if (starts_with(".")) return dotted_name();
  if (starts_with("[")) return bracketed_name();
  return wrong(Code::syntax, "A property's name is missing behind \"Profile\"", begin);
}

Result<Expression, Error> Parser::dotted_name() {
  const std::size_t begin = ++at_;
  while (at_ < text_.size() && !at_tag_end() &&
         (is_name_part(text_[at_]) || blanks.find(text_[at_]) != blanks.npos))
    ++at_;
  const std::string_view raw = text_.substr(begin, at_ - begin);
  const std::string_view name = raw.substr(0, raw.find_last_not_of(blanks) + 1);
  if (name.empty() || blanks.find(name.front()) != blanks.npos)
    return wrong(Code::syntax, "A property's name is missing behind \"Profile.\"", begin);
  return PropertyName{std::string(name)};
}

Result<Expression, Error> Parser::bracketed_name() {
  ++at_;
  skip_blanks();
  if (!starts_with("\"") && !starts_with("'")) return unexpected_here();
  TRY_ASSIGN(const Expression name, quoted());
  skip_blanks();
  if (!starts_with("]")) return unexpected_here();
  ++at_;
  return PropertyName{std::get<Value>(name).text};
}

}  // namespace belay::content
