// The commands of `belay`, each with what its options can say. Each runs on main's thread, may block,
// and gives back the exit code. cli.cpp fills in the options.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "app/server.h"

namespace belay::app {

// Where the data is, and how to print.
struct Place {
  std::string data, config;
  bool json = false;
};

ExitCode serve_command(ServeOptions options);

struct StopOptions {
  Place place;
  std::string campaign, label, account, channel, provider;
  bool all = false;
  std::string reason;
  bool dry_run = false, latch = false;
};
ExitCode stop_command(const StopOptions& options);

struct PauseOptions {
  Place place;
  std::string id, reason, past_due;
};
ExitCode pause_command(const PauseOptions& options);
ExitCode resume_command(const PauseOptions& options);

struct FollowUpOptions {
  Place place;
  std::string id, name, past_due, title, body;
  std::int64_t when = 0;  // yyyymmddhhmm in the account's zone; 0: now
  std::vector<std::string> scopes, reached;
};
ExitCode continue_command(const FollowUpOptions& options);
ExitCode correct_command(const FollowUpOptions& options);

struct CampaignsOptions {
  Place place;
  std::string id, state, label, series;
  std::uint32_t limit = 50;
};
ExitCode campaigns_command(const CampaignsOptions& options);

struct ReceiptOptions {
  Place place;
  std::string id;  // stop-17, 17, or a campaign's id; "": list the last ones
};
ExitCode receipt_command(const ReceiptOptions& options);

struct RecipientsOptions {
  Place place;
  std::string campaign, outcome, format = "csv";
};
ExitCode recipients_command(const RecipientsOptions& options);

struct AuditOptions {
  Place place;
  std::string campaign, expect_head;
  std::uint32_t limit = 50;
};
ExitCode audit_list_command(const AuditOptions& options);
ExitCode audit_verify_command(const AuditOptions& options);

struct AudienceOptions {
  Place place;
  std::string account, file;
};
ExitCode audience_explain_command(const AudienceOptions& options);

struct WebhookOptions {
  Place place;
  std::string account, url, id;
  std::vector<std::string> kinds;
  std::uint32_t limit = 50;
};
ExitCode webhook_add_command(const WebhookOptions& options);
ExitCode webhook_list_command(const WebhookOptions& options);
ExitCode webhook_remove_command(const WebhookOptions& options);
ExitCode webhook_deliveries_command(const WebhookOptions& options);
ExitCode webhook_resend_command(const WebhookOptions& options);

struct LatchOptions {
  Place place;
  std::string id;  // of the one to release
};
ExitCode latch_list_command(const LatchOptions& options);
ExitCode latch_release_command(const LatchOptions& options);

struct AccountOptions {
  Place place;
  std::string id, time_zone, region, passcode_file, guardrails, reach;
};
ExitCode account_add_command(const AccountOptions& options);
ExitCode account_list_command(const AccountOptions& options);
ExitCode account_remove_command(const AccountOptions& options);
ExitCode account_guardrails_command(const AccountOptions& options);
ExitCode account_reach_command(const AccountOptions& options);

struct PasscodeOptions {
  Place place;
  std::string account, id, passcode_file;
};
ExitCode passcode_add_command(const PasscodeOptions& options);
ExitCode passcode_list_command(const PasscodeOptions& options);
ExitCode passcode_remove_command(const PasscodeOptions& options);

struct UserOptions {
  Place place;
  std::string account, name, role = "member";
  bool link = false;  // a one-time link instead of a password
};
ExitCode user_add_command(const UserOptions& options);
ExitCode user_list_command(const UserOptions& options);
ExitCode user_remove_command(const UserOptions& options);
ExitCode user_password_command(const UserOptions& options);
ExitCode user_role_command(const UserOptions& options);

struct ProviderOptions {
  Place place;
  std::string account, nick_name, mode, kind, url, service_account, ca_file, http_version;
  std::uint32_t max_per_second = 0;
};
ExitCode provider_add_command(const ProviderOptions& options);
ExitCode provider_list_command(const ProviderOptions& options);
ExitCode provider_remove_command(const ProviderOptions& options);

struct LoadOptions {
  Place place;
  std::string file;  // "-": standard input
  std::string account;
  bool csv = false;             // also for a FILE that ends in .csv
  std::string errors;           // a file for what is refused; "": none
  std::uint64_t from_line = 1;  // lines before it are passed over
};
ExitCode load_command(const LoadOptions& options);

struct ExportOptions {
  Place place;
  std::string account, where = "{}", event;
  std::int64_t from = 0, to = 0;  // yyyymmdd; 0: the last 365 days
};
ExitCode export_profiles_command(const ExportOptions& options);
ExitCode export_events_command(const ExportOptions& options);

struct BackupOptions {
  Place place;
  std::string file;
};
ExitCode backup_command(const BackupOptions& options);

struct RestoreOptions {
  std::string file, into;
  bool json = false;
};
ExitCode restore_command(const RestoreOptions& options);

struct AdoptOptions {
  Place place;
  bool resume = false;
};
ExitCode adopt_command(const AdoptOptions& options);

struct StatusOptions {
  Place place;
};
ExitCode status_command(const StatusOptions& options);

struct SinkCommandOptions {
  std::vector<std::string> listen, tls_listen;
  std::string certificate, key, ready_file, token_public_key;
  std::uint32_t threads = 1;
  std::uint32_t delay_ms = 0, fail_every = 0, fail_status = 503, retry_after = 0, unregistered_every = 0;
  std::uint32_t hang_every = 0, close_every = 0, goaway_every = 0, max_streams = 1000;
};
ExitCode sink_command(const SinkCommandOptions& options);

struct CertsOptions {
  Place place;
  std::string out;
  std::vector<std::string> hosts;
  bool force = false;
};
ExitCode certs_command(const CertsOptions& options);

ExitCode version_command(bool as_json);

}  // namespace belay::app
