// belay campaigns, receipt, recipients, latch
#include <cstdio>

#include "app/asking.h"
#include "app/receipt_words.h"
#include "app/words.h"

namespace belay::app {
namespace {

const json::object* object_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  return v != nullptr && v->is_object() ? &v->as_object() : nullptr;
}

std::string campaign_in_words(const json::object& c) {
  std::string out = fmt::format("{} \"{}\"\n", text_at(c, "id"), text_at(c, "name"));
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("  {:<12} {}\n", name, value);
  };
  line("state", text_at(c, "state"));
  line("because", text_at(c, "state_reason"));
  line("account", text_at(c, "account"));
  line("channel", text_at(c, "channel") + ", provider " + text_at(c, "provider"));
  line("series", text_at(c, "series"));
  if (const json::object* recurrence = object_at(c, "recurrence"))
    line("repeats", text_at(*recurrence, "in_words"));
  if (const json::value* next = c.if_contains("next_runs"))
    for (const json::value& at : next->as_array()) line("next run", short_time(std::string(at.as_string())));
  for (const char* when : {"due", "started", "finished"}) line(when, short_time(text_at(c, when)));
  if (const json::object* counts = object_at(c, "counts")) {
    for (const auto& pair : *counts)
      if (pair.value().is_int64()) line(pair.key(), thousands(pair.value().as_int64()));
    if (const json::object* skipped = object_at(*counts, "skipped"))
      for (const auto& pair : *skipped)
        line("skipped", fmt::format("{} ({})", thousands(pair.value().to_number<std::int64_t>()),
                                    std::string_view(pair.key())));
  }
  line("receipt", text_at(c, "stop"));
  if (const json::value* runs = c.if_contains("runs"))
    for (const json::value& v : runs->as_array()) {
      const json::object& run = v.as_object();
      line("run", fmt::format("{} {} {}", text_at(run, "id"), short_time(text_at(run, "due")),
                              text_at(run, "state")));
    }
  return out;
}

std::string campaigns_in_words(const json::array& campaigns) {
  if (campaigns.empty()) return "No campaigns.\n";
  std::vector<std::vector<std::string>> rows{{"ID", "STATE", "HANDED OVER", "OF", "DUE (UTC)", "NAME"}};
  for (const json::value& v : campaigns) {
    const json::object& c = v.as_object();
    const json::object* counts = object_at(c, "counts");
    rows.push_back({text_at(c, "id"), text_at(c, "state"),
                    counts ? thousands(number_at(*counts, "handed_over")) : "",
                    counts ? thousands(number_at(*counts, "audience")) : "", short_time(text_at(c, "due")),
                    text_at(c, "name")});
  }
  return table(rows);
}

std::string stops_in_words(const json::array& stops) {
  if (stops.empty()) return "No stops.\n";
  std::vector<std::vector<std::string>> rows{
      {"RECEIPT", "AT (UTC)", "HANDED OVER", "WITHHELD", "IN DOUBT", "BY", "SCOPE"}};
  for (const json::value& v : stops) {
    const json::object& s = v.as_object();
    rows.push_back({text_at(s, "id"), short_time(text_at(s, "at")), thousands(number_at(s, "handed_over")),
                    thousands(number_at(s, "withheld")), thousands(number_at(s, "in_doubt")),
                    text_at(s, "actor"), scope_in_words(s)});
  }
  return table(rows);
}

// A campaign's id leads to its receipt: receipts have small numbers, campaigns are epoch seconds.
Result<std::string, Failure> receipt_id(Asking& asking, const std::string& id) {
  if (id.starts_with("stop-") || id.size() < 9) return id;
  TRY_ASSIGN(const json::value campaign, asking.ask({.path = "/api/v1/campaigns/" + percent_encode(id)}));
  std::string stop = text_at(campaign.as_object(), "stop");
  if (stop.empty())
    return std::unexpected(Failure{ExitCode::not_found, fmt::format("campaign {} has not been stopped", id)});
  return stop;
}

}  // namespace

ExitCode campaigns_command(const CampaignsOptions& o) {
  if (!o.id.empty())
    return ask_and_print("belay campaigns", o.place, {.path = "/api/v1/campaigns/" + percent_encode(o.id)},
                         [](const json::value& v) { return campaign_in_words(v.as_object()); });
  std::string query = fmt::format("limit={}", o.limit);
  if (!o.state.empty()) query += "&state=" + percent_encode(o.state);
  if (!o.label.empty()) query += "&label=" + percent_encode(o.label);
  if (!o.series.empty()) query += "&series=" + percent_encode(o.series);
  return ask_and_print("belay campaigns", o.place, {.path = "/api/v1/campaigns", .query = query},
                       [](const json::value& v) { return campaigns_in_words(array_at(v, "campaigns")); });
}

ExitCode receipt_command(const ReceiptOptions& o) {
  constexpr std::string_view command = "belay receipt";
  if (o.id.empty())
    return ask_and_print(command, o.place, {.path = "/api/v1/stops"},
                         [](const json::value& v) { return stops_in_words(array_at(v, "stops")); });
  auto asking = Asking::begin(o.place);
  if (!asking) return complain(command, asking.error());
  const auto id = receipt_id(*asking, o.id);
  if (!id) return complain(command, id.error());
  const auto answer = asking->ask({.path = "/api/v1/stops/" + percent_encode(*id)});
  if (!answer) return complain(command, answer.error());
  if (o.place.json)
    print_json(*answer);
  else
    fmt::print("{}", receipt_in_words(answer->as_object()));
  return ExitCode::ok;
}

ExitCode recipients_command(const RecipientsOptions& o) {
  constexpr std::string_view command = "belay recipients";
  auto asking = Asking::begin(o.place);
  if (!asking) return complain(command, asking.error());
  std::string query = "format=" + percent_encode(o.format);
  if (!o.outcome.empty()) query += "&outcome=" + percent_encode(o.outcome);
  const auto done = asking->stream(
      {.path = "/api/v1/campaigns/" + percent_encode(o.campaign) + "/recipients", .query = query},
      [](std::string_view part) { return std::fwrite(part.data(), 1, part.size(), stdout) == part.size(); });
  if (!done) return complain(command, done.error());
  if (std::fflush(stdout) != 0)
    return complain(command, {ExitCode::failed, "the output could not be written"});
  return ExitCode::ok;
}

ExitCode latch_list_command(const LatchOptions& o) {
  return ask_and_print("belay latch list", o.place, {.path = "/api/v1/latches"}, [](const json::value& v) {
    const json::array& latches = array_at(v, "latches");
    if (latches.empty()) return std::string("No latches: nothing is held back.\n");
    std::vector<std::vector<std::string>> rows{{"LATCH", "AT (UTC)", "BY", "SCOPE", "REASON"}};
    for (const json::value& each : latches) {
      const json::object& l = each.as_object();
      rows.push_back({text_at(l, "id"), short_time(text_at(l, "at")), text_at(l, "actor"), scope_in_words(l),
                      text_at(l, "reason")});
    }
    return table(rows);
  });
}

ExitCode latch_release_command(const LatchOptions& o) {
  return ask_and_print("belay latch release", o.place,
                       {.method = "DELETE", .path = "/api/v1/latches/" + percent_encode(o.id)},
                       [](const json::value& v) {
                         return fmt::format("Released {}. What was stopped stays stopped.\n",
                                            text_at(v.as_object(), "released"));
                       });
}

}  // namespace belay::app
