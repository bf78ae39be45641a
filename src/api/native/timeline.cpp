// GET /api/v1/campaigns/{id}/timeline: what happened to a campaign, and who did it: its rows of the audit
// trail, in words that need no knowledge of the trail.
#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

constexpr std::uint32_t most_rows = 1000;

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

// A detail that is a reason; definitions and receipts are JSON, and have routes of their own.
std::string_view reason_in(const AuditEntry& e) {
  return e.detail.starts_with('{') ? std::string_view() : std::string_view(e.detail);
}

}  // namespace

void show_timeline(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto rows =
      call.worker.control->audit({.subject = fmt::format("campaign-{}", campaign.id), .limit = most_rows});
  if (!rows) return answer.send(native_from(rows.error()));
  const auto stop = call.worker.control->stop_of(campaign.id);
  if (!stop) return answer.send(native_from(stop.error()));
  std::string why;
  if (*stop)
    if (const auto record = call.worker.control->stop(call.account, **stop)) why = record->reason;
  json::array out;
  bool first_stop = true;
  for (const AuditEntry& e : *rows) {
    json::object each{{"at", iso_time(e.at)},
                      {"actor", e.actor},
                      {"action", e.action},
                      {"before", text_or_null(e.before)},
                      {"after", text_or_null(e.after)},
                      {"reason", text_or_null(reason_in(e))},
                      {"stop", nullptr}};
    if (e.action == "campaign.stopped" && std::exchange(first_stop, false) && *stop) {
      each["reason"] = text_or_null(why);
      each["stop"] = fmt::format("stop-{}", **stop);
    }
    out.push_back(std::move(each));
  }
  answer.send(ok(json::object{
      {"campaign", campaign.id.value}, {"events", std::move(out)}, {"more", rows->size() == most_rows}}));
}

}  // namespace belay::api
