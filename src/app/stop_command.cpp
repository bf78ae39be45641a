#include <cstdio>

#include "api/native/time_text.h"
#include "app/asking.h"
#include "app/receipt_words.h"

namespace belay::app {
namespace {

constexpr std::string_view command = "belay stop";

Result<json::object, Failure> scope_from(const StopOptions& o) {
  json::object scope;
  if (!o.account.empty()) scope["account"] = o.account;
  int kinds = 0;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    ++kinds;
    scope[key] = value;
  };
  add("campaign", o.campaign);
  add("label", o.label);
  add("channel", o.channel);
  add("provider", o.provider);
  if (o.all) {
    ++kinds;
    scope["all"] = true;
  }
  if (kinds > 1 || scope.empty())
    return std::unexpected(
        Failure{ExitCode::usage,
                "say what to stop: a campaign's ID, or one of --label L, --channel C, --provider NICK, "
                "--account A, --all"});
  return scope;
}

}  // namespace

ExitCode stop_command(const StopOptions& o) {
  auto scope = scope_from(o);
  if (!scope) return complain(command, scope.error());
  auto asking = Asking::begin(o.place);
  if (!asking) {
    // Somebody wants things to stop: say what works without us.
    asking.error().text += "\nA running server also obeys a file named STOP in its data folder, and SIGUSR1";
    return complain(command, asking.error());
  }
  const RealClock clock;
  const std::string before = api::iso_time(clock.wall() - Seconds{2});
  ApiCall call{.method = "POST", .path = "/api/v1/stops"};
  call.body = to_text(json::object{
      {"scope", std::move(*scope)}, {"reason", o.reason}, {"latch", o.latch}, {"dry_run", o.dry_run}});
  const auto answer = asking->ask(std::move(call));
  if (!answer) return complain(command, answer.error());
  if (o.place.json) return print_json(*answer), ExitCode::ok;
  const json::object& receipt = answer->as_object();
  fmt::print("{}",
             o.dry_run ? preview_in_words(receipt) : stop_in_words(receipt, text_at(receipt, "at") < before));
  if (!asking->server_running() && !o.dry_run)
    fmt::print("No server is running here; the store is marked, so nothing starts at the next start.\n");
  return ExitCode::ok;
}

}  // namespace belay::app
