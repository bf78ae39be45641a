// A frozen audience from a damaged disk: refused, or a set that can be walked and written again.
#include "base/check.h"
#include "store/audience_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  const auto set = store::AudienceSet::parse({reinterpret_cast<const char*>(data), size});
  if (!set) return 0;
  std::vector<RecipientId> some;
  set->range(0, 100, some);
  CHECK(some.size() == std::min<std::size_t>(set->size(), 100));
  for (std::size_t i = 0; i < some.size(); ++i) CHECK(set->at(static_cast<Ordinal>(i)) == some[i]);
  CHECK(store::AudienceSet::parse(set->serialize()).has_value());
  return 0;
}
