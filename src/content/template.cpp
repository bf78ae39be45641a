#include "content/template.h"

#include "content/parser.h"
#include "content/rendering.h"

namespace belay::content {
namespace {

// Only text and the usual tags: as long as that lasts there is nothing to set up. False: go on from here.
bool render_plainly(const Node& node, Properties& profile, std::string& out, Escape escape) {
  if (const auto* text = std::get_if<Text>(&node.part)) {
    append_text(*text, out, escape);
    return true;
  }
  const auto* output = std::get_if<Output>(&node.part);
  return output && render_directly(*output, profile, out, escape);
}

}  // namespace

Template::Template() = default;
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

Result<Template, Error> Template::parse(std::string_view text) {
  return Parser(text).run();
}

bool Template::render(Properties& profile, std::string& out, Escape escape, std::size_t limit,
                      WallTime now) const {
  if (!program_) return true;
  const std::size_t before = out.size();
  for (const Node& node : program_->nodes) {
    if (render_plainly(node, profile, out, escape)) {
      if (out.size() - before <= limit) continue;
    } else {
      out.resize(before);
      if (Rendering(*program_, profile, out, escape, limit, now).run()) return true;
    }
    out.resize(before);
    return false;
  }
  return true;
}

bool Template::constant() const {
  if (!program_) return true;
  for (const Node& node : program_->nodes)
    if (!std::holds_alternative<Text>(node.part)) return false;
  return true;
}

}  // namespace belay::content
