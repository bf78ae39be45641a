// An account's reach rules and a campaign's control group of anybody: what is taken is written back the same.
#include "base/check.h"
#include "campaign/reach_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  const auto value = parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  if (const auto rules = parse_reach_rules(*value))
    CHECK(parse_reach_rules(*parse_json(to_text(to_json(*rules)))) == *rules);
  if (const auto group = parse_control_group(*value))
    CHECK(group->percent >= 1 && group->percent <= most_control_percent);
  return 0;
}
