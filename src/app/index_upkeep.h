// Brings the audience index of every account up to date in the background. Used by the housekeeper alone;
// blocks, a second or so at most.
#pragma once
#include <memory>

#include "store/store.h"

namespace belay::app {

class IndexUpkeep {
 public:
  explicit IndexUpkeep(store::Store& store) : store_(store) {}
  store::Result<void> round();

 private:
  store::Store& store_;
  // Opened with the first round, so that a server starts without them.
  std::unique_ptr<store::ControlSession> control_;
  std::unique_ptr<store::ProfileSession> profiles_;
};

}  // namespace belay::app
