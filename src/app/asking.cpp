#include "app/asking.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>

namespace belay::app {
namespace {

// Who asks, for the record of a stop: the person behind sudo where there is one.
std::string actor() {
  if (const char* behind = std::getenv("SUDO_USER"); behind != nullptr && ::geteuid() == 0)
    return fmt::format("cli:{}", behind);
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr ? fmt::format("cli:{}", user->pw_name) : fmt::format("cli:uid={}", ::getuid());
}

}  // namespace

ExitCode complain(std::string_view command, const Failure& failure) {
  fmt::print(stderr, "{}: {}\n", command, failure.text);
  return failure.code;
}

Failure failure_of(int status, std::string_view body) {
  std::string text = fmt::format("the server answered {}", status);
  if (const auto parsed = parse_json(body); parsed && parsed->is_object()) {
    const json::value* error = parsed->as_object().if_contains("error");
    if (error != nullptr && error->is_string()) text = error->as_string();
    if (error != nullptr && error->is_object()) text = text_at(error->as_object(), "message");
  }
  switch (status) {
    case 400:
    case 413:
      return {ExitCode::usage, text};
    case 401:  // over the Unix socket: there is no such account
    case 404:
      return {ExitCode::not_found, text};
    case 409:
      return {ExitCode::conflict, text};
    case 503:
      return {ExitCode::unreachable, text};
    default:
      return {ExitCode::failed, text};
  }
}

Result<Asking, Failure> Asking::begin(const Place& place) {
  const auto folder = choose_folder(place.data, place.config);
  if (!folder) return std::unexpected(Failure{ExitCode::usage, folder.error()});
  auto backend = reach(*folder);
  if (!backend) return std::unexpected(Failure{ExitCode::unreachable, backend.error()});
  return Asking(std::move(*backend));
}

Result<ApiReply, Failure> Asking::raw(ApiCall call) {
  call.headers.emplace_back("Belay-Actor", actor());
  auto reply = backend_->call(call);
  if (!reply) return std::unexpected(Failure{ExitCode::unreachable, reply.error()});
  return std::move(*reply);
}

Result<json::value, Failure> Asking::ask(ApiCall call) {
  TRY_ASSIGN(const ApiReply reply, raw(std::move(call)));
  if (reply.status / 100 != 2) return std::unexpected(failure_of(reply.status, reply.body));
  auto parsed = parse_json(reply.body);
  if (!parsed || !parsed->is_object())
    return std::unexpected(Failure{ExitCode::failed, "the server's answer is not understood"});
  return std::move(*parsed);
}

Result<void, Failure> Asking::stream(ApiCall call, const Backend::Sink& sink) {
  call.headers.emplace_back("Belay-Actor", actor());
  // The status is known only at the end: what could be an error's body is held back, being small.
  std::string first;
  bool passing = false, wanted = true;
  const auto status = backend_->stream(call, [&](std::string_view part) {
    if (passing) return wanted = sink(part);
    first += part;
    passing = first.size() > 4096;
    return wanted = passing ? sink(first) : true;
  });
  if (!status && !wanted) return {};  // whoever reads has had enough
  if (!status) return std::unexpected(Failure{ExitCode::unreachable, status.error()});
  if (*status / 100 != 2) return std::unexpected(failure_of(*status, first));
  if (!passing) sink(first);
  return {};
}

void print_json(const json::value& value) {
  const std::string text = to_text(value) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::int64_t number_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  return v != nullptr && v->is_int64() ? v->as_int64() : 0;
}

std::string text_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  if (v != nullptr && v->is_string()) return std::string(v->as_string());
  return v != nullptr && v->is_int64() ? fmt::format("{}", v->as_int64()) : "";
}

const json::array& array_at(const json::value& answer, std::string_view key) {
  static const json::array none;
  const json::value* v = answer.as_object().if_contains(key);
  return v != nullptr && v->is_array() ? v->as_array() : none;
}

std::string short_time(const std::string& iso) {
  if (iso.size() < 19) return iso;
  return iso.substr(0, 10) + " " + iso.substr(11, 8);
}

ExitCode ask_and_print(std::string_view command, const Place& place, ApiCall call, const InWords& words) {
  auto asking = Asking::begin(place);
  if (!asking) return complain(command, asking.error());
  const auto answer = asking->ask(std::move(call));
  if (!answer) return complain(command, answer.error());
  if (place.json)
    print_json(*answer);
  else
    fmt::print("{}", words(*answer));
  return ExitCode::ok;
}

Result<std::string, Failure> account_for(Asking& asking, const std::string& named) {
  if (!named.empty()) return named;
  TRY_ASSIGN(const json::value answer, asking.ask({.path = "/api/v1/accounts"}));
  const json::value* accounts = answer.as_object().if_contains("accounts");
  if (accounts == nullptr || !accounts->is_array() || accounts->as_array().size() != 1)
    return std::unexpected(
        Failure{ExitCode::usage, "there is not exactly one account: name it with --account"});
  return text_at(accounts->as_array().front().as_object(), "id");
}

}  // namespace belay::app
