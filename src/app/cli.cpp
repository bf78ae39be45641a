// The option tree. What a command does is in its own file; see commands.h.
#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"

namespace belay::app {
namespace {

using Run = std::function<ExitCode()>;

// Options live as long as the tree.
template <class Options>
std::shared_ptr<Options> make_options() {
  return std::make_shared<Options>();
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& examples) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer("Examples:\n" + examples + "\n" + exit_code_help);
  command->set_help_flag("-h,--help", "Show this and end");
  return command;
}

void add_place(CLI::App* command, Place& place, bool prints_data) {
  command->add_option("--data", place.data, "Data folder [that of belay.toml, or ./data]")->type_name("DIR");
  command->add_option("--config", place.config, "Configuration that names the data folder")
      ->type_name("FILE");
  if (prints_data) command->add_flag("--json", place.json, "Print JSON");
}

template <class Options>
void on_run(CLI::App* command, Run& run, const std::shared_ptr<Options>& o,
            ExitCode (*call)(const Options&)) {
  command->callback([&run, o, call] { run = [o, call] { return call(*o); }; });
}

void add_serve(CLI::App& app, Run& run, const std::string& program) {
  CLI::App* c =
      add_command(app, "serve", "Run the server",
                  "  belay serve --config belay.toml\n"
                  "  belay serve --demo\n"
                  "  belay serve --config belay.toml --listen 127.0.0.1:9090 --tls-listen 127.0.0.1:8443");
  auto o = make_options<ServeOptions>();
  o->program = program;
  c->add_option("--config", o->config, "Configuration [./belay.toml where there is one]")->type_name("FILE");
  c->add_option("--data", o->data, "Data folder, instead of the configuration's")->type_name("DIR");
  c->add_option("--listen", o->listen, "Listen for HTTP here [127.0.0.1:8080]; port 0 picks one")
      ->type_name("HOST:PORT");
  c->add_option("--tls-listen", o->tls_listen,
                "Listen for HTTPS here, too (`belay certs` makes certificates)")
      ->type_name("HOST:PORT");
  c->add_option(
       "--allow-outbound", o->allow_outbound,
       "Let providers be at this private address, beside the configuration's: HOST[:PORT] or a range")
      ->type_name("RULE");
  c->add_flag("--adopt", o->adopt,
              "The data folder was copied or restored, and its original is gone: see belay adopt --help");
  c->add_flag("--demo", o->demo, "An account with 100,000 people and a running campaign to stop");
  c->add_option("--log-format", o->log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("");
  c->add_option("--ready-file", o->ready_file,
                "Write the addresses here as one line of JSON, once everything is up")
      ->type_name("FILE");
  c->add_flag("--test-clock", o->test_clock,
              "Let POST /api/v1/test/clock move the wall clock: for tests only");
  c->callback([&run, o] { run = [o] { return serve_command(*o); }; });
}

void add_stop(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "stop", "Stop campaigns, exactly and now; with or without a running server",
                            "  belay stop 1457432766 --reason \"wrong template\"\n"
                            "  belay stop --label diwali --dry-run\n"
                            "  belay stop --all --latch");
  auto o = make_options<StopOptions>();
  add_place(c, o->place, true);
  auto* group = c->add_option_group("What to stop", "exactly one of");
  group->add_option("ID", o->campaign, "The campaign with this id");
  group->add_option("--label", o->label, "Every campaign with this label")->type_name("L");
  group->add_option("--channel", o->channel, "Every campaign of this channel: push, webhook")->type_name("C");
  group->add_option("--provider", o->provider, "Every campaign sent through this provider")
      ->type_name("NICK");
  group->add_flag("--all", o->all, "Everything");
  c->add_option("--account", o->account, "Every campaign of this account; with another scope: only within it")
      ->type_name("A");
  c->add_option("--reason", o->reason, "Why, for the record")->type_name("TEXT");
  c->add_flag("--dry-run", o->dry_run, "Stop nothing; say what a stop would do now");
  c->add_flag("--latch", o->latch, "Let nothing of this scope start until the latch is released");
  on_run(c, run, o, stop_command);
}

void add_pausing(CLI::App& app, Run& run) {
  constexpr const char* past_due_help =
      "If its time has passed and it had not begun: send, miss [its grace decides]";
  CLI::App* p = add_command(app, "pause", "Pause a campaign, exactly and now, until it is resumed",
                            "  belay pause 1457432766 --reason \"provider is slow\"");
  auto po = make_options<PauseOptions>();
  add_place(p, po->place, true);
  p->add_option("ID", po->id, "The campaign")->required();
  p->add_option("--reason", po->reason, "Why, for the record")->type_name("TEXT");
  on_run(p, run, po, pause_command);

  CLI::App* r = add_command(app, "resume", "Go on with a paused campaign, where it was paused",
                            "  belay resume 1457432766\n  belay resume 1457432766 --past-due send");
  auto ro = make_options<PauseOptions>();
  add_place(r, ro->place, true);
  r->add_option("ID", ro->id, "The campaign")->required();
  r->add_option("--past-due", ro->past_due, past_due_help)
      ->check(CLI::IsMember({"send", "miss"}))
      ->type_name("");
  on_run(r, run, ro, resume_command);
}

void add_when(CLI::App* command, FollowUpOptions& o) {
  command->add_option("ID", o.id, "The campaign that is over")->required();
  command->add_option("--name", o.name, "Of the new campaign [the same]")->type_name("TEXT");
  command->add_option("--when", o.when, "yyyymmddhhmm in the account's time zone [now]")->type_name("T");
  command->add_option("--past-due", o.past_due, "If nobody can start it then: send, miss [the usual grace]")
      ->check(CLI::IsMember({"send", "miss"}))
      ->type_name("");
}

void add_following(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "continue", "A new campaign for those whom a stopped one did not reach",
                            "  belay continue 1457432766\n"
                            "  belay continue 1457432766 --scope withheld,failed --when 202611241000");
  auto co = make_options<FollowUpOptions>();
  add_place(c, co->place, true);
  add_when(c, *co);
  c->add_option("--scope", co->scopes, "Of withheld, failed, in_doubt [withheld]")
      ->delimiter(',')
      ->type_name("S");
  on_run(c, run, co, continue_command);

