// The dashboard's pages and files, as they are built into the program (cmake/Dashboard.cmake), with the
// headers that keep a page to itself. Immutable; any thread; never blocks.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "net/http_server.h"

namespace belay::api {

struct DashboardFile {
  std::string_view path;                 // "/assets/index-B3x9.js", "/index.html"
  std::string_view type;                 // content type
  std::string_view tag;                  // changes with the content
  std::string_view plain, gzip, brotli;  // "" where there is no such form
};

class Dashboard {
 public:
  // `files` must outlive it. Without an /index.html, `/` says how the pages are built.
  Dashboard(std::span<const DashboardFile> files, Random& random) : files_(files), random_(random) {}

  // The answer to GET or HEAD of a file, of `/`, and of whatever a browser opens as a page: the pages find
  // their way by the path themselves. Nothing where the path is not the dashboard's.
  std::optional<net::HttpReply> answer(const net::HttpRequest& request) const;

 private:
  const DashboardFile* file(std::string_view path) const;
  net::HttpReply index() const;

  const std::span<const DashboardFile> files_;
  Random& random_;
};

// Where a script or style that may run names itself: index.html has this text, each answer another value.
inline constexpr std::string_view nonce_mark = "__BELAY_NONCE__";

}  // namespace belay::api
