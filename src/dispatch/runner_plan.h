// What one turn of the runner wants to commit; private to the runner's source files.
#pragma once
#include "dispatch/runner.h"

namespace belay::dispatch {

struct Runner::Plan {
  struct New {
    ActiveRun* run;
    std::uint32_t count;
    Reason left_out = Reason::none;  // the schedule's: nothing leaves for them
  };
  struct Further {
    ActiveRun* run;
    std::vector<Granted> who;
    std::vector<JournalEntry> ends = {};  // their last entries: not granted, it is over for them
  };
  store::GroupCommit group;
  std::vector<New> news;          // by index of group.admissions
  std::vector<Further> furthers;  // by index of group.readmissions
  std::size_t batches = 0;        // of the inbox, from its front

  bool empty() const {
    return group.admissions.empty() && group.readmissions.empty() && group.blocks.empty();
  }
};

}  // namespace belay::dispatch
