#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "api/native/provider_check.h"
#include "app/commands.h"
#include "app/demo.h"
#include "app/signals.h"
#include "app/version.h"
#include "app/words.h"
#include "base/log.h"

namespace belay::app {
namespace {

ExitCode complain(ExitCode code, std::string_view text) {
  fmt::print(stderr, "belay serve: {}\n", text);
  return code;
}

std::string nothing_to_serve() {
  std::string out = "no configuration. Write belay.toml, such as\n\n";
  out += example_config();
  out += "\nand start `belay serve --config belay.toml`; or look at the demo first: `belay serve --demo`";
  return out;
}

Result<Config, std::string> configuration(const ServeOptions& options) {
  Config config;
  std::string file = options.config;
  if (file.empty() && !options.demo && ::access("belay.toml", R_OK) == 0) file = "belay.toml";
  if (!file.empty()) {
    TRY_ASSIGN(config, read_config(file));
  } else if (!options.demo) {
    return std::unexpected(nothing_to_serve());
  }
  if (!options.data.empty()) config.data = options.data;
  if (!options.listen.empty()) config.listen = options.listen;
  if (!options.tls_listen.empty()) config.tls_listen = options.tls_listen;
  if (!options.log_format.empty())
    config.log_format = options.log_format == "json" ? LogFormat::json : LogFormat::text;
  config.outbound_allow.insert(config.outbound_allow.end(), options.allow_outbound.begin(),
                               options.allow_outbound.end());
  auto guard = net::OutboundGuard::parse(config.outbound_allow);
  if (!guard) return std::unexpected("--allow-outbound: " + guard.error());
  for (const AccountSetting& a : config.accounts)
    for (const ProviderSetting& p : a.providers)
      if (auto good = api::check_address(provider_row(p, {}), *guard); !good)
        return std::unexpected(fmt::format("{}: account \"{}\": {}", file, a.id, good.error()));
  return config;
}

constexpr rlim_t fewest_files = 128;  // threads, store and listeners take about 60

// A connection is a file. What the system allows at most is asked for; less will do, down to fewest_files.
Result<void, std::string> allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) (void)::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= fewest_files) return {};
  return std::unexpected(
      fmt::format("this process may open only {} files; it takes at least {} (ulimit -n, or "
                  "LimitNOFILE= of its systemd unit)",
                  limit.rlim_cur, fewest_files));
}

void print_banner(const Config& config, const ServeOptions& options, const Addresses& at) {
  const std::string account = options.demo              ? DemoNames::account
                              : config.accounts.empty() ? "ACCOUNT_ID"
                                                        : config.accounts.front().id;
  // A passcode of one's own is not shown: the screen may be a log.
  const std::string passcode = options.demo ? DemoNames::passcode : "PASSCODE";
  fmt::print("\nBelay {}  http://{}\n", version_text(), at.listen);
  if (!at.tls_listen.empty()) fmt::print("  TLS       https://{}\n", at.tls_listen);
  if (options.demo || !config.accounts.empty()) fmt::print("  account   {}\n", account);
  if (options.demo) fmt::print("  passcode  {}\n", passcode);
  fmt::print("  data      {}\n", config.data);
  if (options.demo) fmt::print("  campaign  {}\n", at.demo);
  fmt::print(R"(
Stop a campaign:
  curl -X POST -d '{{ "id": {}}}' "http://{}/1/targets/stop.json" \
    -H "X-CleverTap-Account-Id: {}" \
    -H "X-CleverTap-Passcode: {}" \
    -H "Content-Type: application/json"
)",
             DemoNames::campaign, at.listen, account, passcode);
  const std::string where = config.data == "data" ? "" : fmt::format(" --data {}", config.data);
  fmt::print("or, without HTTP:\n  {0} stop {1}{2}\n  {0} campaigns{2}\n\nCtrl-C ends the server.\n\n",
             options.program, DemoNames::campaign, where);
  std::fflush(stdout);
}

}  // namespace

ExitCode serve_command(ServeOptions options) {
  hold_signals();
  auto config = configuration(options);
  if (!config) return complain(ExitCode::usage, config.error());
  if (config->accounts.empty() && !options.demo)
    fmt::print(stderr,
               "belay serve: the configuration names no account; those in the store will do "
               "(`belay account add` makes one)\n");
  if (auto files = allow_many_files(); !files) return complain(ExitCode::failed, files.error());
  configure_log(config->log_format, config->log_level);
  const Config shown = *config;
  Server server(std::move(*config), options);
  const auto at = server.start();
  if (!at) return complain(at.error().code, at.error().text);
  if (options.demo || ::isatty(STDOUT_FILENO) == 1) print_banner(shown, options, *at);
  server.wait();
  if (!server.shut_down()) return ExitCode::failed;
  if (options.demo || ::isatty(STDOUT_FILENO) == 1)
    fmt::print("Belay has ended; its data is in {}\n", shown.data);
  return ExitCode::ok;
}

}  // namespace belay::app
