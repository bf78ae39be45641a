#include "sink/sink.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <thread>

#include "sink/sink_probe.h"

namespace belay::sink {
namespace {

using net::Fate;
using net::HttpVersion;
using net::LinkProbe;

struct Way {
  const char* name;
  HttpVersion version;
  bool tls;
  friend void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }
};

struct SinkOver : testing::TestWithParam<Way> {
  SinkProbe sink;
  std::unique_ptr<LinkProbe> probe;

  void SetUp() override { connect(); }
  void connect() {
    probe = std::make_unique<LinkProbe>(sink.endpoint(GetParam().version, GetParam().tls));
    ASSERT_TRUE(probe->wait_room());
  }
  Fate send(std::uint64_t token, const net::ProbeRequest& request) {
    probe->send(token, request);
    EXPECT_TRUE(probe->wait_end(token));
    return probe->fate(token);
  }
};

INSTANTIATE_TEST_SUITE_P(EveryProtocol, SinkOver,
                         testing::Values(Way{"Http2", HttpVersion::http2, false},
                                         Way{"Http2Tls", HttpVersion::http2, true},
                                         Way{"AlpnTls", HttpVersion::automatic, true},
                                         Way{"Http1", HttpVersion::http1, false},
                                         Way{"Http1Tls", HttpVersion::http1, true}),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(SinkOver, accepts_a_push_as_FCM_does_and_records_whom_it_was_for) {
  const Fate fate = send(1, push("token-1", "1457432766"));
  EXPECT_EQ(fate.status, 200);
  EXPECT_EQ(fate.body, R"({"name":"projects/p/messages/1"})");
  EXPECT_EQ(send(2, push("token-1", "1457432766")).status, 200);
  const auto count = sink->counts().by_campaign.at("1457432766");
  EXPECT_EQ(count.messages, 2U);
  EXPECT_EQ(count.duplicates, 1U);
  EXPECT_EQ(sink->ledger().recipients("1457432766"), std::vector<std::string>{"token-1"});
}

TEST_P(SinkOver, accepts_a_webhook) {
  EXPECT_EQ(send(1, {.path = "/webhook/x", .body = webhook_body("anna", 1472124953)}).status, 200);
  const std::string without_identity = R"({"targetId":"5","profiles":[{"objectId":"device-1"}]})";
  EXPECT_EQ(send(2, {.path = "/webhook", .body = without_identity}).status, 200);
  EXPECT_EQ(sink->ledger().recipients("1472124953"), std::vector<std::string>{"anna"});
  EXPECT_EQ(sink->ledger().recipients("5"), std::vector<std::string>{"device-1"});
}

TEST_P(SinkOver, answers_401_without_a_bearer_token_but_counts_the_message) {
  net::ProbeRequest request = push("token-1");
  request.headers.clear();
  const Fate fate = send(1, request);
  EXPECT_EQ(fate.status, 401);
  EXPECT_NE(fate.body.find("UNAUTHENTICATED"), std::string::npos);
  EXPECT_EQ(sink->counts().by_campaign.at("77").by_status.at(401), 1U);
}

TEST_P(SinkOver, fails_every_Nth_as_told) {
  sink->set_behaviour({.fail_every = 3, .fail_status = 429, .retry_after = 5, .unregistered_every = 2});
  for (std::uint64_t i = 1; i <= 6; ++i) send(i, push("token-" + std::to_string(i)));
  EXPECT_EQ(probe->fate(1).status, 200);
  EXPECT_EQ(probe->fate(2).status, 404);
  EXPECT_NE(probe->fate(2).body.find(R"("errorCode":"UNREGISTERED")"), std::string::npos);
  EXPECT_EQ(probe->fate(3).status, 429);
  EXPECT_EQ(probe->fate(3).retry_after, "5");
  EXPECT_NE(probe->fate(3).body.find("RESOURCE_EXHAUSTED"), std::string::npos);
  EXPECT_EQ(probe->fate(6).status, 404) << "unregistered_every comes before fail_every";
  EXPECT_EQ(sink->counts().total, 6U);
}

TEST_P(SinkOver, answers_after_the_delay) {
  sink->set_behaviour({.delay_ms = 20});
  EXPECT_EQ(send(1, push("token-1")).status, 200);
}

TEST_P(SinkOver, hangs_as_told) {
  sink->set_behaviour({.hang_every = 1});
  net::ProbeRequest request = push("token-1");
  request.answer_within = Millis{50};
  // The link stands still until the sink has it: what is given up before may never be received.
  probe->run([&] {
    probe->submit(1, request);
    probe->link().flush();
    const RealClock clock;
    const SteadyTime until = clock.steady() + net::probe_patience / 2;
    while (sink->counts().total == 0 && clock.steady() < until) std::this_thread::yield();
  });
  ASSERT_TRUE(probe->wait_end(1));
  EXPECT_EQ(probe->fate(1).error, net::LinkError::timeout);
  EXPECT_EQ(sink->counts().by_campaign.at("77").by_status.at(0), 1U);
}

TEST_P(SinkOver, closes_the_connection_after_receiving_as_told) {
  sink->set_behaviour({.close_every = 1});
  const Fate fate = send(1, push("token-1"));
  EXPECT_EQ(fate.end, Fate::End::lost);
  EXPECT_EQ(fate.error, net::LinkError::peer_closed);
  EXPECT_EQ(sink->counts().total, 1U);
}

TEST_P(SinkOver, announces_the_end_of_the_connection_as_told) {
  sink->set_behaviour({.goaway_every = 1});
  EXPECT_EQ(send(1, push("token-1")).status, 200);
  EXPECT_TRUE(probe->wait_closed());
}

// A client may send those again elsewhere: counting them would make a second message of the next one.
TEST(Sink, does_not_receive_what_its_GOAWAY_disclaims) {
  SinkProbe sink;
  sink->set_behaviour({.goaway_every = 3});
  LinkProbe probe(sink.endpoint(HttpVersion::http2));
  ASSERT_TRUE(probe.wait_room());
  probe.run([&] {
    for (std::uint64_t i = 1; i <= 50; ++i) probe.submit(i, push("token-" + std::to_string(i)));
    probe.link().flush();
  });
  ASSERT_TRUE(probe.wait_closed());
  const auto answered = probe.tokens([](const Fate& fate) { return fate.status == 200; });
  EXPECT_GE(answered.size(), 3U);
  EXPECT_LT(answered.size(), 50U);
  EXPECT_EQ(sink->counts().total, answered.size());
}

TEST_P(SinkOver, a_body_that_is_no_message_is_malformed) {
  for (const std::string_view body : {"", "{", "[]", R"({"message":{}})", R"({"message":{"token":""}})",
                                      R"({"message":{"token":"t","data":{"wzrk_id":5}}})"}) {
    connect();
    net::ProbeRequest request = push("x");
    request.body = body;
    EXPECT_EQ(send(1, request).status, 400) << body;
  }
  EXPECT_EQ(sink->counts().malformed, 6U);
  EXPECT_EQ(sink->counts().total, 0U);
}

TEST(Sink, a_request_that_breaks_off_is_incomplete_and_not_received) {
  SinkProbe sink;
  {
    auto broken = net::RawClient::tcp(sink.plain());
    broken.send("POST /webhook HTTP/1.1\r\nhost: s\r\ncontent-length: 100\r\n\r\n{\"targetId\":");
    broken.finish_sending();
    EXPECT_EQ(broken.read_reply().status, 0);
  }
  LinkProbe probe(sink.endpoint(HttpVersion::http2));
  ASSERT_TRUE(probe.wait_room());
  probe.run([&] {
    probe.submit(1, push("token-1"));
    EXPECT_TRUE(probe.link().withdraw([](net::Token) { return true; }).empty());
  });
  ASSERT_TRUE(probe.wait_closed());
  LinkProbe next(sink.endpoint(HttpVersion::http2));
  ASSERT_TRUE(next.wait_room());
  const auto incomplete_is_two = [&] { return sink->counts().incomplete == 2; };
  for (std::uint64_t n = 1; !incomplete_is_two() && n < 100; ++n) {
    next.send(n, push("other"));
    ASSERT_TRUE(next.wait_end(n));
  }
  EXPECT_TRUE(incomplete_is_two());
  EXPECT_FALSE(sink->ledger().recipients("77") == std::vector<std::string>{"token-1"});
}

TEST(SinkTlsTrust, a_peer_that_is_not_trusted_or_not_who_it_should_be_gets_nothing) {
  SinkProbe sink;
  net::Endpoint endpoint = sink.endpoint(HttpVersion::http2, true);
  const SinkProbe other;
  endpoint.ca_file = other.ca_file();
  LinkProbe untrusted(endpoint);
  ASSERT_TRUE(untrusted.wait_closed());
  EXPECT_EQ(untrusted.closed_with(), net::LinkError::connect_failed);
  EXPECT_NE(untrusted.closed_detail().find("certificate"), std::string::npos) << untrusted.closed_detail();

  net::TempDir folder;
  net::make_certificate(folder.file("cert.pem"), folder.file("key.pem"));
  const std::string elsewhere =
      sink->listen("127.0.0.2:0", SinkTls{folder.file("cert.pem"), folder.file("key.pem")}).value();
  net::Endpoint misnamed{
      .tls = true,
      .host = "127.0.0.2",  // the certificate is for 127.0.0.1 and localhost
      .port = static_cast<std::uint16_t>(std::stoi(elsewhere.substr(elsewhere.rfind(':') + 1))),
      .ca_file = folder.file("cert.pem")};
  LinkProbe wrong_name(misnamed);
  ASSERT_TRUE(wrong_name.wait_closed());
  EXPECT_EQ(wrong_name.closed_with(), net::LinkError::connect_failed);

  misnamed.ca_file = folder.file("missing.pem");
  LinkProbe unreadable(misnamed);
  ASSERT_TRUE(unreadable.wait_closed());
  EXPECT_EQ(unreadable.closed_with(), net::LinkError::connect_failed);
  EXPECT_NE(unreadable.closed_detail().find("missing.pem"), std::string::npos);
}

TEST(SinkTlsTrust, the_name_in_the_certificate_is_accepted) {
  SinkProbe sink;
  net::Endpoint by_name = sink.endpoint(HttpVersion::automatic, true);
  by_name.host = "localhost";
  LinkProbe probe(by_name);
  ASSERT_TRUE(probe.wait_room());
  EXPECT_GT(probe.capacity(), 1U) << "ALPN settled on HTTP/2";
}

TEST(Sink, max_streams_changes_on_living_connections) {
  SinkProbe sink({.behaviour = {.max_streams = 7}});
  LinkProbe probe(sink.endpoint(HttpVersion::http2));
  ASSERT_TRUE(probe.wait_room());
  EXPECT_EQ(probe.capacity(), 7U);
  sink->set_behaviour({.max_streams = 3});
  probe.send(1, push("a"));
  ASSERT_TRUE(probe.wait_end(1));  // the new SETTINGS went out before the answer
  EXPECT_EQ(probe.capacity(), 3U);
}

TEST(Sink, several_loops_share_one_ledger) {
  SinkProbe sink({.threads = 3});
  std::vector<std::unique_ptr<LinkProbe>> probes;
  for (int i = 0; i < 6; ++i) {
    probes.push_back(std::make_unique<LinkProbe>(sink.endpoint(HttpVersion::http2)));
    ASSERT_TRUE(probes.back()->wait_room());
  }
  for (std::uint64_t n = 1; n <= 50; ++n)
    for (std::size_t i = 0; i < probes.size(); ++i) probes[i]->send(n, push(fmt::format("t{}-{}", i, n)));
  for (auto& probe : probes) EXPECT_TRUE(probe->wait_all_ended());
  EXPECT_EQ(sink->counts().total, 300U);
  EXPECT_EQ(sink->counts().by_campaign.at("77").duplicates, 0U);
}

TEST(SinkControl, shows_counts_and_lists) {
  SinkProbe sink;
  LinkProbe probe(sink.endpoint(HttpVersion::http2));
  ASSERT_TRUE(probe.wait_room());
  probe.send(1, push("anna", "9"));
  ASSERT_TRUE(probe.wait_end(1));
  const auto counts = parse_json(sink.ask("GET", "/_sink/counts").body).value();
  EXPECT_EQ(counts.at("total").as_int64(), 1);
  EXPECT_EQ(counts.at("incomplete").as_int64(), 0);
  EXPECT_EQ(counts.at("by_campaign").at("9").at("recipients").as_int64(), 1);
  const auto csv = sink.ask("GET", "/_sink/list?campaign=9&format=csv");
  EXPECT_TRUE(csv.body.starts_with("recipient,messages,first_order,first_at_us\nanna,1,0,")) << csv.body;
  const auto line =
      parse_json(sink.ask("GET", "/_sink/list?campaign=9&format=jsonl&what=arrivals").body).value();
  EXPECT_EQ(line.at("recipient").as_string(), "anna");
  EXPECT_EQ(sink.ask("GET", "/_sink/list?campaign=9&format=xml").status, 400);
  EXPECT_EQ(sink.ask("POST", "/_sink/reset").status, 200);
  EXPECT_EQ(sink->counts().total, 0U);
}

TEST(SinkControl, lists_more_than_fits_in_a_piece_over_both_protocols) {
  SinkProbe sink;
  auto& ledger = const_cast<Ledger&>(sink->ledger());
  for (int i = 0; i < 20'000; ++i) ledger.record("9", "recipient-" + std::to_string(i), 200, {});
  const auto list = sink.ask("GET", "/_sink/list?campaign=9&format=csv");
  EXPECT_EQ(std::count(list.body.begin(), list.body.end(), '\n'), 20'001);
  EXPECT_TRUE(list.body.ends_with("recipient-19999,1,19999,0\n"));
}

TEST(SinkControl, changes_single_settings_and_refuses_unknown_ones) {
  SinkProbe sink;
  EXPECT_EQ(sink.ask("POST", "/_sink/behave", R"({"delay_ms":5,"stop_reading":true})").status, 200);
  EXPECT_EQ(sink->behaviour(), (Behaviour{.delay_ms = 5, .stop_reading = true}));
  EXPECT_EQ(sink.ask("POST", "/_sink/behave", R"({"fail_every":2})").status, 200)
      << "control works while reading is stopped";
  EXPECT_EQ(sink->behaviour(), (Behaviour{.delay_ms = 5, .fail_every = 2, .stop_reading = true}));
  for (const std::string_view wrong :
       {R"({"speed":1})", R"({"delay_ms":-1})", R"({"stop_reading":1})", R"({"fail_status":42})", "[]", "x"})
    EXPECT_EQ(sink.ask("POST", "/_sink/behave", wrong).status, 400) << wrong;
  EXPECT_EQ(sink->behaviour().delay_ms, 5U);
}

TEST(SinkControl, unknown_paths_and_methods_are_refused) {
  SinkProbe sink;
  EXPECT_EQ(sink.ask("GET", "/").status, 404);
  EXPECT_EQ(sink.ask("GET", "/_sink/nothing").status, 404);
  EXPECT_EQ(sink.ask("POST", "/_sink/counts").status, 405);
  EXPECT_EQ(sink.ask("GET", "/v1/projects/p/messages:send").status, 405);
  EXPECT_EQ(sink.ask("POST", "/v1/projects//messages:send").status, 404);
}

TEST(SinkHttp1, takes_chunked_bodies_expect_continue_and_pipelined_requests) {
  SinkProbe sink;
  auto client = net::RawClient::tcp(sink.plain());
  const std::string body = webhook_body("anna", 9);
  client.send("POST /webhook HTTP/1.1\r\nhost: s\r\nexpect: 100-continue\r\ncontent-length: " +
              std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(body);
  EXPECT_EQ(client.read_reply().status, 200);
  const std::string chunked = fmt::format(
      "POST /webhook HTTP/1.1\r\nhost: s\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
      body.size(), body);
  client.send(chunked + chunked + chunked);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.read_reply().status, 200) << i;
  EXPECT_EQ(sink->counts().total, 4U);
}

struct SigningKey {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_RSA_gen(2048), &EVP_PKEY_free};

  std::string public_pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(out.get(), key.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
  static std::string base64url(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (out.ends_with('=')) out.pop_back();
    return out;
  }
  std::string jwt(std::string_view header = R"({"alg":"RS256","typ":"JWT"})") const {
    std::string content = base64url(header) + "." + base64url(R"({"iss":"a@b","exp":1})");
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                             reinterpret_cast<const unsigned char*>(content.data()), content.size()),
              1);
    signature.resize(size);
    return content + "." + base64url(signature);
  }
};

constexpr std::string_view grant =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

TEST(SinkToken, gives_a_token_for_an_assertion_signed_with_the_known_key) {
  const SigningKey key;
  const SigningKey stranger;
  const SinkProbe sink({.token_public_key = key.public_pem()});
  const auto given = sink.ask("POST", "/token", std::string(grant) + key.jwt());
  EXPECT_EQ(given.status, 200);
  EXPECT_EQ(given.body, R"({"access_token":"sink-token-1","expires_in":3600,"token_type":"Bearer"})");
  EXPECT_EQ(sink.ask("POST", "/token", std::string(grant) + stranger.jwt()).status, 400);
  EXPECT_EQ(sink.ask("POST", "/token", std::string(grant) + key.jwt(R"({"alg":"none"})")).status, 400);
}

TEST(SinkToken, refuses_forms_that_are_no_JWT_bearer_grant) {
  const SinkProbe sink;
  const SigningKey any;
  EXPECT_EQ(sink.ask("POST", "/token", std::string(grant) + any.jwt()).status, 200);
  for (const std::string& form : {std::string(), std::string(grant), std::string(grant) + "a.b",
                                  "grant_type=password&assertion=" + any.jwt()}) {
    const auto refused = sink.ask("POST", "/token", form);
    EXPECT_EQ(refused.status, 400) << form;
    EXPECT_NE(refused.body.find("invalid_grant"), std::string::npos);
  }
}

TEST(SinkToken, a_key_that_is_none_is_refused_at_the_start) {
  EXPECT_FALSE(Sink::make({.token_public_key = "not a key"}).has_value());
}

}  // namespace
}  // namespace belay::sink
