// Wall time as people and JSON read it. Pure.
#pragma once
#include <string>

#include "base/clock.h"

namespace belay {

std::string iso_time(WallTime t);  // "2016-03-08T10:26:06.000000Z"

}  // namespace belay
