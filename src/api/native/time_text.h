// Times as the native API writes them: RFC 3339 in UTC with microseconds. Pure; any thread.
#pragma once
#include <string>

#include "base/clock.h"

namespace belay::api {

std::string iso_time(WallTime t);  // "2016-03-08T10:26:06.000000Z"

}  // namespace belay::api
