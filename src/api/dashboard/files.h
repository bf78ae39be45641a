// The files that were built into this program: none where it was built without the dashboard. Defined by the
// library belay_dashboard (cmake/Dashboard.cmake), which app/ links.
#pragma once
#include <span>

#include "api/dashboard/dashboard.h"

namespace belay::api {

std::span<const DashboardFile> dashboard_files();

}  // namespace belay::api
