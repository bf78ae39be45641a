#include "api/clevertap/estimate.h"

#include <exception>

#include "base/log.h"

namespace belay::api::clevertap {
namespace {

// Later steps run outside the lane that catches what a handler throws.
void go_on(Worker& worker, std::move_only_function<bool()> step) {
  try {
    if (step()) return;
    worker.executor->post([&worker, step = std::move(step)]() mutable { go_on(worker, std::move(step)); });
  } catch (const std::exception& e) {
    // The answer goes down with the step and sends the 500.
    log_error("api.exception", {{"route", "estimate"}, {"what", e.what()}});
  }
}

}  // namespace

void in_steps(Worker& worker, std::move_only_function<bool()> step) {
  if (worker.executor) return go_on(worker, std::move(step));
  while (!step()) {
  }
}

void estimate(Worker& worker, audience::Query query, audience::ScanSpec spec, EstimateDone done) {
  spec.count_only = true;
  in_steps(worker, [&worker, scan = audience::Scan(std::move(query), std::move(spec)),
                    done = std::move(done)]() mutable {
    const auto ended = scan.step(*worker.profiles);
    if (ended && !*ended) return false;
    if (ended)
      done(scan.reach());
    else
      done(std::unexpected(ended.error()));
    return true;
  });
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
