#include "app/server.h"

#include <unistd.h>

#include <future>
#include <thread>

#include "api/dashboard/files.h"
#include "api/native/time_text.h"
#include "api/route.h"
#include "app/account_sync.h"
#include "app/certs.h"
#include "app/clone_guard.h"
#include "app/data_folder.h"
#include "app/demo.h"
#include "app/emergency_stop.h"
#include "app/first_user.h"
#include "app/index_upkeep.h"
#include "app/metrics.h"
#include "app/offline.h"
#include "app/published_secrets.h"
#include "app/server_threads.h"
#include "app/signals.h"
#include "app/stop_file.h"
#include "app/test_clock.h"
#include "app/version.h"
#include "app/workers.h"
#include "base/json.h"
#include "base/log.h"
#include "net/http_server.h"
#include "net/outbound_guard.h"
#include "net/transport.h"
#include "notify/notifier.h"
#include "store/sqlite/open.h"

namespace belay::app {
namespace {

std::unexpected<Failure> failed(ExitCode code, std::string text) {
  return std::unexpected(Failure{code, std::move(text)});
}

// Another server is refused at once; a command that works on the store without one soon lets go.
store::Result<store::FolderLock> take_folder(const std::string& folder, const std::string& who) {
  for (int tries = 0;; ++tries) {
    auto taken = store::FolderLock::take(folder, who);
    const bool passing = !taken && taken.error().code == store::Code::busy &&
                         taken.error().text.find(offline_holder) != std::string::npos;
    if (!passing || tries == 100) return taken;
    std::this_thread::sleep_for(Millis{100});
  }
}

// The folder's lock proves that whoever owned the store before is dead: there is no lease to wait for.
store::Result<void> own(store::Store& store) {
  TRY_ASSIGN(auto session, store.ownership());
  TRY_ASSIGN(const store::Ownership before, session->look());
  TRY(session->claim(before));
  return {};
}

// Members are destroyed from the last to the first: what uses goes before what is used.
struct Sessions {
  std::vector<std::unique_ptr<api::Worker>> workers;

  store::Result<api::Worker*> open(store::Store& store, Executor& executor, store::Lane lane) {
    TRY_ASSIGN(api::Worker worker, open_worker(store, executor, lane));
    return workers.emplace_back(std::make_unique<api::Worker>(std::move(worker))).get();
  }
};

}  // namespace

struct Server::Parts {
  Parts(Config c, ServeOptions o)
      : config(std::move(c)),
        options(std::move(o)),
        folder(config.data),
        threads(config.loops != 0 ? config.loops : ServerThreads::default_sender_loops()) {}

  Config config;
  ServeOptions options;
  DataFolder folder;
  std::optional<store::FolderLock> lock;
  std::unique_ptr<store::Store> store;
  std::optional<IndexUpkeep> index_upkeep;
  std::unique_ptr<CloneGuard> guard;
  TestClock clock;
  RealRandom random;
  Secret hash_key;
  std::promise<void> end;
  std::atomic<int> end_signals = 0;
  std::atomic<bool> ready = false;

  ServerThreads threads;
  std::unique_ptr<Demo> demo;
  Sessions sessions;
  std::shared_ptr<const net::OutboundGuard> outbound;
  std::vector<std::unique_ptr<net::Transport>> transports;
  std::unique_ptr<dispatch::Engine> engine;
  std::unique_ptr<net::Transport> notice_transport;
  std::unique_ptr<notify::Notifier> notifier;
  std::unique_ptr<api::Services> services;
  std::unique_ptr<api::Dashboard> dashboard;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<EmergencyStop> emergency;
  std::unique_ptr<net::HttpServer> local_server, public_server;
  std::unique_ptr<StopFileWatch> stop_file;
  std::unique_ptr<Signals> signals;
  std::unique_ptr<Executor::Timer> tidy_timer, home_timer;
  Addresses addresses;

