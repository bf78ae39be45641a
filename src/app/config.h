// The configuration of `belay serve`: a TOML file, with command line flags over it. Pure but for
// reading the files; blocks on those. An error is a sentence that begins with file and line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/compatibility.h"
#include "api/sessions.h"
#include "api/upload_limits.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/campaign.h"
#include "dispatch/engine.h"
#include "net/http_server.h"

namespace belay::app {

struct ProviderSetting {
  std::string nick_name;
  Channel mode = Channel::push;
  std::string kind;             // "fcm", "webhook"
  std::string url;              // "": the provider's real endpoint
  std::string service_account;  // absolute path, or ""
  std::string ca_file;          // absolute path, or ""
  std::string http_version;     // "", "1.1", "2"
  std::uint32_t max_per_second = 0;
};

struct AccountSetting {
  std::string id;
  std::vector<Secret> passcodes;
  std::string time_zone = "UTC";
  std::string region = "eu1";
  std::vector<ProviderSetting> providers;
};

struct Config {
  std::string data = "data";
  std::string listen = "127.0.0.1:8080";
  std::string tls_listen;                // "": none
  std::string tls_certificate, tls_key;  // PEM; "": what `belay certs` left in its folder
  std::vector<std::string> outbound_allow;  // rules of net::OutboundGuard
  Seconds past_due_grace{3600};
  dispatch::EngineOptions engine;
  net::HttpLimits http;     // of the public listeners
  api::SessionLimits sessions;
  api::Compatibility compatibility;
  api::UploadLimits upload;
  std::uint32_t index_cache_mib = 256;  // of the audience index, at most, kept in memory
  std::uint32_t name_cache_mib = 256;   // of the names in uploads, likewise
  std::uint32_t loops = 0;  // sender loops; 0: half the processors, at least one
  LogFormat log_format = LogFormat::text;
  LogLevel log_level = LogLevel::info;
  std::vector<AccountSetting> accounts;
};

store::Provider provider_row(const ProviderSetting& setting, AccountId account);

// Relative paths in the file are taken from the file's own folder.
Result<Config, std::string> read_config(const std::string& path);
// `name` stands for the file in errors; `folder` is what relative paths start from.
Result<Config, std::string> parse_config(std::string_view toml, const std::string& name,
                                         const std::string& folder);

// "1h", "90s", "15m", "2d", or a plain number of seconds.
std::optional<Seconds> parse_duration(std::string_view text);

// What is shown to whoever starts without a configuration.
std::string_view example_config();

}  // namespace belay::app
