// POST /1/targets/create.json of anybody: a draft, or a refusal with a sentence.
#include "api/clevertap/draft.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  static const TimeZone zone = TimeZone::named("Asia/Kolkata").value();
  const auto body = api::clevertap::parse_object({reinterpret_cast<const char*>(data), size});
  if (!body) return 0;
  const auto draft = api::clevertap::read_draft(*body, zone, wall_from_micros(1'457'432'766'000'000));
  if (draft) {
    CHECK(definition_from_json(to_json_text(draft->definition)).has_value());
  } else {
    CHECK(!draft.error().text.empty());
  }
  (void)api::clevertap::read_push_content(*body);
  return 0;
}
