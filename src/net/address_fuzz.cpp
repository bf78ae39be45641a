// Any text as a URL, an address, a rule of [outbound] and a percent-coded path: understood, or refused with a
// sentence.
#include "base/check.h"
#include "net/endpoint.h"
#include "net/outbound_guard.h"
#include "net/percent.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay::net;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto url = parse_url(text);
  if (url)
    CHECK(!url->host.empty() && url->port != 0);
  else
    CHECK(!url.error().empty());
  static const OutboundGuard nothing_private = OutboundGuard::parse({}).value();
  if (url) (void)nothing_private.refusal_of_literal(url->host, url->port);
  const auto address = IpAddress::parse(text);
  if (address) CHECK(text.find_first_not_of("0123456789abcdefABCDEF.:%") == text.npos);
  if (const auto guard = OutboundGuard::parse({text}))
    (void)guard->refusal_of_literal("10.0.0.1", 80);
  else
    CHECK(!guard.error().empty());
  if (const auto plain = percent_decode(text)) CHECK(plain->size() <= text.size());
  return 0;
}
