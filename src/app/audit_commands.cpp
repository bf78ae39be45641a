// belay audit, webhook
#include <cstdio>

#include "app/asking.h"
#include "app/words.h"

namespace belay::app {
namespace {

std::string audit_in_words(const json::value& answer) {
  const json::array& list = array_at(answer, "rows");
  if (list.empty()) return "Nothing has happened.\n";
  std::vector<std::vector<std::string>> rows{{"ROW", "AT (UTC)", "BY", "WHAT", "OF", "FROM", "TO"}};
  for (const json::value& v : list) {
    const json::object& r = v.as_object();
    // Configurations are sentences; a table is for states. --json has all of it.
    const auto brief = [&](std::string_view key) {
      std::string text = text_at(r, key);
      return text.size() > 16 ? std::string("…") : text;
    };
    rows.push_back({text_at(r, "id"), short_time(text_at(r, "at")), text_at(r, "actor"), text_at(r, "action"),
                    text_at(r, "subject"), brief("before"), brief("after")});
  }
  return table(rows);
}

std::string kinds_in_words(const json::object& webhook) {
  std::string out;
  if (const json::value* kinds = webhook.if_contains("kinds"); kinds != nullptr && kinds->is_array())
    for (const json::value& k : kinds->as_array())
      if (k.is_string()) out += (out.empty() ? "" : ",") + std::string(k.as_string());
  return out;
}

std::string webhooks_in_words(const json::value& answer) {
  const json::array& list = array_at(answer, "webhooks");
  if (list.empty()) return "No webhooks: belay webhook add URL\n";
  std::vector<std::vector<std::string>> rows{{"WEBHOOK", "ACCOUNT", "KINDS", "URL"}};
  for (const json::value& v : list) {
    const json::object& w = v.as_object();
    rows.push_back({text_at(w, "id"), text_at(w, "account"), kinds_in_words(w), text_at(w, "url")});
  }
  return table(rows);
}

std::string deliveries_in_words(const json::value& answer) {
  const json::array& list = array_at(answer, "deliveries");
  if (list.empty()) return "Nothing has been sent there.\n";
  std::vector<std::vector<std::string>> rows{
      {"DELIVERY", "NOTICE", "KIND", "CAMPAIGN", "STATE", "TRIES", "SINCE (UTC)", "DETAIL"}};
  for (const json::value& v : list) {
    const json::object& d = v.as_object();
    rows.push_back({text_at(d, "id"), text_at(d, "notice"), text_at(d, "kind"), text_at(d, "campaign"),
                    text_at(d, "state"), text_at(d, "attempts"), short_time(text_at(d, "since")),
                    text_at(d, "detail")});
  }
  return table(rows);
}

}  // namespace

ExitCode audit_list_command(const AuditOptions& o) {
  std::string query = fmt::format("limit={}", o.limit);
  if (!o.campaign.empty()) query += "&campaign=" + percent_encode(o.campaign);
  return ask_and_print("belay audit list", o.place, {.path = "/api/v1/audit", .query = query},
                       audit_in_words);
}

ExitCode audit_verify_command(const AuditOptions& o) {
  constexpr std::string_view command = "belay audit verify";
  auto asking = Asking::begin(o.place);
  if (!asking) return complain(command, asking.error());
  ApiCall call{.path = "/api/v1/audit/verify", .patience = Millis{600'000}};
  if (!o.expect_head.empty()) call.query = "expect=" + percent_encode(o.expect_head);
  const auto answer = asking->ask(std::move(call));
  if (!answer) return complain(command, answer.error());
  const json::object& verdict = answer->as_object();
  const json::value* good = verdict.if_contains("ok");
  const bool whole = good != nullptr && good->is_bool() && good->as_bool();
  const std::string rows = thousands(number_at(verdict, "rows"));
  if (o.place.json)
    print_json(*answer);
  else if (whole)
    fmt::print("The audit trail is whole: {} rows.\nIts head is {}\n", rows, text_at(verdict, "head"));
  else
    fmt::print("The audit trail is broken. {} rows are good, up to {}\n", rows, text_at(verdict, "head"));
  if (whole) return ExitCode::ok;
  return complain(command, {ExitCode::failed, text_at(verdict, "error")});
}

ExitCode webhook_add_command(const WebhookOptions& o) {
  json::object body{{"url", o.url}};
  if (!o.kinds.empty()) {
    json::array kinds;
    for (const std::string& kind : o.kinds) kinds.emplace_back(kind);
    body["kinds"] = std::move(kinds);
  }
  ApiCall call{.method = "POST", .path = "/api/v1/webhooks", .body = to_text(body)};
  if (!o.account.empty()) call.headers.emplace_back("X-CleverTap-Account-Id", o.account);
  return ask_and_print("belay webhook add", o.place, std::move(call), [](const json::value& v) {
    const json::object& w = v.as_object();
    return fmt::format("Added {} for {}\nSecret, shown this once: {}\n", text_at(w, "id"), kinds_in_words(w),
                       text_at(w, "secret"));
  });
}

ExitCode webhook_list_command(const WebhookOptions& o) {
  return ask_and_print("belay webhook list", o.place, {.path = "/api/v1/webhooks"}, webhooks_in_words);
}

ExitCode webhook_remove_command(const WebhookOptions& o) {
  return ask_and_print(
      "belay webhook remove", o.place,
      {.method = "DELETE", .path = "/api/v1/webhooks/" + percent_encode(o.id)},
      [](const json::value& v) { return fmt::format("Removed {}\n", text_at(v.as_object(), "removed")); });
}

ExitCode webhook_deliveries_command(const WebhookOptions& o) {
  return ask_and_print("belay webhook deliveries", o.place,
                       {.path = "/api/v1/webhooks/" + percent_encode(o.id) + "/deliveries",
                        .query = fmt::format("limit={}", o.limit)},
                       deliveries_in_words);
}

ExitCode webhook_resend_command(const WebhookOptions& o) {
  return ask_and_print("belay webhook resend", o.place,
                       {.method = "POST", .path = "/api/v1/deliveries/" + percent_encode(o.id) + "/resend"},
                       [](const json::value& v) {
                         return fmt::format("{} will be sent again.\n", text_at(v.as_object(), "id"));
                       });
}

}  // namespace belay::app
