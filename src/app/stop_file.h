// The file STOP in the data folder: whoever can make it (touch data/STOP) stops everything, with or
// without a server. Watched through inotify; its content, if any, is the reason.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "app/data_folder.h"
#include "base/clock.h"

namespace belay::net {
class IoLoop;
}

namespace belay::app {

bool stop_file_there(const DataFolder& folder);
// What it says, cut to 500 bytes, or "file STOP".
std::string stop_file_reason(const DataFolder& folder);
// The stop is durable: renames the file to STOP.applied-<time>, so that it is not applied again.
Result<void, std::string> stop_file_applied(const DataFolder& folder, WallTime now);

class StopFileWatch {
 public:
  // `appeared` is called on the loop when the file is there whole: moved here, or closed by who wrote it.
  // `echo why > STOP` makes it and writes it in two steps: one that is empty and open is given `patience`
  // to be closed, and then counts as it is.
  StopFileWatch(net::IoLoop& loop, const DataFolder& folder, std::function<void()> appeared,
                Micros patience = Millis{100});
  ~StopFileWatch();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace belay::app
