#include "app/published_secrets.h"

#include <algorithm>

namespace belay::app {
namespace {

constexpr std::string_view published[] = {
    "QWE-RTY-UIOP",  // the demo, the example configuration, the API's samples
    "ASD-FGH-JKLZ",
    "PASSCODE",
    "ACCOUNT_PASSCODE",
};

// Four numbers: "127.example.com" is a name that may lead anywhere.
bool is_loopback_v4(std::string_view host) {
  return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool is_loopback(std::string_view host_port) {
  const std::string_view host = host_port.substr(0, host_port.rfind(':'));
  return host_port.empty() || host == "localhost" || host == "[::1]" || is_loopback_v4(host);
}

store::Result<std::vector<std::string>> accounts_with_published_passcodes(store::ControlSession& control,
                                                                          const Secret& hash_key) {
  std::vector<std::string> hashes, found;
  for (const auto passcode : published) hashes.push_back(keyed_hash(hash_key.reveal(), passcode));
  TRY_ASSIGN(const auto accounts, control.accounts());
  for (const store::Account& account : accounts) {
    TRY_ASSIGN(const auto passcodes, control.passcodes(account.id));
    const bool known = std::ranges::any_of(passcodes, [&](const store::Passcode& p) {
      return std::ranges::find(hashes, p.hash) != hashes.end();
    });
    if (known) found.push_back(account.key);
  }
  return found;
}

}  // namespace belay::app
