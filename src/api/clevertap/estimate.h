// How many a query reaches, counted a bounded step at a time, so that a large audience does not keep
// the worker from its other calls. `done` runs on the worker, once; without an executor, at once.
#pragma once
#include <functional>

#include "api/services.h"
#include "audience/planner_scan.h"

namespace belay::api::clevertap {

// Runs `step` until it says true, a call at a time on the worker's executor; without one, at once. What
// `step` throws drops it, and the answer that it holds.
void in_steps(Worker& worker, std::move_only_function<bool()> step);

using EstimateDone = std::move_only_function<void(store::Result<audience::Reach>)>;

void estimate(Worker& worker, audience::Query query, audience::ScanSpec spec, EstimateDone done);

// {"android":10,"ios":30} for a push, over the platforms that were asked for; {"webhook":5} else.
std::string estimates_json(const audience::Reach& reach, const Definition& definition);

}  // namespace belay::api::clevertap
