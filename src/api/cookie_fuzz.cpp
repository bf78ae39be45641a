// Any bytes as a Cookie header, an Accept-Encoding and an If-None-Match: what is found is a part of them.
#include "api/cookie.h"
#include "api/dashboard/accept.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto value = belay::api::cookie_named(text, "belay_session")) {
    CHECK(value->find(';') == value->npos);
    CHECK(value->data() >= text.data() && value->data() + value->size() <= text.data() + text.size());
    CHECK(text.find("belay_session") != text.npos);
  }
  if (belay::api::accepts(text, "br")) CHECK(size >= 2);
  if (belay::api::names_tag(text, "\"tag\"")) CHECK(size >= 1);
  return 0;
}
