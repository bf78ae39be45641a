// belay status, adopt: the data folder as a whole.
#include <cstdio>

#include "app/asking.h"
#include "app/words.h"

namespace belay::app {

ExitCode adopt_command(const AdoptOptions& o) {
  auto asking = Asking::begin(o.place);
  if (!asking) return complain("belay adopt", asking.error());
  ApiCall call{.method = "POST", .path = "/api/v1/adopt"};
  call.body = to_text(json::object{{"resume", o.resume}});
  const auto answer = asking->ask(std::move(call));
  if (!answer) return complain("belay adopt", answer.error());
  if (o.place.json) return print_json(*answer), ExitCode::ok;
  const json::object& a = answer->as_object();
  const std::string was = text_at(a, "was");
  if (was.empty()) {
    fmt::print("Nothing was held: this data folder is where it belongs.\n");
    return ExitCode::ok;
  }
  fmt::print("Adopted ({}). It sends from {} on.\n", was,
             asking->server_running() ? "now" : "the next start");
  for (const json::value& id : a.at("stopped").as_array())
    fmt::print("stopped {}: the original may have sent more of it than is known here\n",
               id.to_number<std::int64_t>());
  return ExitCode::ok;
}

ExitCode status_command(const StatusOptions& o) {
  auto asking = Asking::begin(o.place);
  if (!asking) return complain("belay status", asking.error());
  const auto answer = asking->ask({.path = "/api/v1/status"});
  if (!answer) return complain("belay status", answer.error());
  if (o.place.json) return print_json(*answer), ExitCode::ok;
  const json::object& a = answer->as_object();
  fmt::print("{}\n", text_at(a, "state"));
  if (const std::string held = text_at(a, "held"); !held.empty())
    fmt::print(
        "Nothing is sent from this data folder: {}.\nWhen its original is gone for good: belay adopt\n",
        held);
  return ExitCode::ok;
}

}  // namespace belay::app