  CLI::App* k = add_command(app, "correct", "A new campaign, with other words, for those whom one did reach",
                            "  belay correct 1457432766 --title \"Sorry\" --body \"The price was wrong\"");
  auto ko = make_options<FollowUpOptions>();
  add_place(k, ko->place, true);
  add_when(k, *ko);
  k->add_option("--title", ko->title, "Of the push")->required()->type_name("TEXT");
  k->add_option("--body", ko->body, "Of the push")->required()->type_name("TEXT");
  k->add_option("--reached", ko->reached, "Of accepted, in_doubt [both]")->delimiter(',')->type_name("S");
  on_run(k, run, ko, correct_command);
}

void add_looking(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "campaigns", "List campaigns, or show one with its counts",
                            "  belay campaigns --state running\n  belay campaigns 1457432766 --json");
  auto o = make_options<CampaignsOptions>();
  add_place(c, o->place, true);
  c->add_option("ID", o->id, "Only this one, with its counts");
  c->add_option("--state", o->state, "scheduled, planning, running, paused, stopped, completed, missed")
      ->type_name("S");
  c->add_option("--label", o->label, "With this label")->type_name("L");
  c->add_option("--series", o->series, "The runs of this recurring campaign")->type_name("ID");
  c->add_option("--limit", o->limit, "At most so many, newest first [50]")
      ->check(CLI::Range(1, 500))
      ->type_name("N");
  on_run(c, run, o, campaigns_command);

  CLI::App* r = add_command(app, "receipt", "Show the receipt of a stop, or list the last stops",
                            "  belay receipt stop-17\n  belay receipt 1457432766\n  belay receipt --json");
  auto ro = make_options<ReceiptOptions>();
  add_place(r, ro->place, true);
  r->add_option("ID", ro->id, "A receipt's id, or a campaign's");
  on_run(r, run, ro, receipt_command);

  CLI::App* p = add_command(app, "recipients", "Everybody in a campaign's audience, with what became of them",
                            "  belay recipients 1457432766 --outcome withheld > not-reached.csv\n"
                            "  belay recipients 1457432766 --outcome in_doubt --format jsonl");
  auto po = make_options<RecipientsOptions>();
  add_place(p, po->place, false);
  p->add_option("ID", po->campaign, "The campaign")->required();
  p->add_option("--outcome", po->outcome,
                "Only these: pending, in_flight, accepted, failed, skipped, withheld, in_doubt")
      ->type_name("O");
  p->add_option("--format", po->format, "csv or jsonl [csv]")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->type_name("");
  on_run(p, run, po, recipients_command);
}

