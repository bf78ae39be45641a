// POST /1/targets/list.json: campaigns whose scheduled start lies in an inclusive range of days of the
// account's zone, newest first. A recurring campaign starts when its next run does, or its last one did.
#include "api/clevertap/handlers.h"
#include "api/clevertap/lookup.h"
#include "api/clevertap/status_word.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

constexpr std::uint32_t page = 500;

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
  const auto range = day_range(*request, home->zone);
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
      const auto word = list_word(*call.worker.control, campaign);
      if (!word) return clevertap_from(word.error());
      append_target(body, campaign, *word, home->zone);
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
