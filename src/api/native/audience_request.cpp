#include "api/native/audience_request.h"

#include "api/clevertap/audience.h"
#include "api/clevertap/lookup.h"

namespace belay::api {

Asked<AccountId> account_in(const Call& call) {
  if (call.account) return call.account;
  return invalid("Name an account in X-CleverTap-Account-Id");
}

namespace {

Asked<std::vector<Platform>> platforms_in(const json::object& body) {
  std::vector<Platform> out;
  const json::value* v = body.if_contains("devices");
  if (v == nullptr || v->is_null()) return out;
  if (!v->is_array() || v->as_array().size() > 16) return invalid("\"devices\" must be a list of platforms");
  for (const json::value& each : v->as_array()) {
    const auto platform = each.is_string() ? platform_named(each.as_string()) : std::nullopt;
    if (!platform) return invalid("\"devices\": android, ios, web and windows are known");
    if (std::ranges::find(out, *platform) == out.end()) out.push_back(*platform);
  }
  return out;
}

}  // namespace

Asked<Definition> whom(const json::object& body) {
  Definition d;
  auto mode = text_of(body, "target_mode", 16, "push");
  if (!mode) return std::unexpected(std::move(mode.error()));
  const auto channel = channel_named(*mode);
  if (!channel) return invalid(fmt::format("\"target_mode\" must be push or webhook, not \"{}\"", *mode));
  d.channel = *channel;
  auto devices = platforms_in(body);
  if (!devices) return std::unexpected(std::move(devices.error()));
  d.devices = std::move(*devices);
  auto all = flag_of(body, "send_to_all_devices");
  if (!all) return std::unexpected(std::move(all.error()));
  d.send_to_all_devices = *all;
  return d;
}

Asked<audience::Query> query_in(const Call& call, const json::object& body) {
  if (!body.contains("where") && !body.contains("segment"))
    return invalid("\"where\" is missing; {} is everybody");
  auto read = clevertap::read_audience(body, clevertap::segments_in(call.worker, call.account));
  if (!read) return invalid(read.error().text);
  return std::move(read->query);
}

Asked<TimeZone> zone_of(const Call& call, AccountId account) {
  auto home = clevertap::home_of(call.worker, account);
  if (!home) return invalid("The account, or its time zone, is not known");
  return std::move(home->zone);
}

}  // namespace belay::api
