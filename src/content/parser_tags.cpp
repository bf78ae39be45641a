// The tags, a function each. Every one begins behind the tag's name and ends behind its end tag.
#include "content/parser.h"

#include "base/json.h"

namespace belay::content {

const std::initializer_list<Parser::TagRow> Parser::tag_table = {
    {"#", &Parser::inline_comment_tag},
    {"abort", &Parser::jump_tag},
    {"assign", &Parser::assign_tag},
    {"break", &Parser::jump_tag},
    {"capture", &Parser::capture_tag},
    {"case", &Parser::case_tag},
    {"comment", &Parser::comment_tag},
    {"continue", &Parser::jump_tag},
    {"cycle", &Parser::cycle_tag},
    {"decrement", &Parser::count_tag},
    {"echo", &Parser::echo_tag},
    {"for", &Parser::for_tag},
    {"if", &Parser::if_tag},
    {"increment", &Parser::count_tag},
    {"raw", &Parser::raw_tag},
    {"tablerow", &Parser::for_tag},
    {"unless", &Parser::if_tag},
};

Parser::Done Parser::if_tag(const Tag& tag, Block& into) {
  const bool unless = tag.name == "unless";
  If node;
  Tag end;
  do {
    Branch branch;
    branch.unless = unless && node.branches.empty();
    TRY_ASSIGN(branch.when, condition());
    TRY(close_tag());
    TRY_ASSIGN(end, inside(branch.then, tag, {"elsif", "else", unless ? "endunless" : "endif"}));
    node.branches.push_back(std::move(branch));
  } while (end.name == "elsif");
  if (end.name == "else") {
    TRY(close_tag());
    TRY(inside(node.otherwise, tag, {unless ? "endunless" : "endif"}));
  }
  TRY(close_tag());
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::when_values(When& when) {
  do {
    skip_blanks();
    TRY_ASSIGN(Expression value, expression());
    when.values.push_back(std::move(value));
    skip_blanks();
  } while (take(",") || take("or"));
  return {};
}

Parser::Done Parser::case_tag(const Tag& tag, Block& into) {
  Case node;
  skip_blanks();
  TRY_ASSIGN(node.of, expression());
  TRY(close_tag());
  Block ignored;  // what stands in front of the first "when"
  TRY_ASSIGN(Tag end, inside(ignored, tag, {"when", "else", "endcase"}));
  while (end.name == "when") {
    When when;
    TRY(when_values(when));
    TRY(close_tag());
    TRY_ASSIGN(end, inside(when.then, tag, {"when", "else", "endcase"}));
    node.whens.push_back(std::move(when));
  }
  if (end.name == "else") {
    TRY(close_tag());
    TRY(inside(node.otherwise, tag, {"endcase"}));
  }
  TRY(close_tag());
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::for_tag(const Tag& tag, Block& into) {
  For loop;
  loop.table = tag.name == "tablerow";
  TRY_ASSIGN(const std::string_view name, new_name());
  skip_blanks();
  if (identifier() != "in")
    return wrong(Code::syntax, fmt::format("\"in\" is missing: {{% {} item in list %}}", tag.name), tag.at);
  skip_blanks();
  const std::size_t begin = at_;
  TRY_ASSIGN(loop.in, expression());
  const std::string source = fmt::format("{}-{}", name, text_.substr(begin, at_ - begin));
  if (loops_ == max_names || variables_ >= 2 * max_names)
    return wrong(Code::syntax, fmt::format("There are more than {} loops", max_names), tag.at);
  loop.loop = static_cast<std::uint16_t>(loops_++);
  TRY_ASSIGN(loop.place, numbered(places_, source, tag.at));
  TRY(for_parts(loop));
  TRY(close_tag());
  loop.variable = static_cast<std::uint16_t>(variables_++);
  scopes_.push_back({name, loop.variable, loop.loop, loop.table, source});
  TRY(for_body(tag, loop));
  into.push_back({std::move(loop)});
  return {};
}

// reversed, limit: 3, offset: 2, offset: continue, cols: 4; in any order.
Parser::Done Parser::for_parts(For& loop) {
  for (;;) {
    skip_blanks();
    if (take(",")) continue;
    if (at_tag_end()) return {};
    const std::size_t begin = at_;
    const std::string_view part = identifier();
    if (part == "reversed") {
      loop.reversed = true;
      continue;
    }
    const bool known = part == "limit" || part == "offset" || (part == "cols" && loop.table);
    if (!known) return at_ = begin, unexpected_here();
    skip_blanks();
    if (!take(":")) return unexpected_here();
    skip_blanks();
    if (part == "offset" && starts_with("continue")) {
      take("continue");
      loop.continues = true;
      continue;
    }
    TRY_ASSIGN(Expression value, expression());
    auto& held = part == "limit" ? loop.limit : part == "offset" ? loop.offset : loop.columns;
    held.assign(1, std::move(value));
  }
}

Parser::Done Parser::for_body(const Tag& tag, For& loop) {
  const std::string_view end_name = loop.table ? "endtablerow" : "endfor";
  TRY_ASSIGN(const Tag end, inside(loop.body, tag, {loop.table ? end_name : "else", end_name}));
  scopes_.pop_back();
  TRY(close_tag());
  if (end.name != "else") return {};
  TRY(inside(loop.otherwise, tag, {end_name}));
  return close_tag();
}

Parser::Done Parser::assign_tag(const Tag& tag, Block& into) {
  TRY_ASSIGN(const std::string_view name, new_name());
  skip_blanks();
  if (!take("=")) return unexpected_here();
  Assign node;
  skip_blanks();
  TRY_ASSIGN(node.value, filtered());
  TRY_ASSIGN(node.variable, variable(name, tag.at, true));
  TRY(close_tag());
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::capture_tag(const Tag& tag, Block& into) {
  skip_blanks();
  const std::string_view quote = take("\"") ? "\"" : take("'") ? "'" : "";
  TRY_ASSIGN(const std::string_view name, new_name());
  if (!take(quote)) return unexpected_here();
  Capture node;
  TRY_ASSIGN(node.variable, variable(name, tag.at, true));
  TRY(close_tag());
  TRY(inside(node.body, tag, {"endcapture"}));
  TRY(close_tag());
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::count_tag(const Tag& tag, Block& into) {
  TRY_ASSIGN(const std::string_view name, new_name());
  Count node;
  node.by = tag.name == "increment" ? 1 : -1;
  TRY_ASSIGN(node.counter, variable(name, tag.at, true));
  TRY(close_tag());
  into.push_back({node});
  return {};
}

Parser::Done Parser::cycle_tag(const Tag& tag, Block& into) {
  Cycle node;
  skip_blanks();
  const std::size_t begin = at_;
  for (;;) {
    skip_blanks();
    TRY_ASSIGN(Expression value, expression());
    node.values.push_back(std::move(value));
    skip_blanks();
    if (node.values.size() == 1 && take(":")) {
      node.values.clear();  // that was the group's name
    } else if (!take(",")) {
      break;
    }
  }
  TRY_ASSIGN(node.cycle, numbered(cycles_, text_.substr(begin, at_ - begin), tag.at));
  TRY(close_tag());
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::jump_tag(const Tag& tag, Block& into) {
  if (tag.name != "abort" && scopes_.empty())
    return wrong(Code::syntax, fmt::format("\"{{% {} %}}\" stands outside of a loop", tag.name), tag.at);
  TRY(close_tag());
  into.push_back({tag.name == "abort" ? Jump::abort : tag.name == "break" ? Jump::leave : Jump::next});
  return {};
}

Parser::Done Parser::echo_tag(const Tag&, Block& into) {
  skip_blanks();
  TRY_ASSIGN(Filtered value, filtered());
  TRY(close_tag());
  into.push_back({Output{std::move(value)}});
  return {};
}

Parser::Done Parser::raw_tag(const Tag& tag, Block& into) {
  TRY_ASSIGN(const std::string_view text, verbatim_until(tag));
  if (text.empty()) return {};
  Text node{std::string(text), {}};
  append_json_escaped(node.json, text);
  into.push_back({std::move(node)});
  return {};
}

Parser::Done Parser::comment_tag(const Tag& tag, Block&) {
  TRY(verbatim_until(tag));
  return {};
}

Parser::Done Parser::inline_comment_tag(const Tag& tag, Block&) {
  const std::size_t end = text_.find("%}", at_);
  if (end == std::string_view::npos)
    return wrong(Code::syntax, "\"{%\" is not closed with \"%}\"", tag.at);
  at_ = text_[end - 1] == '-' && end > at_ ? end - 1 : end;
  return close_tag();
}

}  // namespace belay::content
