#include "net/peer_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace belay::net {

namespace ip = boost::asio::ip;

std::string counted_address(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const ip::address address = ip::make_address(host, error);
  if (error || address.is_loopback()) return "";
  if (address.is_v4()) return address.to_string();
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    const ip::address_v4 v4 = ip::make_address_v4(ip::v4_mapped, v6);
    return v4.is_loopback() ? "" : v4.to_string();
  }
  auto network = v6.to_bytes();
  std::fill(network.begin() + 8, network.end(), 0);
  return ip::address_v6(network).to_string() + "/64";
}

}  // namespace belay::net
