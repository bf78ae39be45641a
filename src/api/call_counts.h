// How many requests were answered, by route and status: the rows of belay_http_requests_total. Any
// thread; a short lock each. Bounded: the routes are those of the table, the statuses those the server
// uses, and what has no route shares one name.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

namespace belay::api {

class CallCounts {
 public:
  static constexpr std::string_view no_route = "none";          // a request for a path that is not served
  static constexpr std::string_view dashboard = "dashboard";     // its pages and files
  static constexpr std::string_view no_request = "unreadable";  // bytes that never became a request

  using Rows = std::map<std::pair<std::string_view, int>, std::uint64_t>;

  // `route` must outlive the counts: a pattern of the route table, or one of the names above.
  void add(std::string_view route, int status) {
    const std::lock_guard lock(guard_);
    ++rows_[{route, status}];
  }
  Rows rows() const {
    const std::lock_guard lock(guard_);
    return rows_;
  }

 private:
  mutable std::mutex guard_;
  Rows rows_;
};

}  // namespace belay::api
