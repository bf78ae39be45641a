#include <unistd.h>

#include <cstdio>
#include <future>

#include "app/commands.h"
#include "app/data_folder.h"
#include "app/signals.h"
#include "app/words.h"
#include "base/json.h"
#include "net/io_loop.h"
#include "sink/sink.h"

namespace belay::app {
namespace {

ExitCode complain(ExitCode code, std::string_view text) {
  fmt::print(stderr, "belay sink: {}\n", text);
  return code;
}

Result<sink::SinkOptions, std::string> options_from(const SinkCommandOptions& o) {
  sink::SinkOptions out;
  out.threads = o.threads;
  out.behaviour = {.delay_ms = o.delay_ms,
                   .fail_every = o.fail_every,
                   .fail_status = o.fail_status,
                   .retry_after = o.retry_after,
                   .unregistered_every = o.unregistered_every,
                   .hang_every = o.hang_every,
                   .close_every = o.close_every,
                   .goaway_every = o.goaway_every,
                   .max_streams = o.max_streams};
  if (o.token_public_key.empty()) return out;
  TRY_ASSIGN(out.token_public_key, read_file(o.token_public_key));
  return out;
}

struct Bound {
  std::vector<std::string> plain, tls;
};

Result<Bound, std::string> listen(sink::Sink& sink, const SinkCommandOptions& o) {
  Bound bound;
  auto plain = o.listen;
  if (plain.empty() && o.tls_listen.empty()) plain = {"127.0.0.1:9001"};
  for (const std::string& at : plain) {
    TRY_ASSIGN(std::string address, sink.listen(at));
    bound.plain.push_back(std::move(address));
  }
  if (!o.tls_listen.empty() && (o.certificate.empty() || o.key.empty()))
    return std::unexpected("--tls-listen needs --certificate and --key (`belay certs` makes them)");
  for (const std::string& at : o.tls_listen) {
    TRY_ASSIGN(std::string address, sink.listen(at, sink::SinkTls{o.certificate, o.key}));
    bound.tls.push_back(std::move(address));
  }
  return bound;
}

Result<void, std::string> write_ready_file(const std::string& path, const Bound& bound) {
  if (path.empty()) return {};
  const json::object line{{"listen", bound.plain.empty() ? "" : bound.plain.front()},
                          {"tls_listen", bound.tls.empty() ? "" : bound.tls.front()},
                          {"pid", ::getpid()}};
  return write_file(path, to_text(line) + "\n", 0644);
}

}  // namespace

ExitCode sink_command(const SinkCommandOptions& options) {
  hold_signals();
  auto settings = options_from(options);
  if (!settings) return complain(ExitCode::usage, settings.error());
  auto made = sink::Sink::make(std::move(*settings));
  if (!made) return complain(ExitCode::usage, made.error());
  sink::Sink& sink = **made;
  const auto bound = listen(sink, options);
  if (!bound) return complain(ExitCode::failed, bound.error());

  net::IoLoop loop("signals");
  std::promise<void> end;
  bool ended = false;
  const Signals signals(
      loop,
      [&](int) {
        if (std::exchange(ended, true)) ::_exit(130);
        end.set_value();
      },
      [] {});
  for (const std::string& at : bound->plain) fmt::print("Receiving at http://{}\n", at);
  for (const std::string& at : bound->tls) fmt::print("Receiving at https://{}\n", at);
  if (!bound->plain.empty()) fmt::print("Counts: curl http://{}/_sink/counts\n", bound->plain.front());
  std::fflush(stdout);
  if (auto ready = write_ready_file(options.ready_file, *bound); !ready)
    return complain(ExitCode::failed, ready.error());
  end.get_future().wait();
  loop.stop();
  return ExitCode::ok;
}

}  // namespace belay::app
