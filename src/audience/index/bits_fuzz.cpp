// A row of the index from a damaged disk: some set, the same one however it is asked, and whole when it is
// written again.
#include "audience/index/bits.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay::audience::index;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Bits bits = decode(bytes);
  CHECK(bits.count() <= shard_size && bits.none() == (bits.count() == 0));
  Bits visited;
  visited.clear();
  each_in(bytes, [&](Place at) { visited.set(at); });
  CHECK(visited == bits);
  const std::string again = encode(bits);
  CHECK(decode(again) == bits && again.empty() == bits.none());
  bits.each([&](Place at) { CHECK(holds(again, at)); });
  for (std::size_t i = 0; i + 1 < size && i < 64; i += 2) {
    const auto at = static_cast<Place>(data[i] << 8 | data[i + 1]);
    CHECK(holds(again, at) == bits.test(at));
  }
  return 0;
}
