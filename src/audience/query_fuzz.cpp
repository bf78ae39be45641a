// Any "where": a query that can be asked about a person, or a refusal.
#include "audience/query.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto query = belay::audience::Query::parse_text({reinterpret_cast<const char*>(data), size});
  if (query)
    (void)query->matches(
        R"({"Name":"Ann","Age":31,"Plan":["gold","new"],"Since":"$D_1457432766","Ok":true})");
  return 0;
}
