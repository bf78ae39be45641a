// What `belay` ends with, for scripts. Every command's --help shows the same list.
#pragma once
#include <string>

namespace belay::app {

enum class ExitCode : int {
  ok = 0,
  failed = 1,       // asked for, and did not happen; the message says why
  usage = 2,        // the command line, the configuration or the request is wrong
  not_found = 3,    // no such campaign, stop, account, provider, passcode
  unreachable = 4,  // neither the server nor the store could be reached, or it did not answer in time
  conflict = 5,     // it contradicts what is there
};

inline constexpr const char* exit_code_help =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 server or store unreachable, 5 conflict";

// Why a command ends badly; the text is shown to people.
struct Failure {
  ExitCode code = ExitCode::failed;
  std::string text;
};

}  // namespace belay::app