void add_audit(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "audit", "Who did what: the audit trail, and whether it is whole",
                            "  belay audit list --campaign 1457432766\n  belay audit verify");
  c->require_subcommand(1);
  auto o = make_options<AuditOptions>();
  CLI::App* list = add_command(*c, "list", "The last rows, newest first",
                               "  belay audit list --campaign 1457432766 --json");
  add_place(list, o->place, true);
  list->add_option("--campaign", o->campaign, "Only this campaign's rows")->type_name("ID");
  list->add_option("--limit", o->limit, "At most so many [50]")->check(CLI::Range(1, 1000))->type_name("N");
  on_run(list, run, o, audit_list_command);
  CLI::App* verify = add_command(
      *c, "verify", "Check every row against the chain of hashes; 1 when it is broken",
      "  belay audit verify\n"
      "  belay audit verify --expect-head 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  add_place(verify, o->place, true);
  verify->add_option("--expect-head", o->expect_head, "A hash kept elsewhere, which must be in the chain")
      ->type_name("HASH");
  on_run(verify, run, o, audit_verify_command);
}

void add_audience(CLI::App& app, Run& run) {
  CLI::App* c =
      add_command(app, "audience", "Whom a query means", "  belay audience explain where.json --account A");
  c->require_subcommand(1);
  auto o = make_options<AudienceOptions>();
  CLI::App* explain =
      add_command(*c, "explain", "A query part by part, in words, each with how many people it means",
                  "  belay audience explain where.json --account TEST-123-4567\n"
                  "  echo '{\"event_name\": \"Bought\"}' | belay audience explain - --account TEST-123-4567");
  add_place(explain, o->place, true);
  explain->add_option("FILE", o->file, "The where as JSON; - for standard input")->required();
  explain->add_option("--account", o->account, "Whose people")->required()->type_name("A");
  on_run(explain, run, o, audience_explain_command);
}

