#include "app/load_batches.h"

#include "base/secret.h"

namespace belay::app {
namespace {

std::string text_of(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  return v != nullptr && v->is_string() ? std::string(v->as_string()) : "";
}

// A device is known by its objectId. For a shortcut token without one, the token itself stands in, so
// that loading the file again finds the same device.
std::string device_of(const json::object& token) {
  std::string given = text_of(token, "objectId");
  return given.empty() ? "t" + keyed_hash("device", text_of(token, "id")).substr(0, 31) : given;
}

json::object token_record(const json::object& token, const std::string& device) {
  json::object data;
  for (const char* key : {"id", "type", "keys"})
    if (const json::value* part = token.if_contains(key)) data[key] = *part;
  return {{"type", "token"}, {"objectId", device}, {"tokenData", std::move(data)}};
}

}  // namespace

std::string UploadBatch::body() const {
  std::string out = R"({"d":[)";
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i != 0) out += ',';
    out += records[i];
  }
  return out + "]}";
}

// The profile, known by each of the devices, and then the devices' tokens.
std::vector<BatchMaker::Record> BatchMaker::with_tokens(json::object profile, const json::array& list) {
  const json::array tokens = list;  // `list` is a part of `profile`
  profile.erase("tokens");
  std::vector<Record> profiles, out;
  for (const json::value& v : tokens) {
    const json::object token = v.is_object() ? v.as_object() : json::object{};
    std::string own = text_of(profile, "objectId");
    const std::string device =
        profiles.empty() && !own.empty() && !token.contains("objectId") ? own : device_of(token);
    json::object known = profile;
    known["objectId"] = device;
    if (!profiles.empty()) known["profileData"] = json::object{};
    profiles.push_back({to_text(known), false});
    out.push_back({to_text(token_record(token, device)), true});
  }
  if (profiles.empty()) profiles.push_back({to_text(profile), false});
  out.insert(out.begin(), profiles.begin(), profiles.end());
  return out;
}

Result<std::vector<BatchMaker::Record>, std::string> BatchMaker::records_of(std::string_view line) {
  TRY_ASSIGN(json::value value, parse_json(line));
  if (!value.is_object()) return std::unexpected(std::string("a line must be a JSON object"));
  json::object& record = value.as_object();
  const json::value* tokens = record.if_contains("tokens");
  if (text_of(record, "type") == "profile" && tokens != nullptr && tokens->is_array())
    return with_tokens(record, tokens->as_array());
  return std::vector<Record>{{std::string(line), text_of(record, "type") == "token"}};
}

Result<std::optional<UploadBatch>, std::string> BatchMaker::add(std::string_view line, std::uint64_t number) {
  TRY_ASSIGN(const std::vector<Record> records, records_of(line));
  std::size_t tokens = 0, bytes = 0;
  for (const Record& r : records) {
    tokens += r.token;
    bytes += r.text.size() + 1;
  }
  if (records.size() > most_records || tokens > most_tokens)
    return std::unexpected(fmt::format("a line with more than {} tokens", most_tokens));
  // What belongs together goes together; so the batch that is full is the one before.
  std::optional<UploadBatch> full;
  if (batch_.records.size() + records.size() > most_records || tokens_ + tokens > most_tokens ||
      bytes_ + bytes > most_bytes)
    full = rest();
  for (const Record& r : records) {
    batch_.records.push_back(r.text);
    batch_.lines.push_back(number);
  }
  tokens_ += tokens;
  bytes_ += bytes;
  return full;
}

std::optional<UploadBatch> BatchMaker::rest() {
  tokens_ = bytes_ = 0;
  if (batch_.records.empty()) return std::nullopt;
  return std::exchange(batch_, {});
}

}  // namespace belay::app
