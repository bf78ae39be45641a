#include "net/outbound_guard.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace belay::net {
namespace {

constexpr unsigned v4_bits = 96;  // of the prefix ::ffff:0:0/96

struct Range {
  std::string_view first;
  unsigned bits;
};

// Of IPv4, what is not the public internet.
constexpr std::array<Range, 15> not_public_v4{{{"0.0.0.0", 8},
                                               {"10.0.0.0", 8},
                                               {"100.64.0.0", 10},
                                               {"127.0.0.0", 8},
                                               {"169.254.0.0", 16},
                                               {"172.16.0.0", 12},
                                               {"192.0.0.0", 24},
                                               {"192.0.2.0", 24},
                                               {"192.88.99.0", 24},
                                               {"192.168.0.0", 16},
                                               {"198.18.0.0", 15},
                                               {"198.51.100.0", 24},
                                               {"203.0.113.0", 24},
                                               {"224.0.0.0", 4},
                                               {"240.0.0.0", 4}}};
// Of IPv6, what is: global unicast, without Teredo and the like, documentation.
constexpr Range global_v6{"2000::", 3};
constexpr std::array<Range, 3> not_public_v6{{{"2001::", 23}, {"2001:db8::", 32}, {"3fff::", 20}}};
// An IPv4 address is inside: where it begins.
constexpr Range nat64{"64:ff9b::", 96};
constexpr Range six_to_four{"2002::", 16};

bool within(const IpAddress& address, const IpAddress& first, unsigned bits) {
  const unsigned whole = bits / 8, rest = bits % 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + whole, address.bytes.begin())) return false;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((first.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
}

bool within(const IpAddress& address, const Range& range) {
  const auto first = IpAddress::parse(range.first);
  return first && within(address, *first, range.bits + (first->is_v4() ? v4_bits : 0));
}

IpAddress v4_at(const IpAddress& address, std::size_t offset) {
  IpAddress v4;
  v4.bytes[10] = v4.bytes[11] = 0xff;
  std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(offset), 4, v4.bytes.begin() + 12);
  return v4;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (out.ends_with('.')) out.pop_back();  // "localhost." is localhost
  return out;
}

template <class Number>
bool number(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find('\0') != text.npos) return std::nullopt;  // inet_pton would read no further
  const std::string whole(text);
  IpAddress address;
  in_addr v4{};
  if (::inet_pton(AF_INET, whole.c_str(), &v4) == 1) {
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes.data() + 12, &v4, 4);
    return address;
  }
  if (::inet_pton(AF_INET6, whole.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::of(const sockaddr* address) {
  IpAddress out;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    out.bytes[10] = out.bytes[11] = 0xff;
    std::memcpy(out.bytes.data() + 12, &v4.sin_addr, 4);
    return out;
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, address, sizeof v6);
  std::memcpy(out.bytes.data(), &v6.sin6_addr, 16);
  return out;
}

bool IpAddress::is_v4() const {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4())
    ::inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
  else
    ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
  return out.data();
}

bool is_public(const IpAddress& a) {
  const auto inside = [&](const Range& range) { return within(a, range); };
  if (a.is_v4()) return std::ranges::none_of(not_public_v4, inside);
  if (inside(nat64)) return is_public(v4_at(a, 12));
  if (inside(six_to_four)) return is_public(v4_at(a, 2));
  return inside(global_v6) && std::ranges::none_of(not_public_v6, inside);
}

Result<OutboundGuard::Rule, std::string> OutboundGuard::parse_rule(const std::string& text) {
  const auto wrong = [&](std::string_view why) {
    return std::unexpected(fmt::format("\"{}\" {}", text, why));
  };
  Rule rule;
  std::string_view rest = text;
  if (const auto slash = rest.find('/'); slash != rest.npos) {
    const auto first = IpAddress::parse(rest.substr(0, slash));
    if (!first) return wrong("is no range of addresses, such as 10.0.0.0/8");
    rule.address = *first;
    const unsigned most = first->is_v4() ? 32 : 128;
    if (!number(rest.substr(slash + 1), rule.bits) || rule.bits > most)
      return wrong(fmt::format("must end with a number of bits up to {}", most));
    rule.bits += 128 - most;
    return rule;
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == rest.npos || (end + 1 < rest.size() && rest[end + 1] != ':'))
      return wrong("has no end to its [");
    if (end + 1 < rest.size()) port = rest.substr(end + 2);
    if (end + 2 == rest.size()) return wrong("has a port that is not 1 to 65535");
    rest = rest.substr(1, end - 1);
  } else if (std::ranges::count(rest, ':') == 1) {
    port = rest.substr(rest.find(':') + 1);
    rest = rest.substr(0, rest.find(':'));
    if (port.empty()) return wrong("has a port that is not 1 to 65535");
  }
  if (!port.empty() && (!number(port, rule.port) || rule.port == 0))
    return wrong("has a port that is not 1 to 65535");
  if (const auto address = IpAddress::parse(rest)) {
    rule.address = *address;
    rule.bits = 128;
    return rule;
  }
  if (!is_name(rest)) return wrong("is neither a host, an address nor a range such as 10.0.0.0/8");
  rule.name = lower(rest);
  return rule;
}

Result<OutboundGuard, std::string> OutboundGuard::parse(const std::vector<std::string>& rules) {
  OutboundGuard guard;
  for (const std::string& text : rules) {
    TRY_ASSIGN(Rule rule, parse_rule(text));
    guard.rules_.push_back(std::move(rule));
  }
  return guard;
}

bool OutboundGuard::allows(std::string_view host, std::uint16_t port, const IpAddress& address) const {
  return std::ranges::any_of(rules_, [&](const Rule& rule) {
    if (rule.port != 0 && rule.port != port) return false;
    return rule.name.empty() ? within(address, rule.address, rule.bits) : rule.name == lower(host);
  });
}

std::string OutboundGuard::refusal(std::string_view host, std::uint16_t port,
                                   const IpAddress& address) const {
  if (is_public(address) || allows(host, port, address)) return "";
  const std::string at = address.text();
  const bool v6 = host.find(':') != host.npos;
  const std::string rule = fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
  return fmt::format(
      "{} is not an address of the public internet{}. If it may be reached, write into the "
      "configuration, under [outbound]: allow = [\"{}\"] (or serve with --allow-outbound {})",
      at, host == at ? "" : fmt::format(", and {} leads there", host), rule, rule);
}

std::string OutboundGuard::refusal_of_literal(std::string_view host, std::uint16_t port) const {
  const auto address = IpAddress::parse(host);
  return address ? refusal(host, port, *address) : "";
}

}  // namespace belay::net
