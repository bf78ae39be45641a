// belay user
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "app/asking.h"
#include "app/words.h"
#include "base/secret.h"

namespace belay::app {
namespace {

ApiCall for_account(const UserOptions& o, ApiCall call) {
  call.headers.emplace_back("X-CleverTap-Account-Id", o.account);
  return call;
}

// The terminal does not show what is typed while this lives.
class Hidden {
 public:
  Hidden() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  ~Hidden() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

Result<std::string, Failure> line_from_stdin() {
  std::string line;
  if (!std::getline(std::cin, line) || line.empty())
    return std::unexpected(Failure{ExitCode::usage, "no password: standard input has no line"});
  return line;
}

Result<std::string, Failure> typed_password() {
  const Hidden hidden;
  fmt::print(stderr, "Password: ");
  TRY_ASSIGN(std::string first, line_from_stdin());
  fmt::print(stderr, "\nThe same again: ");
  TRY_ASSIGN(const std::string second, line_from_stdin());
  fmt::print(stderr, "\n");
  if (first != second) return std::unexpected(Failure{ExitCode::usage, "these were two different passwords"});
  return first;
}

// Never from the command line, where everybody on the machine can read it.
Result<std::string, Failure> chosen_password() {
  return ::isatty(STDIN_FILENO) == 1 ? typed_password() : line_from_stdin();
}

std::string user_words(const json::value& answer) {
  const json::object& u = answer.as_object();
  std::string out = fmt::format("{} {}, {} of account {}\n", text_at(u, "id"), text_at(u, "name"),
                                text_at(u, "role"), text_at(u, "account"));
  if (const std::string link = text_at(u, "link"); !link.empty())
    out += fmt::format(
        "Link to choose a password, shown this once, good until {}:\n  {}\n"
        "(it stands after the dashboard's address, such as http://127.0.0.1:8080)\n",
        short_time(text_at(u, "link_expires")), link);
  return out;
}

// Which of the account's users is called so.
Result<std::string, Failure> id_of(Asking& asking, const UserOptions& o) {
  TRY_ASSIGN(const json::value all, asking.ask(for_account(o, {.path = "/api/v1/users"})));
  for (const json::value& u : array_at(all, "users"))
    if (text_at(u.as_object(), "name") == o.name) return text_at(u.as_object(), "id");
  return std::unexpected(
      Failure{ExitCode::not_found, fmt::format("account {} has no user {}", o.account, o.name)});
}

// Asks for something about one user, by name.
ExitCode ask_about(std::string_view command, const UserOptions& o, ApiCall call, std::string_view rest = "") {
  auto asking = Asking::begin(o.place);
  if (!asking) return complain(command, asking.error());
  const auto id = id_of(*asking, o);
  if (!id) return complain(command, id.error());
  call.path = fmt::format("/api/v1/users/{}{}", *id, rest);
  const auto answer = asking->ask(for_account(o, std::move(call)));
  if (!answer) return complain(command, answer.error());
  if (o.place.json)
    print_json(*answer);
  else if (answer->as_object().contains("removed"))
    fmt::print("Removed user {}\n", o.name);
  else
    fmt::print("{}", user_words(*answer));
  return ExitCode::ok;
}

}  // namespace

ExitCode user_add_command(const UserOptions& o) {
  constexpr std::string_view command = "belay user add";
  json::object body{{"name", o.name}, {"role", o.role}};
  if (!o.link) {
    auto password = chosen_password();
    if (!password) return complain(command, password.error());
    body["password"] = std::move(*password);
  }
  return ask_and_print(command, o.place,
                       for_account(o, {.method = "POST", .path = "/api/v1/users", .body = to_text(body)}),
                       user_words);
}

ExitCode user_list_command(const UserOptions& o) {
  ApiCall call{.path = "/api/v1/users"};
  if (!o.account.empty()) call = for_account(o, std::move(call));
  return ask_and_print("belay user list", o.place, std::move(call), [](const json::value& answer) {
    std::vector<std::vector<std::string>> rows{{"NAME", "ROLE", "ACCOUNT", "CREATED"}};
    for (const json::value& v : array_at(answer, "users")) {
      const json::object& u = v.as_object();
      rows.push_back(
          {text_at(u, "name"), text_at(u, "role"), text_at(u, "account"), short_time(text_at(u, "created"))});
    }
    return rows.size() == 1 ? std::string("No users: belay user add ACCOUNT NAME\n") : table(rows);
  });
}

ExitCode user_remove_command(const UserOptions& o) {
  return ask_about("belay user remove", o, {.method = "DELETE"});
}

ExitCode user_password_command(const UserOptions& o) {
  constexpr std::string_view command = "belay user password";
  if (o.link) return ask_about(command, o, {.method = "POST"}, "/link");
  auto password = chosen_password();
  if (!password) return complain(command, password.error());
  return ask_about(command, o,
                   {.method = "PATCH", .body = to_text(json::object{{"password", std::move(*password)}})});
}

ExitCode user_role_command(const UserOptions& o) {
  return ask_about("belay user role", o,
                   {.method = "PATCH", .body = to_text(json::object{{"role", o.role}})});
}

}  // namespace belay::app
