// Where the server may connect to by itself: providers, token endpoints, webhooks. Their URLs come from
// people, so an address inside the house (loopback, private, link-local with its metadata services,
// shared, multicast, reserved) is refused unless the operator has allowed it by name.
//
// How to use it: resolve once, ask about every address that came back, connect to exactly those that
// passed. Asking about a name and resolving again to connect would leave room for a DNS answer that changes
// (rebinding). net::fetch and the links of make_transport do it this way when they are given a guard.
//
// Immutable; any thread. Ranges: IANA's special-purpose address registries (RFC 6890 and updates).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sockaddr;

namespace belay::net {

// An IPv4 address is kept as ::ffff:a.b.c.d, so that there is one way to write each.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<IpAddress> parse(std::string_view text);  // "10.0.0.1", "fe80::1", no brackets
  static std::optional<IpAddress> of(const sockaddr* address);   // AF_INET, AF_INET6
  bool is_v4() const;
  std::string text() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// A global unicast address of the public internet; what leads to an IPv4 address (mapped, NAT64, 6to4)
// only if that one is.
bool is_public(const IpAddress& address);

class OutboundGuard {
 public:
  // Nothing but the public internet.
  OutboundGuard() = default;
  // Each rule: a host name ("crm.internal"), an address ("10.0.0.7") or a range ("10.0.0.0/8",
  // "fd00::/8"), the first two also with a port ("127.0.0.1:9001", "[::1]:9001"). A name allows whatever it
  // resolves to. The error names the rule and what is wrong with it.
  static Result<OutboundGuard, std::string> parse(const std::vector<std::string>& rules);

  // Why `host`:`port` must not be reached at `address`, as a sentence that names the line of configuration
  // which would allow it; "" when it may.
  std::string refusal(std::string_view host, std::uint16_t port, const IpAddress& address) const;
  // The same for a host that is an address itself; "" for names: those are decided when they are resolved.
  std::string refusal_of_literal(std::string_view host, std::uint16_t port) const;

 private:
  struct Rule {
    std::string name;  // lower case; "": an address range
    IpAddress address;
    unsigned bits = 0;       // of the range, 128 for one address
    std::uint16_t port = 0;  // 0: any
  };
  static Result<Rule, std::string> parse_rule(const std::string& text);
  bool allows(std::string_view host, std::uint16_t port, const IpAddress& address) const;

  std::vector<Rule> rules_;
};

}  // namespace belay::net
