// How a command reaches what it asks about: through the running server's Unix socket, or, when none
// is running, by taking the data folder's lock and answering the same requests in this process. Either
// way the same handlers answer. Single-threaded; every call blocks.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/data_folder.h"
#include "base/clock.h"
#include "base/result.h"

namespace belay::app {

struct ApiCall {
  std::string method = "GET";
  std::string path;   // "/api/v1/campaigns", already percent-encoded where needed
  std::string query;  // "state=running", without '?'
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Millis patience{30'000};  // for the whole answer; without a server, as long as it takes
};

struct ApiReply {
  int status = 0;
  std::string body;
};

class Backend {
 public:
  using Sink = std::function<bool(std::string_view)>;  // false: enough

  virtual ~Backend() = default;
  virtual Result<ApiReply, std::string> call(const ApiCall& call) = 0;
  // Gives the body to `sink` as it arrives; the status comes back. For refusals `sink` gets the error's body.
  virtual Result<int, std::string> stream(const ApiCall& call, const Sink& sink) = 0;
  virtual bool server_running() const = 0;
};

// The error is a sentence: the folder is not there, its holder does not answer, the store is damaged.
Result<std::unique_ptr<Backend>, std::string> reach(const DataFolder& folder);

// Percent-encodes everything but unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace belay::app
