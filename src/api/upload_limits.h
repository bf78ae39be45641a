// How much events that are uploaded may bring (contract 5.1), from the configuration's [upload]. Plain values.
#pragma once
#include <cstdint>

namespace belay::api {

struct UploadLimits {
  std::uint32_t event_types = 512;       // names that an account's events may have
  std::uint32_t event_properties = 100;  // of one event
};

}  // namespace belay::api
