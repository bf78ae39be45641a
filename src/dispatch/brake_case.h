// A stop or pause under way; private to the brake's source files.
#pragma once
#include "dispatch/brake.h"

namespace belay::dispatch {

// Each round finds campaigns that appeared during the round before. More rounds than this mean that
// somebody creates campaigns faster than they can be stopped: that needs a latch.
inline constexpr int most_rounds = 20;

struct Brake::Case {
  StopRequest request;
  StopDone done;
  PauseDone paused;  // set: it is a pause of the one campaign of the scope
  WallTime at{};
  SteadyTime began{};
  int round = 0;
  std::vector<Campaign> campaigns;
  std::size_t awaited = 0;  // loops that have not answered
  std::vector<LoopAnswer> answers;
  std::vector<std::pair<CampaignId, bool>> delivered;  // by campaign: was it in the registry
  std::string store_trouble;                           // the store could not even be read

  const char* what() const { return paused ? "pause" : "stop"; }
};

// What was a stop's reason to fail is a pause's.
constexpr PauseCode pause_code(StopCode code) {
  switch (code) {
    case StopCode::not_found:
      return PauseCode::not_found;
    case StopCode::store:
      return PauseCode::store;
    case StopCode::shutting_down:
      return PauseCode::shutting_down;
  }
  return PauseCode::store;
}
PauseCode pause_code(store::Code code);

}  // namespace belay::dispatch