void add_webhooks(CLI::App& app, Run& run) {
  CLI::App* c =
      add_command(app, "webhook", "Webhooks that are told of stops: add, list, remove, deliveries, resend",
                  "  belay webhook add https://crm.example.com/belay");
  c->require_subcommand(1);
  auto o = make_options<WebhookOptions>();
  CLI::App* add =
      add_command(*c, "add", "Tell this URL of stops and changes of state; its secret is shown once",
                  "  belay webhook add https://crm.example.com/belay --account TEST-123-4567\n"
                  "  belay webhook add https://ops.example.com/belay --kind stop --kind settled");
  add_place(add, o->place, true);
  add->add_option("URL", o->url, "Where to")->required();
  add->add_option("--account", o->account, "Only this account's campaigns [everybody's]")->type_name("A");
  add->add_option("--kind", o->kinds, "stop, settled or state; may be repeated [all]")
      ->check(CLI::IsMember({"stop", "settled", "state"}))
      ->type_name("KIND");
  on_run(add, run, o, webhook_add_command);
  CLI::App* list = add_command(*c, "list", "All webhooks", "  belay webhook list --json");
  add_place(list, o->place, true);
  on_run(list, run, o, webhook_list_command);
  CLI::App* remove = add_command(*c, "remove", "Remove a webhook, with what it has not been told yet",
                                 "  belay webhook remove webhook-1");
  add_place(remove, o->place, true);
  remove->add_option("ID", o->id, "The webhook")->required();
  on_run(remove, run, o, webhook_remove_command);
  CLI::App* deliveries =
      add_command(*c, "deliveries", "What became of the notices to a webhook, newest first",
                  "  belay webhook deliveries webhook-1");
  add_place(deliveries, o->place, true);
  deliveries->add_option("ID", o->id, "The webhook")->required();
  deliveries->add_option("--limit", o->limit, "At most so many [50]")
      ->check(CLI::Range(1, 500))
      ->type_name("N");
  on_run(deliveries, run, o, webhook_deliveries_command);
  CLI::App* resend = add_command(*c, "resend", "Send a decided delivery again, one in doubt too",
                                 "  belay webhook resend delivery-12");
  add_place(resend, o->place, true);
  resend->add_option("ID", o->id, "The delivery")->required();
  on_run(resend, run, o, webhook_resend_command);
}

void add_latches(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "latch", "Standing stops: list them, release one",
                            "  belay latch list\n  belay latch release latch-3");
  c->require_subcommand(1);
  auto o = make_options<LatchOptions>();
  CLI::App* list = add_command(*c, "list", "Latches that stand", "  belay latch list");
  add_place(list, o->place, true);
  on_run(list, run, o, latch_list_command);
  CLI::App* release =
      add_command(*c, "release", "Let its scope start again; nothing stopped starts by itself",
                  "  belay latch release latch-3");
  add_place(release, o->place, true);
  release->add_option("ID", o->id, "The latch")->required();
  on_run(release, run, o, latch_release_command);
}

void add_accounts(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "account", "Accounts: add, list, remove",
                            "  belay account add TEST-123-4567 --timezone Asia/Kolkata --region in1");
  c->require_subcommand(1);
  auto o = make_options<AccountOptions>();
  CLI::App* add = add_command(*c, "add", "Add an account, or change one; a new one's passcode is shown once",
                              "  belay account add TEST-123-4567 --timezone Asia/Kolkata --region in1");
  add_place(add, o->place, true);
  add->add_option("ID", o->id, "The account's id")->required();
  add->add_option("--timezone", o->time_zone, "IANA name [UTC]")->type_name("ZONE");
  add->add_option("--region", o->region, "As in the host name: eu1, in1, us1, … [eu1]")->type_name("R");
  add->add_option("--passcode-file", o->passcode_file, "Its passcode is this file's first line")
      ->type_name("FILE");
  on_run(add, run, o, account_add_command);
  CLI::App* list = add_command(*c, "list", "All accounts", "  belay account list --json");
  add_place(list, o->place, true);
  on_run(list, run, o, account_list_command);
  CLI::App* rules =
      add_command(*c, "guardrails", "What stops an account's campaigns by itself: show it, or set it",
                  "  belay account guardrails TEST-123-4567"
                  " '{\"error_rate\": {\"percent\": 10, \"min_sample\": 1000}}'");
  add_place(rules, o->place, true);
  rules->add_option("ID", o->id, "The account")->required();
  rules->add_option("JSON", o->guardrails, "All of its guardrails; {} for none [shows them]");
  on_run(rules, run, o, account_guardrails_command);
  CLI::App* reach = add_command(
      *c, "reach", "Frequency caps and the system control group of an account: show them, or set them",
      "  belay account reach TEST-123-4567"
      " '{\"frequency_caps\": [{\"messages\": 2, \"per\": \"day\"}]}'");
  add_place(reach, o->place, true);
  reach->add_option("ID", o->id, "The account")->required();
  reach->add_option("JSON", o->reach, "All of its reach rules; {} for none [shows them]");
  on_run(reach, run, o, account_reach_command);
  CLI::App* remove = add_command(*c, "remove", "Remove an account without unfinished campaigns",
                                 "  belay account remove TEST-123-4567");
  add_place(remove, o->place, true);
  remove->add_option("ID", o->id, "The account")->required();
  on_run(remove, run, o, account_remove_command);
}

