#include "app/emergency_stop.h"

#include "base/log.h"

namespace belay::app {

void EmergencyStop::ask(const std::string& actor, const std::string& reason, std::function<void()> durable) {
  auto& pending = under_way_[actor];
  if (pending) return;
  pending = std::make_shared<Pending>(Pending{actor, reason, std::move(durable), nullptr});
  log_warning("stop.everything", {{"actor", actor}, {"reason", reason}});
  send(pending);
}

void EmergencyStop::send(const std::shared_ptr<Pending>& pending) {
  dispatch::StopRequest request;
  request.scope.kind = Scope::Kind::all;
  request.actor = pending->actor;
  request.reason = pending->reason;
  request.latch = true;
  engine_.stop(std::move(request), [this, pending](Result<StopRecord, dispatch::StopError> result) {
    loop_.post([this, pending, result = std::move(result)] { answered(pending, result); });
  });
}

void EmergencyStop::answered(const std::shared_ptr<Pending>& pending,
                             const Result<StopRecord, dispatch::StopError>& result) {
  if (!result) {
    log_error("stop.everything_failed", {{"actor", pending->actor}, {"error", result.error().text}});
    pending->retry = loop_.after(Seconds{1}, [this, pending] { send(pending); });
    return;
  }
  const Tally total = result->total();
  log_warning("stop.everything_done", {{"actor", pending->actor},
                                       {"receipt", fmt::format("stop-{}", result->id)},
                                       {"campaigns", result->receipts.size()},
                                       {"handed_over", total.handed_over},
                                       {"withheld", total.withheld},
                                       {"latency_us", result->latency.count()}});
  if (pending->durable) pending->durable();
  under_way_.erase(pending->actor);
}

}  // namespace belay::app
