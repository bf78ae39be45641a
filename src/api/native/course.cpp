// GET /api/v1/campaigns/{id}/course: how a run went, over time. The points are kept with the journal's
// commits; the last one is of this instant.
#include "campaign/course.h"

#include "api/errors.h"
#include "api/native/handlers.h"
#include "api/native/requests.h"
#include "api/native/row_numbers.h"
#include "api/native/time_text.h"

namespace belay::api {
namespace {

constexpr std::uint32_t most_folded = 50'000'000;  // recipients: a campaign that is asked for by its id

json::object point_json(const CoursePoint& p) {
  return {{"at", iso_time(p.at)},   {"attempts", p.attempts}, {"handed_over", p.handed_over},
          {"accepted", p.accepted}, {"failed", p.failed},     {"skipped", p.skipped},
          {"in_doubt", p.in_doubt}};
}

}  // namespace

void show_course(Call call, Answer answer) {
  ASK(const Campaign campaign, campaign_of(call, call.params.at(0)), answer);
  const auto run = call.worker.journal->run_of(campaign.id);
  if (!run) return answer.send(native_from(run.error()));
  json::object body{{"campaign", campaign.id.value}, {"planned", nullptr}, {"points", json::array{}}};
  if (!*run) return answer.send(ok(body));
  body["planned"] = iso_time((*run)->planned);
  auto points = call.worker.journal->course((*run)->id);
  if (!points) return answer.send(native_from(points.error()));
  const auto rows = call.worker.control->listed(call.account, std::span(&campaign.id, 1));
  if (!rows) return answer.send(native_from(rows.error()));
  NumbersReader reader(call.services, call.worker, most_folded);
  if (!rows->empty())
    if (const auto now = reader.of(rows->front())) {
      WallTime at = now->live ? call.services.clock.wall() : campaign.finished.value_or(WallTime{});
      if (!points->empty()) at = std::max(at, points->back().at);
      points->push_back(course_point(at, now->tally));
    }
  reader.keep();
  json::array& out = body["points"].as_array();
  for (const CoursePoint& p : *points) out.push_back(point_json(p));
  answer.send(ok(body));
}

}  // namespace belay::api