void add_passcodes(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "passcode", "Passcodes of an account: add, list, remove",
                            "  belay passcode add TEST-123-4567");
  c->require_subcommand(1);
  auto o = make_options<PasscodeOptions>();
  CLI::App* add = add_command(*c, "add", "Add a passcode; a new one is made and shown once",
                              "  belay passcode add TEST-123-4567\n"
                              "  belay passcode add TEST-123-4567 --passcode-file secret.txt");
  add_place(add, o->place, true);
  add->add_option("ACCOUNT", o->account, "The account's id")->required();
  add->add_option("--passcode-file", o->passcode_file, "Take this file's first line")->type_name("FILE");
  on_run(add, run, o, passcode_add_command);
  CLI::App* list =
      add_command(*c, "list", "Their ids and first characters", "  belay passcode list TEST-123-4567");
  add_place(list, o->place, true);
  list->add_option("ACCOUNT", o->account, "The account's id")->required();
  on_run(list, run, o, passcode_list_command);
  CLI::App* remove = add_command(*c, "remove", "Remove a passcode; calls with it are refused from now on",
                                 "  belay passcode remove TEST-123-4567 1f0c9a3b77e2");
  add_place(remove, o->place, true);
  remove->add_option("ACCOUNT", o->account, "The account's id")->required();
  remove->add_option("ID", o->id, "The passcode's id, as `list` shows it")->required();
  on_run(remove, run, o, passcode_remove_command);
}

void add_providers(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "provider", "Providers of an account: add, list, remove",
                            "  belay provider list TEST-123-4567");
  c->require_subcommand(1);
  auto o = make_options<ProviderOptions>();
  CLI::App* add =
      add_command(*c, "add", "Add a provider, or change one",
                  "  belay provider add TEST-123-4567 local-fcm --kind fcm --url http://127.0.0.1:9001\n"
                  "  belay provider add TEST-123-4567 fcm --kind fcm --service-account sa.json\n"
                  "  belay provider add TEST-123-4567 crm --kind webhook --url https://crm.example.com/hook");
  add_place(add, o->place, true);
  add->add_option("ACCOUNT", o->account, "The account's id")->required();
  add->add_option("NICK", o->nick_name, "What campaigns call it")->required();
  add->add_option("--kind", o->kind, "fcm or webhook")
      ->required()
      ->check(CLI::IsMember({"fcm", "webhook"}))
      ->type_name("");
  add->add_option("--mode", o->mode, "push or webhook [what the kind is for]")->type_name("MODE");
  add->add_option("--url", o->url, "Where it is [the provider's real endpoint]")->type_name("URL");
  add->add_option("--service-account", o->service_account, "FCM: service account file")->type_name("FILE");
  add->add_option("--ca-file", o->ca_file, "Trust this PEM file instead of the system's authorities")
      ->type_name("FILE");
  add->add_option("--http-version", o->http_version, "1.1 or 2 [what is agreed on]")->type_name("V");
  add->add_option("--max-per-second", o->max_per_second, "0: as fast as it takes them [0]")->type_name("N");
  on_run(add, run, o, provider_add_command);
  CLI::App* list =
      add_command(*c, "list", "All providers of the account", "  belay provider list TEST-123-4567");
  add_place(list, o->place, true);
  list->add_option("ACCOUNT", o->account, "The account's id")->required();
  on_run(list, run, o, provider_list_command);
  CLI::App* remove =
      add_command(*c, "remove", "Remove a provider", "  belay provider remove TEST-123-4567 local-fcm");
  add_place(remove, o->place, true);
  remove->add_option("ACCOUNT", o->account, "The account's id")->required();
  remove->add_option("NICK", o->nick_name, "The provider")->required();
  on_run(remove, run, o, provider_remove_command);
}

