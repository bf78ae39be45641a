// What app/ keeps in the data folder beside the store's own files. Blocks on the disk.
//   belay.sock   the server's Unix socket, for the command line
//   secret.key   the key that passcodes are hashed with (mode 0600); made at the first start
//   STOP         made by anybody who may write here: stops everything and latches it
//   certs/       what `belay certs` makes
#pragma once
#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace belay::app {

class DataFolder {
 public:
  explicit DataFolder(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

  std::string socket() const { return path_ + "/belay.sock"; }
  std::string stop_file() const { return path_ + "/STOP"; }
  std::string certs() const { return path_ + "/certs"; }

  // Creates the folder (mode 0700) where it is missing.
  Result<void, std::string> create() const;
  Result<Secret, std::string> hash_key(Random& random) const;

 private:
  std::string path_;
};

// The folder a command means: --data, or the `data` of --config (belay.toml where there is one), or ./data.
Result<DataFolder, std::string> choose_folder(const std::string& data_flag, const std::string& config_flag);

// Replaces `path` as a whole, with `mode`, synced; a reader sees the old or the new content.
Result<void, std::string> write_file(const std::string& path, std::string_view content, unsigned mode);
Result<std::string, std::string> read_file(const std::string& path);

}  // namespace belay::app
