// Any bytes in: a value or a sentence out, and what was parsed survives being written and read again.
#include "base/check.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = belay::parse_json({reinterpret_cast<const char*>(data), size});
  if (value) CHECK(belay::parse_json(belay::to_text(*value)).has_value());
  return 0;
}
