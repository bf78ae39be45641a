#include "api/clevertap/estimate.h"

#include <exception>

#include "base/log.h"

namespace belay::api::clevertap {
namespace {

struct Count {
  Worker& worker;
  audience::Scan scan;
  EstimateDone done;
};

// True when the answer has been given.
bool step(Count& count) {
  const auto ended = count.scan.step(*count.worker.profiles);
  if (ended && !*ended) return false;
  if (ended)
    count.done(count.scan.reach());
  else
    count.done(std::unexpected(ended.error()));
  return true;
}

// Later steps run outside the lane that catches what a handler throws.
void go_on(std::shared_ptr<Count> count) {
  try {
    if (step(*count)) return;
    Executor& executor = *count->worker.executor;
    executor.post([count = std::move(count)]() mutable { go_on(std::move(count)); });
  } catch (const std::exception& e) {
    // The answer goes down with the count and sends the 500.
    log_error("api.exception", {{"route", "estimate"}, {"what", e.what()}});
  }
}

}  // namespace

void estimate(Worker& worker, audience::Query query, audience::ScanSpec spec, EstimateDone done) {
  auto count =
      std::make_shared<Count>(worker, audience::Scan(std::move(query), std::move(spec)), std::move(done));
  if (worker.executor) return go_on(std::move(count));
  while (!step(*count)) {
  }
}

std::string estimates_json(const audience::Reach& reach, const Definition& definition) {
  if (definition.channel != Channel::push)
    return fmt::format(R"({{"{}":{}}})", name_of(definition.channel), reach.total);
  std::string out = "{";
  for (const Platform platform : {Platform::android, Platform::ios, Platform::web, Platform::windows}) {
    const auto& wanted = definition.devices;
    if (!wanted.empty() && std::ranges::find(wanted, platform) == wanted.end()) continue;
    out += fmt::format(R"({}"{}":{})", out.size() > 1 ? "," : "", name_of(platform),
                       reach.by_platform[static_cast<std::size_t>(platform)]);
  }
  return out + "}";
}

}  // namespace belay::api::clevertap