void name_user(CLI::App* command, UserOptions& o) {
  add_place(command, o.place, true);
  command->add_option("ACCOUNT", o.account, "The account's id")->required();
  command->add_option("NAME", o.name, "The user")->required();
}

void add_users(CLI::App& app, Run& run) {
  CLI::App* c =
      add_command(app, "user", "Who may sign in to the dashboard: add, list, remove, password, role",
                  "  belay user add TEST-123-4567 ann --role admin");
  c->require_subcommand(1);
  auto o = make_options<UserOptions>();
  const auto role = [&o](CLI::App* command) {
    return command->add_option("--role", o->role, "member (sees), creator (campaigns), admin [member]")
        ->check(CLI::IsMember({"member", "creator", "admin"}))
        ->type_name("ROLE");
  };
  CLI::App* add =
      add_command(*c, "add", "Add a user; the password is asked for, or standard input's first line",
                  "  belay user add TEST-123-4567 ann --role admin\n"
                  "  belay user add TEST-123-4567 bob --role creator --link");
  name_user(add, *o);
  role(add);
  add->add_flag("--link", o->link, "Print a one-time link instead, by which the user chooses a password");
  on_run(add, run, o, user_add_command);
  CLI::App* list =
      add_command(*c, "list", "The users of an account, or all", "  belay user list TEST-123-4567");
  add_place(list, o->place, true);
  list->add_option("ACCOUNT", o->account, "The account's id [every account]");
  on_run(list, run, o, user_list_command);
  CLI::App* remove = add_command(*c, "remove", "Remove a user, who is signed out everywhere",
                                 "  belay user remove TEST-123-4567 bob");
  name_user(remove, *o);
  on_run(remove, run, o, user_remove_command);
  CLI::App* password = add_command(*c, "password", "Change a user's password, who is signed out everywhere",
                                   "  belay user password TEST-123-4567 ann\n"
                                   "  belay user password TEST-123-4567 ann --link\n"
                                   "The password is asked for, or standard input's first line.");
  name_user(password, *o);
  password->add_flag("--link", o->link, "Print a one-time link instead, by which the user chooses one");
  on_run(password, run, o, user_password_command);
  CLI::App* change = add_command(*c, "role", "Change what a user may do",
                                 "  belay user role TEST-123-4567 bob --role member");
  name_user(change, *o);
  role(change)->required();
  on_run(change, run, o, user_role_command);
}

void add_load(CLI::App& app, Run& run) {
  CLI::App* c =
      add_command(app, "load", "Load profiles, device tokens and events from JSON lines or CSV",
                  "  belay load profiles.jsonl --account TEST-123-4567\n"
                  "  zcat profiles.jsonl.gz | belay load -\n"
                  "  belay load profiles.csv --errors refused.jsonl\n"
                  "A line is a record of POST /1/upload, such as\n"
                  "  {\"type\":\"profile\",\"identity\":\"u1\",\"profileData\":{\"Name\":\"Jaya\"},\n"
                  "   \"tokens\":[{\"id\":\"…\",\"type\":\"fcm\"}]}");
  auto o = make_options<LoadOptions>();
  add_place(c, o->place, true);
  c->add_option("FILE", o->file, "The file, or - for standard input")->required();
  c->add_option("--account", o->account, "Whose they are [the only account]")->type_name("A");
  c->add_flag("--csv", o->csv, "The file is CSV, whatever its name");
  c->add_option("--errors", o->errors, "Write what is refused, with line and reason, to this file")
      ->type_name("FILE");
  c->add_option("--from-line", o->from_line, "Begin with this line, to go on where a load ended")
      ->type_name("N");
  on_run(c, run, o, load_command);
}

