#include "app/backend.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "app/offline.h"
#include "net/http_client.h"

namespace belay::app {
namespace {

class RunningServer final : public Backend {
 public:
  explicit RunningServer(std::string socket) : socket_(std::move(socket)) {}

  Result<ApiReply, std::string> call(const ApiCall& call) override {
    auto reply = net::fetch(request(call));
    if (!reply) return std::unexpected(explain(reply.error()));
    return ApiReply{reply->status, std::move(reply->body)};
  }

  Result<int, std::string> stream(const ApiCall& call, const Sink& sink) override {
    net::SimpleRequest wanted = request(call);
    wanted.timeout = std::chrono::hours{24};  // an export takes as long as it takes
    auto status = net::fetch_streaming(wanted, sink);
    if (!status) return std::unexpected(explain(status.error()));
    return *status;
  }

  bool server_running() const override { return true; }

 private:
  net::SimpleRequest request(const ApiCall& call) const {
    net::SimpleRequest r;
    r.method = call.method;
    r.url = "http://belay" + call.path + (call.query.empty() ? "" : "?" + call.query);
    r.unix_socket = socket_;
    r.headers = call.headers;
    r.body = call.body;
    r.timeout = call.patience;
    if (!call.body.empty()) r.headers.emplace_back("Content-Type", "application/json");
    return r;
  }
  std::string explain(const std::string& error) const {
    return fmt::format("no answer from the server at {}: {}", socket_, error);
  }

  std::string socket_;
};

bool somebody_listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

}  // namespace

Result<std::unique_ptr<Backend>, std::string> reach(const DataFolder& folder) {
  if (::access(folder.path().c_str(), F_OK) != 0)
    return std::unexpected(fmt::format(
        "there is no data folder {} (name it with --data DIR, or run where belay.toml is)", folder.path()));
  // A server that is just starting holds the folder before its socket is there: worth a short wait.
  for (int tries = 0;; ++tries) {
    if (somebody_listens(folder.socket())) return std::make_unique<RunningServer>(folder.socket());
    auto offline = open_offline(folder);
    if (offline) return std::move(*offline);
    if (!offline.error().held || tries == 50) return std::unexpected(std::move(offline.error().text));
    std::this_thread::sleep_for(Millis{100});
  }
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) || c == '-' || c == '.' || c == '_' || c == '~')
      out += c;
    else
      out += fmt::format("%{:02X}", u);
  }
  return out;
}

}  // namespace belay::app
