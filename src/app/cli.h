// The command line of `belay`: options, help, exit codes. One call a process.
#pragma once

namespace belay::app {

int run_command_line(int argc, char** argv);

}  // namespace belay::app
