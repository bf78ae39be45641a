#include "channel/credentials.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "base/log.h"
#include "channel/jwt.h"
#include "net/endpoint.h"
#include "net/http_client.h"

namespace belay::channel {
namespace {

constexpr std::string_view messaging_scope = "https://www.googleapis.com/auth/firebase.messaging";
constexpr std::size_t largest_file = 64 * 1024;
constexpr Micros renew_before_expiry = std::chrono::minutes{5};
constexpr Micros shortest_wait = Seconds{1}, longest_wait = Seconds{60};
// A token younger than this that is refused was probably not refused for its age.
constexpr Micros young = Seconds{60};

Micros back_off(unsigned failures) {
  if (failures == 0) return Micros{0};
  return std::min(shortest_wait * (1 << std::min(failures - 1, 10u)), longest_wait);
}

// A member that is a text, or "".
std::string text_of(const json::value& object, std::string_view key) {
  const auto* o = object.if_object();
  const json::value* v = o ? o->if_contains(key) : nullptr;
  return v && v->is_string() ? std::string(v->as_string()) : std::string();
}

struct Token {
  std::string header_value;
  Micros lives{};
};

// RFC 6749 section 5.1 and 5.2.
Result<Token, std::string> read_token_answer(const net::SimpleReply& reply) {
  json::error_code ec;
  const json::value body = json::parse(reply.body, ec);
  if (reply.status != 200) {
    const std::string error = ec ? "" : text_of(body, "error"),
                      why = ec ? "" : text_of(body, "error_description");
    return std::unexpected(fmt::format("the token endpoint answered HTTP {} {} {}", reply.status,
                                       error.substr(0, 80), why.substr(0, 200)));
  }
  const std::string token = ec ? "" : text_of(body, "access_token");
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (token.empty() || !std::all_of(token.begin(), token.end(), printable))
    return std::unexpected(std::string("the token endpoint's answer holds no usable access_token"));
  std::int64_t seconds = 3600;
  if (const json::value* lives = body.as_object().if_contains("expires_in"); lives && lives->is_number()) {
    json::error_code not_whole;
    seconds = lives->to_number<std::int64_t>(not_whole);
    if (not_whole) seconds = 3600;
  }
  return Token{"Bearer " + token, Seconds{std::clamp<std::int64_t>(seconds, 1, 24 * 3600)}};
}

class LocalTokens final : public AccessTokens {
 public:
  const std::string& project_id() const override { return project_; }
  std::shared_ptr<const std::string> header_value() override { return value_; }
  void refused(const std::shared_ptr<const std::string>&) override {}
  void on_change(std::function<void()> done) override { done(); }
  std::string last_error() const override { return ""; }

 private:
  std::string project_ = "local";
  std::shared_ptr<const std::string> value_ = std::make_shared<const std::string>("Bearer local");
};

class ServiceAccountTokens final : public AccessTokens,
                                   public std::enable_shared_from_this<ServiceAccountTokens> {
 public:
  ServiceAccountTokens(ServiceAccount account, const Clock& clock, Executor& worker, std::string ca_file,
                       std::shared_ptr<const net::OutboundGuard> guard)
      : account_(std::move(account)),
        ca_file_(std::move(ca_file)),
        guard_(std::move(guard)),
        clock_(clock),
        worker_(worker) {}

  const std::string& project_id() const override { return account_.project_id; }

  std::shared_ptr<const std::string> header_value() override {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    if (value_ && now >= expires_) value_.reset();
    if (!value_ || now >= renew_) start(now);
    return value_;
  }

  void refused(const std::shared_ptr<const std::string>& used) override {
    const std::lock_guard lock(mutex_);
    if (!value_ || value_ != used) return;  // somebody said so before, and there is a newer one by now
    const SteadyTime now = clock_.steady();
    refusals_ = now - obtained_ < young ? refusals_ + 1 : 0;
    not_before_ = now + back_off(refusals_);
    value_.reset();
    error_ = "the provider refused the access token";
    start(now);
  }

  void on_change(std::function<void()> done) override {
    const std::lock_guard lock(mutex_);
    if (value_ && !under_way_) return worker_.post(std::move(done));
    waiting_.push_back(std::move(done));
    start(clock_.steady());
  }

  std::string last_error() const override {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  // With the lock held. The worker may outlive this object, so tasks hold it weakly.
  void start(SteadyTime now) {
    if (std::exchange(under_way_, true)) return;
    auto task = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->exchange_and_tell();
    };
    if (now >= not_before_) {
      worker_.post(std::move(task));
    } else {
      timer_ = worker_.after(not_before_ - now, std::move(task));
    }
  }

  // On the worker; waits for the network without the lock.
  void exchange_and_tell() {
    const auto token = exchange();
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex_);
      const SteadyTime now = clock_.steady();
      under_way_ = false;
      waiting.swap(waiting_);
      if (token) {
        value_ = std::make_shared<const std::string>(token->header_value);
        obtained_ = now;
        expires_ = now + token->lives;
        renew_ = expires_ - std::min(renew_before_expiry, token->lives / 2);
        failures_ = 0;
        error_.clear();
      } else {
        not_before_ = now + back_off(++failures_);
        error_ = token.error();
      }
    }
    if (!token)
      log_warning("credentials.refresh_failed",
                  {{"account", account_.client_email}, {"detail", token.error()}});
    for (const auto& done : waiting) done();
  }

