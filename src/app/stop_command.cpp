#include <cstdio>
#include <thread>

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

struct Stopped {
  json::value receipt;
  bool server_running;
};

// A server that is ending takes no stop any more, and one that has just ended can't: then the next
// try finds the store itself. Gives up when that has not helped for `patience`.
Result<Stopped, Failure> stop_at_last(const Place& place, const ApiCall& call) {
  constexpr Seconds patience{20};
  const RealClock clock;
  const SteadyTime since = clock.steady();
  for (;;) {
    auto asking = Asking::begin(place);
    if (!asking) return std::unexpected(std::move(asking.error()));
    auto answer = asking->ask(call);
    if (answer) return Stopped{std::move(*answer), asking->server_running()};
    if (answer.error().code != ExitCode::unreachable || clock.steady() - since > patience)
      return std::unexpected(std::move(answer.error()));
    std::this_thread::sleep_for(Millis{100});
  }
}

}  // namespace

ExitCode stop_command(const StopOptions& o) {
  auto scope = scope_from(o);
  if (!scope) return complain(command, scope.error());
  const RealClock clock;
  const std::string before = api::iso_time(clock.wall() - Seconds{2});
  ApiCall call{.method = "POST", .path = "/api/v1/stops"};
  call.body = to_text(json::object{
      {"scope", std::move(*scope)}, {"reason", o.reason}, {"latch", o.latch}, {"dry_run", o.dry_run}});
  auto stopped = stop_at_last(o.place, call);
  if (!stopped) {
    Failure failure = std::move(stopped.error());
    // Somebody wants things to stop: say what works without us.
    if (failure.code == ExitCode::unreachable)
      failure.text += "\nA running server also obeys a file named STOP in its data folder, and SIGUSR1";
    return complain(command, failure);
  }
  if (o.place.json) return print_json(stopped->receipt), ExitCode::ok;
  const json::object& receipt = stopped->receipt.as_object();
  fmt::print("{}",
             o.dry_run ? preview_in_words(receipt) : stop_in_words(receipt, text_at(receipt, "at") < before));
  if (!stopped->server_running && !o.dry_run)
    fmt::print("No server is running here; the store is marked, so nothing starts at the next start.\n");
  return ExitCode::ok;
}

}  // namespace belay::app
