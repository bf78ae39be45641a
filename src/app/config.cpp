#include "app/config.h"

#include <toml++/toml.h>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "api/native/provider_check.h"
#include "campaign/schedule.h"
#include "net/outbound_guard.h"

namespace belay::app {
namespace {

namespace fs = std::filesystem;

// Where a value stands, and the first thing found to be wrong.
struct Reading {
  std::string name;    // of the file
  std::string folder;  // of the file
  std::string error;

  void complain(const toml::source_region& where, std::string_view text) {
    if (error.empty()) error = fmt::format("{}:{}: {}", name, where.begin.line, text);
  }
  std::string resolve(const std::string& path) const {
    if (path.empty()) return path;
    return (fs::path(folder) / path).lexically_normal().string();
  }
};

// One table of the file. Remembers which keys were asked for, so that the rest can be refused.
class Section {
 public:
  Section(Reading& reading, const toml::table& table, std::string name)
      : reading_(reading), table_(table), name_(std::move(name)) {}

  std::optional<std::string> text(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* s = node->as_string()) return s->get();
    wrong(key, *node, "must be a text in quotes");
    return std::nullopt;
  }

  void text(std::string_view key, std::string& into) {
    if (auto v = text(key)) into = std::move(*v);
  }

  void path(std::string_view key, std::string& into) {
    if (auto v = text(key)) into = reading_.resolve(*v);
  }

  template <class Number>
  void number(std::string_view key, Number& into, std::int64_t least, std::int64_t most) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const auto* i = node->as_integer();
    if (i == nullptr || i->get() < least || i->get() > most)
      return wrong(key, *node, fmt::format("must be a whole number from {} to {}", least, most));
    into = static_cast<Number>(i->get());
  }

  void millis(std::string_view key, Micros& into, std::int64_t most) {
    std::int64_t ms = into.count() / 1000;
    number(key, ms, 1, most);
    into = Millis{ms};
  }

  void duration(std::string_view key, Seconds& into) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    std::optional<Seconds> value;
    if (const auto* i = node->as_integer(); i != nullptr && i->get() >= 0) value = Seconds{i->get()};
    if (const auto* s = node->as_string()) value = parse_duration(s->get());
    if (!value) return wrong(key, *node, "must be a number of seconds, or a text such as \"1h\"");
    into = *value;
  }

  void texts(std::string_view key, std::vector<std::string>& into) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous(toml::node_type::string))
      return array != nullptr && array->empty() ? void() : wrong(key, *node, "must be a list of texts in quotes");
    for (const toml::node& element : *array) into.push_back(element.as_string()->get());
  }

  template <class Value>
  void choice(std::string_view key, Value& into,
              std::initializer_list<std::pair<std::string_view, Value>> choices) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    std::string known;
    for (const auto& [word, value] : choices) {
      if (const auto* s = node->as_string(); s != nullptr && s->get() == word) return void(into = value);
      known += fmt::format("{}\"{}\"", known.empty() ? "" : " or ", word);
    }
    wrong(key, *node, "must be " + known);
  }

  // Calls with each table of an array of tables.
  template <class Each>
  void tables(std::string_view key, Each&& each) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) return wrong(key, *node, fmt::format("must be tables, written [[{}]]", full(key)));
    for (const toml::node& element : *array) {
      if (const auto* t = element.as_table())
        each(Section(reading_, *t, full(key)));
      else
        wrong(key, element, fmt::format("must be tables, written [[{}]]", full(key)));
    }
  }

  template <class Each>
  void table(std::string_view key, Each&& each) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (const auto* t = node->as_table())
      each(Section(reading_, *t, full(key)));
    else
      wrong(key, *node, fmt::format("must be a table, written [{}]", full(key)));
  }

  const toml::node* look(std::string_view key) const { return table_.get(key); }

  void require(std::string_view key, bool there) {
    if (!there) complain(fmt::format("[[{}]] needs {}", name_, key));
  }

  void complain(std::string_view text) { reading_.complain(table_.source(), text); }

  // Call when every key has been asked for.
  void refuse_the_rest() {
    for (const auto& [key, node] : table_)
      if (!asked_.contains(std::string(key.str())))
        reading_.complain(key.source(), fmt::format("unknown key \"{}\"", full(key.str())));
  }

  Reading& reading() { return reading_; }

 private:
  const toml::node* take(std::string_view key) {
    asked_.emplace(key);
    return table_.get(key);
  }
  std::string full(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
  }
  void wrong(std::string_view key, const toml::node& node, std::string_view text) {
    reading_.complain(node.source(), fmt::format("{} {}", full(key), text));
  }

  Reading& reading_;
  const toml::table& table_;
  std::string name_;
  std::set<std::string> asked_;
};

