// What `belay version` says and every log begins with.
#pragma once
#include <string>

namespace belay::app {
std::string version_text();  // "0.1.0"
}
