#include "app/config.h"

#include <gtest/gtest.h>

#include <fstream>

namespace belay::app {
namespace {

Result<Config, std::string> parse(std::string_view text) {
  return parse_config(text, "belay.toml", "/srv/belay");
}

std::string error_of(std::string_view text) {
  const auto config = parse(text);
  return config ? "" : config.error();
}

TEST(Config, reads_every_key_of_the_documented_example) {
  const auto config = parse(R"(
data = "data"
listen = "127.0.0.1:8080"
[[account]]
id = "TEST-123-4567"
passcode = "QWE-RTY-UIOP"
timezone = "Asia/Kolkata"
region = "in1"
  [[account.provider]]
  nick_name = "local-fcm"
  mode = "push"
  kind = "fcm"
  url = "http://127.0.0.1:9001"
  service_account = "sa.json"
  max_per_second = 250
)");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->data, "/srv/belay/data");
  EXPECT_EQ(config->listen, "127.0.0.1:8080");
  ASSERT_EQ(config->accounts.size(), 1u);
  const AccountSetting& account = config->accounts.front();
  EXPECT_EQ(account.id, "TEST-123-4567");
  ASSERT_EQ(account.passcodes.size(), 1u);
  EXPECT_EQ(account.passcodes.front().reveal(), "QWE-RTY-UIOP");
  EXPECT_EQ(account.time_zone, "Asia/Kolkata");
  EXPECT_EQ(account.region, "in1");
  ASSERT_EQ(account.providers.size(), 1u);
  const ProviderSetting& provider = account.providers.front();
  EXPECT_EQ(provider.nick_name, "local-fcm");
  EXPECT_EQ(provider.mode, Channel::push);
  EXPECT_EQ(provider.kind, "fcm");
  EXPECT_EQ(provider.service_account, "/srv/belay/sa.json");
  EXPECT_EQ(provider.max_per_second, 250u);
}

TEST(Config, the_example_that_help_prints_is_good) {
  EXPECT_TRUE(parse(example_config()));
}

TEST(Config, reads_how_long_sessions_last) {
  const auto config = parse("[dashboard]\nsession_idle = \"30m\"\nsession_life = \"1d\"\n");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->sessions.idle, Seconds{1800});
  EXPECT_EQ(config->sessions.life, Seconds{86400});
  EXPECT_EQ(parse("")->sessions.idle, Seconds{12 * 3600});
  EXPECT_EQ(error_of("[dashboard]\nsession_idle = 5\n"),
            "belay.toml:1: dashboard.session_idle and session_life must be at least a minute");
}

TEST(Config, reads_the_memory_of_the_audience) {
  EXPECT_EQ(parse("[audience]\nindex_cache_mib = 64\n")->index_cache_mib, 64u);
  EXPECT_EQ(parse("")->index_cache_mib, 256u);
  EXPECT_NE(error_of("[audience]\nindex_cache_mib = 0\n"), "");
  EXPECT_EQ(parse("[audience]\nname_cache_mib = 64\n")->name_cache_mib, 64u);
  EXPECT_EQ(parse("")->name_cache_mib, 256u);
  EXPECT_NE(error_of("[audience]\nname_cache_mib = 0\n"), "");
}

TEST(Config, reads_the_engine_settings) {
  const auto config = parse(R"(
past_due_grace = "2h"
log_format = "json"
log_level = "warning"
[dispatch]
window = 4096
loops = 3
retry_initial_ms = 250
answer_timeout_ms = 4000
max_attempts = 7
[tls]
certificate = "certs/server.pem"
key = "/etc/belay/server.key"
)");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->past_due_grace, std::chrono::hours{2});
  EXPECT_EQ(config->log_format, LogFormat::json);
  EXPECT_EQ(config->log_level, LogLevel::warning);
  EXPECT_EQ(config->engine.window, 4096u);
  EXPECT_EQ(config->loops, 3u);
  EXPECT_EQ(config->engine.retry_initial, Millis{250});
  EXPECT_EQ(config->engine.answer_within, Seconds{4});
  EXPECT_EQ(config->engine.max_attempts, 7);
  EXPECT_EQ(config->tls_certificate, "/srv/belay/certs/server.pem");
  EXPECT_EQ(config->tls_key, "/etc/belay/server.key");
}

TEST(Config, takes_several_passcodes_and_files_of_them) {
  const std::string file = testing::TempDir() + "/belay-passcode";
  std::ofstream(file) << "from-a-file\nsecond line is not read\n";
  const auto config = parse(R"(
[[account]]
id = "A"
  [[account.passcode]]
  passcode = "first-one"
  [[account.passcode]]
  passcode_file = ")" + file +
                            "\"\n");
  ASSERT_TRUE(config) << config.error();
  const auto& passcodes = config->accounts.front().passcodes;
  ASSERT_EQ(passcodes.size(), 2u);
  EXPECT_EQ(passcodes[0].reveal(), "first-one");
  EXPECT_EQ(passcodes[1].reveal(), "from-a-file");
}

TEST(Config, refuses_unknown_keys_by_name_with_their_line) {
  EXPECT_EQ(error_of("data = \"d\"\nlisen = \"x\"\n"), "belay.toml:2: unknown key \"lisen\"");
  EXPECT_EQ(error_of("[[account]]\nid = \"A\"\npasscode = \"secret\"\nzone = \"UTC\"\n"),
            "belay.toml:4: unknown key \"account.zone\"");
  EXPECT_EQ(error_of("[dispatch]\nwindows = 3\n"), "belay.toml:2: unknown key \"dispatch.windows\"");
}

TEST(Config, says_what_is_wrong_and_where) {
  EXPECT_EQ(error_of("listen = 8080\n"), "belay.toml:1: listen must be a text in quotes");
  EXPECT_EQ(error_of("\nlog_format = \"xml\"\n"), "belay.toml:2: log_format must be \"text\" or \"json\"");
  EXPECT_EQ(error_of("past_due_grace = \"soon\"\n"),
            "belay.toml:1: past_due_grace must be a number of seconds, or a text such as \"1h\"");
  EXPECT_EQ(error_of("[dispatch]\nwindow = 0\n"),
            "belay.toml:2: dispatch.window must be a whole number from 64 to 1000000");
  EXPECT_EQ(error_of("data = \n").substr(0, 13), "belay.toml:1:");
}

TEST(Config, an_account_needs_id_and_passcode_and_a_known_zone) {
  EXPECT_NE(error_of("[[account]]\npasscode = \"secret\"\n").find("needs id"), std::string::npos);
  EXPECT_NE(error_of("[[account]]\nid = \"A\"\n").find("needs a passcode"), std::string::npos);
  EXPECT_NE(error_of("[[account]]\nid = \"A\"\npasscode = \"secret\"\ntimezone = \"Asia/Atlantis\"\n")
                .find("Atlantis"),
            std::string::npos);
  EXPECT_NE(error_of("[[account]]\nid = \"A\"\npasscode = \"s\"\n[[account]]\nid = \"A\"\npasscode = \"s\"\n")
                .find("twice"),
            std::string::npos);
}

TEST(Config, a_provider_must_be_able_to_work) {
  const std::string account =
      "[[account]]\nid = \"A\"\npasscode = \"secret\"\n[[account.provider]]\nnick_name = \"p\"\n";
  EXPECT_NE(error_of(account), "");  // no kind
  EXPECT_NE(error_of(account + "kind = \"pigeon\"\n"), "");
  EXPECT_NE(error_of(account + "kind = \"webhook\"\n"), "");  // no url
  EXPECT_NE(error_of(account + "kind = \"fcm\"\nmode = \"webhook\"\n"), "");
  EXPECT_NE(error_of(account + "kind = \"fcm\"\nurl = \"ftp://x\"\n"), "");
  EXPECT_EQ(error_of(account + "kind = \"fcm\"\n"), "");
  EXPECT_EQ(error_of(account +
                     "kind = \"webhook\"\nurl = \"https://crm.example.com/hook\"\nhttp_version = \"2\"\n"),
            "");
}

TEST(Config, durations_have_units) {
  EXPECT_EQ(parse_duration("90"), Seconds{90});
  EXPECT_EQ(parse_duration("90s"), Seconds{90});
  EXPECT_EQ(parse_duration("15m"), Seconds{900});
  EXPECT_EQ(parse_duration("1h"), Seconds{3600});
  EXPECT_EQ(parse_duration("2d"), Seconds{172'800});
  EXPECT_FALSE(parse_duration("-1h"));
  EXPECT_FALSE(parse_duration("1 h"));
  EXPECT_FALSE(parse_duration("h"));
  EXPECT_FALSE(parse_duration(""));
}

}  // namespace
}  // namespace belay::app