void read_passcode(Section section, AccountSetting& account) {
  const std::optional<std::string> text = section.text("passcode");
  std::string file;
  section.path("passcode_file", file);
  section.refuse_the_rest();
  if (text && !file.empty()) return section.complain("give passcode or passcode_file, not both");
  if (text) {
    if (text->empty()) return section.complain("passcode is empty");
    return void(account.passcodes.emplace_back(*text));
  }
  if (file.empty()) return section.complain("[[account.passcode]] needs passcode or passcode_file");
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line) || line.empty())
    return section.complain(fmt::format("passcode_file {} can't be read or is empty", file));
  account.passcodes.emplace_back(std::move(line));
}

// `passcode` is a text, or the tables of [[account.passcode]].
void read_passcodes(Section& section, const toml::table& table, AccountSetting& account) {
  const toml::node* node = table.get("passcode");
  if (node != nullptr && node->is_array()) {
    section.tables("passcode", [&](Section each) { read_passcode(std::move(each), account); });
  } else if (auto text = section.text("passcode")) {
    account.passcodes.emplace_back(std::move(*text));
  }
  std::string file;
  section.path("passcode_file", file);
  if (file.empty()) return;
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line) || line.empty())
    return section.complain(fmt::format("passcode_file {} can't be read or is empty", file));
  account.passcodes.emplace_back(std::move(line));
}

void read_provider(Section section, AccountSetting& account) {
  ProviderSetting p;
  section.text("nick_name", p.nick_name);
  section.choice<Channel>("mode", p.mode, {{"push", Channel::push}, {"webhook", Channel::webhook}});
  section.choice<std::string>("kind", p.kind, {{"fcm", "fcm"}, {"webhook", "webhook"}});
  section.text("url", p.url);
  section.path("service_account", p.service_account);
  section.path("ca_file", p.ca_file);
  section.choice<std::string>("http_version", p.http_version, {{"1.1", "1.1"}, {"2", "2"}});
  section.number("max_per_second", p.max_per_second, 0, 1'000'000);
  section.refuse_the_rest();
  section.require("nick_name", !p.nick_name.empty());
  section.require("kind", !p.kind.empty());
  if (section.look("mode") == nullptr) p.mode = p.kind == "webhook" ? Channel::webhook : Channel::push;
  if (auto good = api::check_provider(provider_row(p, {})); !good) section.complain(good.error());
  for (const ProviderSetting& other : account.providers)
    if (other.nick_name == p.nick_name)
      section.complain(fmt::format("provider \"{}\" is there twice", p.nick_name));
  account.providers.push_back(std::move(p));
}

void read_account(Section section, const toml::table& table, Config& config) {
  AccountSetting a;
  section.text("id", a.id);
  read_passcodes(section, table, a);
  section.text("timezone", a.time_zone);
  section.text("region", a.region);
  section.tables("provider", [&](Section each) { read_provider(std::move(each), a); });
  section.refuse_the_rest();
  section.require("id", !a.id.empty());
  section.require("a passcode (passcode, passcode_file or [[account.passcode]])", !a.passcodes.empty());
  if (auto zone = TimeZone::named(a.time_zone); !zone) section.complain(zone.error());
  for (const AccountSetting& other : config.accounts)
    if (other.id == a.id) section.complain(fmt::format("account \"{}\" is there twice", a.id));
  config.accounts.push_back(std::move(a));
}

