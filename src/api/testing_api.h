// For tests: the whole API over a real store in a folder of its own, without threads and without an
// engine. Calls run where they are made, as in the command line's offline use. Single-threaded.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "base/check.h"
#include "base/json.h"
#include "base/manual.h"
#include "store/sqlite/open.h"

namespace belay::api::testing {

// Keeps the answer; `stream` is for what never streams here.
class KeptAnswer final : public net::Responder {
 public:
  explicit KeptAnswer(std::shared_ptr<std::optional<net::HttpReply>> into) : into_(std::move(into)) {}
  void reply(net::HttpReply reply) override { *into_ = std::move(reply); }
  std::shared_ptr<net::HttpStream> stream(net::HttpReply head) override {
    *into_ = std::move(head);
    return nullptr;
  }

 private:
  std::shared_ptr<std::optional<net::HttpReply>> into_;
};

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "belay-api-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Credentials {
  std::string account, passcode;
};

// A signed-in user, as the browser knows of it.
struct Session {
  std::string cookie, csrf;
};

class Desk {
 public:
  // `executor`: where calls wait until it is run; null: they run at once.
  explicit Desk(Executor* executor = nullptr, std::string demo_account = "") : store_(open()) {
    for (Worker* worker : {&reads_, &uploads_, &brake_}) {
      worker->executor = executor;
      worker->control = *store_->control(worker == &brake_ ? store::Lane::brake : store::Lane::ordinary);
      worker->journal = *store_->journal();
      worker->profiles = *store_->profiles();
      worker->notices = *store_->notices();
      worker->users = *store_->users();
    }
    services_ = std::unique_ptr<Services>(new Services{.clock = clock, .random = random_, .store = *store_});
    services_->hash_key = Secret("test key");
    services_->uploads = {&uploads_};
    services_->reads = {&reads_};
    services_->brake = &brake_;
    services_->demo_account = std::move(demo_account);
    api_ = std::make_unique<Api>(*services_);
  }

  // An account with one passcode, "pass-KEY".
  Credentials add_account(std::string key, std::string zone = "Asia/Kolkata") {
    const auto account = *control().put_account({{}, key, std::move(zone), "in1"});
    const std::string passcode = "pass-" + key;
    CHECK(control().put_passcode(
        {account.id, keyed_hash("test key", passcode), passcode.substr(0, 3), clock.wall()}));
    api_->forget_credentials();
    return {std::move(key), passcode};
  }
  AccountId id_of(const Credentials& who) {
    const auto accounts = control().accounts();
    CHECK(accounts);
    for (const store::Account& a : *accounts)
      if (a.key == who.account) return a.id;
    return {};
  }
  ProviderId add_provider(const Credentials& who, std::string nick_name, Channel channel = Channel::push) {
    store::Provider p;
    p.account = id_of(who);
    p.nick_name = std::move(nick_name);
    p.channel = channel;
    p.kind = channel == Channel::push ? "fcm" : "webhook";
    p.url = "http://127.0.0.1:9";
    return control().put_provider(p)->id;
  }

  net::HttpRequest request(std::string method, std::string_view target, std::string body = "") {
    net::HttpRequest r;
    r.method = std::move(method);
    r.path = target.substr(0, target.find('?'));
    if (r.path.size() < target.size()) r.query = target.substr(r.path.size() + 1);
    r.body = std::move(body);
    r.peer = "127.0.0.1:5000";
    if (r.method == "POST") r.headers.emplace_back("content-type", "application/json");
    return r;
  }
  std::shared_ptr<std::optional<net::HttpReply>> begin(net::HttpRequest request) {
    auto kept = std::make_shared<std::optional<net::HttpReply>>();
    api_->handle(std::move(request), std::make_unique<KeptAnswer>(kept));
    return kept;
  }
  net::HttpReply call(net::HttpRequest request) {
    const auto kept = begin(std::move(request));
    CHECK(kept->has_value());
    return **kept;
  }
  net::HttpRequest as(const Credentials& who, net::HttpRequest request) {
    request.headers.emplace_back("X-CleverTap-Account-Id", who.account);
    request.headers.emplace_back("X-CleverTap-Passcode", who.passcode);
    return request;
  }
  // A new user of that account, or the one of that name, signed in without a password.
  Session sign_in(const Credentials& who, std::string name, store::Role role) {
    auto user = *users().find(id_of(who), name);
    if (!user) user = *users().add({{}, id_of(who), std::move(name), role, {}, clock.wall()});
    const std::string token = random_hex(random_, 32);
    CHECK(users().begin({hash_of_session(services_->hash_key, token), user->id, clock.wall(), clock.wall()}));
    api_->forget_credentials();
    return {fmt::format("{}={}", session_cookie, token), csrf_of(services_->hash_key, token)};
  }
  net::HttpRequest by(const Session& session, net::HttpRequest request) {
    request.headers.emplace_back("Cookie", session.cookie);
    if (request.method != "GET") request.headers.emplace_back("X-Belay-CSRF", session.csrf);
    return request;
  }
  net::HttpReply call(const Session& session, std::string method, std::string_view target,
                      std::string body = "") {
    return call(by(session, request(std::move(method), target, std::move(body))));
  }
  net::HttpReply post(const Credentials& who, std::string_view target, std::string body) {
    return call(as(who, request("POST", target, std::move(body))));
  }

  store::ControlSession& control() { return *reads_.control; }
  store::UserSession& users() { return *reads_.users; }
  store::ProfileSession& profiles() { return *reads_.profiles; }
  store::JournalSession& journal() { return *reads_.journal; }
  Services& services() { return *services_; }
  Api& api() { return *api_; }

  ManualClock clock;

 private:
  std::unique_ptr<store::Store> open() {
    auto opened = store::open_sqlite(folder_.path());
    CHECK(opened);
    return std::move(*opened);
  }

  Folder folder_;
  SeededRandom random_{7};
  std::unique_ptr<store::Store> store_;
  Worker reads_, uploads_, brake_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Api> api_;
};

inline std::string header(const net::HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return "";
}

// A key of the answer's JSON object as JSON text; "" if it isn't there.
inline std::string field(const net::HttpReply& reply, std::string_view key) {
  const auto value = parse_json(reply.body);
  CHECK(value && value->is_object());
  const json::value* found = value->get_object().if_contains(key);
  return found ? to_text(*found) : "";
}

}  // namespace belay::api::testing
