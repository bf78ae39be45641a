// A campaign's definition as a damaged store may give it back: refused, or one that is written as it was
// read.
#include "base/check.h"
#include "campaign/campaign.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  const auto definition = definition_from_json({reinterpret_cast<const char*>(data), size});
  if (!definition) return 0;
  const std::string text = to_json_text(*definition);
  const auto again = definition_from_json(text);
  CHECK(again.has_value());
  CHECK(to_json_text(*again) == text);
  return 0;
}
