// POST /1/upload: profiles, events and device tokens. Records that are refused are answered one by
// one; the rest is one transaction. HTTP 200 even when every record is refused (contract 5.1).
#include "api/clevertap/handlers.h"
#include "api/clevertap/upload_record.h"
#include "api/errors.h"
#include "base/json.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_tokens = 100;

struct Batch {
  std::vector<store::UploadRecord> records;
  PropertyPool pool;
  std::string unprocessed;  // the answer's list, without its brackets
  std::size_t refused = 0;
};

void refuse(Batch& batch, const UploadPiece& piece, std::size_t number, const RecordError& error) {
  ++batch.refused;
  std::string& out = batch.unprocessed;
  if (!out.empty()) out += ',';
  out += fmt::format(R"({{"status":"fail","code":{},"error":")", error.code);
  append_json_escaped(out, error.text);
  out += fmt::format(R"(Skipped record number : {}","record":{}}})", number, piece.json);
}

Batch read_batch(const UploadBody& body, WallTime now) {
  Batch batch;
  const auto& pieces = body.pieces();
  std::size_t properties = 0;
  for (const UploadPiece& piece : pieces) properties += piece.property_count;
  batch.pool.reserve(properties);  // records point into it
  batch.records.reserve(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    auto record = read_record(body, pieces[i], now, batch.pool);
    if (record)
      batch.records.push_back(std::move(*record));
    else
      refuse(batch, pieces[i], i + 1, record.error());
  }
  return batch;
}

std::string answer_of(const Batch& batch) {
  const std::string_view status = batch.refused == 0 ? "success" : batch.records.empty() ? "fail" : "partial";
  return fmt::format(R"({{"status":"{}","processed":{},"unprocessed":[{}]}})", status, batch.records.size(),
                     batch.unprocessed);
}

net::HttpReply run(Call& call) {
  if (!call.account) return clevertap_fail(400, "Name the account in the header X-CleverTap-Account-Id");
  const bool dry_run = call.request.query_value("dryRun").value_or("") == "1";
  const auto body = UploadBody::parse(std::move(call.request.body));
  if (!body) return clevertap_fail(400, body.error());
  const auto tokens = std::ranges::count(body->pieces(), RecordKind::token, kind_of);
  if (static_cast<std::size_t>(tokens) > most_tokens)
    return clevertap_fail(400, fmt::format("A request must not have more than {} tokens, this one has {}",
                                           most_tokens, tokens));
  const Batch batch = read_batch(*body, call.services.clock.wall());
  if (!dry_run && !batch.records.empty())
    if (const auto applied = call.worker.profiles->apply(call.account, batch.records); !applied)
      return clevertap_from(applied.error());
  return json_reply(200, answer_of(batch));
}

}  // namespace

void upload(Call call, Answer answer) {
  answer.send(run(call));
}

}  // namespace belay::api::clevertap
