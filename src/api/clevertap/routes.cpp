#include "api/clevertap/handlers.h"

namespace belay::api {

std::vector<Route> clevertap_routes() {
  using enum Lane;
  std::vector<Route> routes{
      {"POST", "/1/targets/stop.json", Access::account, brake, Cap::none, clevertap::stop_campaign},
      {"POST", "/1/upload", Access::account, upload, Cap::upload, clevertap::upload},
      {"POST", "/1/targets/create.json", Access::account, read, Cap::campaign, clevertap::create_campaign},
      {"POST", "/1/targets/list.json", Access::account, read, Cap::campaign, clevertap::list_campaigns},
      {"POST", "/1/targets/result.json", Access::account, read, Cap::campaign, clevertap::campaign_result},
      {"POST", "/1/message/report.json", Access::account, read, Cap::campaign, clevertap::message_reports},
      {"POST", "/1/send/push.json", Access::account, read, Cap::campaign, clevertap::send_push},
      {"POST", "/1/targets/estimate.json", Access::account, read, Cap::campaign, clevertap::estimate_campaign},
      {"POST", "/1/send/externaltrigger.json", Access::account, read, Cap::campaign,
       clevertap::external_trigger},
      {"POST", "/2/send/externaltrigger.json", Access::account, read, Cap::campaign,
       clevertap::external_triggers},
      {"POST", "/api/v1/triggers", Access::account, read, Cap::none, clevertap::make_trigger},
      {"GET", "/v1/connect", Access::account, inline_, Cap::none, clevertap::connect},
      {"GET", "/1/profile.json", Access::account, read, Cap::campaign, clevertap::read_profile},
      {"POST", "/1/delete/profiles.json", Access::account, upload, Cap::campaign, clevertap::delete_profiles,
       store::Role::admin},
      {"POST", "/1/demerge/profiles.json", Access::account, upload, Cap::campaign,
       clevertap::demerge_profiles, store::Role::admin},
      {"POST", "/1/subscribe", Access::account, upload, Cap::campaign, clevertap::subscribe},
      {"POST", "/1/disassociate", Access::account, upload, Cap::campaign, clevertap::disassociate},
      {"POST", "/1/segments/list.json", Access::account, read, Cap::none, clevertap::list_segments},
      {"POST", "/1/segments/get.json", Access::account, read, Cap::none, clevertap::get_segment},
  };
  for (auto table : {clevertap::count_routes(), clevertap::export_routes(), clevertap::send_routes()})
    for (Route& route : table) routes.push_back(std::move(route));
  return routes;
}

}  // namespace belay::api
