// Opens the store sessions that an API worker uses on its executor.
#pragma once
#include "api/services.h"

namespace belay::app {

// `lane`: of the control session; brake for the worker that takes stops.
store::Result<api::Worker> open_worker(store::Store& store, Executor& executor, store::Lane lane);

}  // namespace belay::app