void add_export(CLI::App& app, Run& run) {
  CLI::App* c = add_command(app, "export", "Write profiles or events as JSON lines: profiles, events",
                            "  belay export profiles > people.jsonl");
  c->require_subcommand(1);
  auto o = make_options<ExportOptions>();
  CLI::App* profiles =
      add_command(*c, "profiles", "As belay load takes them",
                  "  belay export profiles --account TEST-123-4567 > people.jsonl\n"
                  "  belay export profiles --where '{\"common_profile_properties\":{\"profile_fields\":"
                  "[{\"name\":\"City\",\"value\":\"Pune\"}]}}'");
  add_place(profiles, o->place, true);
  profiles->add_option("--account", o->account, "Whose [the only account]")->type_name("A");
  profiles->add_option("--where", o->where, "Only these, in the query language")->type_name("JSON");
  on_run(profiles, run, o, export_profiles_command);
  CLI::App* events = add_command(*c, "events", "Events of one name, with whose they are",
                                 "  belay export events --event Charged --from 20260101 --to 20260131");
  add_place(events, o->place, true);
  events->add_option("--account", o->account, "Whose [the only account]")->type_name("A");
  events->add_option("--event", o->event, "The event's name")->required()->type_name("NAME");
  events->add_option("--from", o->from, "The first day, YYYYMMDD [365 days ago]")->type_name("DAY");
  events->add_option("--to", o->to, "The last day, YYYYMMDD [today]")->type_name("DAY");
  on_run(events, run, o, export_events_command);
}

void add_folder(CLI::App& app, Run& run) {
  CLI::App* s = add_command(app, "status", "What the server is doing: ready, held, not running",
                            "  belay status\n  belay status --json");
  auto so = make_options<StatusOptions>();
  add_place(s, so->place, true);
  on_run(s, run, so, status_command);

  CLI::App* b = add_command(app, "backup", "Copy the data folder into one file, while it is in use or not",
                            "  belay backup /backups/belay-monday.tar\n"
                            "  belay backup /backups/belay-monday.tar.zst      compressed");
  auto bo = make_options<BackupOptions>();
  add_place(b, bo->place, true);
  b->add_option("FILE", bo->file, "A file that is not there yet; compressed if its name ends in .zst")
      ->required();
  on_run(b, run, bo, backup_command);

  CLI::App* r =
      add_command(app, "restore", "Make a data folder from a backup",
                  "  belay restore /backups/belay-monday.tar data\n"
                  "It is held: nothing is sent from it until somebody says that its original is gone\n"
                  "for good:\n"
                  "  belay adopt --data data");
  auto ro = make_options<RestoreOptions>();
  r->add_option("FILE", ro->file, "What belay backup has made")->required();
  r->add_option("DIR", ro->into, "A folder that is not there yet, or is empty")->required();
  r->add_flag("--json", ro->json, "Print JSON");
  on_run(r, run, ro, restore_command);

  CLI::App* a = add_command(
      app, "adopt", "Let a copied or restored data folder send: its original is gone for good",
      "  belay adopt\n  belay adopt --resume\n"
      "A data folder that was copied, or restored from a backup, is held: nothing is sent from it.\n"
      "Adopting it first stops every campaign that had begun or is past due, for the original may have\n"
      "sent more of it than the copy knows; what is still to come is sent on time. With --resume those\n"
      "campaigns go on, too.");
  auto ao = make_options<AdoptOptions>();
  add_place(a, ao->place, true);
  a->add_flag("--resume", ao->resume, "The original has sent nothing since the copy was made: stop nothing");
  on_run(a, run, ao, adopt_command);
}

