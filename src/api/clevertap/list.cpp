// POST /1/targets/list.json: campaigns whose scheduled start lies in an inclusive range of days of the
// account's zone, newest first. A recurring campaign starts when its next run does, or its last one did.
#include "api/clevertap/handlers.h"
#include "api/clevertap/lookup.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

constexpr std::uint32_t page = 500;

Read<std::int64_t> read_day(const json::object& request, std::string_view key) {
  const json::value* found = member(request, key);
  if (found && found->is_int64()) return found->get_int64();
  if (found && found->is_string() && found->get_string().size() == 8 &&
      std::ranges::all_of(found->get_string(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::stoll(std::string(found->get_string()));
  return std::unexpected(fmt::format("{} is required: a day as an integer YYYYMMDD", key));
}

// The range of instants, both ends included.
Read<std::pair<WallTime, WallTime>> read_range(const json::object& request, const TimeZone& zone) {
  TRY_ASSIGN(const std::int64_t from, read_day(request, "from"));
  TRY_ASSIGN(const std::int64_t to, read_day(request, "to"));
  TRY_ASSIGN(const auto first, zone.day(from));
  TRY_ASSIGN(const auto last, zone.day(to));
  if (from > to) return std::unexpected(fmt::format("from ({}) must not be later than to ({})", from, to));
  return std::pair{first.first, last.second - Micros{1}};
}

// A campaign that was paused before it began is still to come. A series is running while one of its runs is.
std::string_view list_word(const Campaign& campaign, bool runs_now) {
  if (runs_now && campaign.state != State::stopped) return row_of(State::running).list_word;
  const bool to_come =
      campaign.state == State::paused && (!campaign.started || campaign.definition.recurrence.has_value());
  return row_of(to_come ? State::scheduled : campaign.state).list_word;
}

store::Result<bool> runs_now(store::ControlSession& control, const Campaign& campaign) {
  if (!campaign.definition.recurrence) return false;
  TRY_ASSIGN(const auto runs, control.unfinished_runs(campaign.id));
  return !runs.empty();
}

void append_target(std::string& out, const Campaign& campaign, std::string_view word, const TimeZone& zone) {
  if (out.back() == '}') out += ',';
  out += fmt::format(R"({{"id":{},"name":")", campaign.id);
  append_json_escaped(out, campaign.definition.name);
  // Where each recipient has a time of their own, it is what their clocks show.
  const auto& local = campaign.definition.timing.local;
  const auto due = local ? zone.minute_stamp(zone.instant(*local)) : zone.minute_stamp(campaign.due);
  out += fmt::format(R"(","scheduled_on":{},"status":"{}"}})", due, word);
}

net::HttpReply list(Call& call) {
  const auto request = parse_object(call.request.body);
  if (!request) return clevertap_fail(400, request.error());
  const auto home = home_of(call.worker, call.account);
  if (!home) return home.error();
  const auto range = read_range(*request, home->zone);
  if (!range) return clevertap_fail(400, range.error());
  store::CampaignFilter filter;
  filter.account = call.account;
  filter.runs = false;  // one entry for what a client has made, however often it runs
  filter.due_from = range->first;
  filter.due_until = range->second;
  filter.limit = page;
  std::string body = R"({"status":"success","targets":[)";
  for (;;) {
    const auto found = call.worker.control->campaigns(filter);
    if (!found) return clevertap_from(found.error());
    for (const Campaign& campaign : *found) {
      const auto running = runs_now(*call.worker.control, campaign);
      if (!running) return clevertap_from(running.error());
      append_target(body, campaign, list_word(campaign, *running), home->zone);
    }
    if (found->size() < page) break;
    filter.before = found->back().id;
  }
  return json_reply(200, body + "]}");
}

}  // namespace

void list_campaigns(Call call, Answer answer) {
  answer.send(list(call));
}

}  // namespace belay::api::clevertap
