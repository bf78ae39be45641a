// belay account, passcode, provider
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app/asking.h"
#include "app/words.h"

namespace belay::app {
namespace {

using Words = std::function<std::string(const json::object&)>;

ExitCode ask_and_print(std::string_view command, const Place& place, ApiCall call, const Words& words) {
  return app::ask_and_print(command, place, std::move(call),
                            [&words](const json::value& answer) { return words(answer.as_object()); });
}

std::string account_path(const std::string& account, const std::string& rest = "") {
  return "/api/v1/accounts/" + percent_encode(account) + rest;
}

Result<std::string, Failure> passcode_in(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line) || line.empty())
    return std::unexpected(
        Failure{ExitCode::usage, fmt::format("--passcode-file {} can't be read or is empty", file)});
  return line;
}

std::string passcode_words(const json::object& o) {
  const std::string passcode = text_at(o, "passcode");
  if (passcode.empty()) return "";
  return fmt::format("Passcode, shown this once: {}\n", passcode);
}

std::string rows_in_words(const json::object& answer, std::string_view key,
                          const std::vector<std::string>& columns, std::string_view none) {
  const json::value* list = answer.if_contains(key);
  if (list == nullptr || !list->is_array() || list->as_array().empty()) return std::string(none) + "\n";
  std::vector<std::vector<std::string>> rows;
  auto& head = rows.emplace_back();
  for (std::string name : columns) {
    for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    head.push_back(std::move(name));
  }
  for (const json::value& v : list->as_array()) {
    auto& row = rows.emplace_back();
    for (const std::string& name : columns) row.push_back(text_at(v.as_object(), name));
  }
  return table(rows);
}

std::string absolute(const std::string& path) {
  std::error_code error;
  return path.empty() ? path : std::filesystem::absolute(path, error).lexically_normal().string();
}

// Shows rules of an account, or sets all of them.
ExitCode ask_rules(std::string_view command, const AccountOptions& o, const std::string& path,
                   const std::string& wanted, std::string_view none) {
  ApiCall call{.path = account_path(o.id, path)};
  if (!wanted.empty()) {
    call.method = "POST";
    call.body = wanted;
  }
  return ask_and_print(command, o.place, std::move(call), [none](const json::object& rules) {
    return rules.empty() ? std::string(none) : to_text(rules) + "\n";
  });
}

}  // namespace

ExitCode account_add_command(const AccountOptions& o) {
  constexpr std::string_view command = "belay account add";
  json::object body{{"id", o.id}};
  if (!o.time_zone.empty()) body["timezone"] = o.time_zone;
  if (!o.region.empty()) body["region"] = o.region;
  if (!o.passcode_file.empty()) {
    auto passcode = passcode_in(o.passcode_file);
    if (!passcode) return complain(command, passcode.error());
    body["passcode"] = std::move(*passcode);
  }
  return ask_and_print(command, o.place,
                       {.method = "POST", .path = "/api/v1/accounts", .body = to_text(body)},
                       [](const json::object& a) {
                         return fmt::format("Account {}, zone {}, region {}\n{}", text_at(a, "id"),
                                            text_at(a, "timezone"), text_at(a, "region"), passcode_words(a));
                       });
}

ExitCode account_list_command(const AccountOptions& o) {
  return ask_and_print("belay account list", o.place, {.path = "/api/v1/accounts"},
                       [](const json::object& a) {
                         return rows_in_words(a, "accounts", {"id", "timezone", "region"},
                                              "No accounts: belay account add ID");
                       });
}

ExitCode account_guardrails_command(const AccountOptions& o) {
  return ask_rules("belay account guardrails", o, "/guardrails", o.guardrails, "No guardrails\n");
}

ExitCode account_reach_command(const AccountOptions& o) {
  return ask_rules("belay account reach", o, "/reach", o.reach,
                   "No frequency caps, no system control group\n");
}

ExitCode account_remove_command(const AccountOptions& o) {
  return ask_and_print(
      "belay account remove", o.place, {.method = "DELETE", .path = account_path(o.id)},
      [](const json::object& a) { return fmt::format("Removed account {}\n", text_at(a, "removed")); });
}

ExitCode passcode_add_command(const PasscodeOptions& o) {
  constexpr std::string_view command = "belay passcode add";
  json::object body;
  if (!o.passcode_file.empty()) {
    auto passcode = passcode_in(o.passcode_file);
    if (!passcode) return complain(command, passcode.error());
    body["passcode"] = std::move(*passcode);
  }
  return ask_and_print(
      command, o.place,
      {.method = "POST", .path = account_path(o.account, "/passcodes"), .body = to_text(body)},
      [](const json::object& p) {
        return fmt::format("Added passcode {} ({}…)\n{}", text_at(p, "id"), text_at(p, "prefix"),
                           passcode_words(p));
      });
}

ExitCode passcode_list_command(const PasscodeOptions& o) {
  return ask_and_print("belay passcode list", o.place, {.path = account_path(o.account, "/passcodes")},
                       [](const json::object& a) {
                         return rows_in_words(a, "passcodes", {"id", "prefix", "created"},
                                              "No passcodes: nobody can call for this account");
                       });
}

ExitCode passcode_remove_command(const PasscodeOptions& o) {
  return ask_and_print(
      "belay passcode remove", o.place,
      {.method = "DELETE", .path = account_path(o.account, "/passcodes/" + percent_encode(o.id))},
      [](const json::object& p) { return fmt::format("Removed passcode {}\n", text_at(p, "removed")); });
}

ExitCode provider_add_command(const ProviderOptions& o) {
  json::object body{{"nick_name", o.nick_name}, {"kind", o.kind}, {"max_per_second", o.max_per_second}};
  const std::pair<const char*, std::string> texts[] = {{"mode", o.mode},
                                                       {"url", o.url},
                                                       {"service_account", absolute(o.service_account)},
                                                       {"ca_file", absolute(o.ca_file)},
                                                       {"http_version", o.http_version}};
  for (const auto& [key, value] : texts)
    if (!value.empty()) body[key] = value;
  return ask_and_print(
      "belay provider add", o.place,
      {.method = "POST", .path = account_path(o.account, "/providers"), .body = to_text(body)},
      [](const json::object& p) {
        return fmt::format("Provider {}: {} for {} {}\n", text_at(p, "nick_name"), text_at(p, "kind"),
                           text_at(p, "mode"), text_at(p, "url"));
      });
}

ExitCode provider_list_command(const ProviderOptions& o) {
  return ask_and_print("belay provider list", o.place, {.path = account_path(o.account, "/providers")},
                       [](const json::object& a) {
                         return rows_in_words(a, "providers",
                                              {"nick_name", "mode", "kind", "max_per_second", "url"},
                                              "No providers: belay provider add");
                       });
}

ExitCode provider_remove_command(const ProviderOptions& o) {
  return ask_and_print(
      "belay provider remove", o.place,
      {.method = "DELETE", .path = account_path(o.account, "/providers/" + percent_encode(o.nick_name))},
      [](const json::object& p) { return fmt::format("Removed provider {}\n", text_at(p, "removed")); });
}

}  // namespace belay::app
