// A small blocking HTTP client for rare requests: OAuth tokens (libcurl, TLS) and the command
// line's calls to the server's Unix socket. Never on the path of a message.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace belay::net {

class OutboundGuard;

// Ends requests from another thread. Safe from any thread; nothing here blocks. Must outlive the fetch that it
// was given to.
class Cancellation {
 public:
  // Once this has returned, not one more byte of the request enters the operating system: its connection is shut,
  // and no other is opened. What has left before has left. For good.
  void cancel();
  bool cancelled() const;

  // For fetch(): a connection that is opened, false once cancelled; and closed.
  bool opened(int descriptor);
  void closed(int descriptor);

 private:
  mutable std::mutex mutex_;
  std::vector<int> open_;
  bool cancelled_ = false;
};

struct SimpleRequest {
  std::string method = "GET";
  std::string url;          // with unix_socket set, host is ignored: "http://belay/api/v1/stops"
  std::string unix_socket;  // path of a Unix socket, or ""
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string ca_file;
  Millis timeout{10'000};
  // Asked about the very address that is connected to, and no proxy of the environment is used then. For
  // every URL that came from people. Null: any address.
  const OutboundGuard* guard = nullptr;
  Cancellation* cancellation = nullptr;  // null: it can't be ended early
};

struct SimpleReply {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
};

// Blocks the calling thread for at most `timeout`. Follows no redirects. The error is a sentence.
Result<SimpleReply, std::string> fetch(const SimpleRequest& request);
// Gives the body to `sink` as it arrives (exports); status first. `sink` returning false ends it.
Result<int, std::string> fetch_streaming(const SimpleRequest& request,
                                         const std::function<bool(std::string_view)>& sink);

}  // namespace belay::net
