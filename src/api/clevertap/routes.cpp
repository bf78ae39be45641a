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
      {"POST", "/1/send/push.json", Access::account, read, Cap::campaign, clevertap::send_push},
  };
  for (Route& route : clevertap::not_yet_routes()) routes.push_back(std::move(route));
  return routes;
}

}  // namespace belay::api
