// liquid_render: for every line of standard input, a template as a JSON text, a tab and the properties as they stand in
// the store, one line of what it renders to: {"out": text}, {"refused": sentence} or {"failed": true}.
#include <iostream>
#include <string>

#include "base/json.h"
#include "content/template.h"

namespace {

belay::json::object rendered(std::string_view text, std::string_view properties) {
  const auto compiled = belay::content::Template::parse(text);
  if (!compiled) return {{"refused", compiled.error().text}};
  belay::content::Properties profile(properties);
  std::string out;
  const auto now = belay::wall_from_micros(1'457'432'766'000'000);
  if (!compiled->render(profile, out, belay::content::Escape::none, belay::content::max_rendered, now))
    return {{"failed", true}};
  return {{"out", out}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    const auto text = belay::parse_json(std::string_view(line).substr(0, tab));
    if (!text || !text->is_string() || tab == line.npos) return 1;
    const auto& words = text->get_string();
    std::cout << belay::to_text(rendered({words.data(), words.size()}, std::string_view(line).substr(tab + 1)))
              << "\n";
  }
}
