// A receipt as a damaged store may give it back: refused, or one that is written as it was read.
#include "base/check.h"
#include "store/receipt_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay::store;
  const auto receipt = receipt_from_json({reinterpret_cast<const char*>(data), size});
  if (!receipt) return 0;
  const std::string text = receipt_to_json(*receipt);
  const auto again = receipt_from_json(text);
  CHECK(again.has_value());
  CHECK(receipt_to_json(*again) == text);
  return 0;
}
