#include "content/parser.h"

#include <algorithm>

#include "base/json.h"
#include "content/unicode.h"

namespace belay::content {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";
constexpr auto nowhere = std::string_view::npos;

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Where "@Profile - Name" and the like begin: CleverTap's dashboard shows properties that way, and a
// message must not go out with it in plain sight. An @ in front of an ordinary word is left alone.
std::size_t find_at_form(std::string_view text) {
  for (std::size_t at = text.find('@'); at != nowhere; at = text.find('@', at + 1)) {
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
  return nowhere;
}

// Tags that other Liquids have.
constexpr std::string_view tags_elsewhere[] = {"include",    "render",  "layout",   "block",   "liquid",
                                               "ifchanged",  "section", "paginate", "form",    "style",
                                               "javascript", "schema",  "connected_content"};

std::size_t find_tag(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('{', from); at != nowhere; at = text.find('{', at + 1))
    if (text.substr(at).starts_with("{{") || text.substr(at).starts_with("{%")) return at;
  return text.size();
}

}  // namespace

std::unexpected<Error> Parser::wrong(Code code, std::string sentence, std::size_t at) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t column = 1 + count_characters(before.substr(line_start));
  return std::unexpected(
      Error{code, fmt::format("{} (line {}, column {})", sentence, line, column), line, column});
}

std::unexpected<Error> Parser::unexpected_here() const {
  const bool output = close_ == "}}";
  if (at_ >= text_.size())
    return wrong(Code::syntax,
                 output ? "\"{{\" is not closed with \"}}\"" : "\"{%\" is not closed with \"%}\"", tag_);
  const auto character = text_.substr(at_, character_size(text_, at_));
  return wrong(Code::syntax,
               fmt::format("Unexpected \"{}\" in {} tag", character, output ? "an output" : "a"), at_);
}

bool Parser::at_tag_end() const {
  return starts_with(close_) || (starts_with("-") && text_.substr(at_ + 1).starts_with(close_));
}

void Parser::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
}

std::string_view Parser::word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > begin && is_digit(text_[at_])))) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string_view Parser::identifier() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !at_tag_end() &&
         (is_letter(text_[at_]) || (at_ > begin && (is_digit(text_[at_]) || text_[at_] == '-'))))
    ++at_;
  return text_.substr(begin, at_ - begin);
}

bool Parser::take(std::string_view what) {
  if (!starts_with(what)) return false;
  at_ += what.size();
  return true;
}

Result<Template, Error> Parser::run() {
  auto program = std::make_unique<Template::Program>();
  TRY(block(program->nodes, {}));
  TRY(all_known());
  program->variables = variables_;
  program->loops = loops_;
  program->places = places_.size();
  program->cycles = cycles_.size();
  Template result;
  result.program_ = std::move(program);
  return result;
}

Result<Parser::Tag, Error> Parser::block(Block& into, std::initializer_list<std::string_view> ends) {
  while (at_ < text_.size()) {
    TRY(text_until(find_tag(text_, at_), into));
    if (at_ == text_.size()) break;
    if (++tags_ > max_tags)
      return wrong(Code::syntax, fmt::format("There are more than {} tags", max_tags), at_);
    if (starts_with("{{")) {
      TRY(output_tag(into));
      continue;
    }
    TRY_ASSIGN(const Tag opened, open_tag());
    if (std::ranges::find(ends, opened.name) != ends.end()) return opened;
    TRY(tag(opened, into));
  }
  return Tag{};
}

Result<Parser::Tag, Error> Parser::inside(Block& into, const Tag& opener,
                                          std::initializer_list<std::string_view> ends) {
  if (depth_ == max_depth)
    return wrong(Code::syntax, fmt::format("Blocks are nested deeper than {}", max_depth), opener.at);
  ++depth_;
  TRY_ASSIGN(const Tag end, block(into, ends));
  --depth_;
  if (end.name.empty())
    return wrong(Code::syntax,
                 fmt::format("\"{{% {} %}}\" is not closed with \"{{% end{} %}}\"", opener.name, opener.name),
                 opener.at);
  tag_ = end.at;
  return end;
}

