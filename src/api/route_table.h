// Finds the route of a request: by pattern, then by method. Immutable; any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"

namespace belay::api {

class RouteTable {
 public:
  explicit RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {}

  struct Match {
    const Route* route = nullptr;     // null: no such path, or not with that method
    std::vector<std::string> params;  // what {…} matched, in order
    std::string allow;                // methods the path has ("GET, POST"); "" when there is no such path
  };
  Match find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace belay::api