void read_dispatch(Section section, Config& config) {
  section.number("window", config.engine.window, 64, 1'000'000);
  section.number("loops", config.loops, 1, 256);
  section.number("max_attempts", config.engine.max_attempts, 1, 20);
  section.millis("retry_initial_ms", config.engine.retry_initial, 3'600'000);
  section.millis("answer_timeout_ms", config.engine.answer_within, 600'000);
  section.refuse_the_rest();
}

void read_audience(Section section, Config& config) {
  section.number("index_cache_mib", config.index_cache_mib, 1, 1'000'000);
  section.number("name_cache_mib", config.name_cache_mib, 1, 1'000'000);
  section.refuse_the_rest();
}

void read_http(Section section, Config& config) {
  section.duration("header_within", config.http.header_within);
  section.duration("body_within", config.http.body_within);
  section.duration("idle_within", config.http.idle_within);
  std::uint32_t connections = static_cast<std::uint32_t>(config.http.connections);
  section.number("connections", connections, 16, 100'000);
  config.http.connections = connections;
  std::uint32_t of_address = static_cast<std::uint32_t>(config.http.connections_per_address);
  section.number("connections_per_address", of_address, 0, 100'000);
  config.http.connections_per_address = of_address;
  section.refuse_the_rest();
}

void read_dashboard(Section section, Config& config) {
  section.duration("session_idle", config.sessions.idle);
  section.duration("session_life", config.sessions.life);
  section.refuse_the_rest();
  const Seconds least{60};
  if (config.sessions.idle < least || config.sessions.life < least)
    section.complain("dashboard.session_idle and session_life must be at least a minute");
}

void read_compatibility(Section section, Config& config) {
  using enum api::NoResult;
  section.choice<api::NoResult>("no_result", config.compatibility.no_result,
                                {{"409", conflict}, {"500", error}, {"200", success}});
  section.choice<bool>("blanks", config.compatibility.recorded_blanks, {{"none", false}, {"recorded", true}});
  section.refuse_the_rest();
}

void read_upload(Section section, Config& config) {
  section.number("event_types", config.upload.event_types, 1, 4096);
  section.number("event_properties", config.upload.event_properties, 1, 256);
  section.refuse_the_rest();
}

void read_outbound(Section section, Config& config) {
  section.texts("allow", config.outbound_allow);
  section.refuse_the_rest();
  if (auto rules = net::OutboundGuard::parse(config.outbound_allow); !rules)
    section.complain("outbound.allow: " + rules.error());
}

void read_top(Section section, const toml::table& table, Config& config) {
  section.path("data", config.data);
  section.text("listen", config.listen);
  section.text("tls_listen", config.tls_listen);
  section.duration("past_due_grace", config.past_due_grace);
  section.choice<LogFormat>("log_format", config.log_format,
                            {{"text", LogFormat::text}, {"json", LogFormat::json}});
  section.choice<LogLevel>("log_level", config.log_level,
                           {{"debug", LogLevel::debug},
                            {"info", LogLevel::info},
                            {"warning", LogLevel::warning},
                            {"error", LogLevel::error}});
  section.table("tls", [&](Section tls) {
    tls.path("certificate", config.tls_certificate);
    tls.path("key", config.tls_key);
    tls.refuse_the_rest();
    tls.require("both certificate and key", config.tls_certificate.empty() == config.tls_key.empty());
  });
  section.table("http", [&](Section h) { read_http(std::move(h), config); });
  section.table("dispatch", [&](Section d) { read_dispatch(std::move(d), config); });
  section.table("audience", [&](Section a) { read_audience(std::move(a), config); });
  section.table("dashboard", [&](Section d) { read_dashboard(std::move(d), config); });
  section.table("upload", [&](Section u) { read_upload(std::move(u), config); });
  section.table("compatibility", [&](Section c) { read_compatibility(std::move(c), config); });
  section.table("outbound", [&](Section o) { read_outbound(std::move(o), config); });
  const toml::array* accounts = table["account"].as_array();
  std::size_t at = 0;
  section.tables("account", [&](Section each) {
    if (const toml::table* t = accounts->get(at++)->as_table()) read_account(std::move(each), *t, config);
  });
  section.refuse_the_rest();
}

}  // namespace

store::Provider provider_row(const ProviderSetting& p, AccountId account) {
  store::Provider row;
  row.account = account;
  row.nick_name = p.nick_name;
  row.channel = p.mode;
  row.kind = p.kind;
  row.url = p.url;
  row.service_account = p.service_account;
  row.ca_file = p.ca_file;
  row.http_version = p.http_version;
  row.max_per_second = p.max_per_second;
  return row;
}

std::optional<Seconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || count > 1'000'000'000) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size() - end);
  if (unit.empty() || unit == "s") return Seconds{count};
  if (unit == "m") return std::chrono::minutes{count};
  if (unit == "h") return std::chrono::hours{count};
  if (unit == "d") return std::chrono::hours{24 * count};
  return std::nullopt;
}

Result<Config, std::string> parse_config(std::string_view toml, const std::string& name,
                                         const std::string& folder) {
  Reading reading{name, folder, ""};
  Config config;
  config.data = reading.resolve(config.data);
  try {
    const toml::table table = toml::parse(toml, name);
    read_top(Section(reading, table, ""), table, config);
  } catch (const toml::parse_error& e) {
    reading.complain(e.source(), e.description());
  }
  if (!reading.error.empty()) return std::unexpected(std::move(reading.error));
  return config;
}

Result<Config, std::string> read_config(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(fmt::format("{}: can't be read: {}", path, std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return parse_config(text.str(), path, whole.parent_path().string());
}

std::string_view example_config() {
  return R"(data = "data"
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
[outbound]
allow = ["127.0.0.1:9001"]
)";
}

}  // namespace belay::app
