#include "net/transport.h"

#include <openssl/ssl.h>
#include <map>
#include <vector>

#include "net/dialed_link.h"
#include "net/io_loop.h"
#include "net/tls.h"

namespace belay::net {
namespace {

class SocketTransport final : public Transport {
 public:
  SocketTransport(IoLoop& loop, TransportOptions options) : loop_(loop), options_(options) {}

  std::unique_ptr<Link> open(const Endpoint& endpoint, LinkEvents& events) override {
    std::string impossible;
    ssl_ctx_st* tls = nullptr;
    if (endpoint.tls) {
      auto context = context_for(endpoint.ca_file);
      if (context)
        tls = *context;
      else
        impossible = context.error();
    }
    return std::make_unique<DialedLink>(loop_, endpoint, options_, tls, std::move(impossible),
                                        std::span<char>(scratch_), events);
  }

 private:
  // Reading the authorities takes milliseconds, so once for each file. A file that can't be read is tried
  // again.
  Result<ssl_ctx_st*, std::string> context_for(const std::string& ca_file) {
    if (const auto found = contexts_.find(ca_file); found != contexts_.end()) return found->second.get();
    auto made = make_client_tls(ca_file, options_.verify_peer);
    if (!made) return std::unexpected(made.error());
    return contexts_.emplace(ca_file, std::move(*made)).first->second.get();
  }

  IoLoop& loop_;
  const TransportOptions options_;
  std::map<std::string, TlsContext> contexts_;
  std::vector<char> scratch_ = std::vector<char>(64 * 1024);
};

}  // namespace

std::unique_ptr<Transport> make_transport(IoLoop& loop, TransportOptions options) {
  return std::make_unique<SocketTransport>(loop, options);
}

}  // namespace belay::net
