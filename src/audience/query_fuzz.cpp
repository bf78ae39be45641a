// Any "where": a query that can be asked about a person and say itself, or a refusal.
#include "audience/event_query.h"
#include "audience/node.h"
#include "audience/query.h"

namespace {

// Whatever is counted: the same few events and devices for everybody.
struct Somebody final : belay::audience::Known {
  std::int64_t events(belay::ProfileId, const belay::audience::EventTest& test) const override {
    return test.number;
  }
  unsigned platforms(belay::ProfileId) const override { return 1; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto query = audience::Query::parse_text(text)) {
    const Somebody known;
    content::Properties properties(
        R"({"Name":"Ann","Age":31,"Plan":["gold","new"],"Since":"$D_1457432766","Ok":true,"Country":"India",)"
        R"("Latitude":35.1,"Longitude":"42.5"})");
    (void)query->matches({properties, ProfileId{1}, &known});
    (void)query->in_words();
  }
  if (const auto json = parse_json(text))
    if (const auto query = audience::EventQuery::parse(*json)) {
      content::Properties event(
          R"({"Amount":300,"Items":[{"Category":"books","Quantity":4},{"Category":null},7]})");
      for (const audience::FieldTest& test : query->event().properties) (void)test.holds_of_event(event);
    }
  return 0;
}
