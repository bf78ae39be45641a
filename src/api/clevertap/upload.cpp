// POST /1/upload: profiles, events and device tokens. Records that are refused are answered one by
// one; the rest is one transaction. HTTP 200 even when every record is refused (contract 5.1).
#include <algorithm>
#include <iterator>

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

using Readings = std::vector<Result<store::UploadRecord, RecordError>>;  // by record

// `pool` is what the records' properties point into.
Readings read_all(const UploadBody& body, const Services& services, PropertyPool& pool) {
  const WallTime now = services.clock.wall();
  std::size_t properties = 0;
  for (const UploadPiece& piece : body.pieces()) properties += piece.property_count;
  pool.reserve(properties);
  Readings readings;
  readings.reserve(body.pieces().size());
  for (const UploadPiece& piece : body.pieces())
    readings.push_back(read_record(body, piece, services.upload_limits.event_properties, now, pool));
  return readings;
}

// The name that counts towards the kinds of events an account has. Views and clicks have none: that there are
// many kinds already must not lose what came of a campaign.
std::optional<std::string_view> counted_name(const Readings::value_type& reading) {
  const auto* event = reading ? std::get_if<store::EventWrite>(&*reading) : nullptr;
  return event && !event->engaged ? std::optional(event->name) : std::nullopt;
}

// Of the events that are to be stored, each once.
std::vector<std::string_view> event_names(const Readings& readings) {
  std::vector<std::string_view> names;
  for (const auto& reading : readings)
    if (const auto name = counted_name(reading); name && std::ranges::find(names, *name) == names.end())
      names.push_back(*name);
  return names;
}

// Those of new names that are one too many. A dry run makes no name known.
store::Result<std::vector<std::string>> too_many(const Call& call, const std::vector<std::string>& names,
                                                 bool dry_run) {
  const std::uint32_t most = call.services.upload_limits.event_types;
  if (!dry_run) return call.worker.profiles->add_event_names(call.account, names, most);
  TRY_ASSIGN(const auto there, call.worker.profiles->event_names(call.account, most));
  std::size_t room = most - there.size();
  std::vector<std::string> refused;
  for (const std::string& name : names) {
    if (std::ranges::find(there, name) != there.end()) continue;
    if (room > 0)
      --room;
    else
      refused.push_back(name);
  }
  return refused;
}

// Turns events of a kind that the account has no room for into refusals.
store::Result<void> check_event_types(const Call& call, Readings& readings, bool dry_run) {
  EventTypes& types = *call.services.event_types;
  const std::vector<std::string> fresh = types.unknown(call.account, event_names(readings));
  if (fresh.empty()) return {};
  TRY_ASSIGN(const auto refused, too_many(call, fresh, dry_run));
  if (!dry_run) {
    std::vector<std::string> taken;
    std::ranges::copy_if(fresh, std::back_inserter(taken),
                         [&](const std::string& name) { return std::ranges::find(refused, name) == refused.end(); });
    types.remember(call.account, taken);
  }
  for (auto& reading : readings) {
    const auto name = counted_name(reading);
    if (name && std::ranges::find(refused, *name) != refused.end())
      reading = std::unexpected(
          RecordError{528, fmt::format("Event Name is incorrect. The account has {} kinds of events already. ",
                                       call.services.upload_limits.event_types)});
  }
  return {};
}

store::Result<Batch> read_batch(const Call& call, const UploadBody& body, bool dry_run) {
  Batch batch;
  Readings readings = read_all(body, call.services, batch.pool);
  TRY(check_event_types(call, readings, dry_run));
  batch.records.reserve(readings.size());
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (readings[i])
      batch.records.push_back(std::move(*readings[i]));
    else
      refuse(batch, body.pieces()[i], i + 1, readings[i].error());
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
  const auto batch = read_batch(call, *body, dry_run);
  if (!batch) return clevertap_from(batch.error());
  if (!dry_run && !batch->records.empty())
    if (const auto applied = call.worker.profiles->apply(call.account, batch->records); !applied)
      return clevertap_from(applied.error());
  return json_reply(200, answer_of(*batch));
}

}  // namespace

void upload(Call call, Answer answer) {
  answer.send(run(call));
}

}  // namespace belay::api::clevertap