  Result<void, Failure> open_folder();
  Result<void, Failure> be_at_home();
  api::AdoptResult adopt(bool resume, const std::string& actor);
  Result<void, Failure> apply_stop_file();
  Result<void, Failure> sync_configured_accounts();
  Result<void, Failure> open_sessions();
  Result<void, Failure> make_outbound_guard();
  void make_engine();
  void make_notifier();
  void start_notices(bool copied);
  void drain_notices();
  void take_end_signal(int signal);
  void look_for_stop_file();
  Result<void, Failure> open_local_socket();
  Result<void, Failure> refuse_published_secrets();
  Result<void, Failure> open_listeners();
  Result<void, Failure> invite_first_users();
  void tidy_up_regularly(std::string last_error);
  void renew_home_regularly();
  Result<void, Failure> write_ready_file() const;
  std::string description() const;
};

Result<void, Failure> Server::Parts::open_folder() {
  if (auto made = folder.create(); !made) return failed(ExitCode::failed, made.error());
  auto taken = take_folder(folder.path(), description());
  if (!taken) return failed(ExitCode::conflict, taken.error().text);
  lock.emplace(std::move(*taken));
  store::SqliteOptions in_folder;
  in_folder.index_cache_bytes = std::size_t{config.index_cache_mib} << 20;
  in_folder.name_cache_bytes = std::size_t{config.name_cache_mib} << 20;
  in_folder.name_key = {random.next(), random.next()};
  auto opened = store::open_sqlite(folder.path(), std::move(in_folder));
  if (!opened) return failed(ExitCode::unreachable, opened.error().text);
  store = std::move(*opened);
  index_upkeep.emplace(*store);
  if (auto owned = own(*store); !owned) return failed(ExitCode::unreachable, owned.error().text);
  auto key = folder.hash_key(random);
  if (!key) return failed(ExitCode::failed, key.error());
  hash_key = std::move(*key);
  auto looked = CloneGuard::open(folder.path(), *store, random, clock);
  if (!looked) return failed(ExitCode::unreachable, looked.error());
  guard = std::move(*looked);
  return {};
}

// After the file STOP, so that what it stops is stopped whoever adopts.
Result<void, Failure> Server::Parts::be_at_home() {
  guard->begin();
  if (!options.adopt || guard->held().empty()) return {};
  const auto adopted = guard->adopt(false, "cli:serve --adopt");
  if (adopted) return {};
  return failed(adopted.error().code == api::AdoptCode::original_runs ? ExitCode::conflict : ExitCode::failed,
                "--adopt: " + adopted.error().text);
}

// In this order: who sees the folder adopted may rely on its being served.
api::AdoptResult Server::Parts::adopt(bool resume, const std::string& actor) {
  auto done = guard->adopt(resume, actor);
  if (done && !done->held.empty()) engine->start();
  if (done && !done->held.empty()) start_notices(false);  // the guard has seen to what the original may have sent
  return done;
}

std::string Server::Parts::description() const {
  if (addresses.listen.empty()) return fmt::format("belay serve, pid {}", ::getpid());
  return fmt::format("belay serve, pid {}, listening on {}", ::getpid(), addresses.listen);
}

Result<void, Failure> Server::Parts::sync_configured_accounts() {
  auto session = store->control(store::Lane::ordinary);
  if (!session) return failed(ExitCode::unreachable, session.error().text);
  if (auto synced = sync_accounts(config.accounts, **session, hash_key, clock.wall()); !synced)
    return failed(ExitCode::failed, synced.error().text);
  if (auto looked = warn_of_unusable_providers(**session); !looked)
    return failed(ExitCode::unreachable, looked.error().text);
  api->forget_credentials();
  return {};
}

// Before anything that could send exists.
Result<void, Failure> Server::Parts::apply_stop_file() {
  if (!stop_file_there(folder)) return {};
  dispatch::StopRequest request;
  request.scope.kind = Scope::Kind::all;
  request.actor = "file";
  request.reason = stop_file_reason(folder);
  request.latch = true;
  auto done = dispatch::stop_offline(*store, clock, std::move(request));
  if (!done) return failed(ExitCode::failed, "the file STOP could not be applied: " + done.error().text);
  if (auto renamed = stop_file_applied(folder, clock.wall()); !renamed)
    return failed(ExitCode::failed, renamed.error());
  log_warning("stop.everything_done", {{"actor", "file"},
                                       {"receipt", fmt::format("stop-{}", done->id)},
                                       {"campaigns", done->receipts.size()},
                                       {"latch", fmt::format("latch-{}", done->latch)}});
  return {};
}

Result<void, Failure> Server::Parts::open_sessions() {
  services =
      std::make_unique<api::Services>(api::Services{.clock = clock, .random = random, .store = *store});
  services->hash_key = hash_key;
  services->version = version_text();
  services->past_due_grace = config.past_due_grace;
  services->sessions = config.sessions;
  services->compatibility = config.compatibility;
  services->upload_limits = config.upload;
  if (options.demo) services->demo_account = DemoNames::account;
  dashboard = std::make_unique<api::Dashboard>(api::dashboard_files(), random);
  services->dashboard = dashboard.get();
  services->not_ready = [this] { return ready ? std::string() : std::string("starting"); };
  services->held = [this] { return guard->held(); };
  services->adopt = [this](bool resume, const std::string& actor) { return adopt(resume, actor); };
  services->test_clock = options.test_clock;
  if (options.test_clock)
    services->advance_test_clock = [this](Micros by) {
      clock.advance(by);
      engine->wake();
    };
  const auto open = [this](Executor& executor, store::Lane lane) {
    return sessions.open(*store, executor, lane);
  };
  auto brake = open(threads.brake, store::Lane::brake);
  if (!brake) return failed(ExitCode::unreachable, brake.error().text);
  services->brake = *brake;
  auto passwords = open(threads.password, store::Lane::ordinary);
  if (!passwords) return failed(ExitCode::unreachable, passwords.error().text);
  services->passwords = *passwords;
  for (auto& [loops, seats] :
       {std::pair{&threads.uploads, &services->uploads}, {&threads.reads, &services->reads}})
    for (auto& loop : *loops) {
      auto worker = open(*loop, store::Lane::ordinary);
      if (!worker) return failed(ExitCode::unreachable, worker.error().text);
      seats->push_back(*worker);
    }
  return {};
}

Result<void, Failure> Server::Parts::make_outbound_guard() {
  auto guard = net::OutboundGuard::parse(config.outbound_allow);
  if (!guard) return failed(ExitCode::usage, "outbound.allow: " + guard.error());
  outbound = std::make_shared<const net::OutboundGuard>(std::move(*guard));
  services->outbound = outbound;
  return {};
}

void Server::Parts::make_engine() {
  dispatch::Ports ports{.clock = clock,
                        .random = random,
                        .store = *store,
                        .loops = {},
                        .runner = threads.runner,
                        .planner = threads.planner,
                        .brake = threads.brake,
                        .courier = threads.courier,
                        .outbound = outbound};
  for (auto& loop : threads.senders) {
    transports.push_back(net::make_transport(*loop, {.guard = outbound}));
    ports.loops.push_back({loop.get(), transports.back().get()});
  }
  engine = std::make_unique<dispatch::Engine>(std::move(ports), config.engine);
  services->engine = engine.get();
  emergency = std::make_unique<EmergencyStop>(*engine, threads.local);
}

void Server::Parts::make_notifier() {
  notice_transport = net::make_transport(threads.notices, {.guard = outbound});
  notifier = std::make_unique<notify::Notifier>(notify::Ports{.clock = clock,
                                                              .random = random,
                                                              .store = *store,
                                                              .executor = threads.notices,
                                                              .transport = *notice_transport,
                                                              .may_call = {}},
                                                notify::Options{});
}

void Server::Parts::start_notices(bool copied) {
  threads.notices.post([this, copied] { notifier->start(copied); });
}

// What can't be waited for is in doubt at the next start.
void Server::Parts::drain_notices() {
  auto drained = std::make_shared<std::promise<void>>();
  auto done = drained->get_future();
  threads.notices.post([this, drained] { notifier->drain([drained] { drained->set_value(); }); });
  (void)done.wait_for(notify::Options{}.answer_within + Seconds{2});
}

// On the local loop.
void Server::Parts::take_end_signal(int signal) {
  const int before = end_signals++;
  log_info("server.ending", {{"signal", signal}, {"again", before > 0}});
  if (before > 0) ::_exit(130);
  end.set_value();
}

// On the local loop.
void Server::Parts::look_for_stop_file() {
  if (!stop_file_there(folder)) return;
  emergency->ask("file", stop_file_reason(folder), [this] {
    if (auto renamed = stop_file_applied(folder, clock.wall()); !renamed)
      log_error("stop_file.left", {{"error", renamed.error()}});
  });
}

Result<void, Failure> Server::Parts::open_local_socket() {
  const auto handler = [this](net::HttpRequest request, std::unique_ptr<net::Responder> responder) {
    api->handle(std::move(request), std::move(responder));
  };
  api = std::make_unique<api::Api>(*services);
  services->credentials_changed = [this] { api->forget_credentials(); };
  metrics = std::make_unique<Metrics>(*engine, clock, version_text());
  metrics->show(*notifier);
  services->metrics = [this] { return metrics->text(api->call_counts()); };
  const auto refusal = [this](int status, std::string_view text) {
    return api->transport_error(status, text);
  };
  net::HttpLimits local_limits;
  local_limits.idle_within = Seconds{10};
  local_server = std::make_unique<net::HttpServer>(threads.local, local_limits, handler, refusal);
  public_server = std::make_unique<net::HttpServer>(threads.api, config.http, handler, refusal);
  auto socket = local_server->listen_unix(folder.socket());
  if (!socket) return failed(ExitCode::failed, socket.error());
  addresses.socket = folder.socket();
  signals = std::make_unique<Signals>(
      threads.local, [this](int signal) { take_end_signal(signal); },
      [this] { emergency->ask("signal", "SIGUSR1", nullptr); });
  stop_file = std::make_unique<StopFileWatch>(threads.local, folder, [this] { look_for_stop_file(); });
  threads.local.post([this] { look_for_stop_file(); });  // one that came since apply_stop_file()
  return {};
}

Result<void, Failure> Server::Parts::refuse_published_secrets() {
  if (is_loopback(config.listen) && is_loopback(config.tls_listen)) return {};
  auto session = store->control(store::Lane::ordinary);
  if (!session) return failed(ExitCode::unreachable, session.error().text);
  const auto accounts = accounts_with_published_passcodes(**session, hash_key);
  if (!accounts) return failed(ExitCode::unreachable, accounts.error().text);
  if (accounts->empty()) return {};
  const std::string& where = is_loopback(config.listen) ? config.tls_listen : config.listen;
  return failed(ExitCode::usage,
                fmt::format("{} can be reached by others, and account {} has a passcode that Belay's own pages "
                            "name, so that everybody knows it. Give the account a passcode of its own (in the "
                            "configuration, or `belay passcode`) and remove that one, or listen on 127.0.0.1",
                            where, accounts->front()));
}

Result<void, Failure> Server::Parts::open_listeners() {
  auto plain = public_server->listen_tcp(config.listen);
  if (!plain) return failed(ExitCode::failed, plain.error());
  addresses.listen = *plain;
  if (!plain->starts_with("127.") && !plain->starts_with("[::1]"))
    log_warning("server.clear_text",
                {{"listen", *plain}, {"hint", "passcodes travel unencrypted: use --tls-listen or a proxy"}});
  if (!config.tls_listen.empty()) {
    net::TlsFiles files{config.tls_certificate, config.tls_key};
    if (files.certificate_chain.empty()) files = made_by_certs(folder.certs());
    auto tls = public_server->listen_tls(config.tls_listen, files);
    if (!tls)
      return failed(ExitCode::failed, tls.error() + ". `belay certs` makes certificates for tls-listen");
    addresses.tls_listen = *tls;
  }
  lock->describe(description());
  return {};
}

// The one-time link is for whoever reads this start's log, and says where the dashboard is.
Result<void, Failure> Server::Parts::invite_first_users() {
  if (options.demo) return {};
  auto users = store->users();
  if (!users) return failed(ExitCode::unreachable, users.error().text);
  auto control = store->control(store::Lane::ordinary);
  if (!control) return failed(ExitCode::unreachable, control.error().text);
  const auto links = first_links(**control, **users, hash_key, random, clock.wall());
  if (!links) return failed(ExitCode::failed, links.error().text);
  const bool plain = addresses.tls_listen.empty();
  const std::string base = plain ? "http://" + addresses.listen : "https://" + addresses.tls_listen;
  for (const FirstLink& link : *links)
    log_info("users.none_yet", {{"account", link.account},
                                {"sign_in", fmt::format("{}/sign-in#first={}", base, link.token)},
                                {"hint", "makes the first user, an Admin; works once, for an hour"}});
  return {};
}

// On the housekeeper. Errors are told when they begin and when they end, not every second.
void Server::Parts::tidy_up_regularly(std::string last_error) {
  auto done = store->tidy_up();
  if (done) done = index_upkeep->round();
  const std::string error = done ? "" : done.error().text;
  if (!error.empty() && error != last_error) log_error("store.tidy_up", {{"error", error}});
  if (error.empty() && !last_error.empty()) log_info("store.tidy_up_recovered");
  tidy_timer = threads.housekeeper.after(Seconds{1}, [this, error] { tidy_up_regularly(error); });
}

// An old copy of this very run's files, put back in place after a crash, is told by this.
void Server::Parts::renew_home_regularly() {
  home_timer = threads.housekeeper.after(std::chrono::hours{1}, [this] {
    guard->renew();
    renew_home_regularly();
  });
}

Result<void, Failure> Server::Parts::write_ready_file() const {
  if (options.ready_file.empty()) return {};
  const json::object line{{"listen", addresses.listen},
                          {"tls_listen", addresses.tls_listen},
                          {"socket", addresses.socket},
                          {"pid", ::getpid()}};
  if (auto written = write_file(options.ready_file, to_text(line) + "\n", 0644); !written)
    return failed(ExitCode::failed, written.error());
  return {};
}

Server::Server(Config config, ServeOptions options)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(options))) {}