Parser::Done Parser::text_until(std::size_t end, Block& into) {
  std::string_view text = text_.substr(at_, end - at_);
  if (const std::size_t form = find_at_form(text); form != nowhere)
    return wrong(Code::unsupported, "The form \"@Profile\" is not supported; write {{ Profile.Name }}",
                 at_ + form);
  at_ = end;
  if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  if (text_.substr(end).starts_with("{{-") || text_.substr(end).starts_with("{%-"))
    text = text.substr(0, text.find_last_not_of(blanks) + 1);
  trim_next_ = false;
  if (text.empty()) return {};
  Text node{std::string(text), {}};
  append_json_escaped(node.json, text);
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::output_tag(Block& into) {
  tag_ = at_;
  close_ = "}}";
  at_ += starts_with("{{-") ? 3 : 2;
  skip_blanks();
  if (at_tag_end()) return wrong(Code::syntax, "An output tag is empty", tag_);
  TRY_ASSIGN(Filtered value, filtered());
  TRY(close_tag());
  into.push_back({Output{std::move(value)}});
  return {};
}

Result<Parser::Tag, Error> Parser::open_tag() {
  tag_ = at_;
  close_ = "%}";
  at_ += starts_with("{%-") ? 3 : 2;
  skip_blanks();
  if (take("#")) return Tag{"#", tag_};
  const std::string_view name = word();
  if (name.empty())
    return at_tag_end() ? wrong(Code::syntax, "A tag's name is missing", tag_) : unexpected_here();
  return Tag{name, tag_};
}

Parser::Done Parser::close_tag() {
  skip_blanks();
  if (!at_tag_end()) return unexpected_here();
  trim_next_ = starts_with("-");
  at_ += trim_next_ ? 3 : 2;
  return {};
}

Parser::Done Parser::tag(const Tag& opened, Block& into) {
  for (const TagRow& row : tag_table)
    if (row.name == opened.name) return (this->*row.parse)(opened, into);
  if (std::ranges::find(tags_elsewhere, opened.name) != std::end(tags_elsewhere))
    return wrong(Code::unsupported, fmt::format("The tag \"{{% {} %}}\" is not supported", opened.name),
                 opened.at);
  constexpr std::string_view parts[] = {"else", "elsif", "when"};
  const bool part = opened.name.starts_with("end") || std::ranges::find(parts, opened.name) != std::end(parts);
  return wrong(Code::syntax,
               fmt::format("{} tag \"{{% {} %}}\"", part ? "Unexpected" : "Unknown", opened.name), opened.at);
}

// What stands between this tag and its end tag, both of which are read; blanks go as they say.
Result<std::string_view, Error> Parser::verbatim_until(const Tag& opener) {
  TRY(close_tag());
  const bool trim_left = std::exchange(trim_next_, false);
  const std::size_t begin = at_;
  const std::string end_name = fmt::format("end{}", opener.name);
  for (std::size_t at = text_.find("{%", begin); at != nowhere; at = text_.find("{%", at + 2)) {
    at_ = tag_ = at;
    const bool trim_right = starts_with("{%-");
    at_ += trim_right ? 3 : 2;
    skip_blanks();
    if (word() != end_name) continue;
    skip_blanks();
    if (!at_tag_end()) continue;
    TRY(close_tag());
    std::string_view text = text_.substr(begin, at - begin);
    if (trim_left) text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return trim_right ? text.substr(0, text.find_last_not_of(blanks) + 1) : text;
  }
  return wrong(Code::syntax,
               fmt::format("\"{{% {} %}}\" is not closed with \"{{% {} %}}\"", opener.name, end_name),
               opener.at);
}

Result<std::uint16_t, Error> Parser::variable(std::string_view name, std::size_t at, bool set) {
  auto found = names_.find(name);
  if (found == names_.end()) {
    if (variables_ == max_names)
      return wrong(Code::syntax, fmt::format("There are more than {} variables", max_names), at);
    found = names_.emplace(name, Name{static_cast<std::uint16_t>(variables_++), false, at}).first;
  }
  found->second.set = found->second.set || set;
  return found->second.number;
}

Result<std::uint16_t, Error> Parser::numbered(std::map<std::string, std::uint16_t, std::less<>>& names,
                                              std::string_view name, std::size_t at) {
  const auto [found, added] = names.emplace(name, static_cast<std::uint16_t>(names.size()));
  if (names.size() > max_names)
    return wrong(Code::syntax, fmt::format("There are more than {} loops or cycles", max_names), at);
  return found->second;
}

// A name that something is to be kept under.
Result<std::string_view, Error> Parser::new_name() {
  skip_blanks();
  const std::size_t begin = at_;
  const std::string_view name = identifier();
  if (name.empty())
    return at_tag_end() ? wrong(Code::syntax, "A variable's name is missing", at_) : unexpected_here();
  constexpr std::string_view taken[] = {"Profile", "Event", "forloop", "tablerowloop", "true",
                                        "false",   "nil",   "null",    "empty",        "blank"};
  if (std::ranges::find(taken, name) != std::end(taken))
    return wrong(Code::syntax, fmt::format("\"{}\" can't be a variable's name", name), begin);
  return name;
}

Parser::Done Parser::all_known() const {
  const auto unset = [](const auto& pair) { return !pair.second.set; };
  const auto first = std::ranges::min_element(names_, {}, [&](const auto& pair) {
    return unset(pair) ? pair.second.read : nowhere;
  });
  if (first == names_.end() || !unset(*first)) return {};
  return wrong(
      Code::syntax,
      fmt::format("Unknown variable \"{}\"; a person's properties are Profile.Name or Profile[\"A name\"]",
                  first->first),
      first->second.read);
}

}  // namespace belay::content