  Result<Token, std::string> exchange() const {
    TRY_ASSIGN(const std::string assertion, sign_assertion(account_, messaging_scope, clock_.wall()));
    net::SimpleRequest request;
    request.method = "POST";
    request.url = account_.token_uri;
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion;
    request.ca_file = ca_file_;
    request.guard = guard_.get();
    TRY_ASSIGN(const net::SimpleReply reply, net::fetch(request));
    return read_token_answer(reply);
  }

  const ServiceAccount account_;
  const std::string ca_file_;
  const std::shared_ptr<const net::OutboundGuard> guard_;
  const Clock& clock_;
  Executor& worker_;

  mutable std::mutex mutex_;  // held for a few assignments at most
  std::shared_ptr<const std::string> value_;
  SteadyTime obtained_{}, renew_{}, expires_{};
  SteadyTime not_before_{};  // the next exchange
  unsigned failures_ = 0, refusals_ = 0;
  bool under_way_ = false;
  std::string error_;
  std::vector<std::function<void()>> waiting_;
  std::unique_ptr<Executor::Timer> timer_;
};

Result<std::string, std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(fmt::format("Can't read the service account file {}", path));
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file)
    return std::unexpected(fmt::format("{} is no service account file: too large", path));
  return text;
}

// Goes into a URL's path as it is.
bool is_project_id(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
             std::string_view::npos;
}

}  // namespace

Result<ServiceAccount, std::string> read_service_account(const std::string& path) {
  TRY_ASSIGN(const std::string text, read_small_file(path));
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(fmt::format("{} is no usable service account file: {}", path, why));
  };
  const auto parsed = parse_json(text);
  if (!parsed) return refuse(parsed.error());
  if (text_of(*parsed, "type") != "service_account") return refuse("\"type\" is not \"service_account\"");
  ServiceAccount account{text_of(*parsed, "client_email"), text_of(*parsed, "private_key_id"),
                         text_of(*parsed, "token_uri"), text_of(*parsed, "project_id"),
                         Secret(text_of(*parsed, "private_key"))};
  if (account.client_email.empty()) return refuse("\"client_email\" is missing");
  if (!is_project_id(account.project_id)) return refuse("\"project_id\" is missing or malformed");
  if (const auto uri = net::parse_url(account.token_uri); !uri)
    return refuse(fmt::format("\"token_uri\": {}", uri.error()));
  if (!is_rsa_private_key(account.private_key))
    return refuse("\"private_key\" is no RSA private key in PEM form");
  return account;
}

Result<std::string, std::string> sign_assertion(const ServiceAccount& account, std::string_view scope,
                                                WallTime now) {
  constexpr std::int64_t one_hour = 3600;  // the longest that is allowed
  const std::int64_t issued = to_epoch_seconds(now);
  json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.private_key_id.empty()) header["kid"] = account.private_key_id;
  const json::object claims{{"iss", account.client_email},
                            {"scope", scope},
                            {"aud", account.token_uri},
                            {"iat", issued},
                            {"exp", issued + one_hour}};
  return sign_jwt(to_text(header), to_text(claims), account.private_key);
}

std::shared_ptr<AccessTokens> local_tokens() {
  return std::make_shared<LocalTokens>();
}

Result<std::shared_ptr<AccessTokens>, std::string> service_account_tokens(
    const std::string& path, const Clock& clock, Executor& worker, const std::string& ca_file,
    std::shared_ptr<const net::OutboundGuard> guard) {
  TRY_ASSIGN(ServiceAccount account, read_service_account(path));
  return std::make_shared<ServiceAccountTokens>(std::move(account), clock, worker, ca_file, std::move(guard));
}

}  // namespace belay::channel
