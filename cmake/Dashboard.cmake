# The dashboard's files (web/dist, which scripts/web.sh builds) as the library belay_dashboard: one source
# file that names them with their tags, and .incbin for their bytes, so that they are not compiled.
# BELAY_DASHBOARD=OFF, or no web/dist: the library is there and empty, and `/` says how to build the pages.
option(BELAY_DASHBOARD "Build the dashboard in, where scripts/web.sh has built web/dist" ON)

set(dashboard_dist "${CMAKE_SOURCE_DIR}/web/dist")
set(dashboard_parts)
if(BELAY_DASHBOARD)
  file(GLOB_RECURSE dashboard_parts CONFIGURE_DEPENDS "${dashboard_dist}/*")
endif()
set(dashboard_source "${CMAKE_BINARY_DIR}/dashboard_files.cpp")
set(dashboard_script "${CMAKE_SOURCE_DIR}/cmake/dashboard_files.cmake")
string(REPLACE ";" "\n" dashboard_list "${dashboard_parts}")
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/dashboard_files.txt" CONTENT "${dashboard_list}" @ONLY)
add_custom_command(
  OUTPUT "${dashboard_source}"
  COMMAND ${CMAKE_COMMAND} "-DDIST=${dashboard_dist}" "-DLIST=${CMAKE_BINARY_DIR}/dashboard_files.txt"
          "-DOUT=${dashboard_source}" -P "${dashboard_script}"
  DEPENDS ${dashboard_parts} "${dashboard_script}" "${CMAKE_BINARY_DIR}/dashboard_files.txt"
  COMMENT "Listing the dashboard's files" VERBATIM)
add_library(belay_dashboard STATIC "${dashboard_source}")
target_link_libraries(belay_dashboard PUBLIC belay_api)
