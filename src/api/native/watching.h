// How many may watch at once: all together, and of one account, so that none keeps the others out.
#pragma once
#include <memory>

#include "api/call_caps.h"
#include "api/native/run_reading.h"

namespace belay::api {

inline constexpr int most_watching = 128;
inline constexpr std::uint32_t most_watching_of_account = 32;

struct Watching {
  std::shared_ptr<ExportSlots> all = std::make_shared<ExportSlots>(most_watching);
  std::shared_ptr<CallCaps> of_account = std::make_shared<CallCaps>();
};

}  // namespace belay::api
