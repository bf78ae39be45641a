#include "app/version.h"

namespace belay::app {

std::string version_text() {
  return "0.1.0";
}

}  // namespace belay::app