void add_sink(CLI::App& app, Run& run) {
  CLI::App* c = add_command(
      app, "sink", "A receiver that stands in for FCM and webhooks, and knows exactly whom it got",
      "  belay sink --listen 127.0.0.1:9001\n"
      "  belay sink --listen 127.0.0.1:9001 --delay-ms 200 --fail-every 10 --fail-status 429\n"
      "  curl http://127.0.0.1:9001/_sink/counts");
  auto o = make_options<SinkCommandOptions>();
  c->add_option("--listen", o->listen, "HTTP/1.1 and HTTP/2 in cleartext [127.0.0.1:9001]")
      ->type_name("HOST:PORT");
  c->add_option("--tls-listen", o->tls_listen, "The same over TLS")->type_name("HOST:PORT");
  c->add_option("--certificate", o->certificate, "PEM, for --tls-listen")->type_name("FILE");
  c->add_option("--key", o->key, "PEM, for --tls-listen")->type_name("FILE");
  c->add_option("--token-public-key", o->token_public_key, "PEM: check the signatures that POST /token gets")
      ->type_name("FILE");
  c->add_option("--threads", o->threads, "Loops that share the connections [1]")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  c->add_option("--delay-ms", o->delay_ms, "Before each answer")->type_name("N");
  c->add_option("--fail-every", o->fail_every, "Each N-th message is answered --fail-status")->type_name("N");
  c->add_option("--fail-status", o->fail_status, "[503]")->check(CLI::Range(100, 599))->type_name("S");
  c->add_option("--retry-after", o->retry_after, "Seconds, with 429 and 503")->type_name("N");
  c->add_option("--unregistered-every", o->unregistered_every, "Each N-th is answered 404 UNREGISTERED")
      ->type_name("N");
  c->add_option("--hang-every", o->hang_every, "Each N-th is never answered")->type_name("N");
  c->add_option("--close-every", o->close_every, "Each N-th ends its connection unanswered")->type_name("N");
  c->add_option("--goaway-every", o->goaway_every, "Each N-th announces its connection's end (HTTP/2)")
      ->type_name("N");
  c->add_option("--max-streams", o->max_streams, "Concurrent streams it allows (HTTP/2) [1000]")
      ->type_name("N");
  c->add_option("--ready-file", o->ready_file, "Write the address here as one line of JSON")
      ->type_name("FILE");
  on_run(c, run, o, sink_command);
}

void add_rest(CLI::App& app, Run& run) {
  CLI::App* c = add_command(
      app, "certs", "Make a private authority and certificates, so that the vendor's samples run as they are",
      "  belay certs --out certs\n"
      "  belay certs --host belay.example.com --host 10.0.0.7");
  auto o = make_options<CertsOptions>();
  add_place(c, o->place, true);
  c->add_option("--out", o->out, "Folder for the files [certs in the data folder]")->type_name("DIR");
  c->add_option("--host", o->hosts, "Names or addresses beside the region hosts and localhost")
      ->type_name("NAME");
  c->add_flag("--force", o->force, "Replace an authority that is there");
  on_run(c, run, o, certs_command);

  CLI::App* v = add_command(app, "version", "Show the version", "  belay version --json");
  auto as_json = std::make_shared<bool>(false);
  v->add_flag("--json", *as_json, "Print JSON");
  v->callback([&run, as_json] { run = [as_json] { return version_command(*as_json); }; });
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app{"Belay schedules message campaigns, delivers them, and stops them exactly."};
  app.name("belay");
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Show this and end");
  app.footer(std::string("Each command has its own --help with examples.\n") + exit_code_help);
  Run run;
  add_serve(app, run, argv[0]);
  add_stop(app, run);
  add_pausing(app, run);
  add_following(app, run);
  add_looking(app, run);
  add_audit(app, run);
  add_audience(app, run);
  add_webhooks(app, run);
  add_latches(app, run);
  add_accounts(app, run);
  add_passcodes(app, run);
  add_providers(app, run);
  add_users(app, run);
  add_load(app, run);
  add_export(app, run);
  add_folder(app, run);
  add_sink(app, run);
  add_rest(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e, std::cout, std::cerr);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return static_cast<int>(run());
}

}  // namespace belay::app
