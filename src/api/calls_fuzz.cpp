// Any calls of the whole API, one after the other, by somebody who may make them: answers that are none of
// our bugs, in JSON where they say so. The first line of a call is METHOD and target as they come over the
// wire and, before them, "@" for a session of an Admin or "!" for the Unix socket; what follows is the body,
// up to an empty line. What calls have written stays for the next few hundred inputs.
#include <spdlog/spdlog.h>

#include "api/route_table.h"
#include "api/testing_api.h"
#include "base/check.h"
#include "net/http_server_parser.h"

namespace {

using namespace belay;
using namespace belay::api;
using api::testing::Credentials;
using api::testing::Desk;
using api::testing::Session;

// Answers and streams, kept.
struct Kept {
  std::optional<net::HttpReply> reply;
};
struct KeptStream final : net::HttpStream {
  bool write(std::string chunk) override { return (written += chunk.size()) < (1u << 20); }
  void end() override {}
  std::size_t unsent() const override { return 0; }
  std::size_t written = 0;
};
struct Responder final : net::Responder {
  explicit Responder(std::shared_ptr<Kept> into) : kept(std::move(into)) {}
  void reply(net::HttpReply reply) override {
    CHECK(!kept->reply);
    kept->reply = std::move(reply);
  }
  std::shared_ptr<net::HttpStream> stream(net::HttpReply head) override {
    reply(std::move(head));
    return std::make_shared<KeptStream>();
  }
  std::shared_ptr<Kept> kept;
};

struct Place {
  Desk desk;
  Credentials account = desk.add_account("TEST-123-4567");
  Session admin = desk.sign_in(account, "ann", store::Role::admin);
  RouteTable table{desk.api().routes()};
  int inputs = 0;

  Place() {
    desk.add_provider(account, "fcm");
    desk.add_provider(account, "hook", Channel::webhook);
    (void)desk.post(
        account, "/1/upload",
        R"({"d":[{"type":"profile","identity":"ann","profileData":{"Name":"Ann","Age":31,"Tags":["a"]}},
                        {"type":"profile","objectId":"dev","profileData":{"Name":"Bob"}},
                        {"type":"event","identity":"ann","evtName":"Bought","evtData":{"Amount":3}},
                        {"type":"token","objectId":"dev","tokenData":{"id":"t","type":"fcm"}}]})");
    (void)desk.post(account, "/1/targets/create.json",
                    R"({"name":"n","where":{},"content":{"title":"t","body":"b"},"when":"20160309 10:00"})");
  }
};

// What would call others, takes a tenth of a second by design, or locks everybody out.
bool left_out(const Route& route) {
  if (route.lane == Lane::password || route.pattern.ends_with("/test")) return true;
  return route.method == "DELETE" && (route.access != Access::account);
}

// What the server makes of that line, or nullopt where it answers itself.
std::optional<net::HttpRequest> read_line(std::string_view line) {
  net::RequestParser parser{net::HttpLimits{}};
  const std::string bytes = std::string(line) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  if (parser.feed(bytes).state != net::RequestParser::State::whole) return std::nullopt;
  return parser.take();
}

void call(Place& place, std::string_view input) {
  const char by = !input.empty() && (input[0] == '@' || input[0] == '!') ? input[0] : ' ';
  if (by != ' ') input.remove_prefix(1);
  const std::string_view line = input.substr(0, input.find('\n'));
  auto read = read_line(line);
  if (!read) return;
  const std::string_view body = input.substr(std::min(line.size() + 1, input.size()));
  net::HttpRequest request = place.desk.request(read->method, "", std::string(body));
  request.path = std::move(read->path);
  request.query = std::move(read->query);
  const Route* route = place.table.find(request.method, request.path).route;
  if (route == nullptr || left_out(*route)) return;
  request.over_unix_socket = by == '!';
  if (by == '@')
    request = place.desk.by(place.admin, std::move(request));
  else if (by != '!')
    request = place.desk.as(place.account, std::move(request));
  const auto kept = std::make_shared<Kept>();
  place.desk.api().handle(std::move(request), std::make_unique<Responder>(kept));
  CHECK(kept->reply.has_value());
  const net::HttpReply& reply = *kept->reply;
  CHECK(reply.status >= 200 && reply.status != 500);
  if (reply.content_type.starts_with("application/json") && reply.status >= 300)
    CHECK(parse_json(reply.body).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::unique_ptr<Place> place;
  if (!place) spdlog::set_level(spdlog::level::off);
  if (!place || ++place->inputs > 500) place = std::make_unique<Place>();
  std::string_view input(reinterpret_cast<const char*>(data), size);
  for (int calls = 0; calls < 8 && !input.empty(); ++calls) {
    const std::size_t end = input.find("\n\n");
    call(*place, input.substr(0, end));
    input.remove_prefix(end == input.npos ? input.size() : end + 2);
  }
  return 0;
}
