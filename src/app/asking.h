// What the commands that ask the server have in common: reach it, send, complain in one way.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "app/backend.h"
#include "app/commands.h"
#include "base/json.h"

namespace belay::app {

// What a refused or failed call ends the command with; written to standard error.
ExitCode complain(std::string_view command, const Failure& failure);

class Asking {
 public:
  static Result<Asking, Failure> begin(const Place& place);

  // The body of a 2xx answer; anything else is a Failure with the server's own words.
  Result<json::value, Failure> ask(ApiCall call);
  Result<void, Failure> stream(ApiCall call, const Backend::Sink& sink);
  // Any answer as it came.
  Result<ApiReply, Failure> raw(ApiCall call);

  bool server_running() const { return backend_->server_running(); }

 private:
  explicit Asking(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}
  std::unique_ptr<Backend> backend_;
};

Failure failure_of(int status, std::string_view body);

void print_json(const json::value& value);

// Parts of an answer; our own server's, so a missing one is shown as nothing.
std::int64_t number_at(const json::object& o, std::string_view key);
std::string text_at(const json::object& o, std::string_view key);
const json::array& array_at(const json::value& answer, std::string_view key);
// "2016-03-08T10:26:06.000000Z" -> "2016-03-08 10:26:06"
std::string short_time(const std::string& iso);

// Which account: the one named, or the only one there is.
Result<std::string, Failure> account_for(Asking& asking, const std::string& named);

// Asks one thing and prints the answer: as JSON where that is wanted, else through `words`.
using InWords = std::function<std::string(const json::value& answer)>;
ExitCode ask_and_print(std::string_view command, const Place& place, ApiCall call, const InWords& words);

}  // namespace belay::app
