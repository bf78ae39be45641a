// Any text: a template that renders within its bounds, or an error with a place. Behind the first line "---"
// may stand the person's properties.
#include "base/check.h"
#include "base/json.h"
#include "content/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  using namespace belay::content;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find("\n---\n");
  const auto parsed = Template::parse(input.substr(0, cut));
  if (!parsed) {
    CHECK(parsed.error().line > 0 && parsed.error().column > 0);
    return 0;
  }
  // The store keeps valid JSON only.
  constexpr std::string_view usual =
      R"({"Name":"Ann \u00e9","Age":31,"Plan":"gold","Tags":["a","b",["c"]],"Home":{"City":"Oslo","n":[1,2.5]},)"
      R"("Born":"$D_852076800","VIP":true,"Nick":null})";
  const std::string_view own = cut == input.npos ? std::string_view() : input.substr(cut + 5);
  const auto json = parse_json(own);
  const std::string properties = json && json->is_object() ? to_text(*json) : std::string(usual);
  std::string plain = "<", escaped = "<";
  Properties person(properties), same_person(properties);
  const bool good = parsed->render(person, plain, Escape::none);
  CHECK(plain.size() <= 1 + max_rendered && plain.starts_with('<'));
  CHECK(good || plain == "<");
  if (parsed->render(same_person, escaped, Escape::json)) CHECK(escaped.size() <= 1 + max_rendered);
  return 0;
}
