#include "app/workers.h"

namespace belay::app {

store::Result<api::Worker> open_worker(store::Store& store, Executor& executor, store::Lane lane) {
  api::Worker worker;
  worker.executor = &executor;
  TRY_ASSIGN(worker.control, store.control(lane));
  TRY_ASSIGN(worker.journal, store.journal());
  TRY_ASSIGN(worker.profiles, store.profiles());
  TRY_ASSIGN(worker.notices, store.notices());
  TRY_ASSIGN(worker.users, store.users());
  return worker;
}

}  // namespace belay::app
