// Whose connection it is, for counting connections by where they come from. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace belay::net {

// Of "192.0.2.7:5123" the address, of "[2001:db8::1]:5123" its /64: who has one address of such a network has
// all of it. An IPv4 address in IPv6's clothes counts as what it is. "" for what is local: a Unix socket's
// peer, loopback; and for what is no address.
std::string counted_address(std::string_view peer);

}  // namespace belay::net
