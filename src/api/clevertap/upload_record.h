// One uploaded record: checked against the documented rules and turned into what the store writes.
// Codes and texts are those of contract 5.1; where none is recorded the text is ours. Pure.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/clevertap/upload_parse.h"
#include "base/clock.h"
#include "store/store.h"

namespace belay::api::clevertap {

struct RecordError {
  int code;
  std::string text;  // without the "Skipped record number" that the answer appends
};

enum class RecordKind { profile, event, token, unknown };
RecordKind kind_of(const UploadPiece& piece);

inline constexpr std::size_t most_key = 120, most_value = 512, most_list = 32'768, most_properties = 256,
                             most_identity = 120, most_token = 4096;

// Properties that records point to: must not be moved or grown once a record has been made from it.
using PropertyPool = std::vector<std::pair<std::string_view, std::string_view>>;

// `pool` must have room for the piece's properties; views in the result go there and into `body`.
Result<store::UploadRecord, RecordError> read_record(const UploadBody& body, const UploadPiece& piece,
                                                     std::size_t most_event_properties, WallTime now,
                                                     PropertyPool& pool);

// What is wrong with a profile property of that name, or nothing (contract 5.1, codes 514 to 520).
std::optional<RecordError> check_profile_property(std::string_view key, const UploadValue& value);

// What is wrong with an operation on a profile property, {"$add":["red"]} for one, or nothing: code 512.
std::optional<RecordError> check_profile_operation(std::string_view key, const UploadValue& value);

// "ts": a Unix epoch second, as a number or digits, or ISO 8601 text. Nothing if it is neither.
std::optional<WallTime> read_timestamp(const UploadValue& value);

}  // namespace belay::api::clevertap
