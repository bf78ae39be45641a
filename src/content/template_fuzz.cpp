// Any text: a template that renders within its bound, or an error with a place.
#include "base/check.h"
#include "content/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay::content;
  const auto parsed = Template::parse({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  Properties person(R"({"Name":"Ann \u00e9","Age":31,"Plan":"gold"})");
  std::string out;
  if (parsed->render(person, out, Escape::json)) CHECK(out.size() <= max_rendered);
  return 0;
}
