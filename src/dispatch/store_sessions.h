// The three sessions that the planner and the runner each work with. Of one executor; opening blocks on the
// store.
#pragma once
#include <memory>
#include <tuple>

#include "store/store.h"

namespace belay::dispatch {

struct StoreSessions {
  std::unique_ptr<store::ControlSession> control;
  std::unique_ptr<store::JournalSession> journal;
  std::unique_ptr<store::ProfileSession> profiles;

  // All three, or why not.
  static store::Result<StoreSessions> open(store::Store& store) {
    StoreSessions s;
    TRY_ASSIGN(s.control, store.control(store::Lane::ordinary));
    TRY_ASSIGN(s.journal, store.journal());
    TRY_ASSIGN(s.profiles, store.profiles());
    return s;
  }
  auto all() && { return std::tuple(std::move(control), std::move(journal), std::move(profiles)); }
};

}  // namespace belay::dispatch
