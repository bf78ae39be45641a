#include "channel/credentials.h"

#include <fstream>
#include <future>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/json.h"
#include "base/manual.h"
#include "channel/jwt.h"
#include "net/http_server.h"
#include "net/io_loop.h"

namespace belay::channel {
namespace {

using namespace std::chrono_literals;
constexpr auto patience = 20s;

// Steady time that only the test moves, read from several threads.
class TestClock final : public Clock {
 public:
  WallTime wall() const override { return wall_from_micros(1'457'432'766'000'000 + us_); }
  SteadyTime steady() const override { return SteadyTime{Micros{us_}}; }
  void advance(Micros d) { us_ += d.count(); }

 private:
  std::atomic<std::int64_t> us_ = 0;
};

// One RSA key for all tests: making one takes its time.
struct KeyPair {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  std::string pem = [this] {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    std::string text(1, '\0');
    const long size = BIO_get_mem_data(bio, &data);
    text.assign(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }();
  ~KeyPair() { EVP_PKEY_free(key); }
};
const KeyPair& key_pair() {
  static const KeyPair pair;
  return pair;
}

std::string from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto at =
        std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").find(c);
    if (at == std::string_view::npos) return "";
    bits = bits << 6 | static_cast<std::uint32_t>(at);
    if ((held += 6) >= 8) out += static_cast<char>(bits >> (held -= 8) & 255);
  }
  return out;
}

// What the provider checks: the signature, by the public key.
bool verify(std::string_view jwt) {
  const std::size_t dot = jwt.rfind('.');
  const std::string signature = from_base64url(jwt.substr(dot + 1));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto bytes = [](std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); };
  const bool good = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key_pair().key) == 1 &&
                    EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(jwt), dot) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

json::value part(std::string_view jwt, int n) {
  for (; n > 0; --n) jwt.remove_prefix(jwt.find('.') + 1);
  return parse_json(from_base64url(jwt.substr(0, jwt.find('.')))).value();
}

// A real token endpoint on a real socket that answers as told and keeps what it was sent.
class TokenEndpoint {
 public:
  TokenEndpoint()
      : server_(
            loop_, {},
            [this](net::HttpRequest r, std::unique_ptr<net::Responder> responder) { take(r, *responder); },
            [](int status, std::string_view) {
              return net::HttpReply{
                  .status = status, .content_type = "text/plain", .body = "", .headers = {}};
            }),
        address_(server_.listen_tcp("127.0.0.1:0").value()) {}

  std::string uri() const { return "http://" + address_ + "/token"; }
  void answer(int status, std::string body) {
    const std::lock_guard lock(mutex_);
    reply_ = {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
  }
  std::size_t requests() const {
    const std::lock_guard lock(mutex_);
    return bodies_.size();
  }
  std::string last_body() const {
    const std::lock_guard lock(mutex_);
    return bodies_.empty() ? "" : bodies_.back();
  }

 private:
  void take(const net::HttpRequest& request, net::Responder& responder) {
    const std::lock_guard lock(mutex_);
    bodies_.push_back(request.method + " " + request.path + " " +
                      std::string(request.header("content-type")) + " " + request.body);
    responder.reply(reply_);
  }

  mutable std::mutex mutex_;
  net::HttpReply reply_{.status = 200,
                        .content_type = "application/json",
                        .body = R"({"access_token":"t0","expires_in":3600,"token_type":"Bearer"})",
                        .headers = {}};
  std::vector<std::string> bodies_;
  net::IoLoop loop_{"token-endpoint"};
  net::HttpServer server_;
  std::string address_;
};

std::string write_file(const json::value& content) {
  static std::atomic<int> count = 0;
  const std::string path = testing::TempDir() + fmt::format("sa-{}-{}.json", getpid(), ++count);
  std::ofstream(path) << to_text(content);
  return path;
}

json::object account_json(std::string token_uri) {
  return {{"type", "service_account"},
          {"project_id", "demo-project"},
          {"private_key_id", "key-1"},
          {"private_key", key_pair().pem},
          {"client_email", "belay@demo-project.iam.gserviceaccount.com"},
          {"token_uri", std::move(token_uri)},
          {"universe_domain", "googleapis.com"}};
}

struct Fixture {
  Fixture()
      : tokens(service_account_tokens(write_file(account_json(endpoint.uri())), clock, worker, "").value()) {}

  // Waits until the exchange that is under way, or that this starts, has ended.
  void settle() const {
    auto done = std::make_shared<std::promise<void>>();
    auto future = done->get_future();
    tokens->on_change([done] { done->set_value(); });
    ASSERT_EQ(future.wait_for(patience), std::future_status::ready);
  }
  std::string value() const {
    const auto v = tokens->header_value();
    return v ? *v : "none";
  }

