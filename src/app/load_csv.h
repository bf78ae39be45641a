// A CSV file (RFC 4180: quotes, doubled quotes, line ends in quotes) as lines of `belay load`. The first
// line names the columns:
//   identity, objectId, FBID, GPID, ts   what they are in a record of POST /1/upload
//   evtName                              its rows are events, else profiles
//   token, token_type                    the profile's device token
//   anything else                        a property; an empty cell is none
// Cells that are JSON numbers, true or false are taken as such, all others as texts. Not thread-safe.
#pragma once
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace belay::app {

class CsvReader {
 public:
  static constexpr std::size_t most_row_bytes = 1 << 20;
  explicit CsvReader(std::istream& in) : in_(in) {}

  struct Row {
    std::uint64_t line = 0;  // where it begins, from 1
    std::string record;      // JSON, as BatchMaker takes it; "" where the row is wrong
    std::string wrong;
  };
  // Nothing at the end. The error ends the file: there are no names of columns, or a quote does not end.
  Result<std::optional<Row>, std::string> next();

 private:
  Result<bool, std::string> read_cells();  // false at the end
  Result<void, std::string> read_names();
  void make_record(Row& row) const;

  std::istream& in_;
  std::vector<std::string> names_, cells_;
  std::uint64_t line_ = 0, began_ = 0;
};

}  // namespace belay::app
