// Any text as a configuration: one that can be served with, or a sentence that begins with the file's name.
#include "app/config.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config =
      belay::app::parse_config({reinterpret_cast<const char*>(data), size}, "f.toml", "/nowhere");
  if (!config) CHECK(config.error().starts_with("f.toml"));
  return 0;
}
