// Puts the lines of a file into uploads: in order, at most 1000 records each, of which at most 100
// tokens (contract 5.1), and not too many bytes. Remembers which line each record came from. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace belay::app {

struct UploadBatch {
  std::vector<std::string> records;  // JSON texts
  std::vector<std::uint64_t> lines;  // where each came from, from 1
  std::string body() const;          // {"d":[…]}
};

class BatchMaker {
 public:
  static constexpr std::size_t most_records = 1000, most_tokens = 100, most_bytes = 4 * 1024 * 1024;

  // Takes a line; gives a batch when one is full. A line that is no record is an error, and is left out.
  Result<std::optional<UploadBatch>, std::string> add(std::string_view line, std::uint64_t number);
  // What is left at the end, or nothing.
  std::optional<UploadBatch> rest();

 private:
  struct Record {
    std::string text;
    bool token;
  };
  static Result<std::vector<Record>, std::string> records_of(std::string_view line);
  static std::vector<Record> with_tokens(json::object profile, const json::array& tokens);

  UploadBatch batch_;
  std::size_t tokens_ = 0, bytes_ = 0;
};

}  // namespace belay::app
