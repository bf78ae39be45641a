// belay pause, resume, continue, correct
#include <cstdio>

#include "app/asking.h"
#include "app/words.h"

namespace belay::app {
namespace {

json::array texts(const std::vector<std::string>& from) {
  json::array out;
  for (const std::string& each : from) out.push_back(json::value(each));
  return out;
}

std::string paused_in_words(const json::object& c) {
  const std::string id = text_at(c, "id");
  std::string out = fmt::format("Paused in {} us", number_at(c, "latency_us"));
  const json::value* counts = c.if_contains("counts");
  if (counts == nullptr || !counts->is_object())
    out += ", before it had begun.\n";
  else
    out += fmt::format(". {} handed over, {} wait, {} in flight.\n",
                       thousands(number_at(counts->as_object(), "handed_over")),
                       thousands(number_at(counts->as_object(), "pending")),
                       thousands(number_at(counts->as_object(), "in_flight")));
  return out + fmt::format("Nothing leaves until it is resumed: belay resume {}\n", id);
}

std::string resumed_in_words(const json::object& c) {
  const std::string why = text_at(c, "state_reason");
  return fmt::format("Campaign {} is {}{}{}.\n", text_at(c, "id"), text_at(c, "state"),
                     why.empty() ? "" : ": ", why);
}

std::string created_in_words(const json::object& c, std::string_view what, const std::string& parent) {
  return fmt::format("Campaign {} {} {}; it is due {}.\nStop it: belay stop {}\n", text_at(c, "id"), what,
                     parent, text_at(c, "due"), text_at(c, "id"));
}

template <class Words>
ExitCode post(std::string_view command, const Place& place, const std::string& id, std::string_view act,
              const json::object& body, Words&& words) {
  auto asking = Asking::begin(place);
  if (!asking) return complain(command, asking.error());
  const auto answer = asking->ask({.method = "POST",
                                   .path = fmt::format("/api/v1/campaigns/{}/{}", percent_encode(id), act),
                                   .body = to_text(body)});
  if (!answer) return complain(command, answer.error());
  if (place.json) return print_json(*answer), ExitCode::ok;
  fmt::print("{}", words(answer->as_object()));
  if (!asking->server_running())
    fmt::print("No server is running here; the store is marked, and the next start goes by it.\n");
  return ExitCode::ok;
}

json::object schedule_of(const FollowUpOptions& o) {
  json::object body;
  if (!o.name.empty()) body["name"] = o.name;
  if (!o.past_due.empty()) body["past_due"] = o.past_due;
  if (o.when != 0) {
    const std::string t = fmt::format("{:012}", o.when);  // "20261124 10:00", as create.json has it
    body["when"] = fmt::format("{} {}:{}", t.substr(0, 8), t.substr(8, 2), t.substr(10));
  }
  return body;
}

}  // namespace

ExitCode pause_command(const PauseOptions& o) {
  return post("belay pause", o.place, o.id, "pause", {{"reason", o.reason}}, paused_in_words);
}

ExitCode resume_command(const PauseOptions& o) {
  json::object body;
  if (!o.past_due.empty()) body["past_due"] = o.past_due;
  return post("belay resume", o.place, o.id, "resume", body, resumed_in_words);
}

ExitCode continue_command(const FollowUpOptions& o) {
  json::object body = schedule_of(o);
  if (!o.scopes.empty()) body["scopes"] = texts(o.scopes);
  return post("belay continue", o.place, o.id, "continue", body,
              [&](const json::object& c) { return created_in_words(c, "continues", o.id); });
}

ExitCode correct_command(const FollowUpOptions& o) {
  json::object body = schedule_of(o);
  body["content"] = json::object{{"title", o.title}, {"body", o.body}};
  if (!o.reached.empty()) body["reached"] = texts(o.reached);
  return post("belay correct", o.place, o.id, "correct", body,
              [&](const json::object& c) { return created_in_words(c, "corrects", o.id); });
}

}  // namespace belay::app
