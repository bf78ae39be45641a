// Times as the native API writes them.
#pragma once
#include "base/time_text.h"

namespace belay::api {

using belay::iso_time;

}  // namespace belay::api
