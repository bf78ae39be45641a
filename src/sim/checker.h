// Decides the promise (ARCHITECTURE.md, "The promise") from the history of a run alone. Pure.
#pragma once
#include <string>
#include <vector>

#include "sim/history.h"

namespace belay::sim {

struct Violation {
  int line;  // of the promise, 1 to 5; 0: it did not come to an end
  std::string what;
};

std::vector<Violation> check(const seen::History& history);

}  // namespace belay::sim
