#include "api/native/provider_check.h"

#include <fstream>

#include "channel/channel.h"
#include "channel/credentials.h"

namespace belay::api {

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

Result<void, std::string> check_provider(const store::Provider& p) {
  const auto wrong = [&](std::string_view text) {
    return std::unexpected(fmt::format("provider \"{}\": {}", p.nick_name, text));
  };
  if (!is_plain_name(p.nick_name))
    return wrong("the nick name must be 1 to 64 letters, digits, '-', '_' or '.'");
  if (p.kind != "fcm" && p.kind != "webhook") return wrong("kind must be \"fcm\" or \"webhook\"");
  if ((p.kind == "fcm") != (p.channel == Channel::push))
    return wrong(fmt::format("kind {} does not serve mode {}", p.kind, name_of(p.channel)));
  if (p.kind == "webhook" && p.url.empty()) return wrong("a webhook needs its url");
  if (!p.http_version.empty() && p.http_version != "1.1" && p.http_version != "2")
    return wrong("http_version must be \"1.1\" or \"2\"");
  if (auto endpoint = channel::endpoint_of(p); !endpoint) return wrong(endpoint.error().text);
  return {};
}

Result<void, std::string> check_address(const store::Provider& p, const net::OutboundGuard& guard) {
  const auto endpoint = channel::endpoint_of(p);
  if (!endpoint) return std::unexpected(endpoint.error().text);
  const std::string refusal = guard.refusal_of_literal(endpoint->host, endpoint->port);
  if (!refusal.empty()) return std::unexpected(fmt::format("provider \"{}\": {}", p.nick_name, refusal));
  return {};
}

Result<void, std::string> check_files(const store::Provider& p) {
  const auto wrong = [&](std::string_view key, std::string_view text) {
    return std::unexpected(fmt::format("provider \"{}\": {}: {}", p.nick_name, key, text));
  };
  if (p.kind == "fcm" && !p.service_account.empty())
    if (const auto account = channel::read_service_account(p.service_account); !account)
      return wrong("service_account", account.error());
  if (!p.ca_file.empty() && !std::ifstream(p.ca_file).good())
    return wrong("ca_file", fmt::format("Can't read {}", p.ca_file));
  return {};
}

}  // namespace belay::api
