// The Backend without a server: holds the data folder and runs the API's handlers on a loop of this
// process, as the operator.
#pragma once
#include <memory>
#include <string>

#include "app/backend.h"

namespace belay::app {

// How it names itself in the folder's lock: a server that starts waits a moment for it to finish.
inline constexpr std::string_view offline_holder = "a belay command";

struct OfflineError {
  bool held = false;  // somebody else holds the folder: a server that is starting, or another command
  std::string text;
};

Result<std::unique_ptr<Backend>, OfflineError> open_offline(const DataFolder& folder);

}  // namespace belay::app
