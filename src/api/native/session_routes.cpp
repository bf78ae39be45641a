#include "api/native/session_handlers.h"

namespace belay::api {

std::vector<Route> session_routes() {
  using enum Lane;
  using enum store::Role;
  const auto route = [](std::string_view method, std::string_view pattern, Access access, Lane lane,
                        Handler handler, store::Role least) {
    return Route{method, pattern, access, lane, Cap::none, std::move(handler), least};
  };
  return {
      route("GET", "/api/v1/session", Access::session, inline_, show_session, member),
      route("POST", "/api/v1/session", Access::open, password, sign_in, member),
      route("DELETE", "/api/v1/session", Access::session, read, sign_out, member),
      route("DELETE", "/api/v1/sessions", Access::session, read, sign_out_everywhere, member),
      route("POST", "/api/v1/session/demo", Access::open, read, sign_in_to_demo, member),
      route("POST", "/api/v1/session/link", Access::open, password, redeem_link, member),
      route("POST", "/api/v1/session/password", Access::session, password, change_own_password, member),
      route("GET", "/api/v1/users", Access::operator_or_session, read, list_users, admin),
      route("POST", "/api/v1/users", Access::operator_or_session, password, add_user, admin),
      route("PATCH", "/api/v1/users/{id}", Access::operator_or_session, password, change_user, admin),
      route("DELETE", "/api/v1/users/{id}", Access::operator_or_session, read, remove_user, admin),
      route("POST", "/api/v1/users/{id}/link", Access::operator_or_session, read, make_user_link, admin),
  };
}

}  // namespace belay::api