Server::~Server() {
  if (parts_) parts_->threads.stop_all();
}

Result<Addresses, Failure> Server::start() {
  Parts& p = *parts_;
  TRY(p.open_folder());
  TRY(p.apply_stop_file());
  TRY(p.be_at_home());
  TRY(p.open_sessions());
  if (p.options.demo) {
    p.demo = std::make_unique<Demo>(*p.store, p.clock);
    TRY(p.demo->prepare(p.config));
  }
  TRY(p.make_outbound_guard());
  p.make_engine();
  p.make_notifier();
  TRY(p.open_local_socket());
  TRY(p.sync_configured_accounts());
  TRY(p.refuse_published_secrets());
  if (p.demo) {
    TRY(p.demo->fill());
    p.addresses.demo = p.demo->in_words();
  }
  const std::string held = p.guard->held();
  if (held.empty()) p.engine->start();
  if (held.empty()) p.start_notices(false);
  TRY(p.open_listeners());
  TRY(p.invite_first_users());
  p.threads.housekeeper.post([&p] { p.tidy_up_regularly(""); });
  p.renew_home_regularly();
  p.ready = true;
  TRY(p.write_ready_file());
  if (!held.empty())
    log_warning("server.held",
                {{"why", held}, {"hint", "nothing is sent; when the original is gone: belay adopt"}});
  log_info("server.ready", {{"version", version_text()},
                            {"listen", p.addresses.listen},
                            {"data", p.folder.path()},
                            {"accounts", p.config.accounts.size()},
                            {"sender_loops", p.threads.senders.size()}});
  return p.addresses;
}

void Server::wait() {
  parts_->end.get_future().wait();
}

bool Server::shut_down() {
  Parts& p = *parts_;
  p.ready = false;
  p.public_server->close_listeners();
  std::promise<void> drained;
  p.engine->drain(p.config.engine.answer_within, [&drained] { drained.set_value(); });
  // The engine bounds its own wait; the rest is for a store that hangs.
  const auto patience = p.config.engine.answer_within + Seconds{20};
  const bool clean = drained.get_future().wait_for(patience) == std::future_status::ready;
  if (!clean) {
    log_error("server.drain_timed_out", {{"seconds", std::chrono::duration_cast<Seconds>(patience).count()}});
    ::_exit(1);  // a thread is stuck: there is no joining it
  }
  p.drain_notices();
  p.local_server->close_listeners();
  p.threads.stop_all();
  p.guard->renew();
  ::unlink(p.addresses.socket.c_str());
  log_info("server.ended", {{"clean", true}});
  return true;
}

}  // namespace belay::app
