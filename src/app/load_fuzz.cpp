// Any bytes as a file of `belay load`, as CSV and as lines of JSON: records that an upload takes, or a
// sentence a line. What the CSV makes of a row must be such a record.
#include <sstream>

#include "api/clevertap/upload_parse.h"
#include "app/load_batches.h"
#include "app/load_csv.h"
#include "base/check.h"

namespace {

using namespace belay::app;

void take(const std::optional<UploadBatch>& batch) {
  if (!batch) return;
  CHECK(batch->records.size() == batch->lines.size() && batch->records.size() <= BatchMaker::most_records);
  CHECK(belay::api::clevertap::UploadBody::parse(batch->body()).has_value());
}

void add(BatchMaker& batches, std::string_view line, std::uint64_t number) {
  if (const auto full = batches.add(line, number)) take(*full);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream file(text);
  CsvReader csv(file);
  BatchMaker from_csv, from_json;
  std::uint64_t before = 0;
  for (;;) {
    const auto row = csv.next();
    if (!row || !*row) break;
    CHECK((*row)->line > before && ((*row)->record.empty() != (*row)->wrong.empty()));
    before = (*row)->line;
    if ((*row)->wrong.empty()) add(from_csv, (*row)->record, (*row)->line);
  }
  take(from_csv.rest());
  std::istringstream lines(text);
  std::uint64_t number = 0;
  for (std::string line; std::getline(lines, line);) add(from_json, line, ++number);
  take(from_json.rest());
  return 0;
}