  TokenEndpoint endpoint;
  TestClock clock;
  net::IoLoop worker{"courier"};
  std::shared_ptr<AccessTokens> tokens;
};

TEST(ServiceAccount, is_read_and_checked) {
  const auto error_with = [](std::string_view key, json::value value) {
    json::object file = account_json("https://oauth2.googleapis.com/token");
    file[key] = std::move(value);
    const auto account = read_service_account(write_file(file));
    return account ? "accepted" : account.error();
  };
  EXPECT_EQ(error_with("client_id", "1"), "accepted");
  EXPECT_THAT(error_with("type", "authorized_user"), testing::HasSubstr("\"type\" is not"));
  EXPECT_THAT(error_with("client_email", nullptr), testing::HasSubstr("\"client_email\" is missing"));
  EXPECT_THAT(error_with("project_id", "a/b"), testing::HasSubstr("\"project_id\""));
  EXPECT_THAT(error_with("token_uri", "nowhere"), testing::HasSubstr("\"token_uri\""));
  const std::string bad_key =
      error_with("private_key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  EXPECT_THAT(bad_key, testing::HasSubstr("\"private_key\" is no RSA private key"));
  EXPECT_THAT(bad_key, testing::Not(testing::HasSubstr("c2VjcmV0"))) << "a key must never be shown";
  EXPECT_THAT(read_service_account("/does/not/exist").error(), testing::HasSubstr("/does/not/exist"));
  EXPECT_FALSE(read_service_account(write_file(json::array{})));
}

TEST(ServiceAccount, signs_what_the_public_key_verifies) {
  const auto account = read_service_account(write_file(account_json("https://t.example/token"))).value();
  const std::string jwt =
      sign_assertion(account, "the-scope", wall_from_micros(1'457'432'766'000'000)).value();
  EXPECT_TRUE(verify(jwt));
  std::string forged = jwt;
  forged[jwt.find('.') + 2] ^= 1;
  EXPECT_FALSE(verify(forged));
  EXPECT_EQ(part(jwt, 0), parse_json(R"({"alg":"RS256","typ":"JWT","kid":"key-1"})").value());
  EXPECT_EQ(part(jwt, 1),
            parse_json(R"({"iss":"belay@demo-project.iam.gserviceaccount.com","scope":"the-scope",
      "aud":"https://t.example/token","iat":1457432766,"exp":1457436366})")
                .value());
}

TEST(Base64Url, is_what_rfc_4648_says) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foo"), "Zm9v");
  EXPECT_EQ(base64url("\xff\xfe\xfd"), "__79");
}

TEST(AccessTokens, are_fetched_once_and_kept) {
  Fixture f;
  EXPECT_EQ(f.tokens->project_id(), "demo-project");
  EXPECT_EQ(f.value(), "none") << "nothing blocks: the first question only starts the exchange";
  f.settle();
  EXPECT_EQ(f.value(), "Bearer t0");
  f.clock.advance(54min);
  EXPECT_EQ(f.value(), "Bearer t0");
  EXPECT_EQ(f.endpoint.requests(), 1u);

  const std::string body = f.endpoint.last_body();
  const std::string prefix =
      "POST /token application/x-www-form-urlencoded "
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(body.starts_with(prefix)) << body;
  const std::string jwt = body.substr(prefix.size());
  EXPECT_TRUE(verify(jwt));
  EXPECT_EQ(part(jwt, 1).at("scope"), "https://www.googleapis.com/auth/firebase.messaging");
  EXPECT_EQ(part(jwt, 1).at("aud").as_string(), f.endpoint.uri());
}

TEST(AccessTokens, are_renewed_before_they_run_out_without_a_pause) {
  Fixture f;
  f.settle();
  f.endpoint.answer(200, R"({"access_token":"t1","expires_in":3600})");
  f.clock.advance(55min);
  EXPECT_EQ(f.value(), "Bearer t0") << "still good while the next one is fetched";
  f.settle();
  EXPECT_EQ(f.value(), "Bearer t1");
  EXPECT_EQ(f.endpoint.requests(), 2u);
}

TEST(AccessTokens, are_fetched_once_however_many_ask) {
  Fixture f;
  std::vector<std::unique_ptr<net::IoLoop>> loops;
  std::vector<std::future<void>> done;
  for (int i = 0; i < 4; ++i) {
    auto asked = std::make_shared<std::promise<void>>();
    done.push_back(asked->get_future());
    loops.push_back(std::make_unique<net::IoLoop>("asker"));
    loops.back()->post([&f, asked] {
      for (int n = 0; n < 100; ++n) (void)f.tokens->header_value();
      asked->set_value();
    });
  }
  for (auto& one : done) ASSERT_EQ(one.wait_for(patience), std::future_status::ready);
  f.settle();
  EXPECT_EQ(f.value(), "Bearer t0");
  EXPECT_EQ(f.endpoint.requests(), 1u);
}

TEST(AccessTokens, one_that_is_refused_is_replaced_once) {
  TokenEndpoint endpoint;
  ManualClock clock;
  ManualExecutor worker(clock);  // so that the next exchange cannot end before the test has looked
  const auto tokens =
      service_account_tokens(write_file(account_json(endpoint.uri())), clock, worker, "").value();
  (void)tokens->header_value();
  worker.run_ready();
  const auto used = tokens->header_value();
  ASSERT_TRUE(used);
  clock.advance(10min);
  endpoint.answer(200, R"({"access_token":"t1","expires_in":3600})");
  tokens->refused(used);
  EXPECT_THAT(tokens->last_error(), testing::HasSubstr("refused"));
  EXPECT_EQ(tokens->header_value(), nullptr) << "nobody is sent to with a refused token";
  worker.run_ready();
  ASSERT_TRUE(tokens->header_value());
  EXPECT_EQ(*tokens->header_value(), "Bearer t1");
  tokens->refused(used);  // a late answer to a message that left with the old token
  worker.run_ready();
  EXPECT_EQ(*tokens->header_value(), "Bearer t1");
  EXPECT_EQ(endpoint.requests(), 2u);
}

TEST(AccessTokens, a_failed_exchange_says_why_and_is_tried_again_later) {
  TokenEndpoint endpoint;
  ManualClock clock;
  ManualExecutor worker(clock);
  const auto tokens =
      service_account_tokens(write_file(account_json(endpoint.uri())), clock, worker, "").value();
  endpoint.answer(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
  EXPECT_EQ(tokens->header_value(), nullptr);
  worker.run_ready();
  EXPECT_EQ(tokens->last_error(),
            "the token endpoint answered HTTP 400 invalid_grant Invalid JWT Signature.");
  for (const Micros wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    const std::size_t before = endpoint.requests();
    EXPECT_EQ(tokens->header_value(), nullptr);
    clock.advance(wait - 1us);
    worker.run_ready();
    EXPECT_EQ(endpoint.requests(), before) << "too early";
    clock.advance(1us);
    worker.run_ready();
    EXPECT_EQ(endpoint.requests(), before + 1);
  }
  endpoint.answer(200, R"({"access_token":"t9","expires_in":10})");
  EXPECT_EQ(tokens->header_value(), nullptr);
  clock.advance(60s);
  worker.run_ready();
  EXPECT_EQ(*tokens->header_value(), "Bearer t9");
  EXPECT_EQ(tokens->last_error(), "");
  clock.advance(10s);
  EXPECT_EQ(tokens->header_value(), nullptr) << "expired";
}

TEST(AccessTokens, tokens_that_are_always_refused_do_not_flood_the_endpoint) {
  TokenEndpoint endpoint;
  ManualClock clock;
  ManualExecutor worker(clock);
  const auto tokens =
      service_account_tokens(write_file(account_json(endpoint.uri())), clock, worker, "").value();
  (void)tokens->header_value();
  worker.run_ready();
  for (int i = 0; i < 5; ++i) {
    const auto token = tokens->header_value();
    ASSERT_TRUE(token);
    tokens->refused(token);
    worker.run_ready();
    EXPECT_EQ(tokens->header_value(), nullptr) << "waits";
    clock.advance(Seconds{1 << i});
    worker.run_ready();
  }
  EXPECT_EQ(endpoint.requests(), 6u);
}

TEST(AccessTokens, unusable_answers_are_no_tokens) {
  TokenEndpoint endpoint;
  ManualClock clock;
  ManualExecutor worker(clock);
  const auto tokens =
      service_account_tokens(write_file(account_json(endpoint.uri())), clock, worker, "").value();
  for (const std::string answer : {"", "[]", "{}", R"({"access_token":""})", R"({"access_token":"a b"})",
                                   R"({"access_token":"a\r\nx: y"})"}) {
    endpoint.answer(200, answer);
    (void)tokens->header_value();
    clock.advance(60s);
    worker.run_ready();
    EXPECT_EQ(tokens->header_value(), nullptr) << answer;
    EXPECT_THAT(tokens->last_error(), testing::HasSubstr("no usable access_token")) << answer;
  }
}

TEST(AccessTokens, may_go_before_their_worker) {
  TokenEndpoint endpoint;
  ManualClock clock;
  ManualExecutor worker(clock);
  auto tokens = service_account_tokens(write_file(account_json(endpoint.uri())), clock, worker, "").value();
  (void)tokens->header_value();
  tokens.reset();
  worker.run_ready();
  EXPECT_EQ(endpoint.requests(), 0u);
}

TEST(AccessTokens, of_a_local_receiver_are_always_there) {
  const auto tokens = local_tokens();
  EXPECT_EQ(*tokens->header_value(), "Bearer local");
  tokens->refused(tokens->header_value());
  EXPECT_EQ(*tokens->header_value(), "Bearer local");
  EXPECT_EQ(tokens->project_id(), "local");
}

}  // namespace
}  // namespace belay::channel
