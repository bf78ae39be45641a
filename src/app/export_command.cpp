// belay export profiles, belay export events: pages of the API, as JSON lines on standard output.
#include <cstdio>

#include "app/asking.h"
#include "content/properties.h"

namespace belay::app {
namespace {

constexpr std::string_view command = "belay export";
constexpr int batch = 5000;

using content::RawValue;
using Line = std::function<std::string(std::string_view record)>;

// A value as it came: numbers keep their digits.
std::string as_it_came(const RawValue& value) {
  return value.kind == RawValue::Kind::text ? fmt::format("\"{}\"", value.json) : std::string(value.json);
}

void add(std::string& members, std::string_view name, const RawValue& value) {
  if (value.kind != RawValue::Kind::missing)
    members += fmt::format("{}\"{}\":{}", members.empty() ? "" : ",", name, as_it_came(value));
}

std::string_view token_type(std::string_view platform) {
  return platform == "iOS" ? "apns" : platform == "Web" ? "chrome" : platform == "Windows" ? "wns" : "fcm";
}

// What `belay load` takes.
std::string profile_line(std::string_view record) {
  content::Properties person(record);
  std::string tokens, first_device;
  content::each_element(person.find("platformInfo"), [&](const RawValue& each) {
    content::Properties device(each.json);
    if (first_device.empty()) add(first_device, "objectId", device.find("objectId"));
    const RawValue token = device.find("push_token");
    if (token.kind != RawValue::Kind::text) return true;
    std::string one;
    add(one, "id", token);
    one += fmt::format(",\"type\":\"{}\"", token_type(device.find("platform").json));
    add(one, "objectId", device.find("objectId"));
    tokens += fmt::format("{}{{{}}}", tokens.empty() ? "" : ",", one);
    return true;
  });
  std::string members = "\"type\":\"profile\"";
  add(members, "identity", person.find("identity"));
  if (!first_device.empty()) members += "," + first_device;
  add(members, "profileData", person.find("profileData"));
  if (!tokens.empty()) members += fmt::format(",\"tokens\":[{}]", tokens);
  return fmt::format("{{{}}}", members);
}

Result<std::string, Failure> page_of(Asking& asking, ApiCall call, const std::string& account) {
  call.patience = Millis{120'000};
  call.headers.emplace_back("X-CleverTap-Account-Id", account);
  TRY_ASSIGN(ApiReply reply, asking.raw(std::move(call)));
  if (reply.status != 200) return std::unexpected(failure_of(reply.status, reply.body));
  return std::move(reply.body);
}

Result<std::uint64_t, Failure> write_all(Asking& asking, const std::string& path, const std::string& account,
                                         const json::object& query, const Line& line) {
  std::uint64_t written = 0;
  std::string next = fmt::format("batch_size={}&query={}", batch, percent_encode(to_text(query)));
  while (!next.empty()) {
    TRY_ASSIGN(const std::string body, page_of(asking, {.path = path, .query = next}, account));
    content::Properties page(body);
    content::each_element(page.find("records"), [&](const RawValue& record) {
      fmt::print("{}\n", line(record.json));
      ++written;
      return true;
    });
    const std::string_view cursor = page.find("next_cursor").json;
    next = cursor.empty() ? "" : fmt::format("cursor={}", cursor);
  }
  return written;
}

ExitCode run(const ExportOptions& o, const std::string& path, const json::object& query, const Line& line) {
  auto asking = Asking::begin(o.place);
  if (!asking) return complain(command, asking.error());
  const auto account = account_for(*asking, o.account);
  if (!account) return complain(command, account.error());
  const auto written = write_all(*asking, path, *account, query, line);
  if (!written) return complain(command, written.error());
  if (std::fflush(stdout) != 0)
    return complain(command, {ExitCode::failed, "standard output could not be written"});
  fmt::print(stderr, "{} written\n", *written);
  return ExitCode::ok;
}

}  // namespace

ExitCode export_profiles_command(const ExportOptions& o) {
  const auto query = parse_json(o.where);
  if (!query || !query->is_object())
    return complain(command, {ExitCode::usage, "--where must be a JSON object"});
  return run(o, "/1/profiles.json", query->as_object(), profile_line);
}

ExitCode export_events_command(const ExportOptions& o) {
  json::object query{{"event_name", o.event}};
  if (o.from != 0) query["from"] = o.from;
  if (o.to != 0) query["to"] = o.to;
  return run(o, "/1/events.json", query, [](std::string_view record) { return std::string(record); });
}

}  // namespace belay::app
