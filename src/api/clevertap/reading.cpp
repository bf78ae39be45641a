#include "api/clevertap/reading.h"

#include "api/errors.h"
#include "audience/node.h"

namespace belay::api::clevertap {
namespace {

constexpr std::uint32_t most_event_names = 10'000;

std::unexpected<net::HttpReply> refuse(std::string_view text) {
  return std::unexpected(clevertap_fail(400, text));
}

// "[\"Invalid event : X\"]": a text that holds a list, as recorded; with HTTP 200.
net::HttpReply invalid_event(std::string_view name) {
  const std::string list = to_text(json::array{fmt::format("Invalid event : {}", name)});
  net::HttpReply reply = clevertap_fail(400, list);
  reply.status = 200;
  return reply;
}

}  // namespace

json::object query_part(const json::object& request, const std::vector<std::string_view>& own_keys) {
  json::object out;
  for (const auto& [key, value] : request) {
    const std::string_view name(key.data(), key.size());
    if (std::ranges::find(own_keys, name) != own_keys.end()) continue;
    const bool old = name == "props" && !request.contains("event_properties");
    out.emplace(old ? "event_properties" : name, value);
  }
  return out;
}

Answered<audience::EventQuery> read_event_query(Call& call, const json::object& query, bool must_exist) {
  const json::value* from = member(query, "from");
  const json::value* to = member(query, "to");
  const auto first = whole_number(from), last = whole_number(to);
  if (from && to && first && last && *first > *last) {
    net::HttpReply reply = clevertap_fail(400, "Invalid date range: from is after to", 4002);
    return std::unexpected(std::move(reply));
  }
  auto parsed = audience::EventQuery::parse(query);
  if (!parsed) return refuse(parsed.error().text);
  if (must_exist) {
    const auto names = call.worker.profiles->event_names(call.account, most_event_names);
    if (!names) return std::unexpected(clevertap_from(names.error()));
    const std::string& name = parsed->event().name;
    if (names->size() < most_event_names && std::ranges::find(*names, name) == names->end())
      return std::unexpected(invalid_event(name));
  }
  return std::move(*parsed);
}

Answered<audience::Query> read_people_query(const json::object& query) {
  auto parsed = audience::Query::parse(query);
  if (!parsed) return refuse(parsed.error().text);
  return std::move(*parsed);
}

audience::ScanSpec people_spec(const Home& home, WallTime now) {
  audience::ScanSpec spec;
  spec.account = home.account.id;
  spec.kind = RecipientKind::profile;
  spec.zone = home.zone;
  spec.now = now;
  return spec;
}

PeopleScan::PeopleScan(const audience::Query& query, const Home& home, WallTime now) {
  if (!query.everybody()) scan_.emplace(query, people_spec(home, now));
}

store::Result<bool> PeopleScan::step(Worker& worker) {
  if (!scan_) return true;
  TRY_ASSIGN(const bool done, scan_->step(*worker.profiles));
  if (!done) return false;
  people_ = std::make_shared<const store::AudienceSet>(scan_->take());
  scan_.reset();
  return true;
}

std::int64_t second_stamp(const TimeZone& zone, WallTime at) {
  return zone.minute_stamp(at) * 100 + to_micros(at) / 1'000'000 % 60;
}

}  // namespace belay::api::clevertap
