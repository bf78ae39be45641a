#include "content/template.h"

#include "base/json.h"
#include "content/nodes.h"

namespace belay::content {
namespace {

void append_value(const Value& value, Escape escape, std::string& out) {
  if (escape == Escape::json) {
    append_json_escaped(out, value.text);
  } else {
    out += value.text;
  }
}

Value evaluate(const Expression& expression, Properties& profile) {
  if (const auto* literal = std::get_if<Value>(&expression)) return *literal;
  return to_value(profile.find(std::get<PropertyName>(expression).name));
}

// The usual tag, {{ Profile.X }} or {{ Profile.X | default: "text" }}: straight from the profile into
// the message. False when the tag is of another kind.
bool render_directly(const Output& output, Properties& profile, std::string& out, Escape escape) {
  const auto* property = std::get_if<PropertyName>(&output.of);
  if (!property || output.filters.size() > 1) return false;
  const FilterCall* fallback = output.filters.empty() ? nullptr : &output.filters[0];
  if (fallback && fallback->filter != FilterName::default_value) return false;
  const RawValue raw = profile.find(property->name);
  if (!fallback || !is_blank(raw)) {
    print(raw, escape == Escape::json, out);
  } else if (!fallback->arguments.empty()) {
    append_value(evaluate(fallback->arguments[0], profile), escape, out);
  }
  return true;
}

bool render_output(const Output& output, Properties& profile, std::string& out, Escape escape) {
  if (render_directly(output, profile, out, escape)) return true;
  Value value = evaluate(output.of, profile);
  for (const FilterCall& call : output.filters) {
    std::array<Value, most_filter_arguments> arguments;
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
      arguments[i] = evaluate(call.arguments[i], profile);
    if (!apply(call.filter, std::span(arguments.data(), call.arguments.size()), value)) return false;
  }
  append_value(value, escape, out);
  return true;
}

}  // namespace

Template::Template() = default;
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

Result<Template, Error> Template::parse(std::string_view text) {
  return Parser(text).run();
}

bool Template::render(Properties& profile, std::string& out, Escape escape, std::size_t limit) const {
  const std::size_t before = out.size();
  for (const Node& node : nodes_) {
    bool good = true;
    if (const auto* text = std::get_if<Text>(&node.part)) {
      out += escape == Escape::json ? text->json : text->plain;
    } else {
      good = render_output(std::get<Output>(node.part), profile, out, escape);
    }
    if (good && out.size() - before <= limit) continue;
    out.resize(before);
    return false;
  }
  return true;
}

bool Template::constant() const {
  for (const Node& node : nodes_)
    if (!std::holds_alternative<Text>(node.part)) return false;
  return true;
}

}  // namespace belay::content
