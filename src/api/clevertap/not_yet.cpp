// What CleverTap documents and this version does not have: refused by name, with the credentials
// checked first, so that nobody mistakes silence for success.
#include "api/clevertap/handlers.h"
#include "api/errors.h"

namespace belay::api::clevertap {
namespace {

struct NotYet {
  std::string_view method, pattern;
};

constexpr NotYet not_yet_table[] = {
    {"POST", "/1/send/sms.json"},
    {"POST", "/1/send/email.json"},
    {"POST", "/1/send/webpush.json"},
    {"POST", "/1/send/whatsapp.json"},
    {"POST", "/1/message/report.json"},
};

}  // namespace

std::vector<Route> not_yet_routes() {
  std::vector<Route> routes;
  for (const NotYet& row : not_yet_table) {
    const auto refuse = [pattern = row.pattern](Call, Answer answer) {
      answer.send(
          clevertap_fail(400, fmt::format("{} is not available yet in this version of Belay", pattern)));
    };
    routes.push_back({row.method, row.pattern, Access::account, Lane::inline_, Cap::none, refuse});
  }
  return routes;
}

}  // namespace belay::api::clevertap
