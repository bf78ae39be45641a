#include "api/native/handlers.h"
#include "api/native/watching.h"

namespace belay::api {
namespace {

constexpr int most_exports = 8;  // at once, over all accounts

}  // namespace

std::vector<Route> native_routes() {
  const auto account = [](std::string_view method, std::string_view pattern, Lane lane, Handler handler) {
    return Route{method, pattern, Access::account, lane, Cap::none, std::move(handler)};
  };
  const auto for_admins = [](std::string_view method, std::string_view pattern, Handler handler) {
    return Route{
        method, pattern, Access::account, Lane::read, Cap::none, std::move(handler), store::Role::admin};
  };
  const auto slots = std::make_shared<ExportSlots>(most_exports);
  const Watching watching;
  using enum Lane;
  return {
      account("GET", "/api/v1/campaigns", read, list_campaigns),
      // Before {id}, which would match it, too.
      account("GET", "/api/v1/campaigns/events", read,
              [watching](Call call, Answer answer) {
                watch_campaigns(std::move(call), std::move(answer), watching);
              }),
      account("GET", "/api/v1/campaigns/{id}", read, show_campaign),
      account(
          "GET", "/api/v1/campaigns/{id}/recipients", read,
          [slots](Call call, Answer answer) { list_recipients(std::move(call), std::move(answer), slots); }),
      account("GET", "/api/v1/campaigns/{id}/events", read, watch_campaign),
      account("GET", "/api/v1/campaigns/{id}/course", read, show_course),
      account("GET", "/api/v1/campaigns/{id}/timeline", read, show_timeline),
      account("GET", "/api/v1/campaigns/{id}/errors", read,
              [slots](Call call, Answer answer) { list_errors(std::move(call), std::move(answer), slots); }),
      account("POST", "/api/v1/campaigns/{id}/pause", brake, pause_campaign),
      account("POST", "/api/v1/campaigns/{id}/resume", brake, resume_campaign),
      account("POST", "/api/v1/campaigns/{id}/continue", read, continue_campaign),
      account("POST", "/api/v1/campaigns/{id}/correct", read, correct_campaign),
      account("POST", "/api/v1/stops", brake, create_stop),
      account("POST", "/api/v1/stops/preview", read, preview_stop),
      account("GET", "/api/v1/stops", read, list_stops),
      account("GET", "/api/v1/stops/{id}", read, show_stop),
      account("PATCH", "/api/v1/stops/{id}", read, give_stop_reason),
      account("GET", "/api/v1/latches", read, list_latches),
      account("DELETE", "/api/v1/latches/{id}", read, release_latch),
      account("GET", "/api/v1/drafts", read, list_drafts),
      account("GET", "/api/v1/drafts/{id}", read, show_draft),
      account("PUT", "/api/v1/drafts/{id}", read, put_draft),
      account("DELETE", "/api/v1/drafts/{id}", read, remove_draft),
      account("GET", "/api/v1/settings", read, show_settings),
      for_admins("PUT", "/api/v1/settings", put_settings),
      account("GET", "/api/v1/properties", read, list_properties),
      account("POST", "/api/v1/audience/estimate", read, estimate_audience),
      account("POST", "/api/v1/audience/explain", read, explain_audience),
      account("POST", "/api/v1/schedule/preview", read, preview_schedule),
      account("GET", "/api/v1/segments", read, list_segments),
      account("POST", "/api/v1/segments", read, add_segment),
      account("GET", "/api/v1/segments/{id}", read, show_segment),
      account("PUT", "/api/v1/segments/{id}", read, put_segment),
      account("DELETE", "/api/v1/segments/{id}", read, remove_segment),
      // Changes nothing, so that a Member may preview what others write.
      Route{"POST", "/api/v1/content/render", Access::account, read, Cap::none, render_content,
            store::Role::member},
      account("GET", "/api/v1/webhooks", read, list_webhooks),
      for_admins("POST", "/api/v1/webhooks", add_webhook),
      for_admins("DELETE", "/api/v1/webhooks/{id}", remove_webhook),
      account("GET", "/api/v1/webhooks/{id}/deliveries", read, list_deliveries),
      account("POST", "/api/v1/deliveries/{id}/resend", read, resend_delivery),
  };
}

}  // namespace belay::api
