// A provider's HTTP/1.1 answer: whatever comes, the request gets exactly one end and the link closes after
// it.
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "base/check.h"
#include "net/h1_link.h"
#include "net/io_loop.h"

namespace {

using namespace belay::net;

struct OneEnd final : LinkEvents {
  void on_handed_over(Token) override {}
  void on_answered(Token, const Answer& answer) override {
    CHECK(answer.status >= 200);
    ++ends;
  }
  void on_lost(Token, LinkError) override { ++ends; }
  void on_unsent(Token, LinkError) override { ++ends; }
  void on_room() override {}
  void on_closed(LinkError, std::string_view) override { closed.set_value(); }
  int ends = 0;
  std::promise<void> closed;
};

void write_whole(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the link has seen enough
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static IoLoop loop("fuzz");
  static std::array<char, 64> all_scratch;
  const std::span scratch = std::span(all_scratch).first(size < 512 ? 1 : 64);  // answers come in pieces
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  int sockets[2];
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets) == 0);
  OneEnd events;
  std::unique_ptr<H1Link> link;
  loop.post([&] {
    link = std::make_unique<H1Link>(loop, std::make_unique<Wire>(loop, sockets[0], TlsSession{}),
                                    Endpoint{.host = "h", .port = 80}, TransportOptions{}, scratch, events);
    link->submit(Request{.path = "/", .body = "x"}, Token{1});
    link->flush();
    write_whole(sockets[1], bytes);
    ::shutdown(sockets[1], SHUT_WR);
  });
  events.closed.get_future().wait();
  std::promise<void> gone;
  loop.post([&] {
    link.reset();
    gone.set_value();
  });
  gone.get_future().wait();
  CHECK(events.ends == 1);
  ::close(sockets[1]);
  return 0;
}
